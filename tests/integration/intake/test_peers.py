"""Whole exchanges with the systems on the other side, each played as its vendor would write it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from events.relief import CaseAccepted
from jiujinan.receiver import CallbackReceiver
from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import HOTLINE, VILLAGE, Relief, closed, log, opened, until
from tests.peers.hospital import Hospital
from tests.peers.hotline import Hotline
from tests.peers.monitoring_platform import MonitoringPlatform
from tests.peers.village_phone import VillagePhone
from tests.support.services import WEBHOOK_SECRET, RunningService, RunService, bearer

COUNTY = "341825"
REPORT = json.loads(VILLAGE)
STRANGER = {"identity_status": "unknown", "persons_affected": 1}


@pytest.fixture
async def receiver() -> AsyncIterator[CallbackReceiver]:
    async with CallbackReceiver(WEBHOOK_SECRET) as started:
        yield started


@pytest.fixture
async def intake(run_service: RunService, receiver: CallbackReceiver) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=(COUNTY, "320115", "350581"), callback=receiver.url) as service:
        yield service


async def test_a_hotline_hears_of_its_order_step_by_step_until_the_closure_form(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    now = lambda: datetime.now(UTC)  # noqa: E731, TID251  a signature bears the real time
    hotline = Hotline(intake.client, "demo", WEBHOOK_SECRET, receiver, now)
    order = json.loads(HOTLINE)
    told = await hotline.push(order)
    assert await hotline.push(order) == told
    relief = Relief(intake)
    await relief.says(opened(told["report_id"]))
    await relief.says(CaseAccepted(case_id="C-1", report_ids=(told["report_id"],), accepted_by="S-1"))
    await relief.says(closed(told["report_id"]))
    await hotline.listen(2)
    assert hotline.heard == {order["orderNum"]: ["report.accepted.v1", "case.closed.v1"]}


async def test_the_monitoring_platform_fetches_what_became_of_each_warning(intake: RunningService) -> None:
    platform = MonitoringPlatform(intake.client, bearer("monitor_system", COUNTY))
    first = await platform.warn("YJ-1", REPORT | {"subject": STRANGER})
    assert await platform.warn("YJ-1", REPORT | {"subject": STRANGER}) == first
    second = await platform.warn("YJ-2", REPORT | {"subject": STRANGER, "need": REPORT["need"] | {"urgency": "normal"}})
    relief = Relief(intake, COUNTY)
    await relief.says(opened(first))
    await relief.says(CaseAccepted(case_id="C-1", report_ids=(first,), accepted_by="S-1"))
    await relief.says(closed(first))
    assert first != second

    async def knows() -> bool:
        await platform.fetch()
        return platform.results.get(first) == ["report.accepted.v1", "case.closed.v1"]

    await until(knows)
    assert await platform.fetch() == 0


async def test_a_phone_whose_answer_was_lost_sends_again_and_nothing_is_doubled(intake: RunningService) -> None:
    phone = VillagePhone(intake.client, bearer("village_informant", COUNTY), "vp-7")
    number = phone.report(REPORT | {"subject": STRANGER})
    phone.supplement(number, {"place": {"division_code": "341825105"}})
    phone.report({"need": {"urgency": "urgent"}})
    await phone.sync(answer_is_lost=True)
    before = len(await log(intake, COUNTY))
    await phone.sync()
    assert len(await log(intake, COUNTY)) == before
    assert phone.problems == {"vp-7-3": "rejected"}
    assert [item["id"] for item in phone.outbox] == ["vp-7-3"]


async def test_a_hospital_watches_the_task_of_a_patient_whom_nobody_knows(intake: RunningService) -> None:
    hospital = Hospital(intake.client, bearer("hospital_system", "350581"))
    task = await hospital.ask_for_help("JZ-1", place="350581100000", story="无人陪护,需要生活用品和陪护。")
    assert await hospital.ask_for_help("JZ-1", place="350581100000", story="无人陪护,需要生活用品和陪护。") == task
    report_id = task.rpartition("/")[2]
    await until(lambda: stands(hospital, task, "received"))
    relief = Relief(intake, "350581")
    await relief.says(opened(report_id))
    await until(lambda: stands(hospital, task, "in-progress", "accepted"))
    await relief.says(closed(report_id))
    await until(lambda: stands(hospital, task, "completed"))


async def stands(hospital: Hospital, task: str, *words: str) -> bool:
    return await hospital.status(task) in words
