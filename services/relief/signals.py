"""What each fact says to the clocks of a case (时限信号): it starts one, stops one, takes a stop back, pauses one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from events.fact import Recorded
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
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtOpened,
    ReliefCameBack,
    ReportLinked,
    ReviewRaised,
    StepFact,
)
from events.relief_after import CaseEndedEarly, ReliefRefused
from events.relief_clocks import ClockBroken, ClockCorrected, ClockFact, ClockName, ClockPaused, ClockResumed, Verdict
from events.relief_fast import SmallFastDecided

_AHEAD_AT_MOST = timedelta(minutes=5)

ALL = "*"
"""The subject of a signal that every clock of that name heeds."""

SignalKind = Literal["start", "stop", "decided", "withdraw", "give_up", "pause", "resume", "judged"]

_ADVANCE: tuple[ClockName, ClockName] = ("advance_from_report", "advance_from_acceptance")


@dataclass(frozen=True, slots=True)
class Source:
    """The fact behind a signal: where it stands in its log, both its times, and who acted.

    Where it stands is no part of what it says: the same facts learned in another order are the same signals.
    """

    division: str
    position: int = field(compare=False)
    fact: str
    occurred_at: datetime
    recorded_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that a fact says to a clock. ``subject`` tells clocks of one name apart: a report, a debt.

    ``key`` names a stop, so that it can be withdrawn. ``until`` is the expiry of a pause, or of a start the deadline
    that was sent with it and holds instead of the policy's.
    """

    clock: ClockName
    kind: SignalKind
    at: datetime
    source: Source
    subject: str = ""
    key: str = ""
    why: str = ""
    until: datetime | None = None
    verdict: Verdict | None = None


def known_by(moment: datetime, recorded_at: datetime) -> datetime:
    """A moment as clocks take it: what was said to lie more than five minutes ahead counts as when it was learned."""
    return recorded_at if moment - recorded_at > _AHEAD_AT_MOST else moment


def signals(recorded: Recorded[CaseFact] | Recorded[ClockFact]) -> Sequence[Signal]:
    """The signals of a fact; most facts have none."""
    actor = recorded.meta.actor
    source = Source(
        recorded.division,
        recorded.position,
        recorded.fact.NAME,
        recorded.occurred_at,
        recorded.recorded_at,
        actor.rule or actor.id,
    )
    fact = recorded.fact
    if isinstance(fact, ClockFact):
        return (_of_clock(fact, source),)
    return _of_case(fact, source)


def _of_case(fact: CaseFact, source: Source) -> Sequence[Signal]:
    if isinstance(fact, StepFact):
        return _of_step(fact, source)
    match fact:
        case CaseOpened() | ReportLinked():
            return _reported(fact, source)
        case CaseAccepted():
            at = _at(source)
            return (Signal("advance_from_acceptance", "start", at, source), Signal("reply", "stop", at, source, ALL))
        case HouseholdContacted():
            at = known_by(fact.contacted_at, source.recorded_at)
            return (Signal("reply", "stop", at, source, ALL),) if fact.reached else ()
        case AdvanceDecided():
            return tuple(Signal(name, "decided", _at(source), source, key=fact.decision_id) for name in _ADVANCE)
        case AdvanceVoided():
            return tuple(Signal(name, "withdraw", _at(source), source, key=fact.decision_id) for name in _ADVANCE)
        case HouseholdRelieved():
            at = known_by(fact.relieved_at, source.recorded_at)
            key = f"{fact.decision_id}|{fact.payment_id}"
            return tuple(Signal(name, "stop", at, source, key=key) for name in _ADVANCE)
        case ReliefCameBack():
            key = f"{fact.decision_id}|{fact.payment_id}"
            return tuple(Signal(name, "withdraw", _at(source), source, key=key) for name in _ADVANCE)
        case PaperworkDebtOpened():
            since = source.occurred_at if fact.relieved_at is None else fact.relieved_at
            return (Signal("make_up", "start", known_by(since, source.recorded_at), source, fact.debt_id),)
        case PaperworkDebtClosed():
            return (Signal("make_up", "stop", _at(source), source, fact.debt_id),)
        case CaseClosed():
            return _closed(fact, source)
        case AdvanceDeclined() | AdvanceLetGo() | FundsReserved() | FundsShort() | PaperFiled() | ReviewRaised():
            return ()


def _of_step(fact: StepFact, source: Source) -> Sequence[Signal]:
    match fact:
        case SmallFastDecided():
            return tuple(Signal(name, "decided", _at(source), source, key=fact.decision_id) for name in _ADVANCE)
        case ReliefRefused() | CaseEndedEarly():
            return tuple(Signal(name, "give_up", _at(source), source) for name in _ADVANCE)
        case _:
            return ()


def _reported(fact: CaseOpened | ReportLinked, source: Source) -> Sequence[Signal]:
    at = known_by(fact.reported_at, source.recorded_at)
    return (
        Signal("advance_from_report", "start", at, source),
        Signal("reply", "start", at, source, fact.report_id),
    )


def _closed(fact: CaseClosed, source: Source) -> Sequence[Signal]:
    at = _at(source)
    reply = Signal("reply", "stop", at, source, ALL)
    if fact.outcome == "relieved":
        return (reply,)
    return reply, *(Signal(name, "give_up", at, source) for name in _ADVANCE)


def _of_clock(fact: ClockFact, source: Source) -> Signal:
    match fact:
        case ClockPaused():
            at = known_by(fact.paused_at, source.recorded_at)
            why, until = f"{fact.cause}|{fact.authorised_by}", fact.expires_at
            return Signal(fact.clock, "pause", at, source, fact.subject, why=why, until=until)
        case ClockResumed():
            at = known_by(fact.resumed_at, source.recorded_at)
            return Signal(fact.clock, "resume", at, source, fact.subject)
        case ClockBroken() | ClockCorrected():
            return Signal(fact.clock, "judged", source.recorded_at, source, fact.subject, verdict=fact.verdict)


def _at(source: Source) -> datetime:
    return known_by(source.occurred_at, source.recorded_at)
