"""Faults that other systems had, and that this one must not have; each test bears the number of its row.

Rows that have their test elsewhere: 5 a delivery that dies between sending and marking (``test_callbacks.py``), 19 the
same report a hundred times at once, 22 two phones that differ, 23 a failed item (``test_batches_and_feed.py``), 26
every example of every operation (``tests/unit/test_openapi.py``).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from jiujinan.receiver import CallbackReceiver
from services.intake.app import deliverer
from services.intake.attempts import moments
from services.intake.callbacks import Deliverer
from services.intake.routes.filing import CHANNELS
from tests.integration.intake.test_callbacks import NOBODY_DELIVERS, Receiver, owe_a_reply, receiving, state
from tests.integration.intake.test_intake_service import (
    HOTLINE,
    VILLAGE,
    Relief,
    changed,
    closed,
    log,
    opened,
    post_order,
    until,
)
from tests.integration.intake.test_orders_and_messages import now_called
from tests.support.services import ROOT, WEBHOOK_SECRET, RunningService, RunService, bearer

COUNTY = "341825"
VILLAGE_REPORT = json.loads(VILLAGE)
OFFICER = bearer("township_officer", "320115")
PERSON = "000000199001010018"


@pytest.fixture
async def receiver() -> AsyncIterator[CallbackReceiver]:
    async with CallbackReceiver(WEBHOOK_SECRET) as started:
        yield started


@pytest.fixture
async def intake(run_service: RunService, receiver: CallbackReceiver) -> AsyncIterator[RunningService]:
    scopes = (COUNTY, "320115", "")
    async with run_service(NOBODY_DELIVERS, scopes=scopes, callback=receiver.url) as service:
        yield service


@dataclass
class Watch:
    """A clock that is set by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at


async def prepared_at(intake: RunningService) -> datetime:
    return await intake.mounted.pool.fetchval("select prepared_at from reports_a.replies")


def at_work(intake: RunningService, watch: Watch) -> Deliverer:
    return replace(deliverer(intake.mounted), clock=watch)


def body(number: str, **fields: Any) -> dict[str, Any]:
    subject = {"identity_status": "known", "name": "陶样山", "id_no": PERSON, "persons_affected": 1}
    return VILLAGE_REPORT | {"source": {"external_id": number}, "subject": subject} | fields


async def test_row_2_of_many_reports_of_one_household_at_once_one_asks_for_help(intake: RunningService) -> None:
    answers = await asyncio.gather(
        *(
            intake.client.post(
                "/v1/reports", json=body(f"n-{number}"), headers=bearer("village_informant", COUNTY, f"k-{number}")
            )
            for number in range(40)
        )
    )
    assert sorted(answer.json()["status"] for answer in answers) == ["linked"] * 39 + ["received"]
    named = [fact.name for fact in await log(intake, COUNTY)]
    assert (named.count("intake.help_needed"), named.count("intake.help_asked_again")) == (1, 39)


async def test_row_6_after_three_refusals_a_receiver_has_one_effect(run_service: RunService) -> None:
    async with (
        receiving(Receiver("500 Internal Server Error")) as refusing,
        run_service(NOBODY_DELIVERS, callback=refusing.url) as intake,
        httpx.AsyncClient() as client,
    ):
        refusing.may_answer.set()
        await owe_a_reply(intake)
        prepared = await prepared_at(intake)
        watch = Watch(prepared)
        delivers = at_work(intake, watch)
        for number, due in enumerate(moments("r-1")[:6]):
            refusing.answer = "500 Internal Server Error" if number < 3 else "200 OK"
            for at in (due - timedelta(milliseconds=1), due):
                watch.at = prepared + at
                await delivers.serve(client, "demo")
        assert refusing.came.qsize() == 4
        heads = [await refusing.next() for _ in range(4)]
        assert all("webhook-id: r-1" in head for head in heads)

        async def is_delivered() -> bool:
            return await state(intake) == "delivered"

        await until(is_delivered)


async def test_row_6_a_reply_is_not_sent_again_while_the_read_model_has_yet_to_hear_of_its_delivery(
    run_service: RunService,
) -> None:
    async with (
        receiving(Receiver("200 OK")) as willing,
        run_service(NOBODY_DELIVERS, callback=willing.url) as intake,
        httpx.AsyncClient() as client,
    ):
        willing.may_answer.set()
        await owe_a_reply(intake)
        watch = Watch(await prepared_at(intake) + timedelta(days=1))
        delivers = at_work(intake, watch)
        async with intake.mounted.pool.acquire() as holding, holding.transaction():
            await holding.execute("select from reports_a.replies for update")
            await delivers.serve(client, "demo")
            watch.at += timedelta(days=1)
            await delivers.serve(client, "demo")
            assert willing.came.qsize() == 1


