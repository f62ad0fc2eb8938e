"""The writer when the database drops its connections: every command is answered, and counts once."""

import asyncio

import asyncpg

from services.chassis.chain import genesis, link
from services.chassis.event_store import StoreUnavailable
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.unit import Outcome, Unit
from services.chassis.writer import Writer
from tests.support.counter import COUNTY, DECIDERS, Note, SteppingClock, said
from tests.support.databases import ServiceDatabase
from tests.support.running import running

COMMANDS = 300
CUTS = 12


async def insist(writer: Writer, unit: Unit) -> Outcome:
    """A caller that repeats its command, with the same key, until it has an answer."""
    while True:
        try:
            return await writer.submit(unit)
        except StoreUnavailable:
            await asyncio.sleep(0)


async def cut_connections(owner_dsn: str, store: PostgresEventStore) -> None:
    """Terminate the application's sessions again and again, each time after the log has grown."""
    admin = await asyncpg.connect(owner_dsn)
    seen = 0
    for _ in range(CUTS):
        while await admin.fetchval("select coalesce(max(position), 0) from log_heads") <= seen:  # noqa: ASYNC110
            await asyncio.sleep(0)
        seen = await admin.fetchval("select max(position) from log_heads")
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        if seen >= COMMANDS:
            break
    await admin.close()


async def test_no_command_is_lost_or_counted_twice_when_connections_are_cut(
    service_database: ServiceDatabase, postgres: str
) -> None:
    store = PostgresEventStore(service_database.pool, "counting")
    superuser = postgres.rsplit("/", 1)[0] + "/" + service_database.app_dsn.rsplit("/", 1)[1]
    writer = Writer(store, DECIDERS, SteppingClock())
    units = [said(Note(str(n)), f"counter:{n % 5}", key=str(n)) for n in range(COMMANDS)]
    async with running(writer):
        await writer.submit(said(Note("first"), key="first"))
        cutting = asyncio.create_task(cut_connections(superuser, store))
        for start in range(0, COMMANDS, 20):
            await asyncio.gather(*(insist(writer, unit) for unit in units[start : start + 20]))
        await cutting
    await service_database.pool.expire_connections()  # the last cut's, which the pool has not met yet
    facts = [fact async for fact in store.read(COUNTY)]
    assert [fact.position for fact in facts] == list(range(1, COMMANDS + 2))
    assert len({fact.data for fact in facts}) == COMMANDS + 1
    previous = genesis("counting", COUNTY)
    for fact in facts:
        assert fact.hash == link(previous, fact)
        previous = fact.hash


async def test_only_the_command_that_the_database_refuses_fails(service_database: ServiceDatabase) -> None:
    store = PostgresEventStore(service_database.pool, "counting")
    writer = Writer(store, DECIDERS, SteppingClock())
    unholdable = "counter:\x00"
    units = [said(Note(), unholdable if n == 7 else f"counter:{n}", key=str(n)) for n in range(40)]
    async with running(writer):
        outcomes = await asyncio.gather(*(writer.submit(unit) for unit in units), return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if not isinstance(outcome, Outcome)] == [7]
    assert len([fact async for fact in store.read(COUNTY)]) == 39
