"""A read model among several processes and releases: nothing is lost, and one damaged log holds up no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest

from services.chassis import projection
from services.chassis.projection import Projector
from services.chassis.sql import statements
from services.intake.app import BLUEPRINT
from services.intake.reports import REPORTS
from tests.integration.intake.test_intake_service import HOTLINE, VILLAGE, changed, post_order
from tests.support.services import RunningService, RunService, bearer

COUNTY, LATER_COUNTY = "320115", "341825"
ORDERS = 6
NEXT = replace(REPORTS, version=REPORTS.version + 1)


@pytest.fixture
async def intake(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=(COUNTY, LATER_COUNTY)) as service:
        answers = [await post_order(service, changed(HOTLINE, orderNum=f"N{number}")) for number in range(ORDERS)]
        assert [answer.status_code for answer in answers] == [201] * ORDERS
        assert await service.mounted.projectors["reports"].reached(COUNTY, answers[-1].json()["position"], patience=30)
        yield service


async def rows(projector: Projector) -> int:
    async with projector.reading() as connection:
        return await connection.fetchval("select count(*) from reports")


async def stopped(intake: RunningService, name: str) -> None:
    """No task of the service's own keeps a read model, until the service ends."""
    for task in intake.mounted.tasks:
        if name in repr(task.get_coro()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_of_several_processes_that_want_to_rebuild_one_does_and_no_row_is_lost(
    intake: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stopped(intake, "Projector.run")
    monkeypatch.setattr(projection, "_PAGE_OF_A_REBUILD", 2)
    processes = [Projector(intake.mounted.pool, NEXT) for _ in range(3)]
    slots = await asyncio.gather(*(process.live_slot() for process in processes))
    assert (set(slots), await rows(processes[0])) == ({"b"}, ORDERS)


async def test_a_page_that_a_restart_overtook_is_not_written(intake: RunningService) -> None:
    await stopped(intake, "Projector.run")
    ahead = Projector(intake.mounted.pool, REPORTS)
    slot = await ahead.live_slot()
    position = await intake.mounted.pool.fetchval("select position from log_heads where division = $1", COUNTY)
    await intake.mounted.pool.execute("delete from projection_cursors where name = 'reports'")
    save = statements("services.chassis", "projection.sql")["save"]
    saved = await intake.mounted.pool.fetchval(save, "reports", slot, COUNTY, position, position - 1)
    assert saved is None


async def test_an_older_release_reads_what_a_newer_one_keeps_and_leaves_it_alone(intake: RunningService) -> None:
    await stopped(intake, "Projector.run")
    newer, older = Projector(intake.mounted.pool, NEXT), Projector(intake.mounted.pool, REPORTS)
    slot = await newer.live_slot()
    await post_order(intake, changed(HOTLINE, orderNum="later"))
    assert not await older.turn()
    assert (await older.live_slot(), await rows(older)) == (slot, ORDERS)
    assert await newer.turn()
    assert await rows(older) == ORDERS + 1


async def test_a_log_that_cannot_be_taken_in_holds_up_no_other_and_ends_no_task(intake: RunningService) -> None:
    await intake.mounted.pool.execute(
        "with head as (update log_heads set position = position + 1 where division = $1 returning position)"
        " insert into facts select division, head.position, stream, version + 1, 'intake.of_the_next_release', 1,"
        " gen_random_uuid(), command_id, occurred_at, recorded_at, meta, data, false, hash from facts, head"
        " where division = $1 and facts.position = head.position - 1",
        COUNTY,
    )
    village = await intake.client.post(
        "/v1/reports", content=VILLAGE, headers=bearer("village_informant", LATER_COUNTY, "k")
    )
    reports = intake.mounted.projectors["reports"]
    assert await reports.reached(LATER_COUNTY, village.json()["position"], patience=30)
    assert intake.mounted.tasks_run()