async def test_row_10_what_was_written_is_read_at_once_with_the_position_that_the_answer_named(
    intake: RunningService,
) -> None:
    """The read model is held up: who names the position waits for it, who does not sees what was so before."""
    informant = bearer("village_informant", COUNTY, "p-1")
    told = await intake.client.post("/v1/reports", json=body("p-1"), headers=informant)
    path, after = told.json()["status_url"], {"after": told.headers["log-position"]}
    assert (await intake.client.get(path, params=after, headers=informant)).json()["urged"] == 0
    async with intake.mounted.pool.acquire() as holding:
        async with holding.transaction():
            await holding.execute("select from reports_a.reports for update")
            urged = await intake.client.post(f"{path}/urge", json={}, headers=informant)
            after = {"after": urged.headers["log-position"]}
            waiting = asyncio.create_task(intake.client.get(path, params=after, headers=informant))
            for _ in range(3):
                assert (await intake.client.get(path, headers=informant)).json()["urged"] == 0
            assert not waiting.done()
        seen = await waiting
    assert (seen.status_code, seen.json()["urged"]) == (200, 1)


@pytest.mark.parametrize("role", sorted(CHANNELS.keys() - {"hotline_system"}))
async def test_row_20_a_household_is_known_again_whatever_channel_and_role_it_comes_by(
    intake: RunningService, role: str
) -> None:
    first = body("first")
    reporter = {"reporter": {"kind": "self", "name": "陶样山", "phone": "19900001201", "consent": True}}
    own: dict[str, dict[str, Any]] = {
        "media_desk": {"source_link": "https://example.com/1"},
        "department_clerk": {"list_id": "L-1", "department": "样例局"},
    }
    answers = [
        await intake.client.post("/v1/reports", json=told, headers=bearer(by, COUNTY, f"k-{by}-{number}"))
        for number, (by, told) in enumerate(
            [("village_informant", first), (role, body("second") | reporter | own.get(role, {}))]
        )
    ]
    assert [answer.status_code for answer in answers] == [201, 201], answers[1].text
    assert answers[1].json()["status"] == "linked"
    assert answers[1].json()["first_report_id"] == answers[0].json()["report_id"]


async def test_row_20_a_hotline_s_order_is_known_again_too(intake: RunningService) -> None:
    first = await post_order(intake, HOTLINE)
    again = await post_order(intake, changed(HOTLINE, orderNum="NJ20220805000999"))
    assert (first.json()["status"], again.json()["status"]) == ("received", "linked")


