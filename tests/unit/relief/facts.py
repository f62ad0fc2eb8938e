"""One household's story in facts, commands and rules, for the tests of relief; whoever needs it otherwise says so."""

from datetime import date, datetime
from typing import Any, Literal

from events.fact import Recorded
from events.intake import HelpAskedAgain, HelpNeeded
from events.ledger import Draw, PaymentReceived, PaymentReturned, RecoveryReceived, RefusedShort, Reserved, Voided
from events.policy import PolicyFact, PolicyPublished
from events.relief import (
    AdvanceDecided,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    CaseOpened,
    Goods,
    HouseholdContacted,
    HouseholdRelieved,
    PolicyBasis,
    ReliefCameBack,
    ReportLinked,
)
from events.rules import AdvanceRule, MakeUpRule, RecoveryWaiver, SignerChain, TownshipLimit
from events.shanghai import SHANGHAI
from services.relief.case_commands import (
    DecideAdvance,
    NoteReceived,
    NoteReserved,
    NoteReturned,
    NoteShort,
    NoteVoided,
)
from services.relief.policy import Policy, resolve
from services.relief.rulebook import Rulebook, rulebook
from services.relief.steps.recovery import NoteGivenBack
from services.relief.working_days import Calendar
from tests.support.given import recorded

COUNTY = "990101"
TOWNSHIP = "990101001"
CASE, FUND, FIRST, SECOND = "case-1", "fund-1", "decision-1", "decision-2"
PERSON = "p:0123456789abcdef"
PAPERS = ("relief_object", "cause", "amount", "handler_signature")
LONG_AGO = datetime(2020, 1, 1, tzinfo=SHANGHAI)
QUILTS = Goods(item="棉被", quantity=2, cost_fen=40_000)


def at(text: str) -> datetime:
    """A moment of 2026 in Asia/Shanghai, as ``"11-02 08:10"``."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def published(
    limit_fen: int = 300_000,
    *,
    inclusive: bool = True,
    scope: Literal["decision", "case"] = "case",
    modal: Literal["must", "may"] = "must",
    start: Literal["reported", "accepted"] = "reported",
) -> PolicyPublished:
    """The demo county's set, with a township limit in fen."""
    return PolicyPublished(
        set_id="demo",
        division=COUNTY,
        title="演示",
        effective_from=date(2020, 1, 1),
        advance=AdvanceRule(length=24, unit="hour", modal=modal, start=start, clause="演示一"),
        township_limit=TownshipLimit(limit_fen=limit_fen, inclusive=inclusive, scope=scope, clause="演示二"),
        make_up=MakeUpRule(length=5, unit="working_day", papers=PAPERS, clause="演示三"),
    )


WAIVER = RecoveryWaiver(confirm_roles=("county_leader",), clause="演示免予追回")
SIGNERS = SignerChain(
    township=("township_officer", "township_leader"), county=("county_civil_affairs", "county_leader"), clause="演示四"
)


def policy(
    limit_fen: int = 300_000,
    *,
    inclusive: bool = True,
    scope: Literal["decision", "case"] = "case",
    modal: Literal["must", "may"] = "must",
    start: Literal["reported", "accepted"] = "reported",
    **more: Any,
) -> Policy:
    """The demo county's set in force, with a township limit in fen."""
    found = published(limit_fen, inclusive=inclusive, scope=scope, modal=modal, start=start)
    found = found.model_copy(update={"signers": SIGNERS, "recovery_waiver": WAIVER, **more})
    return resolve([found], COUNTY, date(2026, 11, 2))


def book(*facts: PolicyFact) -> Rulebook:
    """The demo county's rulebook of these facts, all of them published long ago."""
    return rulebook(COUNTY, [recorded(fact)._replace(division=fact.division, recorded_at=LONG_AGO) for fact in facts])


POLICY = policy()
CALENDAR = Calendar(years=frozenset({2026}))


def happened(fact: CaseFact, when: datetime, *, known: datetime | None = None, position: int = 1) -> Recorded[CaseFact]:
    """A fact that occurred at one moment and was recorded then, or at another."""
    return recorded(fact, position, when)._replace(recorded_at=known or when)


# --- what intake says


def need(report_id: str = "report-1", *, person: str | None = PERSON) -> HelpNeeded:
    return HelpNeeded(
        report_id=report_id,
        channel="hotline",
        county=COUNTY,
        township=TOWNSHIP,
        cause="fire",
        urgency="urgent",
        persons=3,
        identity="unknown" if person is None else "claimed",
        person=person,
        name=None,
        match_keys=(),
        reported_at=at("11-02 08:10"),
    )


def again(report_id: str = "report-2", reported_at: datetime | None = None) -> HelpAskedAgain:
    return HelpAskedAgain(
        report_id=report_id,
        first_report_id="report-1",
        channel="village",
        county=COUNTY,
        reported_at=reported_at or at("11-02 07:55"),
    )


# --- what has happened in the case


def opened(
    report_id: str = "report-1", reported_at: datetime | None = None, *, person: str | None = PERSON
) -> CaseOpened:
    return CaseOpened(
        case_id=CASE,
        report_id=report_id,
        county=COUNTY,
        township=TOWNSHIP,
        cause="fire",
        urgency="urgent",
        persons=3,
        identity="unknown" if person is None else "claimed",
        person=person,
        name=None,
        reported_at=reported_at or at("11-02 08:10"),
        channel="hotline",
    )


