"""The worked examples 6 and 12, as far as they are intake's; relief's part of them is in relief's tests."""

import json
from datetime import datetime
from typing import Any

import pytest

from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import HOSPITAL, HOTLINE, VILLAGE, changed, log, post_order
from tests.support.services import RunningService, RunService, bearer

COUNTY = "341825"


def due(told: dict[str, Any]) -> dict[str, str]:
    return {clock["name"]: clock["due_at"] for clock in told["clocks"]}


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-{moment}+08:00")


async def facts(intake: RunningService, name: str) -> list[dict[str, Any]]:
    return [json.loads(fact.data) for fact in await log(intake, COUNTY) if fact.name == name]


async def by_hotline(intake: RunningService) -> dict[str, Any]:
    changes = {"callTime": "2026-11-02 08:10:00", "areaCode": "341825105", "callerPhone": "19900002301", "idCard": ""}
    told = await post_order(intake, changed(HOTLINE, questionCode="", **changes))
    assert told.status_code == 201, told.text
    return told.json()


async def by_village(intake: RunningService) -> dict[str, Any]:
    report = json.loads(VILLAGE)
    subject = {"identity_status": "claimed", "name": "陶样山", "phone": "19900002301", "persons_affected": 3}
    need = report["need"] | {"category_code": "other"}
    body = report | {"subject": subject, "need": need, "occurred_at": "2026-11-02T07:55:00+08:00"}
    headers = bearer("village_informant", COUNTY, "k1")
    told = await intake.client.post("/v1/reports", json=body, headers=headers)
    assert told.status_code == 201, told.text
    return told.json()


@pytest.mark.parametrize("hotline_first", [True, False])
async def test_example_6_two_channels_are_two_reports_of_one_need_and_each_has_its_own_reply(
    run_service: RunService, hotline_first: bool
) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY,)) as intake:
        if hotline_first:
            hotline, village = await by_hotline(intake), await by_village(intake)
        else:
            village, hotline = await by_village(intake), await by_hotline(intake)
        assert datetime.fromisoformat(due(hotline)["reply"]) == at("11-02T20:10")
        assert datetime.fromisoformat(due(village)["reply"]) == at("11-02T19:55")
        (needed,), (again,) = await facts(intake, "intake.help_needed"), await facts(intake, "intake.help_asked_again")
        told = {each["report_id"]: datetime.fromisoformat(each["reported_at"]) for each in (needed, again)}
        assert told == {hotline["report_id"]: at("11-02T08:10"), village["report_id"]: at("11-02T07:55")}
        assert again["first_report_id"] == needed["report_id"]


async def test_example_12_a_patient_whom_nobody_knows_is_taken_in_and_stands_for_no_person(
    run_service: RunService,
) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY,)) as intake:
        place = {"division_code": "341825105"}
        for number in ("1", "2"):
            body = json.loads(changed(HOSPITAL, occurred_at="2026-09-18T10:00:00+08:00", place=place))
            body["source"] = {"external_id": number}
            told = await intake.client.post(
                "/v1/reports", json=body, headers=bearer("hospital_system", COUNTY, f"k{number}")
            )
            assert (told.status_code, told.json()["status"]) == (201, "received"), told.text
        needed = await facts(intake, "intake.help_needed")
        assert [(each["identity"], each["person"], each["name"]) for each in needed] == [("unknown", None, None)] * 2
