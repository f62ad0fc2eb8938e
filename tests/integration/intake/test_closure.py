"""The closure form as a hotline gets it: every field true, and what a log may not hold put in on its way out."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from events.relief_words import Contact
from jiujinan.receiver import CallbackReceiver
from services.chassis.keyring import Erasure
from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import COUNTY, Relief, changed, closed, log, opened, post_order, until
from tests.integration.intake.test_intake_service import HOTLINE as ORDER
from tests.integration.intake.test_intake_service import VILLAGE as REPORT
from tests.support.services import WEBHOOK_SECRET, RunningService, RunService, bearer

HOTLINE = bearer("hotline_system", COUNTY, "k1")
PROOF = b"%PDF-1.7 proof"
DIGEST = sha256(PROOF).hexdigest()
ANNOUNCED = {"sha256": DIGEST, "media_type": "application/pdf", "bytes": len(PROOF), "kind": "handling"}
NEVER_SENT = ANNOUNCED | {"sha256": "0" * 64}
PHONE, MASKED = "19900004321", "199****4321"
TRIED = tuple(
    Contact(at=datetime(2022, 8, 5, hour, tzinfo=UTC), role=role, reached=hour == 3)
    for hour, role in ((1, "township_officer"), (2, "township_leader"), (3, "township_officer"))
)


@pytest.fixture
async def receiver() -> AsyncIterator[CallbackReceiver]:
    async with CallbackReceiver(WEBHOOK_SECRET) as started:
        yield started


@pytest.fixture
async def intake(run_service: RunService, receiver: CallbackReceiver) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=(COUNTY,), callback=receiver.url) as service:
        yield service


async def ordered(intake: RunningService) -> str:
    """A hotline's order in our own JSON, with two documents announced, of which one comes."""
    told: dict[str, Any] = json.loads(REPORT)
    told["place"] = {"division_code": "320115001"}
    told["subject"] |= {"phone": PHONE}
    told["attachments"] = [NEVER_SENT, ANNOUNCED]
    report = await intake.client.post("/v1/reports", json=told, headers=HOTLINE)
    assert report.status_code == 201, report.text
    report_id: str = report.json()["report_id"]
    put = await intake.client.put(f"/v1/reports/{report_id}/attachments/{DIGEST}", content=PROOF, headers=HOTLINE)
    assert put.status_code == 201, put.text
    return report_id


async def closing(intake: RunningService) -> Mapping[str, Any]:
    """What the feed says of the case's end, once it says so."""
    found: list[Mapping[str, Any]] = []

    async def is_told() -> bool:
        items = (await intake.client.get("/v1/feed", headers=HOTLINE)).json()["items"]
        found.extend(item["event"]["data"] for item in items if item["event"]["type"].endswith("case.closed.v1"))
        return bool(found)

    await until(is_told)
    return found[0]


async def test_every_attempt_the_masked_phone_and_the_documents_that_came_are_on_the_form(
    intake: RunningService,
) -> None:
    report_id = await ordered(intake)
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id).model_copy(update={"contacts": TRIED}))
    form = await closing(intake)
    assert form["contact_phone_masked"] == MASKED
    assert [(one["at"][11:13], one["by"], one["reached"]) for one in form["contact_attempts"]] == [
        ("09", "township_officer", False),
        ("10", "township_leader", False),
        ("11", "township_officer", True),
    ]
    (document,) = form["attachments"]
    assert (document["sha256"], document["bytes"], document["name"]) == (DIGEST, len(PROOF), "办理附件1")
    fetched = await intake.client.get(document["url"], headers=HOTLINE)
    assert (fetched.status_code, fetched.content) == (200, PROOF)
    tables = await intake.mounted.pool.fetch("select document from reports_a.replies")
    assert not [text for row in (*await log(intake), *tables) for text in row if MASKED in str(text)]


