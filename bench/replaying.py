"""Stored facts decoded and folded in the order of their log: ours, and the `eventsourcing` library's in its form."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import uvloop

from bench.appending import COUNTY
from bench.contest import Run, Stage
from bench.grant import FILE, File
from services.chassis.database import open_pool
from services.chassis.decider import Decider
from services.chassis.event_store import Stored
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.replay import recorded


async def stored_facts(stage: Stage) -> Sequence[Stored]:
    """The whole log of the seeded county."""
    async with await open_pool(stage.app_dsn) as pool:
        return [row async for row in PostgresEventStore(pool, "bench").read(str(COUNTY))]


def replay(stage: Stage) -> Run:
    """Decode and fold every fact."""
    rows = uvloop.run(stored_facts(stage))
    decider: Decider[Any, File, Any] = FILE
    files: dict[str, File] = {}
    began = perf_counter()
    for row in rows:
        files[row.stream] = decider.evolve(files.get(row.stream, decider.initial), recorded(row))
    seconds = perf_counter() - began
    assert sum(file.grants for file in files.values()) == stage.facts
    return Run(len(rows), seconds)
