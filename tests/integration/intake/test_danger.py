"""Life in danger at night: an alarm goes off until somebody on duty is reached, or the case is taken on."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.relief import CaseAccepted
from services.chassis.clock import SystemClock
from services.intake.app import BLUEPRINT
from services.intake.reports import SQL
from tests.integration.intake.test_batches_and_feed import OFFICER, report, sync
from tests.integration.intake.test_intake_service import Relief, opened, until
from tests.support.services import RunningService, RunService

COUNTY, TOWNSHIP = "341825", "341825105"


class Behind(SystemClock):
    """What is taken in now was taken in so long ago."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() - self._by


@pytest.fixture
async def intake(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=(COUNTY,), clock=Behind(timedelta(minutes=11))) as service:
        yield service


async def in_danger(intake: RunningService, number: str = "A", urgency: str = "life_danger") -> str:
    need = report("A")["body"]["need"] | {"urgency": urgency}
    (one,) = await sync(intake, report(number, need=need))
    assert "answer" in one, one
    return one["answer"]["report_id"]


async def unanswered(intake: RunningService) -> int:
    """How many the figures show, as of all that is in the log."""
    for head in await intake.mounted.store.heads():
        assert await intake.mounted.projectors["reports"].reached(head.division, head.position, patience=20)
    async with intake.mounted.projectors["reports"].reading() as connection:
        return await connection.fetchval(SQL["dangers_unanswered"])


async def calls(intake: RunningService, report_id: str, *, reached: bool, key: str) -> None:
    at = intake.mounted.clock.now().isoformat()
    body: dict[str, Any] = {"division": TOWNSHIP, "staff_id": "S-9", "reached": reached, "called_at": at}
    headers = OFFICER | {"idempotency-key": key}
    told = await intake.client.post(f"/v1/reports/{report_id}/calls", json=body, headers=headers)
    assert told.status_code == 201, told.text


async def test_life_in_danger_alarms_until_somebody_on_duty_is_reached(intake: RunningService) -> None:
    report_id = await in_danger(intake)
    await in_danger(intake, "B", "urgent")
    assert await unanswered(intake) == 1
    await calls(intake, report_id, reached=False, key="first")
    assert await unanswered(intake) == 1
    await calls(intake, report_id, reached=True, key="second")
    assert await unanswered(intake) == 0


async def test_a_case_that_was_taken_on_alarms_nobody(intake: RunningService) -> None:
    report_id, relief = await in_danger(intake), Relief(intake, COUNTY)
    await relief.says(opened(report_id))
    assert await unanswered(intake) == 1
    await relief.says(CaseAccepted(case_id="C-1", report_ids=(report_id,), accepted_by="S-1"))

    async def is_quiet() -> bool:
        return await unanswered(intake) == 0

    await until(is_quiet)


async def test_nobody_is_late_before_ten_minutes_have_passed(run_service: RunService) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY,), clock=Behind(timedelta(minutes=1))) as intake:
        await in_danger(intake)
        assert await unanswered(intake) == 0