def linked(report_id: str = "report-2", reported_at: datetime | None = None) -> ReportLinked:
    heard_at = reported_at or at("11-02 07:55")
    return ReportLinked(case_id=CASE, report_id=report_id, reported_at=heard_at, channel="village")


ACCEPTED = CaseAccepted(case_id=CASE, report_ids=("report-1",), accepted_by="S-0001")
CONTACTED = HouseholdContacted(
    case_id=CASE, contacted_by="S-0001", reached=True, contacted_at=at("11-02 09:00"), report_ids=("report-1",)
)
BASIS = PolicyBasis(policy_hash=POLICY.policy_hash, clause="演示二", limit_fen=300_000)


def decided(
    decision_id: str = FIRST, amount_fen: int = 200_000, goods: tuple[Goods, ...] = (), *, person: str | None = PERSON
) -> AdvanceDecided:
    return AdvanceDecided(
        case_id=CASE,
        decision_id=decision_id,
        county=COUNTY,
        township=TOWNSHIP,
        fund_id=FUND,
        amount_fen=amount_fen,
        goods=goods,
        person=person,
        cause="fire",
        decided_by="S-0001",
        basis=BASIS,
        report_ids=("report-1",),
    )


def relieved(
    decision_id: str = FIRST, payment_id: str = "payment-1", when: datetime | None = None, amount_fen: int = 200_000
) -> HouseholdRelieved:
    return HouseholdRelieved(
        case_id=CASE,
        report_ids=("report-1",),
        decision_id=decision_id,
        amount_fen=amount_fen,
        relieved_at=when or at("11-02 11:20"),
        payment_id=payment_id,
        fund_id=FUND,
    )


def got_goods(decision_id: str = FIRST) -> HouseholdRelieved:
    return HouseholdRelieved(
        case_id=CASE,
        report_ids=("report-1",),
        decision_id=decision_id,
        amount_fen=0,
        goods=(QUILTS,),
        relieved_at=at("11-02 11:20"),
    )


def came_back(payment_id: str = "payment-1") -> ReliefCameBack:
    return ReliefCameBack(
        case_id=CASE,
        report_ids=("report-1",),
        decision_id=FIRST,
        payment_id=payment_id,
        amount_fen=200_000,
        reason="account_closed",
    )


def closed(outcome: str = "relieved", *, person: str | None = PERSON) -> CaseClosed:
    return CaseClosed.model_validate(
        {
            "case_id": CASE,
            "report_ids": ("report-1",),
            "outcome": outcome,
            "handling": "已办结。",
            "contacted_at": at("11-02 09:00"),
            "relieved_at": None,
            "closed_by": "S-0001",
            "person": person,
            "cause": "fire",
        }
    )


# --- what officers and ledger say


def decide_advance(
    decision_id: str = FIRST, amount_fen: int = 200_000, goods: tuple[Goods, ...] = (), policy: Policy = POLICY
) -> DecideAdvance:
    return DecideAdvance(decision_id, FUND, amount_fen, goods, policy)


def reserved(decision_id: str = FIRST, fund_id: str = FUND) -> NoteReserved:
    return NoteReserved(
        Reserved(
            fund_id=fund_id,
            hold_id=decision_id,
            case_id=CASE,
            amount_fen=200_000,
            decided_by="S-0001",
            draws=(Draw(source="county", amount_fen=200_000),),
        )
    )


def short(decision_id: str = FIRST, fund_id: str = FUND) -> NoteShort:
    return NoteShort(
        RefusedShort(
            fund_id=fund_id,
            hold_id=decision_id,
            case_id=CASE,
            asked_fen=200_000,
            available_fen=120_000,
            shortfall_fen=80_000,
            decided_by="S-0001",
        )
    )


def received(
    decision_id: str = FIRST, payment_id: str = "payment-1", when: datetime | None = None, policy: Policy = POLICY
) -> NoteReceived:
    payment = PaymentReceived(
        fund_id=FUND,
        hold_id=decision_id,
        case_id=CASE,
        payment_id=payment_id,
        amount_fen=200_000,
        received_at=when or at("11-02 11:20"),
        evidence="slip-1",
    )
    return NoteReceived(payment, policy, CALENDAR)


def returned(decision_id: str = FIRST, payment_id: str = "payment-1", *, was_received: bool = True) -> NoteReturned:
    return NoteReturned(
        PaymentReturned(
            fund_id=FUND,
            hold_id=decision_id,
            case_id=CASE,
            payment_id=payment_id,
            amount_fen=200_000,
            was_received=was_received,
            reason="account_closed",
        ),
        CALENDAR,
    )


def given_back(recovery_id: str, receipt_id: str, amount_fen: int) -> NoteGivenBack:
    """Ledger has money of a recovery."""
    return NoteGivenBack(
        RecoveryReceived(
            fund_id=FUND,
            recovery_id=recovery_id,
            receipt_id=receipt_id,
            case_id=CASE,
            amount_fen=amount_fen,
            draws=(Draw(source="county", amount_fen=amount_fen),),
        )
    )


def voided(decision_id: str = FIRST) -> NoteVoided:
    return NoteVoided(
        Voided(fund_id=FUND, hold_id=decision_id, case_id=CASE, amount_fen=200_000, reason="household_declined")
    )
