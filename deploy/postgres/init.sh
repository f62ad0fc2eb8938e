#!/bin/bash
# Creates four databases with two roles each from the connection URLs in the secret files, once, in an empty PostgreSQL.
# The owner migrates; the application may connect and use, and gets its table rights from the migrations.
set -euo pipefail

secrets=${SECRETS_DIR:-/run/secrets}
shape='^postgresql://([a-z_]+):([A-Za-z0-9_-]+)@[a-z0-9.-]+(:[0-9]+)?/([a-z_]+)$'

# Sets role, password and database from a file such as intake_app_url. Never prints its content.
read_url() {
    local url
    url=$(cat "$secrets/$1")
    if [[ ! $url =~ $shape ]]; then
        echo "init.sh: $secrets/$1 is not postgresql://ROLE:PASSWORD@HOST/DATABASE (letters, digits, _ and - only)" >&2
        exit 1
    fi
    role=${BASH_REMATCH[1]} password=${BASH_REMATCH[2]} database=${BASH_REMATCH[4]}
}

run_sql() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"
}

run_sql --dbname postgres --command 'REVOKE ALL ON DATABASE postgres FROM PUBLIC'

for name in intake relief ledger keyring; do
    read_url "${name}_owner_url"
    owner=$role owner_password=$password owner_database=$database
    read_url "${name}_app_url"
    if [[ $owner_database != "$database" || $owner == "$role" ]]; then
        echo "init.sh: ${name}_owner_url and ${name}_app_url must name one database and two roles" >&2
        exit 1
    fi
    # Passwords go through standard input: an argument could be read from the process list.
    run_sql --dbname postgres <<SQL
\set owner '$owner'
\set app '$role'
\set database '$database'
CREATE ROLE :"owner" LOGIN PASSWORD '$owner_password';
CREATE ROLE :"app" LOGIN PASSWORD '$password';
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO :"app"; -- what a read model was at an earlier instant is built in temporary tables
SQL
    run_sql --dbname "$database" <<SQL
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO "$role";
SQL
    echo "init.sh: database $database, owner $owner, application $role"
done
