#!/bin/sh
# Makes the secret files of docker-compose.yml with random values in deploy/secrets. A file that exists is never changed.
# Only for trying the system on one machine; a real installation brings its own. Back up master_key: without it no name can be read.
set -eu
umask 077
cd "$(dirname "$0")/secrets"

random_hex() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

# Readable for the container's user, who is nobody on this machine; the directory itself is closed to others.
keep() {
    if [ -e "$1" ]; then
        echo "kept    $1"
        cat >/dev/null
    else
        cat >"$1" && chmod 0444 "$1"
        echo "created $1"
    fi
}

chmod 0700 .
random_hex 24 | keep postgres_password
random_hex 24 | keep grafana_password
for database in intake relief ledger keyring; do
    for role in owner app; do
        printf 'postgresql://%s_%s:%s@postgres:5432/%s' "$database" "$role" "$(random_hex 24)" "$database" |
            keep "${database}_${role}_url"
    done
done
head -c 32 /dev/urandom | base64 | keep master_key
head -c 32 /dev/urandom | base64 | keep pepper
[ -e alert_webhook ] || echo "missing alert_webhook: only for --profile watch, the address that alerts are sent to"
[ -e access.yaml ] || echo "missing access.yaml: write it yourself, it says who may call"