async def test_a_document_that_comes_after_the_form_has_left_brings_the_hotline_the_form_anew(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake, changed(ORDER, callerPhone=PHONE))).json()["report_id"]
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id))
    form = await receiver.next()
    path, pdf = f"/v1/reports/{report_id}/attachments/{DIGEST}", {"content-type": "application/pdf"}
    for key in ("late", "again"):
        officer = bearer("county_civil_affairs", "320115", key)
        put = await intake.client.put(path, params={"kind": "handling"}, content=PROOF, headers=officer | pdf)
        assert put.status_code == 201, put.text
    amended = await receiver.next()
    assert amended["type"] == "cn.jiujinan.case.closure_amended.v1"
    assert (amended["subject"], amended["data"]["amends"]) == (report_id, form["id"])
    assert amended["sequence"] > form["sequence"]
    assert [one["sha256"] for one in amended["data"]["attachments"]] == [DIGEST]
    added = {"attachments", "amends", "text"}
    assert {k: v for k, v in amended["data"].items() if k not in added} == {
        k: v for k, v in form["data"].items() if k not in added
    }
    assert amended["data"]["contact_phone_masked"] == MASKED
    prepared = [fact for fact in await log(intake) if fact.name == "intake.reply_prepared"]
    assert len(prepared) == 2


async def test_a_callback_has_the_masked_phone_under_its_signature(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake, changed(ORDER, callerPhone=PHONE))).json()["report_id"]
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id))
    assert (await receiver.next())["data"]["contact_phone_masked"] == MASKED


async def test_the_number_that_an_officer_found_is_on_the_form_where_the_report_had_none(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    told = json.loads(ORDER)
    del told["callerPhone"]
    report_id = (await post_order(intake, json.dumps(told).encode())).json()["report_id"]
    path = f"/v1/reports/{report_id}/supplements"
    stranger = bearer("village_informant", COUNTY, "k1")
    assert (await intake.client.post(path, json={"phone": PHONE}, headers=stranger)).status_code == 403
    officer = bearer("county_civil_affairs", "320115", "k1")
    wrong = await intake.client.post(path, json={"phone": "12"}, headers=officer)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/phone")
    found = await intake.client.post(path, json={"phone": PHONE}, headers=officer)
    assert found.status_code == 201, found.text
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id))
    assert (await receiver.next())["data"]["contact_phone_masked"] == MASKED
    assert not [text for row in await log(intake) for text in row if PHONE in str(text)]


async def test_where_help_is_needed_an_officer_finds_out_and_says_so_in_the_reporter_s_place(
    intake: RunningService,
) -> None:
    told = json.loads(REPORT) | {"place": {}}
    informant = bearer("village_informant", COUNTY, "k1")
    report = await intake.client.post("/v1/reports", json=told, headers=informant)
    assert report.status_code == 202, report.text
    path = f"{report.json()['status_url']}/supplements"
    found = await intake.client.post(
        path,
        json={"place": {"division_code": "320115001"}},
        headers=bearer("county_civil_affairs", COUNTY, "k1"),
    )
    assert (found.status_code, found.json()["status"]) == (201, "received")
    assert [fact.name for fact in await log(intake)][-1] == "intake.help_needed"


async def test_of_an_erased_person_the_form_has_no_phone(intake: RunningService) -> None:
    report_id = await ordered(intake)
    gone = Erasure(f"report:{report_id}", intake.mounted.clock.now(), "retention_ended", "S-1")
    assert await intake.mounted.keyring.destroy(gone)
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id))
    assert (await closing(intake))["contact_phone_masked"] is None


async def test_whether_an_unhelped_need_was_true_an_officer_says_before_the_form_goes_out(
    intake: RunningService,
) -> None:
    report_id = await ordered(intake)
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id).model_copy(update={"outcome": "not_relieved", "relieved_at": None}))
    officer = bearer("county_civil_affairs", COUNTY, "k1")
    path = f"/v1/reports/{report_id}/closure"
    unsaid = await intake.client.post(path, json={}, headers=officer)
    assert (unsaid.status_code, [one["pointer"] for one in unsaid.json()["errors"]]) == (422, ["/truthful"])
    said = await intake.client.post(path, json={"truthful": False}, headers=officer)
    assert said.status_code == 201, said.text
    form = await closing(intake)
    assert (form["truthful"], form["resolved"], form["contact_phone_masked"]) == (False, 1, MASKED)
