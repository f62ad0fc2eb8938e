"""A fresh database per test, copied from one that has been migrated."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from services.chassis.database import Pool, open_pool
from services.chassis.migrate import migrate, migrations

_numbers = count(1)
PASSWORD = "for-tests-only"


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """A migrated database of a service: the application's pool, and the two roles' addresses."""

    pool: Pool
    app_dsn: str
    owner_dsn: str


def address(superuser: str, database: str, role: str | None = None) -> str:
    """The address of another database of the same server, for a role of the tests or the superuser."""
    parts = urlsplit(superuser)
    netloc = parts.netloc if role is None else f"{role}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


async def create_template(superuser: str, *packages: str) -> str:
    """A migrated database with an owner and an application role of its own, to be copied by tests."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    admin = await asyncpg.connect(superuser)
    try:
        for role in (f"{name}_owner", f"{name}_app"):
            await admin.execute(f"create role {role} login password '{PASSWORD}'")
        await admin.execute(f"create database {name} owner {name}_owner")
    finally:
        await admin.close()
    owner = address(superuser, name, f"{name}_owner")
    handover = await asyncpg.connect(address(superuser, name))
    await handover.execute(f"alter schema public owner to {name}_owner")
    await handover.close()
    await migrate(owner, migrations(*packages), app_role=f"{name}_app")
    return name


async def copy_of(superuser: str, template: str) -> tuple[str, str]:
    """A fresh copy of a template: the application's address and the owner's."""
    name = f"{template}_{next(_numbers)}"
    admin = await asyncpg.connect(superuser)
    try:
        await admin.execute(f"create database {name} template {template} owner {template}_owner")
    finally:
        await admin.close()
    return address(superuser, name, f"{template}_app"), address(superuser, name, f"{template}_owner")


async def drop(superuser: str, dsn: str) -> None:
    """Drop a test's database, whoever is still connected."""
    admin = await asyncpg.connect(superuser)
    try:
        await admin.execute(f"drop database {urlsplit(dsn).path[1:]} with (force)")
    finally:
        await admin.close()


@pytest.fixture(scope="session")
async def service_template(postgres: str) -> str:
    """A migrated service database without read models."""
    return await create_template(postgres, "services.chassis.migrations.service")


@pytest.fixture
async def service_database(postgres: str, service_template: str) -> AsyncIterator[ServiceDatabase]:
    """A fresh service database, gone after the test."""
    app_dsn, owner_dsn = await copy_of(postgres, service_template)
    pool = await open_pool(app_dsn)
    yield ServiceDatabase(pool, app_dsn, owner_dsn)
    await pool.close()
    await drop(postgres, app_dsn)


@pytest.fixture
async def other_database(postgres: str, service_template: str) -> AsyncIterator[ServiceDatabase]:
    """A second service's database."""
    app_dsn, owner_dsn = await copy_of(postgres, service_template)
    pool = await open_pool(app_dsn)
    yield ServiceDatabase(pool, app_dsn, owner_dsn)
    await pool.close()
    await drop(postgres, app_dsn)
