"""Intake as its callers meet it: over HTTP, on a real database, with relief's facts coming in."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from events.cloudevents import headers
from events.fact import Public, Sealed
from events.relief import CaseAccepted, CaseClosed, CaseOpened, HouseholdRelieved, ReliefCameBack, ReportLinked
from events.relief_words import Contact
from jiujinan.receiver import CallbackReceiver
from services.chassis.event_store import Stored
from services.chassis.following import Record
from services.intake.app import BLUEPRINT
from tests.support.saying import message_of
from tests.support.services import ROOT, WEBHOOK_SECRET, RunningService, RunService, bearer

COUNTY = "320115"
HOTLINE = (ROOT / "samples" / "jiangning_hotline.json").read_bytes()
VILLAGE = (ROOT / "samples" / "jingde_village.json").read_bytes()
HOSPITAL = (ROOT / "samples" / "shishi_hospital.json").read_bytes()
INFORMANT = "village_informant"


@pytest.fixture
async def receiver() -> AsyncIterator[CallbackReceiver]:
    async with CallbackReceiver(WEBHOOK_SECRET) as started:
        yield started


@pytest.fixture
async def intake(run_service: RunService, receiver: CallbackReceiver) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=("320115", "341825", "350581"), callback=receiver.url) as service:
        yield service


def signed(
    body: bytes, *, number: str = "", secret: str = WEBHOOK_SECRET, age: timedelta = timedelta()
) -> dict[str, str]:
    """The headers of a message; without a number it has one of its own, the same whenever it is sent."""
    number = number or sha256(body).hexdigest()
    now = datetime.now(UTC) - age  # noqa: TID251  the signature is checked against the real clock
    return {
        "webhook-id": number,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(number, now, body.decode()),
    }


async def post_order(intake: RunningService, body: bytes = HOTLINE, **more: Any) -> httpx.Response:
    return await intake.client.post("/adapters/12345/demo", content=body, headers=signed(body, **more))


def changed(body: bytes, **fields: Any) -> bytes:
    return json.dumps(json.loads(body) | fields, ensure_ascii=False).encode()


async def log(intake: RunningService, division: str = COUNTY) -> list[Stored]:
    return [fact async for fact in intake.mounted.store.read(division)]


class Relief:
    """Relief as intake hears it: each fact follows the one before."""

    def __init__(self, intake: RunningService, division: str = COUNTY) -> None:
        self._follower = intake.mounted.follower
        self._division = division
        self._position = 0

    async def says(self, fact: Public, stream: str = "case:C-1") -> None:
        now = datetime(2022, 8, 5, 4, 0, tzinfo=UTC)
        self._position += 1
        message = replace(message_of(fact, stream, position=self._position, at=now), division=self._division)
        await self._follower.take_in([Record("relief", 0, self._position, headers(message), message.data)])


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110  the other side is a task of the service
            await asyncio.sleep(0.02)


async def test_a_signed_order_is_received_kept_word_for_word_and_asks_for_help(intake: RunningService) -> None:
    response = await post_order(intake)
    assert response.status_code == 201, response.text
    told = response.json()
    assert told["status"] == "received"
    facts = await log(intake)
    assert [fact.name for fact in facts] == ["intake.report_received", "intake.help_needed"]
    received = (await intake.mounted.store.load({(COUNTY, f"report:{told['report_id']}"): 0}))[0]
    envelope = Sealed.model_validate(json.loads(received.data)["verbatim"])
    seals = await intake.mounted.sealer.prepare([envelope.subject])
    assert (seals.open(envelope) or "").encode() == HOTLINE


async def test_the_same_push_again_gets_the_same_answer_byte_for_byte(intake: RunningService) -> None:
    first = await post_order(intake)
    again = await post_order(intake, number="m2")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert again.content == first.content
    assert len(await log(intake)) == 2


async def test_the_same_push_with_other_words_is_refused(intake: RunningService) -> None:
    await post_order(intake)
    other = await post_order(intake, changed(HOTLINE, description="别的内容"))
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_message_that_is_sent_and_signed_again_gets_the_same_answer_byte_for_byte(
    intake: RunningService,
) -> None:
    first = await post_order(intake, age=timedelta(minutes=4))
    again = await post_order(intake)
    assert (again.status_code, again.content) == (200, first.content)


@pytest.mark.parametrize("fields", [{"orderNum": "NEW-1"}, {"orderNum": "NEW-1", "areaCode": "341825"}])
async def test_a_message_id_that_comes_with_another_message_is_refused(
    intake: RunningService, fields: dict[str, str]
) -> None:
    await post_order(intake, number="m1")
    other = await post_order(intake, changed(HOTLINE, **fields), number="m1")
    assert (other.status_code, other.json()["code"]) == (422, "webhook_id_reused")
    assert len(await log(intake)) == 2
    assert await log(intake, "341825") == []


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
async def test_a_captured_request_that_is_replayed_later_is_refused(intake: RunningService, age: timedelta) -> None:
    await post_order(intake)
    replayed = await post_order(intake, age=age)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "signature_expired")


async def test_a_wrong_signature_does_not_learn_that_its_time_is_wrong(intake: RunningService) -> None:
    forged = await post_order(intake, age=timedelta(days=1), secret="whsec_bm90IHRoZSBzZWNyZXQgb2YgZGVtbw==")
    assert (forged.status_code, forged.json()["code"]) == (401, "unauthenticated")


async def test_a_later_push_supplements_the_report_and_asks_for_help_once(intake: RunningService) -> None:
    await post_order(intake)
    pushed = await post_order(intake, changed(HOTLINE, pushSeq=2))
    assert pushed.status_code == 201
    names = [fact.name for fact in await log(intake)]
    assert names == ["intake.report_received", "intake.help_needed", "intake.report_supplemented"]


@pytest.mark.parametrize(
    ("vendor", "secret"), [("demo", "whsec_bm90IHRoZSBzZWNyZXQgb2YgZGVtbw=="), ("nobody", WEBHOOK_SECRET)]
)
async def test_an_order_that_is_not_signed_by_a_known_vendor_is_401(
    intake: RunningService, vendor: str, secret: str
) -> None:
    response = await intake.client.post(
        f"/adapters/12345/{vendor}", content=HOTLINE, headers=signed(HOTLINE, secret=secret)
    )
    assert (response.status_code, response.headers["content-type"]) == (401, "application/problem+json")
    assert await log(intake) == []


async def test_a_body_over_one_mebibyte_is_413_and_not_read_further(intake: RunningService) -> None:
    response = await intake.client.post("/adapters/12345/demo", content=b"x" * (1024 * 1024 + 1))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_bad_fields_are_named_by_pointer_and_never_repeated(intake: RunningService) -> None:
    secret = "99010119900101000X-MARK"
    response = await post_order(intake, changed(HOTLINE, idCard=secret, callTime="yesterday"))
    assert response.status_code == 422
    assert {error["pointer"] for error in response.json()["errors"]} == {"/idCard", "/callTime"}
    assert "MARK" not in response.text
    assert "yesterday" not in response.text


async def test_a_village_and_a_hospital_report_in_plain_json(intake: RunningService) -> None:
    village = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer(INFORMANT, "341825", "k1"))
    hospital = await intake.client.post(
        "/v1/reports", content=HOSPITAL, headers=bearer("hospital_system", "350581", "k1")
    )
    assert (village.status_code, hospital.status_code) == (201, 201), village.text + hospital.text
    assert [fact.name for fact in await log(intake, "341825")] == ["intake.report_received", "intake.help_needed"]
    assert [fact.name for fact in await log(intake, "350581")] == ["intake.report_received", "intake.help_needed"]


async def test_a_second_report_of_the_same_household_is_linked(intake: RunningService) -> None:
    first = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer(INFORMANT, "341825", "k1"))
    again = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer(INFORMANT, "341825", "k2"))
    assert again.json()["status"] == "linked"
    assert again.json()["first_report_id"] == first.json()["report_id"]


async def test_a_report_without_a_place_is_202_and_a_supplement_asks_for_help(intake: RunningService) -> None:
    nowhere = changed(VILLAGE, place={"address_text": "不知道"})
    response = await intake.client.post("/v1/reports", content=nowhere, headers=bearer(INFORMANT, "341825", "k1"))
    assert (response.status_code, response.json()["missing"]) == (202, ["/place"])
    place = json.loads(VILLAGE)["place"]
    report_id, after = response.json()["report_id"], response.headers["log-position"]
    seen = await intake.client.get(
        f"/v1/reports/{report_id}", params={"after": after}, headers=bearer(INFORMANT, "341825")
    )
    assert seen.json()["status"] == "incomplete"
    added = await intake.client.post(
        f"/v1/reports/{report_id}/supplements", json={"place": place}, headers=bearer(INFORMANT, "341825", "k2")
    )
    assert (added.status_code, added.json()["status"]) == (201, "received"), added.text
    assert [fact.name for fact in await log(intake, "341825")][-1] == "intake.help_needed"


async def test_a_supplement_that_names_another_county_takes_the_report_there(intake: RunningService) -> None:
    nowhere = changed(VILLAGE, place={"address_text": "不知道"})
    response = await intake.client.post("/v1/reports", content=nowhere, headers=bearer(INFORMANT, "341825", "k1"))
    supplements = f"/v1/reports/{response.json()['report_id']}/supplements"
    there = {"place": {"division_code": "320115002"}}
    added = await intake.client.post(supplements, json=there, headers=bearer(INFORMANT, "341825", "k2"))
    told = added.json()
    assert (added.status_code, told["status"], told["owner_division"]) == (201, "transferred", "320115"), added.text

    async def arrived() -> bool:
        return "intake.transfer_taken" in [fact.name for fact in await log(intake, "341825")]

    await until(arrived)
    assert "intake.help_needed" not in [fact.name for fact in await log(intake, "341825")]
    received, came, needed = await log(intake)
    assert (came.name, needed.name) == ("intake.transferred_in", "intake.help_needed")
    occurred_at = datetime.fromisoformat(json.loads(VILLAGE)["occurred_at"])
    assert datetime.fromisoformat(json.loads(received.data)["reported_at"]) == occurred_at
    later = await intake.client.post(supplements, json={"note": "样例"}, headers=bearer(INFORMANT, "341825", "k3"))
    assert (later.status_code, (await log(intake))[-1].name) == (201, "intake.report_supplemented"), later.text
    assert (await log(intake))[-1].stream == f"report:{told['new_report_id']}"


async def test_a_report_that_shares_a_phone_with_a_linked_one_joins_the_first(intake: RunningService) -> None:
    subject, place = json.loads(VILLAGE)["subject"], json.loads(VILLAGE)["place"]
    door = place | {"address_text": "安徽省宣城市旌德县俞村镇俞村村样例组77号"}
    second = changed(VILLAGE, place=door, subject=subject | {"phone": "19900002399"})
    third = changed(VILLAGE, place=door, subject={"identity_status": "unknown", "phone": "19900002399"})

    async def told(body: bytes, key: str) -> dict[str, Any]:
        answer = await intake.client.post("/v1/reports", content=body, headers=bearer(INFORMANT, "341825", key))
        return answer.json()

    first, again = await told(VILLAGE, "k1"), await told(second, "k2")
    assert (again["status"], again["first_report_id"]) == ("linked", first["report_id"])
    at = datetime(2020, 9, 2, 22, 40, tzinfo=UTC)
    await Relief(intake, "341825").says(ReportLinked(case_id="C-1", report_id=again["report_id"], reported_at=at))
    joins = await told(third, "k3")
    assert (joins["status"], joins["first_report_id"]) == ("linked", first["report_id"])


async def test_who_reports_a_need_that_was_accepted_and_relieved_before_is_told_both(intake: RunningService) -> None:
    for key in ("k1", "k2"):
        answer = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer(INFORMANT, "341825", key))
    again, at = answer.json()["report_id"], datetime(2020, 9, 2, 22, 40, tzinfo=UTC)
    late = ReportLinked(case_id="C-1", report_id=again, reported_at=at, accepted_at=at, relieved_at=at)
    await Relief(intake, "341825").says(late)
    told = [json.loads(fact.data) for fact in await log(intake, "341825") if fact.name == "intake.reply_prepared"]
    assert [(one["report_id"], one["kind"]) for one in told] == [
        (again, "report_accepted"),
        (again, "case_advance_paid"),
    ]
    assert len({one["reply_id"] for one in told}) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (bearer("auditor", "341825", "k"), 403),
        (bearer(INFORMANT, "341825"), 400),
    ],
)
async def test_who_may_not_report_gets_a_problem(intake: RunningService, headers: dict[str, str], status: int) -> None:
    response = await intake.client.post("/v1/reports", content=VILLAGE, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_position_that_is_none_is_422(intake: RunningService) -> None:
    response = await intake.client.get("/v1/reports/x", params={"after": "soon"}, headers=bearer(INFORMANT, "341825"))
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/after")


async def test_another_informant_cannot_see_the_report(intake: RunningService) -> None:
    response = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer(INFORMANT, "341825", "k1"))
    path, after = f"/v1/reports/{response.json()['report_id']}", response.headers["log-position"]
    other = await intake.client.get(path, params={"after": after}, headers=bearer(INFORMANT, "350581"))
    assert other.status_code == 403


def opened(report_id: str) -> CaseOpened:
    return CaseOpened(
        case_id="C-1",
        report_id=report_id,
        county=COUNTY,
        township="320115001",
        cause="illness",
        urgency="urgent",
        persons=3,
        identity="claimed",
        person=None,
        name=None,
        reported_at=datetime(2022, 8, 5, tzinfo=UTC),
    )


def closed(report_id: str) -> CaseClosed:
    return CaseClosed(
        case_id="C-1",
        report_ids=(report_id,),
        outcome="relieved",
        handling="已先行救助。",
        contacted_at=datetime(2022, 8, 5, 3, tzinfo=UTC),
        contacts=(Contact(at=datetime(2022, 8, 5, 3, tzinfo=UTC), role="township_officer", reached=True),),
        relieved_at=datetime(2022, 8, 5, 4, tzinfo=UTC),
        closed_by="S-1",
        person=None,
        cause="illness",
    )


async def test_the_hotline_is_told_that_the_money_came_back_and_events_sort_as_they_are_sent(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    relief = Relief(intake)
    await relief.says(opened(report_id))
    told: dict[str, Any] = {"case_id": "C-1", "report_ids": (report_id,), "decision_id": "D-1", "amount_fen": 200_000}
    await relief.says(HouseholdRelieved(**told, relieved_at=datetime(2022, 8, 5, 4, tzinfo=UTC)))
    await relief.says(ReliefCameBack(**told, payment_id="P-1", reason="account_closed"))
    paid, back = [await receiver.next(), await receiver.next()]
    assert (paid["type"], back["type"]) == ("cn.jiujinan.case.advance_paid.v1", "cn.jiujinan.case.payment_returned.v1")
    assert paid["sequence"] < back["sequence"]
    assert (back["correlationid"], back["causationid"]) == (report_id, f"relief:{COUNTY}:3")
    assert datetime.fromisoformat(back["recordedtime"]) >= datetime.fromisoformat(paid["recordedtime"])


async def test_the_hotline_is_told_in_order_and_signed_and_gets_its_closure_form(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    receiver.refuse(1)
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(CaseAccepted(case_id="C-1", report_ids=(report_id,), accepted_by="S-1"))
    await relief.says(closed(report_id))
    delivered = [await receiver.next(), await receiver.next()]
    assert [message["type"] for message in delivered] == [
        "cn.jiujinan.report.accepted.v1",
        "cn.jiujinan.case.closed.v1",
    ]
    assert delivered[1]["data"]["resolved"] == 0
    assert receiver.refused == 1

    async def settled() -> bool:
        states = await intake.mounted.pool.fetch("select state from reports_a.replies")
        return [row["state"] for row in states] == ["delivered", "delivered"]

    await until(settled)


async def test_a_form_that_is_not_whole_waits_for_an_officer_and_then_goes_out(
    intake: RunningService, receiver: CallbackReceiver
) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    relief = Relief(intake)
    await relief.says(opened(report_id))
    await relief.says(closed(report_id).model_copy(update={"handling": ""}))
    officer = bearer("county_civil_affairs", COUNTY, "c1")

    async def reason() -> str | None:
        shown = (await intake.client.get(f"/v1/reports/{report_id}", headers=officer)).json()
        return next((reply["reason"] for reply in shown.get("replies", ())), None)

    async def is_shown() -> bool:
        return await reason() == "lacks:handling_text,public_reply_text"

    await until(is_shown)

    async def complete(body: dict[str, str], headers: dict[str, str]) -> httpx.Response:
        return await intake.client.post(f"/v1/reports/{report_id}/closure", json=body, headers=headers)

    half = await complete({"handling_text": "已先行救助。"}, officer)
    assert (half.status_code, [each["pointer"] for each in half.json()["errors"]]) == (422, ["/public_reply_text"])
    whole = {"handling_text": "已先行救助。", "public_reply_text": "已给予救助。"}
    informant = await complete(whole, bearer(INFORMANT, "341825", "c1"))
    assert informant.status_code == 403
    done = [await complete(whole, officer) for _ in range(2)]
    assert [each.status_code for each in done] == [201, 200], done[0].text
    assert (await receiver.next())["data"]["public_reply_text"] == "已给予救助。"
    again = await complete(whole, officer | {"idempotency-key": "c2"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_withheld")


async def test_after_the_case_is_closed_a_new_report_is_a_new_need(intake: RunningService) -> None:
    first = (await post_order(intake)).json()
    relief = Relief(intake)
    await relief.says(opened(first["report_id"]))
    await relief.says(closed(first["report_id"]))
    again = await post_order(intake, changed(HOTLINE, orderNum="NEW-1"))
    assert again.json()["status"] == "received"


async def test_metrics_and_probes_answer(intake: RunningService) -> None:
    await post_order(intake)

    async def counted() -> bool:
        text = (await intake.client.get("/metrics")).text
        return 'jiujinan_reports_total{channel="hotline",outcome="received"} 1.0' in text

    await until(counted)
    assert (await intake.client.get("/health/live")).status_code == 200
    assert (await intake.client.get("/health/ready")).json() == {"database": True, "kafka": False, "tasks": True}
