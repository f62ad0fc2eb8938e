"""A whole log hashed again from the database, beside a cursor that only reads the same rows."""

from time import perf_counter

import asyncpg
import uvloop

from bench.appending import COUNTY
from bench.contest import Run, Stage
from jiujinan.verification import verify_service
from services.chassis.database import open_pool

PAGE = 2_000
_READ = "select * from facts where division = $1 order by position"


def verify(stage: Stage) -> Run:
    """As `jiujinan verify` does it."""
    return uvloop.run(_verify(stage))


async def _verify(stage: Stage) -> Run:
    async with await open_pool(stage.app_dsn) as pool:
        began = perf_counter()
        verdict = await verify_service(pool, "bench")
        assert not verdict.breaks
        return _whole(stage, verdict.facts, perf_counter() - began)


def read(stage: Stage) -> Run:
    """Read only."""
    return uvloop.run(_read(stage))


async def _read(stage: Stage) -> Run:
    connection = await asyncpg.connect(stage.app_dsn)
    began = perf_counter()
    async with connection.transaction():
        rows = 0
        async for _ in connection.cursor(_READ, str(COUNTY), prefetch=PAGE):
            rows += 1
    seconds = perf_counter() - began
    await connection.close()
    return _whole(stage, rows, seconds)


def _whole(stage: Stage, rows: int, seconds: float) -> Run:
    assert rows == stage.facts
    return Run(rows, seconds)
