"""An embedded installation: its secrets, made once, and its databases, migrated at every start."""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import yaml

from jiujinan.postgres_server import PostgresServer
from services.chassis.migrate import migrate, migrations

SERVICES = ("intake", "relief", "ledger")
DATABASES = (*SERVICES, "keyring")
HOTLINE = "demo12345"
KEYRING_SCHEMA = ("services.chassis.migrations.keyring",)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody of the demonstration who calls: who, as what, where."""

    staff_id: str
    role: str
    scope: str
    title: str


CALLERS = (
    Caller("village-341825", "village_informant", "341825", "旌德县俞村镇信息员"),
    Caller("hospital-350581", "hospital_system", "350581", "石狮市样例医院"),
    Caller("officer-01", "township_officer", "", "乡镇经办人"),
    Caller("leader-01", "township_leader", "", "乡镇分管领导"),
    Caller("cashier-01", "township_finance", "", "乡镇财政所出纳"),
    Caller("civil-01", "county_civil_affairs", "", "县民政局"),
    Caller("finance-01", "county_finance", "", "县财政局"),
    Caller("auditor-01", "auditor", "", "审计"),
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an installation keeps to itself: passwords, keys, tokens. One file, readable by its owner only."""

    values: Mapping[str, str]

    def token(self, staff_id: str) -> str:
        """A caller's bearer token."""
        return self.values[f"token:{staff_id}"]

    @property
    def webhook(self) -> str:
        """The secret that the demonstration's hotline signs with, and that its answers are signed with."""
        return self.values["webhook"]

    def password(self, role: str) -> str:
        """A database role's password."""
        return self.values[f"password:{role}"]


def load_secrets(directory: Path) -> Secrets:
    """The installation's secrets; those that are not there yet are made."""
    directory.mkdir(mode=0o700, exist_ok=True)
    file = directory / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = {f"password:{database}_{role}" for database in DATABASES for role in ("owner", "app")}
    wanted |= {f"token:{caller.staff_id}" for caller in CALLERS}
    made = {name: secrets.token_urlsafe(24) for name in sorted(wanted)}
    made |= {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("MASTER_KEY", "PEPPER")}
    made["webhook"] = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    values = made | known
    if values != known:
        _write(file, json.dumps(values, indent=1))
    return Secrets(values)


def write_access(directory: Path, known: Secrets, callback_url: str) -> Path:
    """Who may call this installation, as the services read it. Tokens stand in it as digests only."""
    people = [
        {
            "token_sha256": sha256(known.token(caller.staff_id).encode()).hexdigest(),
            "staff_id": caller.staff_id,
            "role": caller.role,
            "scope": caller.scope,
        }
        for caller in CALLERS
    ]
    hotline: dict[str, Any] = {
        "id": HOTLINE,
        "role": "hotline_system",
        "scope": "3201",
        "secrets": [known.webhook],
        "callback": {"url": callback_url, "secret": known.webhook},
    }
    file = directory / "access.yaml"
    _write(file, yaml.safe_dump({"people": people, "systems": [hotline]}, allow_unicode=True))
    return file


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def dsn(server: PostgresServer, known: Secrets, database: str, role: str) -> str:
    """The address of a database for its owner or the application."""
    name = f"{database}_{role}"
    return f"postgresql://{name}:{known.password(name)}@127.0.0.1:{server.port}/{database}"


async def create_databases(server: PostgresServer, known: Secrets) -> None:
    """Make the four databases with two roles each, as far as they are not there yet."""
    admin = await asyncpg.connect(server.superuser_dsn("postgres"))
    try:
        present = {row["datname"] for row in await admin.fetch("select datname from pg_database")}
        for database in DATABASES:
            if database not in present:
                await _create(admin, known, database)
    finally:
        await admin.close()


async def _create(admin: "asyncpg.Connection[asyncpg.Record]", known: Secrets, database: str) -> None:
    for role in (f"{database}_owner", f"{database}_app"):
        exists = await admin.fetchval("select true from pg_roles where rolname = $1", role)
        if not exists:
            await admin.execute(f"create role {role} login password '{known.password(role)}'")
    await admin.execute(f"create database {database} owner {database}_owner")
    await admin.execute(f"revoke all on database {database} from public")
    await admin.execute(f"grant connect, temporary on database {database} to {database}_app")


async def migrate_databases(server: PostgresServer, known: Secrets, schemas: Mapping[str, Sequence[str]]) -> int:
    """Bring every database forward; give how many steps were taken."""
    taken = 0
    for database in DATABASES:
        steps = migrations(*schemas[database])
        owner = dsn(server, known, database, "owner")
        taken += len(await migrate(owner, steps, app_role=f"{database}_app"))
    return taken