async def test_row_24_an_answer_that_hangs_shows_its_age_and_is_sent_again_by_hand(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    await owe_a_reply(intake)
    prepared = await prepared_at(intake)
    await until(lambda: shows_the_age(intake, prepared))
    # signed in days to come, which the receiver takes for no signature at all
    watch = Watch(prepared + moments("r-1")[-1])
    delivers = at_work(intake, watch)
    async with httpx.AsyncClient() as client:
        await delivers.serve(client, "demo")
        await until(lambda: is_state(intake, "abandoned"))
        assert await given_up_because(intake) == "not_confirmed"
        operator = bearer("operator", "", "again")
        asked = await intake.client.post("/v1/callbacks/demo/replay", headers=operator)
        assert asked.json()["replies"] == 1
        await until(lambda: is_state(intake, "owed"))
        watch.at = datetime.now(UTC)  # noqa: TID251  the signature is checked against the real clock
        await at_work(intake, watch).serve(client, "demo")
    assert receiver.messages.qsize() == 1


async def given_up_because(intake: RunningService) -> str:
    """Why a reply was given up, as an officer sees it with its report."""
    report_id = await intake.mounted.pool.fetchval("select report_id from reports_a.replies")
    officer = bearer("auditor", "")
    shown = (await intake.client.get(f"/v1/reports/{report_id}", headers=officer)).json()
    return shown["replies"][0]["reason"]


async def shows_the_age(intake: RunningService, prepared: datetime) -> bool:
    lines = (await intake.client.get("/metrics")).text.splitlines()
    name = "jiujinan_callbacks_oldest_timestamp_seconds"
    told = [float(line.split()[1]) for line in lines if line.startswith(name)]
    return [round(oldest - prepared.timestamp()) for oldest in told] == [0]


async def is_state(intake: RunningService, word: str) -> bool:
    return await state(intake) == word


async def test_row_26_every_example_of_ours_is_taken_by_its_door(intake: RunningService) -> None:
    doors = {"jingde_village": "village_informant", "shishi_hospital": "hospital_system"}
    others = {"jiangning_hotline", "shishi_allocation"}
    """An order is signed, see below; the allocation is a document of ledger's."""
    assert {path.stem for path in (ROOT / "samples").glob("*.json")} == doors.keys() | others
    for name, role in doors.items():
        content = (ROOT / "samples" / f"{name}.json").read_bytes()
        told = await intake.client.post("/v1/reports", content=content, headers=bearer(role, "", name))
        assert told.status_code == 201, told.text
    assert (await post_order(intake)).status_code == 201


async def test_row_26_what_our_document_shows_of_a_report_an_order_and_a_batch_is_taken(
    intake: RunningService,
) -> None:
    paths = (await intake.client.get("/openapi.json")).json()["paths"]

    def shown(path: str) -> Any:
        return paths[path]["post"]["requestBody"]["content"]["application/json"]["example"]

    informant = bearer("village_informant", COUNTY, "shown")
    told = await intake.client.post("/v1/reports", json=shown("/v1/reports"), headers=informant)
    assert told.status_code in (201, 202), told.text
    more = told.json()["status_url"] + "/supplements"
    for path in (more, told.json()["status_url"] + "/urge"):
        route = path.replace(told.json()["report_id"], "{report_id}")
        said = await intake.client.post(path, json=shown(route), headers=informant)
        assert said.status_code in (201, 202), said.text
    batch = await intake.client.post("/v1/sync", json=shown("/v1/sync"), headers=informant)
    assert {item["status"] for item in batch.json()["items"]} <= {"applied", "duplicate"}, batch.text


async def test_row_28_an_order_given_back_leaves_its_fact_its_reason_and_the_record_of_its_delivery(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake, now_called())).json()["report_id"]
    given = await intake.client.post(
        f"/v1/reports/{report_id}/returns",
        json={"reason": "not_ours", "basis": "样例办法第五条:不属本职责"},
        headers=OFFICER | {"idempotency-key": "back"},
    )
    assert given.status_code == 201, given.text
    with_position = {"after": given.headers["log-position"]}
    await intake.client.get(f"/v1/reports/{report_id}", params=with_position, headers=OFFICER)
    async with httpx.AsyncClient() as client:
        await deliverer(intake.mounted).serve(client, "demo")
    assert (await receiver.next())["type"] == "cn.jiujinan.report.returned.v1"
    facts = {fact.name: json.loads(fact.data) for fact in await log(intake, "320115")}
    assert facts["intake.report_returned"]["reason"] == "not_ours"
    assert facts["intake.report_returned"]["basis"].startswith("样例办法第五条")
    assert facts["intake.reply_delivered"]["attempts"] == 1


async def test_row_28_a_void_order_leaves_its_fact_its_reason_and_the_record_of_its_delivery(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    path, key = f"/v1/reports/{report_id}", {"idempotency-key": "void"}
    void = await intake.client.post(f"{path}/void", json={"reason": "wrong_entry"}, headers=OFFICER | key)
    assert void.status_code == 201, void.text
    await intake.client.get(path, params={"after": void.headers["log-position"]}, headers=OFFICER)
    async with httpx.AsyncClient() as client:
        await deliverer(intake.mounted).serve(client, "demo")
    told = await receiver.next()
    assert (told["type"], told["data"]["reason"]) == ("cn.jiujinan.report.correction.v1", "wrong_entry")
    rows = await log(intake, "320115")
    facts = {fact.name: json.loads(fact.data) for fact in rows}
    assert facts["intake.report_voided"]["reason"] == "wrong_entry"
    assert (facts["intake.reply_delivered"]["reply_id"], facts["intake.reply_delivered"]["attempts"]) == (told["id"], 1)
    shown = (await intake.client.get(path, params={"after": f"320115:{rows[-1].position}"}, headers=OFFICER)).json()
    assert shown["status"] == "voided"
    assert [reply["state"] for reply in shown["replies"]] == ["delivered"]


async def test_an_incomplete_closure_form_is_not_sent_and_an_operator_sees_it(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id).model_copy(update={"handling": ""}))
    names = [fact.name for fact in await log(intake, "320115")]
    assert "intake.reply_prepared" not in names
    assert names[-2:] == ["intake.reply_withheld", "intake.report_closed"]
