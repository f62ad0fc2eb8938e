"""The answers given to callers are kept by month: room is made ahead, old months go, and nothing blocks a start."""

from datetime import UTC, datetime, timedelta

import asyncpg

from tests.support.databases import ServiceDatabase

KEEP = "select keep_handled_partitions()"


def month(moment: datetime) -> str:
    return f"handled_{moment:%Y%m}"


async def partitions(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    rows = await connection.fetch("select inhrelid::regclass::text as name from pg_inherits")
    return {row["name"] for row in rows}


async def test_this_month_and_the_next_two_have_room(service_database: ServiceDatabase) -> None:
    connection = await asyncpg.connect(service_database.app_dsn)
    now: datetime = await connection.fetchval("select now()")
    await connection.execute(KEEP)
    found = await partitions(connection)
    await connection.close()
    ahead = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert {month(now), month(ahead), month(ahead + timedelta(days=32))} <= found


async def test_a_month_older_than_the_time_for_repeating_goes(service_database: ServiceDatabase) -> None:
    owner = await asyncpg.connect(service_database.owner_dsn)
    now: datetime = await owner.fetchval("select now()")
    old = (now - timedelta(days=500)).replace(day=1)
    start, end = old.date(), (old + timedelta(days=32)).replace(day=1).date()
    await owner.execute(f"create table {month(old)} partition of handled for values from ('{start}') to ('{end}')")
    await owner.execute(KEEP)
    found = await partitions(owner)
    await owner.close()
    assert month(old) not in found
    assert month(now) in found


async def test_rows_that_came_before_their_month_had_room_do_no_harm(service_database: ServiceDatabase) -> None:
    owner = await asyncpg.connect(service_database.owner_dsn)
    now = datetime.now(UTC)  # noqa: TID251  the database's own clock decides what this month is
    await owner.execute(f"drop table {month(now)}")
    insert = "insert into handled values (gen_random_uuid(), '990101', '', '', now())"
    await owner.execute(insert)
    await owner.execute(KEEP)
    await owner.execute(insert)
    assert await owner.fetchval("select count(*) from handled") == 2
    assert month(now) not in await partitions(owner)
    await owner.close()
