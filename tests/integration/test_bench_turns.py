"""A turn of the bench at its smallest: callers append and walk, and the database holds what they were told."""

import asyncio
from functools import partial

import pytest

from bench import bare, library, plain_walk, walking
from bench.appending import FACTS_KEPT, Commands, append
from bench.contest import Contestant, Figure, perform
from bench.server import databases

CALLERS = 2
CONTESTANTS = [
    Contestant("library", partial(library.record, CALLERS), kept=library.EVENTS_KEPT),
    Contestant("bare", bare.insert, kept=bare.ROWS_KEPT),
    Contestant("append", partial(append, Commands(CALLERS, facts=3)), 2, FACTS_KEPT.format(facts=3)),
    Contestant("plain walk", partial(plain_walk.walk, CALLERS), kept=plain_walk.HOLDS_KEPT),
    Contestant("walk", partial(walking.walk, CALLERS)),
]


@pytest.mark.parametrize("contestant", CONTESTANTS, ids=[contestant.name for contestant in CONTESTANTS])
async def test_every_caller_is_answered_and_what_was_acknowledged_is_kept(contestant: Contestant) -> None:
    async with databases() as server:
        template = await server.template(Figure("one turn", "calls", [contestant], []))
        async with server.stage(template, 0.1, 0) as stage:
            runs = await asyncio.to_thread(perform, contestant, stage)
            if contestant.kept is not None:
                await server.check(stage, contestant.kept, runs)
    assert [run.acknowledged >= CALLERS for run in runs] == [True] * contestant.processes
