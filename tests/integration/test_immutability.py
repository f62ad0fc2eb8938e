"""What has happened stays: neither the application's role nor the owner's can change it without being stopped."""

import asyncpg
import pytest

from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.writer import Writer
from tests.support.counter import DECIDERS, Count, SteppingClock, said
from tests.support.databases import ServiceDatabase
from tests.support.running import running

CHANGES = (
    "update facts set data = 'x'",
    "delete from facts",
    "truncate facts",
    "update handled set outcome = 'x'",
    "delete from handled",
    "truncate handled",
    "update log_heads set position = 0",
    "delete from log_heads",
    "drop table facts",
)


@pytest.fixture
async def written(service_database: ServiceDatabase) -> ServiceDatabase:
    async with running(Writer(PostgresEventStore(service_database.pool, "x"), DECIDERS, SteppingClock())) as writer:
        await writer.submit(said(Count(1)))
    return service_database


@pytest.mark.parametrize("change", CHANGES)
async def test_the_application_cannot_change_what_happened(written: ServiceDatabase, change: str) -> None:
    connection = await asyncpg.connect(written.app_dsn)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
        await connection.execute(change)
    await connection.close()


@pytest.mark.parametrize("change", CHANGES[:8])
async def test_the_owner_is_stopped_by_a_trigger(written: ServiceDatabase, change: str) -> None:
    connection = await asyncpg.connect(written.owner_dsn)
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.FeatureNotSupportedError)):
        await connection.execute(change)
    await connection.close()
