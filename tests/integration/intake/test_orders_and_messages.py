"""An order's later pushes, a vendor's form of answer, what is said about a report later, what can be looked up."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import yaml

from events.policy import PolicyPublished
from events.relief import ReportLinked
from services.intake.app import BLUEPRINT
from services.intake.appkey import sign
from tests.integration.intake.test_intake_service import (
    COUNTY,
    HOTLINE,
    INFORMANT,
    VILLAGE,
    Relief,
    changed,
    closed,
    log,
    opened,
    post_order,
    signed,
    until,
)
from tests.support.neighbours import Neighbour
from tests.support.services import WEBHOOK_SECRET, RunningService, RunService, bearer, second_process

STEPS = {
    "data": {
        "orderNum": "WX-1",
        "acceptTime": "2026年11月02日 08时10分",
        "callerType": "SELF",
        "callerName": "陶样山",
        "organizationCode": "320115002000",
        "content": "家中失火",
        "flowType": "ACCEPT",
    }
}
OFFICER = bearer("township_officer", "320115", "k1")
LIFELINE = {
    "workordercode": "WX-1",
    "dispatchtime": "2026-11-02 08:10",
    "callertype": "0",
    "callername": "陶样山",
    "contactphone": "19900001201",
    "scene": "S01",
    "area": "320115002",
    "place": "样例路88号",
    "workordercontent": "家中失火",
    "state": "0",
}


@pytest.fixture
async def intake(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=("320115", "341825"), hotlines=("demo", "lifeline12345")) as service:
        yield service


async def push(intake: RunningService, vendor: str, document: dict[str, Any]) -> httpx.Response:
    body = json.dumps(document, ensure_ascii=False).encode()
    return await intake.client.post(f"/adapters/12345/{vendor}", content=body, headers=signed(body))


def now_called() -> bytes:
    """The order, called in just now: the time for giving it back is not over."""
    now = datetime.now(UTC)  # noqa: TID251  the service's clock is the real one
    return changed(HOTLINE, callTime=now.isoformat(timespec="seconds"))


def by_appkey(body: bytes, nonce: str) -> dict[str, str]:
    """A body signed now in the older way."""
    stamp = str(int(datetime.now(UTC).timestamp() * 1000))  # noqa: TID251  a signature's time
    signature = sign(WEBHOOK_SECRET, "k", stamp, nonce, body)
    return {"appkey": "k", "timestamp": stamp, "nonce": nonce, "sign": signature}


async def in_logs(intake: RunningService) -> dict[str, list[str]]:
    """The logs in which each report was received."""
    rows = await intake.mounted.pool.fetch(
        "select stream, array_agg(division) from facts where name = 'intake.report_received' group by stream"
    )
    return {row[0]: row[1] for row in rows}


async def test_one_key_for_two_counties_in_one_moment_is_one_report_whichever_process_is_asked(
    intake: RunningService,
) -> None:
    here = changed(VILLAGE, place={"division_code": "341825105"})
    there = changed(VILLAGE, place={"division_code": "320115002"})

    async def send(client: httpx.AsyncClient, body: bytes, key: str) -> httpx.Response:
        return await client.post("/v1/reports", content=body, headers=bearer(INFORMANT, "341825", key))

    async with second_process(intake, BLUEPRINT) as other:
        for key in map(str, range(20)):
            answers = await asyncio.gather(send(intake.client, here, key), send(other, there, key))
            assert sorted(answer.status_code for answer in answers) == [201, 422]
            [refused] = [answer.json() for answer in answers if answer.status_code == 422]
            assert refused["code"] == "key_reused"
            again = await asyncio.gather(send(other, here, key), send(intake.client, there, key))
            assert sorted(answer.status_code for answer in again) == [200, 422]
    assert [len(divisions) for divisions in (await in_logs(intake)).values()] == [1] * 20


async def test_one_order_for_two_counties_in_one_moment_is_asked_to_come_again_and_follows_on_the_first(
    intake: RunningService,
) -> None:
    here = changed(HOTLINE, pushSeq=1, areaCode="320115002", address="")
    there = changed(HOTLINE, pushSeq=2, areaCode="341825105", address="")
    answers = await asyncio.gather(post_order(intake, here), post_order(intake, there))
    assert sorted(answer.status_code for answer in answers) == [201, 503]
    again = await asyncio.gather(post_order(intake, here), post_order(intake, there))
    assert sorted(answer.status_code for answer in again) == [200, 201]
    assert {len(divisions) for divisions in (await in_logs(intake)).values()} == {1}


async def say(intake: RunningService, report_id: str, what: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    response = await intake.client.post(f"/v1/reports/{report_id}/{what}", json=body, headers=headers)
    return response.status_code, response.json()


# --- pushes of an order


async def test_an_order_in_plain_json_for_another_county_is_a_linked_report_and_the_view_goes_on(
    run_service: RunService,
) -> None:
    async with run_service(BLUEPRINT, scopes=("", "341825")) as intake:

        async def seen(answer: httpx.Response, headers: dict[str, str]) -> int:
            where = f"/v1/reports/{answer.json()['report_id']}?after={answer.headers['log-position']}"
            return (await intake.client.get(where, headers=headers)).status_code

        async def tell(key: str, code: str) -> tuple[int, dict[str, Any]]:
            body = json.loads(VILLAGE) | {"place": {"division_code": code}}
            headers = bearer("hotline_system", "", key)
            answer = await intake.client.post("/v1/reports", json=body, headers=headers)
            assert await seen(answer, headers) == 200
            return answer.status_code, answer.json()

        (_, here), (status, there) = await tell("k1", "320115002"), await tell("k2", "341825105")
        assert (status, there["status"]) == (201, "received")
        assert there["report_id"] != here["report_id"]
        received = (await intake.mounted.store.load({("341825", f"report:{there['report_id']}"): 0}))[0]
        assert json.loads(received.data)["previous_report_id"] == here["report_id"]

        (_, again) = await tell("k3", "341825105")
        assert again["report_id"] == there["report_id"]
        names = [fact.name for fact in await log(intake, "341825")]
        assert names == ["intake.report_received", "intake.help_needed", "intake.report_supplemented"]
        later = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer(INFORMANT, "341825", "k4"))
        assert await seen(later, bearer(INFORMANT, "341825")) == 200


async def test_a_push_with_the_older_signature_needs_no_header_of_another(run_service: RunService) -> None:
    body = json.dumps(STEPS, ensure_ascii=False).encode()
    headers = by_appkey(body, "n1")
    async with run_service(BLUEPRINT, hotlines=("steps12345",)) as intake:
        answer = await intake.client.post("/adapters/12345/steps12345", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (201, "10000")
        odd = httpx.Headers(headers | {"nonce": "n2", "sign": "é"}, encoding="latin-1")
        refused = await intake.client.post("/adapters/12345/steps12345", content=body, headers=odd)
        assert refused.status_code == 401


async def test_a_request_signed_with_an_appkey_is_taken_once_whichever_process_is_asked(
    run_service: RunService,
) -> None:
    def request(nonce: str, **changes: str) -> dict[str, Any]:
        body = json.dumps({"data": STEPS["data"] | changes}, ensure_ascii=False).encode()
        return {"content": body, "headers": by_appkey(body, nonce)}

    async with run_service(BLUEPRINT, hotlines=("steps12345",)) as intake, second_process(intake, BLUEPRINT) as other:

        async def send(client: httpx.AsyncClient, captured: dict[str, Any]) -> tuple[int, str]:
            answer = await client.post("/adapters/12345/steps12345", **captured)
            return answer.status_code, answer.json()["code"]

        taken, replayed = (201, "10000"), (401, "nonce_replayed")
        captured = request("n1")
        assert [await send(client, captured) for client in (intake.client, other, intake.client)] == [
            taken,
            replayed,
            replayed,
        ]
        at_once = [request(f"n{number}", orderNum=f"WX-{number}") for number in range(2, 12)]
        for one in at_once:
            assert sorted(await asyncio.gather(send(other, one), send(intake.client, one))) == [taken, replayed]
        early = request("n12", orderNum="WX-12", flowType="URGE")
        assert [await send(other, early) for _ in range(2)] == [(404, "no_such_report")] * 2
        assert await send(other, request("n1", orderNum="WX-13")) == taken
        anew = request("n13")
        assert await send(other, anew) == (200, "10000")


async def test_a_push_says_what_it_is_for(intake: RunningService) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    urged = await post_order(intake, changed(HOTLINE, pushSeq=2, pushType="3"))
    visited = await post_order(intake, changed(HOTLINE, pushSeq=3, pushType="5", isSolved="0", isSatisfied="0"))
    assert (urged.json()["report_id"], urged.json()["status"], visited.json()["status"]) == (
        report_id,
        "urged",
        "visited",
    )
    names = [fact.name for fact in await log(intake)]
    assert names[2:] == ["intake.report_urged", "intake.return_visit_recorded"]


async def test_an_urge_before_its_order_is_404_and_fits_once_the_order_is_there(intake: RunningService) -> None:
    early = changed(HOTLINE, pushSeq=2, pushType="3")
    assert (await post_order(intake, early)).status_code == 404
    await post_order(intake)
    assert (await post_order(intake, early)).status_code == 201


async def test_an_order_that_comes_again_for_another_county_is_a_linked_report_there(intake: RunningService) -> None:
    first = (await post_order(intake)).json()
    elsewhere = changed(HOTLINE, pushSeq=2, pushType="0", areaCode="341825105", address="")
    again = (await post_order(intake, elsewhere)).json()
    assert (again["previous_report_id"], again["owner_division"]) == (first["report_id"], "341825105")
    assert again["report_id"] != first["report_id"]
    assert [fact.name for fact in await log(intake, "341825")] == ["intake.report_received", "intake.help_needed"]
    assert len(await log(intake)) == 2


async def test_a_redo_of_a_closed_order_is_dealt_with_anew(intake: RunningService) -> None:
    first = (await post_order(intake)).json()
    relief = Relief(intake)
    await relief.says(opened(first["report_id"]))
    await relief.says(closed(first["report_id"]))
    again = (await post_order(intake, changed(HOTLINE, pushSeq=2, pushType="2"))).json()
    assert (again["status"], again["previous_report_id"]) == ("received", first["report_id"])


async def test_an_order_that_was_an_error_is_void_on_either_s_word(intake: RunningService) -> None:
    theirs = (await post_order(intake)).json()["report_id"]
    assert (await post_order(intake, changed(HOTLINE, pushSeq=2, pushType="7"))).json()["status"] == "voided"
    ours = (await post_order(intake, changed(HOTLINE, orderNum="V-2"))).json()
    assert ours["status"] == "received", "the need of the void order is open no longer"
    status, told = await say(intake, ours["report_id"], "void", {"reason": "wrong_entry"}, OFFICER)
    assert (status, told["status"]) == (201, "voided")
    rows = await intake.mounted.store.load({(COUNTY, f"report:{ours['report_id']}"): 0})
    (prepared,) = [row for row in rows if row.name == "intake.reply_prepared"]
    event = json.loads(json.loads(prepared.data)["document"])
    assert (event["type"], event["data"]["order_state"]) == ("cn.jiujinan.report.correction.v1", "作废")
    names = [fact.name for fact in await log(intake) if fact.stream == f"report:{theirs}"]
    assert names[-1] == "intake.report_voided"


async def test_an_order_under_a_new_number_follows_on_the_earlier_one_that_it_names(intake: RunningService) -> None:
    order = now_called()
    first = (await post_order(intake, order)).json()
    await say(intake, first["report_id"], "returns", {"reason": "not_here", "basis": "样例办法第八条"}, OFFICER)
    again = changed(order, orderNum="N-2", oldOrderNum=json.loads(order)["orderNum"])
    second = (await post_order(intake, again)).json()
    assert (second["status"], second["previous_report_id"]) == ("received", first["report_id"])
    third = (await post_order(intake, changed(order, orderNum="N-3", oldOrderNum="never-came"))).json()
    assert (third["status"], third["previous_report_id"]) == ("linked", None)
    pushed_again = (await post_order(intake, changed(again, pushSeq=2, pushType="1"))).json()
    assert pushed_again["report_id"] == second["report_id"]


async def test_an_order_is_given_back_counted_and_comes_again(intake: RunningService) -> None:
    order = now_called()
    first = (await post_order(intake, order)).json()
    body = {"reason": "not_here", "basis": "样例办法第八条"}
    status, told = await say(intake, first["report_id"], "returns", body, OFFICER)
    assert (status, told["status"], told["number"]) == (201, "returned", 1)
    replies = await intake.mounted.store.load({(COUNTY, f"report:{first['report_id']}"): 3})
    assert json.loads(json.loads(replies[0].data)["document"])["data"]["reason_code"] == "1"
    again = (await post_order(intake, changed(order, pushSeq=2))).json()
    assert (again["status"], again["previous_report_id"]) == ("received", first["report_id"])
    status, told = await say(intake, again["report_id"], "returns", body, OFFICER | {"idempotency-key": "k2"})
    assert (status, told["number"]) == (201, 2)


async def test_a_need_whose_first_order_is_given_back_is_still_the_one_that_later_calls_join(
    intake: RunningService,
) -> None:
    orders = [changed(now_called(), orderNum=f"NJ-{number}") for number in range(4)]
    first, second = [(await post_order(intake, order)).json() for order in orders[:2]]
    assert second["first_report_id"] == first["report_id"]
    link = ReportLinked(case_id="C-1", report_id=second["report_id"], reported_at=datetime(2022, 8, 5, tzinfo=UTC))
    await Relief(intake).says(link)
    body = {"reason": "not_here", "basis": "样例办法第八条"}
    assert (await say(intake, first["report_id"], "returns", body, OFFICER))[0] == 201
    third = (await post_order(intake, orders[2])).json()
    assert third["first_report_id"] == first["report_id"]
    for report in (second, third):
        assert (await say(intake, report["report_id"], "returns", body, OFFICER))[0] == 201
    assert (await post_order(intake, orders[3])).json()["status"] == "received"


async def test_an_order_of_long_ago_cannot_be_given_back_any_more(intake: RunningService) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    status, told = await say(intake, report_id, "returns", {"reason": "not_ours", "basis": "样例"}, OFFICER)
    assert (status, told["code"]) == (409, "return_too_late")


# --- the vendor's form


async def test_a_vendor_s_form_of_answer_has_a_true_status(intake: RunningService) -> None:
    taken = await push(intake, "lifeline12345", LIFELINE)
    assert (taken.status_code, taken.json()["success"], taken.json()["code"]) == (201, True, "10000")
    assert (taken.json()["data"]["orderState"], taken.json()["data"]["status"]) == ("0", "received")
    wrong = await push(intake, "lifeline12345", LIFELINE | {"workordercode": "WX-2", "contactphone": "陶样山"})
    assert (wrong.status_code, wrong.json()["success"], wrong.json()["code"]) == (422, False, "invalid")
    assert wrong.json()["data"] is None
    assert "陶" not in wrong.text


# --- what is said later


async def test_every_later_message_is_kept_and_shown_without_a_word_of_it(intake: RunningService) -> None:
    answer = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer(INFORMANT, "341825", "k"))
    report_id, own = answer.json()["report_id"], bearer(INFORMANT, "341825", "k1")
    officer, county = bearer("township_officer", "341825", "k"), bearer("county_civil_affairs", "341825", "k")
    assert (await say(intake, report_id, "urge", {"text": "标记甲催办"}, own))[0] == 201
    assert (await say(intake, report_id, "supervise", {}, county))[0] == 201
    assert (await say(intake, report_id, "appeals", {"text": "标记甲申诉"}, officer))[0] == 201
    response = await intake.client.post(
        f"/v1/reports/{report_id}/withdraw", json={"reason": "need_is_over"}, headers=own
    )
    assert response.status_code == 201
    seen = await intake.client.get(
        f"/v1/reports/{report_id}", params={"after": response.headers["log-position"]}, headers=own
    )
    told = seen.json()
    assert (told["status"], told["urged"], told["supervised"]) == ("withdrawn", 1, 1)
    assert [message["kind"] for message in told["messages"]] == ["urged", "supervised", "appeal", "withdrawn"]
    assert "标记甲" not in seen.text


async def test_a_stranger_may_not_urge(intake: RunningService) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    assert (await say(intake, report_id, "urge", {}, bearer(INFORMANT, "341825", "k")))[0] == 403
    assert (await say(intake, "no-such", "urge", {}, bearer(INFORMANT, "341825", "k")))[0] == 404


# --- what can be looked up


async def test_services_errors_and_the_calendar_can_be_looked_up(intake: RunningService) -> None:
    own = bearer(INFORMANT, "341825")
    services = (await intake.client.get("/v1/services", headers=own)).json()
    assert {service["service_code"] for service in services} == {"fire", "accident", "illness", "other"}
    assert (await intake.client.get("/v1/services/flood", headers=own)).status_code == 404
    year = (await intake.client.get("/v1/calendar/341825", params={"year": 2026}, headers=own)).json()
    assert "2026-10-10" in year["days_worked"]
    assert (await intake.client.get("/v1/errors", headers=own)).json()[0]["status"] == 400


JIANGNING = """
set_id: jiangning_default
division: "320115"
title: 南京市江宁区默认参数
effective_from: 2018-01-01
advance: {length: 24, unit: hour, modal: may, clause: 24小时先行救助}
"""
PROVINCE = """
set_id: province_sample
division: "320000"
title: 样例省办法
effective_from: 2018-01-01
advance: {length: 48, unit: hour, binds: ceiling, clause: 样例省办法第五条}
"""


async def test_an_operator_looks_up_the_policy_that_was_heard_with_its_clause_and_its_bounds(
    intake: RunningService,
) -> None:
    own = bearer(INFORMANT, "341825")
    relief = {division: Neighbour("relief", division, intake.mounted.follower) for division in ("320115", "320000")}
    for text in (JIANGNING, PROVINCE, JIANGNING):
        policy = PolicyPublished.model_validate(yaml.safe_load(text), strict=False)
        await relief[policy.division].says(policy, "policy", datetime(2026, 11, 2, 4, tzinfo=UTC))
    heard = [fact.name for fact in await log(intake, "320115")]
    assert heard == ["intake.policy_heard"]
    asked = {"search": "多久先行救助", "on": "2026-11-02"}

    async def found() -> list[dict[str, Any]]:
        return (await intake.client.get("/v1/knowledge/320115", params=asked, headers=own)).json()

    async def both_are_seen() -> bool:
        told = await found()
        return bool(told and told[0]["bounds"])

    await until(both_are_seen)
    (told,) = await found()
    assert told == {
        "code": "advance",
        "question": "遇到急难,多久能先得到救助?",
        "answer": "自报告时起24小时内可以先行救助,以群众拿到救助为准。",
        "clause": "24小时先行救助",
        "division": "320115",
        "version": "jiangning_default",
        "title": "南京市江宁区默认参数",
        "effective_from": "2018-01-01",
        "bounds": [
            {
                "kind": "ceiling",
                "said": "48小时",
                "clause": "样例省办法第五条",
                "division": "320000",
                "version": "province_sample",
                "binds": False,
            }
        ],
    }
