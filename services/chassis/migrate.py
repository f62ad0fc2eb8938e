"""Migrations: numbered SQL files, forward only, run as the owner under an advisory lock; services only check."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from services.chassis.database import Connection

_NUMBERED = re.compile(r"^(\d{4})_\w+\.sql$")
_LOCK = 5_120_001
_TABLE = "create table if not exists schema_migrations (number integer primary key, name text not null)"


class WrongSchema(Exception):
    """The database's schema is not the one this release was built for; the message names both."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str


def migrations(*packages: str) -> Sequence[Migration]:
    """The steps that lie in these packages' folders, in order of number. Numbers are unique across the packages."""
    steps = [
        Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for package in packages
        for entry in files(package).iterdir()
        if (match := _NUMBERED.match(entry.name))
    ]
    return sorted(steps, key=lambda step: step.number)


async def migrate(owner_dsn: str, steps: Sequence[Migration], *, app_role: str) -> list[Migration]:
    """Bring a database forward, each step in its own transaction; give the steps that were taken now."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        taken = {row["number"] for row in await connection.fetch("select number from schema_migrations")}
        missing = [step for step in steps if step.number not in taken]
        for step in missing:
            await _take(connection, step, app_role)
        await connection.execute(f"grant select on schema_migrations to {_quoted(app_role)}")
        return missing
    finally:
        await connection.close()


async def check_schema(connection: Connection, steps: Sequence[Migration]) -> None:
    """Raise ``WrongSchema`` unless the database is exactly where these steps lead."""
    try:
        taken = {row["number"] for row in await connection.fetch("select number from schema_migrations")}
    except asyncpg.UndefinedTableError:
        taken = set[int]()
    expected = {step.number for step in steps}
    if taken != expected:
        first_missing = min(expected - taken, default=0)
        found = max(taken - expected or {number for number in taken if number < first_missing}, default=None)
        raise WrongSchema(f"database schema is at {found}, this release needs {max(expected)}: run `jiujinan migrate`")


async def _take(connection: Connection, step: Migration, app_role: str) -> None:
    async with connection.transaction():
        await connection.execute(step.sql.replace("{app}", _quoted(app_role)))
        await connection.execute("insert into schema_migrations values ($1, $2)", step.number, step.name)


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
