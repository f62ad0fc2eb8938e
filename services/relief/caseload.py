"""Read model: every case with its clocks' times, and what a township worker must do next (今日待办)."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.fact import Fact, Recorded
from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    AdvanceLetGo,
    AdvanceVoided,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    CaseOpened,
    FundsReserved,
    FundsShort,
    HouseholdContacted,
    HouseholdRelieved,
    OwnFact,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtLifted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReliefCameBack,
    ReportLinked,
    ReviewRaised,
)
from events.relief_after import ReportLeft, TownshipMoved
from events.relief_clocks import ClockBroken, ClockCorrected, ClockFact, ClockName, ClockPaused, ClockResumed
from events.relief_fast import SmallFastDecided
from events.relief_inquiry import TypeJudged
from events.relief_townships import FastTrackRestored, FastTrackSuspended, TownshipFact
from services.chassis.changes import Change
from services.chassis.projection import ReadModel
from services.chassis.sql import statements
from services.relief import next_steps
from services.relief.signal import known_by

SQL = statements("services.relief", "caseload.sql")

_GOODS = ""
"""Stands for the payment of help that is no money."""

_JUDGED: Mapping[ClockName, str] = {
    "advance_from_report": "judged_from_report",
    "advance_from_acceptance": "judged_from_acceptance",
}
"""The statement for what was judged of a clock; of the others nothing is kept here."""


def changes(recorded: Recorded[Fact]) -> Sequence[Change]:
    """What a fact changes in the tables. Facts that are no case's change nothing."""
    fact = recorded.fact
    if isinstance(fact, OwnFact):
        return [*_changes(fact, recorded), *next_steps.changes(fact)]
    if isinstance(fact, ReportLeft) and fact.is_last:
        at = known_by(recorded.occurred_at, recorded.recorded_at)
        return [("left", (fact.case_id, at, recorded.recorded_at))]
    if isinstance(fact, ClockFact):
        return _of_clock(fact, recorded)
    if isinstance(fact, TownshipMoved):
        return [("moved", (fact.case_id, fact.to_township))]
    if isinstance(fact, TypeJudged):
        return [("type_judged", (fact.case_id, fact.relief_type))]
    if isinstance(fact, TownshipFact):
        return [_right(fact, recorded)]
    if isinstance(fact, SmallFastDecided):
        return [("decided", (fact.case_id, fact.decision_id, fact.amount_fen, False))]
    return next_steps.changes(fact) if isinstance(fact, CaseFact) else ()


def _of_clock(fact: ClockFact, recorded: Recorded[Fact]) -> Sequence[Change]:
    judged = _JUDGED.get(fact.clock)
    if judged is None:
        return ()
    if isinstance(fact, ClockBroken | ClockCorrected):
        return [(judged, (fact.case_id, recorded.division, recorded.recorded_at))]
    if isinstance(fact, ClockPaused | ClockResumed):
        return [("paused", (fact.case_id, recorded.division))]
    return ()


def _right(fact: TownshipFact, recorded: Recorded[Fact]) -> Change:
    match fact:
        case FastTrackSuspended(township=township, reason=reason, document=document):
            return "right_suspended", (township, reason, document, recorded.occurred_at, recorded.meta.actor.id)
        case FastTrackRestored(township=township):
            return "right_restored", (township,)


def _changes(fact: OwnFact, recorded: Recorded[Fact]) -> Sequence[Change]:
    at = known_by(recorded.occurred_at, recorded.recorded_at)
    match fact:
        case CaseOpened():
            return [("opened", _opened(fact, recorded))]
        case ReportLinked():
            return [("linked", (fact.case_id, known_by(fact.reported_at, recorded.recorded_at), fact.channel))]
        case CaseAccepted():
            return [("accepted", (fact.case_id, at, fact.accepted_by))]
        case HouseholdContacted():
            return [("contacted", (fact.case_id,))]
        case AdvanceDecided():
            decided = (fact.case_id, fact.decision_id, fact.amount_fen, bool(fact.goods))
            return [("replaced", (fact.case_id,)), ("decided", decided)]
        case FundsReserved():
            return [("stands", (fact.case_id, fact.decision_id, "held"))]
        case FundsShort():
            return [("stands", (fact.case_id, fact.decision_id, "short"))]
        case AdvanceVoided():
            return [("stands", (fact.case_id, fact.decision_id, "voided"))]
        case HouseholdRelieved():
            return [("relieved", _relieved(fact, recorded)), ("help_counted", (fact.case_id,))]
        case ReliefCameBack():
            came_back = (fact.case_id, fact.decision_id, fact.payment_id)
            return [("came_back", came_back), ("help_counted", (fact.case_id,))]
        case PaperworkDebtOpened() | PaperworkDebtMoved() | PaperworkDebtLifted() | PaperFiled():
            return [_papers(fact)]
        case CaseClosed():
            return [("closed", (fact.case_id, at, fact.outcome == "not_relieved", recorded.recorded_at))]
        case AdvanceLetGo():
            return [("let_go", (fact.case_id, fact.decision_id))]
        case AdvanceDeclined() | PaperworkDebtClosed() | ReviewRaised():
            return ()


def _papers(fact: PaperworkDebtOpened | PaperworkDebtMoved | PaperworkDebtLifted | PaperFiled) -> Change:
    match fact:
        case PaperworkDebtOpened():
            return "owed", (fact.case_id, fact.debt_id, fact.due_on, list(fact.papers))
        case PaperworkDebtMoved():
            return "owed_until", (fact.case_id, fact.debt_id, fact.due_on)
        case PaperworkDebtLifted():
            return "not_owed", (fact.case_id, fact.debt_id)
        case PaperFiled():
            return "filed", (fact.case_id, fact.debt_id, fact.paper)


def _opened(fact: CaseOpened, recorded: Recorded[Fact]) -> tuple[Any, ...]:
    return (
        fact.case_id,
        recorded.division,
        fact.county,
        fact.township,
        fact.cause,
        fact.urgency,
        fact.persons,
        fact.identity,
        known_by(fact.reported_at, recorded.recorded_at),
        fact.channel,
    )


def _relieved(fact: HouseholdRelieved, recorded: Recorded[Fact]) -> tuple[Any, ...]:
    at = known_by(fact.relieved_at, recorded.recorded_at)
    return fact.case_id, fact.decision_id, fact.payment_id or _GOODS, at, recorded.recorded_at


CASELOAD = ReadModel(
    name="caseload",
    version=10,
    tables=("cases", "decisions", "reliefs", "debts", "next_steps", "suspensions"),
    sql={**SQL, **next_steps.SQL},
    changes=changes,
)
