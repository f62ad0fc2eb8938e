"""What a sender that has asked for it hears while its case is dealt with: every event of the contract, in order."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from events.fact import Public
from events.intake_later import ReplyPrepared
from events.relief import (
    AdvanceDecided,
    CaseAccepted,
    HouseholdContacted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    PolicyBasis,
)
from events.relief_clocks import (
    ClockBroken,
    ClockContinued,
    ClockCorrected,
    ClockHalted,
    ClockPaused,
    ClockResumed,
    ClockWarned,
)
from events.relief_fast import CaseDiverted
from services.chassis.replay import recorded
from services.intake.app import BLUEPRINT
from services.intake.appkey import sign
from services.intake.subscriptions import Event
from tests.integration.intake.test_intake_service import COUNTY, Relief, closed, log, opened, post_order
from tests.integration.intake.test_orders_and_messages import STEPS
from tests.support.services import WEBHOOK_SECRET, RunningService, RunService

AT = datetime(2026, 11, 2, 2, tzinfo=UTC)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
DUE = datetime(2026, 11, 3, 0, 10, tzinfo=UTC)


@pytest.fixture
async def intake(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, hotlines=("demo", "steps12345")) as service:
        yield service


async def push(intake: RunningService, number: int, **changes: Any) -> Mapping[str, Any]:
    """A push of the vendor that has subscribed to everything."""
    document = {"data": {**STEPS["data"], "pushNum": number, **changes}}
    body, nonce = json.dumps(document, ensure_ascii=False).encode(), f"n{number}{changes.get('orderNum')}"
    stamp = str(int(datetime.now(UTC).timestamp() * 1000))  # noqa: TID251  a signature's time
    signature = sign(WEBHOOK_SECRET, "k", stamp, nonce, body)
    headers = {"appkey": "k", "timestamp": stamp, "nonce": nonce, "sign": signature, "traceparent": TRACE}
    answer = await intake.client.post("/adapters/12345/steps12345", content=body, headers=headers)
    return answer.json()["data"]


async def told(intake: RunningService, report_id: str, division: str = COUNTY) -> list[dict[str, Any]]:
    """The events that the report's sender is owed, the first one first."""
    rows = await intake.mounted.store.load({(division, f"report:{report_id}"): 0})
    return [json.loads(fact.document) for row in rows if isinstance(fact := recorded(row).fact, ReplyPrepared)]


def kind(event: Mapping[str, Any]) -> str:
    return event["type"].removeprefix("cn.jiujinan.").removesuffix(".v1")


def story(report_id: str) -> list[Public]:
    """What relief says of a case, of which a hotline may hear."""
    case: dict[str, Any] = {"case_id": "C-1", "report_ids": (report_id,)}
    clock: dict[str, Any] = {**case, "clock": "reply", "subject": report_id}
    debt: dict[str, Any] = {**case, "debt_id": "D-1"}
    basis = PolicyBasis(policy_hash="a" * 64, clause="样例办法第八条", limit_fen=None)
    return [
        CaseAccepted(**case, accepted_by="S-1"),
        HouseholdContacted(**case, contacted_by="S-1", reached=True, contacted_at=AT),
        AdvanceDecided(
            **case,
            decision_id="D-1",
            county=COUNTY,
            township="320115002",
            fund_id="320115002-2026",
            amount_fen=200_000,
            person=None,
            cause="fire",
            decided_by="S-2",
            basis=basis,
        ),
        PaperworkDebtOpened(**debt, papers=("application",), due_on=date(2026, 11, 9), clause="样例办法第九条"),
        PaperworkDebtMoved(**debt, due_on=date(2026, 11, 10), provisional=False, relieved_at=AT),
        ClockPaused(**clock, cause="applicant_unreachable", authorised_by="S-2", paused_at=AT, expires_at=DUE),
        ClockResumed(**clock, resumed_by="S-2", resumed_at=AT),
        ClockHalted(**clock, cause="publicity", clause="样例办法第十二条", halted_at=AT, expires_at=DUE),
        ClockContinued(**clock, continued_at=AT, due_at=DUE),
        ClockWarned(**clock, started_at=AT, due_at=DUE, clause="样例办法第七条"),
        ClockBroken(
            **clock,
            verdict="breached",
            started_at=AT,
            due_at=DUE,
            clause="样例办法第七条",
            policy_hash="a" * 64,
            calendar="b" * 64,
        ),
        ClockCorrected(**clock, was="breached", verdict="met", due_at=DUE, stopped_at=AT),
        CaseDiverted(
            **case, scheme="medical_emergency_fund", relief_follows=True, reference="ZZ-2026-1", diverted_by="S-1"
        ),
    ]


