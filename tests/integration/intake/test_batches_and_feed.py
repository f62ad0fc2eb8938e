"""Phones that come back online, lists, reports that go to another county, the feed, and receivers that are gone."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from events.relief import CaseAccepted
from services.chassis.keyring import Erasure
from services.intake.app import BLUEPRINT, carrier
from tests.integration.intake.test_callbacks import Receiver, receiving
from tests.integration.intake.test_intake_service import (
    HOTLINE,
    INFORMANT,
    VILLAGE,
    Relief,
    changed,
    log,
    opened,
    post_order,
    until,
)
from tests.support.services import RunningService, RunService, bearer

OWN = bearer(INFORMANT, "341825", "k1")
OFFICER = bearer("township_officer", "341825", "k1")
REPORT = json.loads(VILLAGE)


@pytest.fixture
async def intake(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=("341825", "320115", "")) as service:
        yield service


def report(number: str, **fields: Any) -> dict[str, Any]:
    person = {"identity_status": "unknown", "persons_affected": 1}
    body = REPORT | {"source": {"external_id": number}, "subject": person} | fields
    return {"id": number, "kind": "report", "body": body}


def supplement(number: str, about: str, township: str) -> dict[str, Any]:
    return {"id": number, "kind": "supplement", "report": about, "body": {"place": {"division_code": township}}}


async def sync(intake: RunningService, *items: dict[str, Any]) -> list[dict[str, Any]]:
    batch = {"device_id": "vp-1", "items": list(items)}
    response = await intake.client.post("/v1/sync", json=batch, headers=bearer(INFORMANT, "341825"))
    assert response.status_code == 200, response.text
    return response.json()["items"]


# --- a phone that has signal again


async def test_row_23_a_failed_item_holds_back_its_own_case_only_and_says_so(intake: RunningService) -> None:
    bad = report("A", need={"urgency": "urgent"})
    items = [bad, supplement("A2", "A", "341825105"), report("B"), supplement("B2", "B", "341825105")]
    results = {item["id"]: item for item in await sync(intake, *items)}
    assert {number: result["status"] for number, result in results.items()} == {
        "A": "rejected",
        "A2": "blocked",
        "B": "applied",
        "B2": "applied",
    }
    assert results["A"]["problem"]["errors"][0]["pointer"] == "/need/reason_text"
    assert results["A2"]["blocked_by"] == "A"


async def test_a_batch_sent_again_changes_nothing(intake: RunningService) -> None:
    await sync(intake, report("A"), supplement("A2", "A", "341825105"))
    before = await log(intake, "341825")
    again = await sync(intake, report("A"), supplement("A2", "A", "341825105"))
    assert [item["status"] for item in again] == ["duplicate", "duplicate"]
    assert await log(intake, "341825") == before


async def test_a_batch_sent_again_after_its_answers_are_forgotten_is_known_or_refused(intake: RunningService) -> None:
    """Answers are kept for 400 days; the reports are kept for ever."""
    first = (await sync(intake, report("A"), supplement("A2", "A", "341825105")))[0]
    owner = await asyncpg.connect(intake.owner_dsn)
    months = "select inhrelid::regclass from pg_inherits where inhparent = 'handled'::regclass"
    for (month,) in await owner.fetch(f"{months} and inhrelid <> 'handled_rest'::regclass"):
        await owner.execute(f"drop table {month}")
    await owner.close()
    other = await sync(intake, report("A", occurred_at="2026-11-03T06:40:00+08:00"))
    assert [(item["status"], item["problem"]["code"]) for item in other] == [("rejected", "report_known")]
    told = REPORT["need"] | {"reason_text": "别的样例情况。"}
    other = await sync(intake, report("A", need=told), supplement("A2", "A", "341825106"))
    assert [item["status"] for item in other] == ["rejected", "blocked"]
    (other,) = await sync(intake, supplement("A2", "A", "341825106"))
    assert (other["status"], other["problem"]["code"]) == ("rejected", "supplement_known")
    same = await sync(intake, report("A"), supplement("A2", "A", "341825105"))
    assert [(item["status"], item["answer"]["report_id"]) for item in same] == [
        ("duplicate", first["answer"]["report_id"])
    ] * 2


async def test_row_22_two_phones_that_differ_are_both_kept_and_a_task_until_a_person_settles_it(
    intake: RunningService,
) -> None:
    (first,) = await sync(intake, report("A"))
    report_id = first["answer"]["report_id"]
    results = await sync(intake, supplement("P1", report_id, "341825105"), supplement("P2", report_id, "341825106"))
    assert [item["status"] for item in results] == ["applied", "conflict"]
    names = [fact.name for fact in await log(intake, "341825")]
    assert names.count("intake.report_supplemented") == 2
    assert names[-1] == "intake.accounts_differ"
    shown = await intake.client.get(f"/v1/reports/{report_id}", params={"after": results[1]["position"]}, headers=OWN)
    [differ] = [message["detail"] for message in shown.json()["messages"] if message["kind"] == "accounts_differ"]
    assert differ == {"about": "place", "known": "341825105", "told": "341825106"}
    path, after = "/v1/differences/341825105", {"after": results[1]["position"]}
    (task,) = (await intake.client.get(path, params=after, headers=OFFICER)).json()
    assert (task["report_id"], task["known"], task["told"]) == (report_id, "341825105", "341825106")
    assert task["told_by"] in str((await log(intake, "341825"))[-1].meta)
    settled = await intake.client.post(
        f"/v1/reports/{report_id}/differences/{task['supplement_id']}",
        json={"holds": "told", "reason": "已电话核实"},
        headers=OFFICER,
    )
    assert (settled.status_code, settled.json()["holds"]) == (201, "told"), settled.text
    after = {"after": settled.headers["log-position"]}
    assert (await intake.client.get(path, params=after, headers=OFFICER)).json() == []
    assert [fact.name for fact in await log(intake, "341825")][-2:] == [
        "intake.accounts_differ",
        "intake.accounts_settled",
    ]


async def test_what_was_erased_fails_alone_in_a_batch_and_on_a_list_and_is_said_to_be_erased(
    intake: RunningService,
) -> None:
    gone, stays = await sync(intake, report("A"), report("B"))
    order = await post_order(intake)
    subjects = (f"report:{gone['answer']['report_id']}", f"report:{order.json()['report_id']}", "list:341825:L9:3")
    for subject in subjects:
        await intake.mounted.keyring.keys([subject])
        assert await intake.mounted.keyring.destroy(
            Erasure(subject, intake.mounted.clock.now(), "retention_ended", "S-1")
        )
    first, second = await sync(intake, report("A"), report("B"))
    assert (first["status"], first["problem"]["code"], second["status"]) == ("rejected", "erased", "duplicate")
    assert second["answer"]["report_id"] == stays["answer"]["report_id"]
    listed = await intake.client.post("/v1/lists/visits/L9", content=TABLE, headers=OWN)
    assert [line["status"] for line in listed.json()["lines"]] == ["taken", "rejected", "rejected", "rejected"]
    assert [line.get("code") for line in listed.json()["lines"]][1:3] == ["erased", "reason_missing"]
    again = await post_order(intake, changed(HOTLINE, pushSeq=2, pushType="3"))
    assert (again.status_code, again.json()["code"]) == (410, "erased"), again.text


async def test_row_19_the_same_report_a_hundred_times_at_once_is_one(intake: RunningService) -> None:
    answers = await asyncio.gather(
        *(intake.client.post("/v1/reports", content=VILLAGE, headers=OWN) for _ in range(100))
    )
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert len({answer.content for answer in answers}) == 1
    assert [fact.name for fact in await log(intake, "341825")] == ["intake.report_received", "intake.help_needed"]


# --- lists

TABLE = """序号,姓名,联系电话,住址,急难事由,情况说明,走访时间,是否纳入,未纳入原因
1,陶样山,19900001201,旌德县俞村镇样例组1号,火灾,家中失火,2026-11-02 08:10,是,
2,吕样青,19900002302,旌德县俞村镇样例组2号,,收入稳定,2026-11-02 09:00,否,家庭收入高于标准
3,汪样根,19900002301,旌德县俞村镇样例组3号,,不符合,2026-11-02 09:10,否,
4,,,旌德县俞村镇样例组4号,,,2026-11-02 09:20,是,
""".encode()


async def upload(intake: RunningService, *, preview: bool, headers: dict[str, str] = OWN, table: bytes = TABLE) -> Any:
    response = await intake.client.post(
        "/v1/lists/visits/Q4-2026", params={"preview": preview}, content=table, headers=headers
    )
    return response.status_code, response.json()


async def test_a_list_is_looked_through_first_and_then_taken_in_line_by_line(intake: RunningService) -> None:
    status, looked = await upload(intake, preview=True)
    assert (status, looked["counts"]) == (200, {"would_be_taken": 1, "would_be_left_out": 1, "rejected": 2})
    assert await log(intake, "341825") == []
    status, taken = await upload(intake, preview=False)
    assert taken["counts"] == {"taken": 1, "left_out": 1, "rejected": 2}
    assert taken["lines"][2]["code"] == "reason_missing"
    assert taken["lines"][3]["errors"][0]["pointer"] == "/need/reason_text"
    names = [fact.name for fact in await log(intake, "341825")]
    assert names == ["intake.report_received", "intake.help_needed", "intake.not_included"]
    _, again = await upload(intake, preview=False)
    assert again["counts"] == {"duplicate": 2, "rejected": 2}


async def test_row_28_who_was_left_out_of_a_list_is_read_with_the_reason_and_no_other_is_lost_behind_it(
    intake: RunningService,
) -> None:
    path, county = "/v1/left-out/341825/Q4-2026", bearer("county_civil_affairs", "341825")
    await upload(intake, preview=False)
    left_out = {"line": 3, "kind": "visits", "name": "吕样青", "reason": "家庭收入高于标准"}
    (told,) = (await intake.client.get(path, headers=county)).json()
    assert told.items() >= left_out.items()
    assert told["noted_by"]
    other = TABLE.replace("吕样青".encode(), "邹样河".encode())
    _, by_the_same = await upload(intake, preview=False, table=other)
    somebody_else = bearer("department_clerk", "341825", "other")
    _, by_another = await upload(intake, preview=False, table=other, headers=somebody_else)
    assert (by_the_same["lines"][1]["status"], by_another["lines"][1]["code"]) == ("rejected", "line_known")
    assert (await intake.client.get(path, headers=county)).json() == [told]
    for stranger in (OWN, OFFICER, bearer("county_civil_affairs", "320115")):
        assert (await intake.client.get(path, headers=stranger)).status_code == 403
    gone = Erasure("list:341825:Q4-2026:3", intake.mounted.clock.now(), "retention_ended", "S-1")
    assert await intake.mounted.keyring.destroy(gone)
    (erased,) = (await intake.client.get(path, headers=county)).json()
    assert (erased["name"], erased["reason"]) == (None, None)


# --- another county


async def test_example_1_a_report_of_another_county_goes_there_with_the_citizen_s_clock(
    intake: RunningService,
) -> None:
    called = changed(HOTLINE, callTime="2026-09-30 17:00:00", deadlineDate="")
    first = (await post_order(intake, called)).json()
    body = {"to": "341825105", "reason": "arose_there", "basis": "救助由急难发生地实施"}
    county = bearer("county_civil_affairs", "320115", "k1")
    out = await intake.client.post(f"/v1/reports/{first['report_id']}/transfer", json=body, headers=county)
    assert (out.status_code, out.json()["status"]) == (201, "transferred")
    new_report_id = out.json()["new_report_id"]

    async def arrived() -> bool:
        return "intake.transfer_taken" in [fact.name for fact in await log(intake)]

    await until(arrived)
    there = await log(intake, "341825")
    assert [fact.name for fact in there] == [
        "intake.report_received",
        "intake.transferred_in",
        "intake.help_needed",
    ]
    needed = json.loads(there[-1].data)
    assert needed["report_id"] == new_report_id
    assert datetime.fromisoformat(needed["reported_at"]) == datetime(2026, 9, 30, 9, tzinfo=UTC)
    await carrier(intake.mounted).carry_all()
    assert len(await log(intake, "341825")) == 3


async def test_a_county_that_there_is_not_takes_nothing_over(intake: RunningService) -> None:
    first = (await post_order(intake)).json()
    county = bearer("county_civil_affairs", "320115", "k1")
    for to, code in (("990101", "no_such_division"), ("320115003", "transfer_inside")):
        body = {"to": to, "reason": "arose_there", "basis": "样例"}
        answer = await intake.client.post(f"/v1/reports/{first['report_id']}/transfer", json=body, headers=county)
        assert answer.json()["code"] == code


# --- who is on duty, who informs


async def test_who_is_on_duty_is_called_and_the_call_is_logged(intake: RunningService) -> None:
    shift = {
        "starts_at": "2026-11-01T18:00:00+08:00",
        "ends_at": "2026-11-02T08:00:00+08:00",
        "staff_id": "S-9",
        "phone": "19900002309",
    }
    put = await intake.client.post("/v1/duty/341825105/shifts", json=shift, headers=OFFICER)
    assert put.status_code == 201, put.text
    three = {"at": "2026-11-02T03:00:00+08:00"}
    seen = await intake.client.get("/v1/duty/341825105", params=three, headers=bearer("township_officer", "341825"))
    assert seen.json()["people"] == [{"division": "341825105", "staff_id": "S-9", "rank": 1, "phone": "19900002309"}]
    (one,) = await sync(intake, report("A"))
    call = {"division": "341825105", "staff_id": "S-9", "reached": True, "called_at": "2026-11-02T03:02:00+08:00"}
    report_id = one["answer"]["report_id"]
    called = await intake.client.post(f"/v1/reports/{report_id}/calls", json=call, headers=OFFICER)
    assert (called.status_code, called.json()["reached"]) == (201, True)
    assert "19900002309" not in str([fact.data for fact in await log(intake, "341825")])


async def test_informants_are_registered_by_the_township_and_seen_by_the_county(intake: RunningService) -> None:
    entry = {"informant_id": "V-7", "village": "341825105001", "name": "吕样青", "phone": "19900002302"}
    put = await intake.client.post("/v1/informants/341825105", json=entry, headers=OFFICER)
    assert put.status_code == 201, put.text
    county = bearer("county_civil_affairs", "341825", "k1")
    seen = await intake.client.get("/v1/informants/341825105", headers=county)
    assert [one["village"] for one in seen.json()] == ["341825105001"]
    assert (await intake.client.get("/v1/informants/341825105", headers=OWN)).status_code == 403
    gone = await intake.client.delete(
        "/v1/informants/341825105/V-7", headers=bearer("township_officer", "341825", "k2")
    )
    assert gone.status_code == 201
    assert (await intake.client.get("/v1/informants/341825105", headers=county)).json() == []


async def test_informants_of_two_townships_who_have_one_number_are_erased_one_by_one(intake: RunningService) -> None:
    kept: dict[str, str] = {"341825105": "吕样青", "320115001": "汪样根"}
    for township, name in kept.items():
        entry = {"informant_id": "I-001", "village": f"{township}001", "name": name, "phone": "19900002302"}
        officer = bearer("township_officer", township[:6], "k1")
        put = await intake.client.post(f"/v1/informants/{township}", json=entry, headers=officer)
        assert put.status_code == 201, put.text
    erasure = Erasure("informant:341825105:I-001", intake.mounted.clock.now(), "asked_for", "S-1")
    assert await intake.mounted.keyring.destroy(erasure)
    for township, name in {**kept, "341825105": None}.items():
        seen = await intake.client.get(
            f"/v1/informants/{township}", headers=bearer("county_civil_affairs", township[:6])
        )
        assert [one["name"] for one in seen.json()] == [name]


# --- the feed, and a receiver that is gone


async def feed(intake: RunningService, **params: Any) -> Any:
    return (await intake.client.get("/v1/feed", params=params, headers=bearer(INFORMANT, "341825"))).json()


async def test_the_feed_gives_the_same_items_from_any_cursor_without_a_gap(intake: RunningService) -> None:
    (one,) = await sync(intake, report("A"))
    report_id = one["answer"]["report_id"]
    relief = Relief(intake, "341825")
    await relief.says(opened(report_id))
    for number in range(3):
        accepted = CaseAccepted(case_id="C-1", report_ids=(report_id,), accepted_by=f"S-{number}")
        await relief.says(accepted)

    async def all_there() -> bool:
        return len((await feed(intake))["items"]) == 3

    await until(all_there)
    whole = await feed(intake)
    first = await feed(intake, limit=1)
    rest = await feed(intake, after=first["cursor"])
    assert [*first["items"], *rest["items"]] == whole["items"]
    assert [item["previous"] for item in whole["items"]] == [None, *(i["position"] for i in whole["items"][:-1])]
    assert (await feed(intake, after=rest["cursor"]))["items"] == []
    assert (await feed(intake, after="nonsense"))["code"] == "bad_cursor"


async def test_a_receiver_that_is_gone_is_left_alone_until_it_is_enabled(run_service: RunService) -> None:
    async with (
        receiving(Receiver(answer="410 Gone")) as receiver,
        run_service(BLUEPRINT, scopes=("320115", ""), callback=receiver.url) as intake,
    ):
        receiver.may_answer.set()
        report_id = (await post_order(intake)).json()["report_id"]
        relief = Relief(intake)
        await relief.says(opened(report_id))
        await relief.says(CaseAccepted(case_id="C-1", report_ids=(report_id,), accepted_by="S-1"))
        await receiver.next()

        async def is_off() -> bool:
            return bool(await intake.mounted.pool.fetchval("select count(*) from reports_a.receivers"))

        await until(is_off)
        assert "jiujinan_callbacks_receivers_gone" in (await intake.client.get("/metrics")).text
        receiver.answer = "200 OK"
        operator = bearer("operator", "", "k1")
        assert (await intake.client.post("/v1/callbacks/demo/enable", headers=operator)).status_code == 201
        await receiver.next()


async def test_a_county_s_operator_enables_no_receiver_of_all_counties(intake: RunningService) -> None:
    answer = await intake.client.post("/v1/callbacks/demo/enable", headers=bearer("operator", "341825", "k1"))
    assert (answer.status_code, answer.json()["code"]) == (403, "denied")


async def test_what_was_given_up_is_sent_once_more_at_an_operator_s_word(intake: RunningService) -> None:
    answer: httpx.Response = await intake.client.post("/v1/callbacks/demo/replay", headers=bearer("operator", "", "k1"))
    assert (answer.status_code, answer.json()) == (200, {"vendor": "demo", "replies": 0})
