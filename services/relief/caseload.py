"""Read model: every case with its clocks' times, and what a township worker must do next (今日待办)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
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
from events.relief_fast import SmallFastDecided
from events.relief_inquiry import TypeJudged
from services.chassis.changes import Change
from services.chassis.projection import ReadModel
from services.chassis.sql import statements
from services.relief import next_steps
from services.relief.policy_cache import Policies
from services.relief.signal import known_by

SQL = statements("services.relief", "caseload.sql")

_GOODS = ""
"""Stands for the payment of help that is no money."""


def changes(recorded: Recorded[Fact]) -> Sequence[Change]:
    """What a fact changes in the tables. Facts that are no case's change nothing."""
    fact = recorded.fact
    if isinstance(fact, OwnFact):
        return [*_changes(fact, recorded), *next_steps.changes(fact)]
    if isinstance(fact, ReportLeft) and fact.is_last:
        at = known_by(recorded.occurred_at, recorded.recorded_at)
        return [("left", (fact.case_id, at))]
    if isinstance(fact, TownshipMoved):
        return [("moved", (fact.case_id, fact.to_township))]
    if isinstance(fact, TypeJudged):
        return [("type_judged", (fact.case_id, fact.relief_type))]
    if isinstance(fact, SmallFastDecided):
        return [("decided", (fact.case_id, fact.decision_id, fact.amount_fen, False))]
    return next_steps.changes(fact) if isinstance(fact, CaseFact) else ()


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
            return [("closed", (fact.case_id, at, fact.outcome == "not_relieved"))]
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
    version=6,
    tables=("cases", "decisions", "reliefs", "debts", "next_steps"),
    sql={**SQL, **next_steps.SQL},
    changes=changes,
)


@dataclass(frozen=True, slots=True)
class Term:
    """How many hours a county's advance may take, for needs reported on these days, first and last included."""

    county: str
    since: date
    until: date
    hours: int
    judged_from: str


def terms(policies: Policies, counties: Iterable[str]) -> Sequence[Term]:
    """The terms of some counties, as the published policies resolve: what the statements join the cases with.

    A term in days depends on the calendar, which the statements do not know: such a county's cases have none here.
    """
    return [term for county in counties for term in _terms(policies, county)]


def columns(known: Sequence[Term], *names: str) -> list[list[Any]]:
    """The terms by column, as arrays for a statement."""
    return [[getattr(term, name) for term in known] for name in names]


def _terms(policies: Policies, county: str) -> Iterable[Term]:
    for since, following in pairwise([*policies.changes(county), date.max]):
        found = policies.policy(county, since).rules.advance
        if found is not None and found.unit == "hour":
            yield Term(county, since, following - timedelta(days=1), found.length, found.start)