async def test_a_sender_that_wants_all_hears_each_event_of_the_contract_in_order_and_no_amount(
    intake: RunningService,
) -> None:
    report_id = (await push(intake, 1))["report_id"]
    relief = Relief(intake)
    for fact in (opened(report_id), *story(report_id), closed(report_id)):
        await relief.says(fact)
    again = await push(intake, 2, flowType="REDO")
    await relief.says(opened(again["report_id"]).model_copy(update={"case_id": "C-2"}))
    events = await told(intake, report_id)
    assert [kind(event) for event in events] == [
        *("report.received", "report.accepted", "case.contacted", "case.advance_decided"),
        *("case.makeup_due", "case.makeup_due", "clock.paused", "clock.resumed", "clock.paused", "clock.resumed"),
        *("clock.warning", "clock.breached", "clock.corrected", "report.transferred", "case.closed"),
    ]
    assert [event["sequence"] for event in events] == sorted({event["sequence"] for event in events})
    assert not any("amount_fen" in event["data"] for event in events)
    by_kind = {kind(event): event["data"] for event in events}
    assert by_kind["case.contacted"]["reached"] is True
    assert by_kind["case.makeup_due"]["due_on"] == "2026-11-10"
    by_policy = by_kind["clock.paused"]
    assert (by_policy["cause"], by_policy["basis"]) == ("publicity", "样例办法第十二条")
    assert (by_policy["order_state"], by_kind["clock.resumed"]["due_at"]) == ("处置(延期)", "2026-11-03T08:10:00+08:00")
    assert by_kind["clock.warning"]["due_at"] == "2026-11-03T08:10:00+08:00"
    assert (by_kind["clock.breached"]["clock"], by_kind["clock.breached"]["order_state"]) == ("reply", "处置(逾期)")
    assert by_kind["report.transferred"]["scheme"] == "medical_emergency_fund"
    reopened = [event for event in await told(intake, again["report_id"]) if kind(event) == "case.reopened"]
    assert [event["data"]["previous_report_id"] for event in reopened] == [report_id]


async def test_a_second_report_of_the_need_is_told_that_it_is_linked(intake: RunningService) -> None:
    await push(intake, 1, callerPhone="19900001299")
    second = await push(intake, 1, callerPhone="19900001299", orderNum="WX-2")
    (linked,) = await told(intake, second["report_id"])
    assert (kind(linked), linked["data"]["first_report_id"]) == ("report.linked", second["first_report_id"])


async def test_a_report_that_says_no_place_is_told_to_be_incomplete_under_the_trace_of_its_push(
    intake: RunningService,
) -> None:
    report_id = (await push(intake, 1, organizationCode=""))["report_id"]
    (incomplete,) = await told(intake, report_id, "000000")
    assert (kind(incomplete), incomplete["data"]["missing"]) == ("report.incomplete", ["/place"])
    assert incomplete["traceparent"] == TRACE


async def test_who_has_asked_for_nothing_hears_what_is_news_and_no_more(intake: RunningService) -> None:
    report_id = (await post_order(intake)).json()["report_id"]
    relief = Relief(intake)
    for fact in (opened(report_id), *story(report_id), closed(report_id)):
        await relief.says(fact)
    assert [kind(event) for event in await told(intake, report_id)] == [
        *("report.accepted", "report.transferred", "case.closed")
    ]
    assert "intake.reply_prepared" not in [fact.name for fact in (await log(intake))[:2]]


def test_every_event_of_the_contract_can_be_subscribed_to() -> None:
    """Section 5.3 of the contract, its correction of 5.4, with the end of a pause and what follows the form."""
    assert set(get_args(Event)) == {
        *("report.received", "report.incomplete", "report.linked", "report.accepted", "report.returned"),
        *("report.transferred", "report.correction", "case.contacted", "case.advance_decided", "case.advance_paid"),
        *("case.payment_returned", "case.makeup_due", "case.closed", "case.reopened", "clock.paused", "clock.resumed"),
        *("clock.warning", "clock.breached", "clock.corrected", "case.closure_amended"),
    }
