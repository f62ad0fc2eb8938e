"""The totals behind the SLA figures: what is kept from one judging to the next is what counting all anew would give."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.chassis.database import Pool, open_pool
from services.relief.agenda import SQL, Heard, Note, PostgresAgenda
from services.relief.app import SCHEMA
from services.relief.clock_rules import CLOCKS
from services.relief.clock_stand import BUCKETS, NOT_ENDED, Stand
from tests.support.databases import copy_of, create_template, drop

COUNTY = "990101"
NOW = datetime(2026, 11, 2, 8, 10, tzinfo=UTC)
ROUNDS, CASES = 40, 12
ANEW = """
select clock, met, missed, bucket, count(*), sum(elapsed_ppm)::bigint from clock_stands
group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
KEPT = "select clock, met, missed, bucket, clocks, elapsed_ppm from clock_totals where clocks > 0 order by 1, 2, 3, 4"
OVER = """
insert into clock_stands
select $1, 'c-' || n, 'make_up', '', $2, false, true, false, 1, 1 from generate_series(1, 20000) n
"""


@pytest.fixture
async def pool(postgres: str) -> AsyncIterator[Pool]:
    app_dsn, _ = await copy_of(postgres, await create_template(postgres, *SCHEMA))
    pool = await open_pool(app_dsn)
    yield pool
    await pool.close()
    await drop(postgres, app_dsn)


async def test_the_totals_are_the_sums_over_all_stands_whatever_is_judged_anew(pool: Pool) -> None:
    dice, agenda = Random(20261102), PostgresAgenda(pool)
    await agenda.open(1)
    for position in range(ROUNDS):
        cases = {(COUNTY, f"c-{dice.randrange(CASES)}"): Note(None, _stands(dice)) for _ in range(3)}
        assert await agenda.keep(Heard(1, {COUNTY: position}, NOW), cases)
        kept = [tuple(row) for row in await pool.fetch(KEPT)]
        assert kept == [tuple(row) for row in await pool.fetch(ANEW)]
        assert kept
    forgotten = {(COUNTY, f"c-{number}"): Note(None, ()) for number in range(CASES)}
    await agenda.keep(Heard(1, {COUNTY: ROUNDS}, NOW), forgotten)
    assert await pool.fetch(KEPT) == []


def _stands(dice: Random) -> list[Stand]:
    clocks = dice.sample(sorted(CLOCKS), 3)
    return [
        Stand(
            clock=name,
            subject="",
            due_at=NOW + timedelta(hours=dice.randrange(99)),
            is_open=dice.random() < 0.5,
            met=dice.random() < 0.5,
            missed=dice.random() < 0.5,
            bucket=dice.randrange(NOT_ENDED, len(BUCKETS) + 1),
            elapsed_ppm=dice.randrange(5_000_000),
        )
        for name in clocks
    ]


async def test_a_case_that_was_heard_of_and_not_judged_stands_as_it_stood(pool: Pool) -> None:
    agenda, stands = PostgresAgenda(pool), _stands(Random(1))
    await agenda.open(1)
    await agenda.keep(Heard(1, {COUNTY: 1}, NOW), {(COUNTY, "c-1"): Note(NOW, stands)})
    await agenda.keep(Heard(1, {COUNTY: 2}, NOW), {(COUNTY, "c-1"): Note(NOW)})
    assert await pool.fetchval("select count(*) from clock_stands") == len(stands)


async def test_a_reading_does_not_look_through_the_clocks_that_are_over(pool: Pool) -> None:
    await pool.execute(OVER, COUNTY, NOW)
    await pool.execute("analyze clock_stands")
    plan = json.loads(await pool.fetchval(f"explain (analyze, format json) {SQL['open']}", NOW))
    assert sum(_looked_at(plan[0]["Plan"])) == 0


def _looked_at(node: dict[str, Any]) -> list[float]:
    """How many rows each part of a plan has looked at."""
    own = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return [own, *(rows for part in node.get("Plans", ()) for rows in _looked_at(part))]
