"""The counts behind the SLA figures: kept from one reading to the next, the same as if all cases were read anew."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.projection import Projector
from services.relief.app import BLUEPRINT
from services.relief.caseload import CASELOAD, SQL
from services.relief.policy_cache import PolicyCache
from services.relief.sla_count import BUCKETS, Counts
from services.relief.sla_counts import SlaCounts
from tests.support.services import RunningService, RunService

COUNTY = "341825"
NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
MANY = 20_000
FILL = """
insert into caseload_a.cases (case_id, division, county, township, cause, urgency, persons, identity, reported_at,
    accepted_at, relieved_at, closed_at)
select gen_random_uuid()::text, $1, $1, $1 || '105', 'fire', 'urgent', 1, 'known', $2::timestamptz, $2, $2, $2
from generate_series(1, $3::integer)
"""
ONE = """
insert into caseload_a.cases (case_id, division, county, township, cause, urgency, persons, identity, reported_at)
values ($1, $2, $2, $2 || '105', 'fire', 'urgent', 1, 'known', $3)
"""


@pytest.fixture
async def relief(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT) as service:
        pool = service.mounted.pool
        await pool.execute("insert into log_heads values ($1, 0, sha256(''), now()) on conflict do nothing", COUNTY)
        yield service


def projector(relief: RunningService) -> Projector:
    return relief.mounted.projectors[CASELOAD.name]


async def read(counts: SlaCounts, relief: RunningService) -> dict[str, Counts]:
    cache = relief.mounted.own
    assert isinstance(cache, PolicyCache)
    async with projector(relief).reading() as connection:
        return dict(await counts.read(connection, cache, NOW))


async def test_what_is_kept_is_what_reading_all_anew_would_give(relief: RunningService) -> None:
    pool, kept = relief.mounted.pool, SlaCounts()
    await pool.execute(FILL, COUNTY, NOW - timedelta(hours=50), 40)
    await pool.execute(ONE, "00000000-waits", COUNTY, NOW - timedelta(hours=30))
    before = (await read(kept, relief))["advance_from_report"]
    assert (before.open, before.overdue, before.missed) == (1, 1, 41)
    assert await read(SlaCounts(), relief) == await read(kept, relief)
    await helped(relief, "00000000-waits")
    await a_fact_of("00000000-waits", relief)
    after = (await read(kept, relief))["advance_from_report"]
    assert (after.open, after.missed, after.met, after.ended) == (0, 41, 0, 1)
    assert await read(SlaCounts(), relief) == await read(kept, relief)


async def helped(relief: RunningService, case_id: str) -> None:
    """A fact has come to a case, and the read model has taken it in."""
    pool, at = relief.mounted.pool, NOW - timedelta(hours=1)
    await pool.execute("insert into caseload_a.reliefs values ($1, 'd-1', 'p-1', $2, $2)", case_id, at)
    await pool.execute("update caseload_a.cases set relieved_at = $2 where case_id = $1", case_id, at)


async def test_a_settled_case_is_read_again_when_a_fact_has_come_to_it_and_only_then(relief: RunningService) -> None:
    pool, kept = relief.mounted.pool, SlaCounts()
    await pool.execute(ONE, "00000000-late", COUNTY, NOW - timedelta(hours=30))
    await helped(relief, "00000000-late")
    assert (await read(kept, relief))["advance_from_report"].met == 0
    await pool.execute("update caseload_a.reliefs set at = $1, recorded_at = $1", NOW - timedelta(hours=20))
    assert (await read(kept, relief))["advance_from_report"].met == 0
    await a_fact_of("00000000-late", relief)
    assert (await read(kept, relief))["advance_from_report"].met == 1


async def a_fact_of(case_id: str, relief: RunningService) -> None:
    """The read model's cursor passes a fact of this case."""
    pool = relief.mounted.pool
    await pool.execute(
        "insert into facts select $1, 1000, 'case:' || $2, 1, 'test.nothing', 1, gen_random_uuid(), gen_random_uuid(),"
        " now(), now(), '{}', '{}', false, sha256('')",
        COUNTY,
        case_id,
    )
    await pool.execute(
        "insert into projection_cursors values ($1, 'a', $2, 1000)"
        " on conflict (name, slot, division) do update set position = 1000",
        CASELOAD.name,
        COUNTY,
    )


async def test_a_reading_does_not_look_through_all_cases(relief: RunningService) -> None:
    pool = relief.mounted.pool
    await pool.execute(FILL, COUNTY, NOW - timedelta(hours=50), MANY)
    async with projector(relief).reading() as connection:
        await connection.execute("analyze cases")
        terms: list[list[Any]] = [[COUNTY], [NOW.date() - timedelta(days=99)], [NOW.date()], [24], [NOW], [None]]
        plan = await connection.fetchval(f"explain (analyze, format json) {SQL['sla']}", *terms, BUCKETS, NOW, ["abc"])
    looked_at = list(scans(json.loads(plan)[0]["Plan"]))
    assert looked_at
    assert max(looked_at) < MANY / 20


def scans(node: dict[str, Any]) -> Any:
    """How many rows of the cases each part of a plan has looked at."""
    if node.get("Relation Name") == "cases":
        yield node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    for part in node.get("Plans", ()):
        yield from scans(part)
