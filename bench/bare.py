"""The ceiling: nothing but batches of rows put into one table over one connection, and no checks at all."""

from itertools import count
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from bench.contest import Run, Stage, wait_for_the_others
from bench.grant import granted
from bench.load import WARM_UP_SHARE, measured
from events.upcasts import encode
from services.chassis.clock import SystemClock

ROWS_KEPT = "select count(*) from bare"
BATCH = 256
_TABLE = """
create table bare (
    division text, position bigint, stream text, version integer, name text, schema_version integer, fact_id uuid,
    command_id uuid, occurred_at timestamptz, recorded_at timestamptz, meta bytea, data bytea, public boolean,
    hash bytea
)"""
_INSERT = """
insert into bare select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::int[], $5::text[], $6::int[], $7::uuid[], $8::uuid[],
    $9::timestamptz[], $10::timestamptz[], $11::bytea[], $12::bytea[], $13::boolean[], $14::bytea[])"""


def insert(stage: Stage) -> Run:
    """Insert batch after batch; what is counted is rows."""
    return uvloop.run(_insert(stage))


async def _insert(stage: Stage) -> Run:
    connection = await asyncpg.connect(stage.owner_dsn)
    await connection.execute(_TABLE)
    wait_for_the_others()
    began = perf_counter() + stage.seconds * WARM_UP_SHARE
    end = began + stage.seconds
    batches: list[tuple[float, float]] = []
    for number in count():
        said = perf_counter()
        if said >= end:
            break
        await connection.execute(_INSERT, *_columns(number * BATCH))
        batches.append((said, perf_counter()))
    await connection.close()
    run = measured(batches, began, end)
    return Run(run.done * BATCH, run.seconds, run.latencies_ms, run.acknowledged * BATCH)


def _columns(first: int) -> list[list[Any]]:
    fact, now, nil = granted("file:1", first), SystemClock().now(), UUID(int=0)
    rest: list[Any] = [nil, nil, now, now, b"{}" * 80, encode(fact), True, bytes(32)]
    columns = [[value] * BATCH for value in ("990101", 0, "file:1", 1, fact.NAME, 1, *rest)]
    columns[1] = list(range(first, first + BATCH))
    return columns
