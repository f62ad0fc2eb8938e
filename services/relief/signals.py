"""What each fact says to the clocks of a case (时限信号): it starts one, stops one, takes a stop back, pauses one."""

from collections.abc import Sequence

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
    PaperworkDebtLifted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReliefCameBack,
    ReportLinked,
    ReviewRaised,
    StepFact,
)
from events.relief_clocks import (
    ClockBroken,
    ClockContinued,
    ClockCorrected,
    ClockExtended,
    ClockFact,
    ClockHalted,
    ClockPaused,
    ClockResumed,
    ClockWarned,
)
from services.relief.signal import ALL, Signal, Source, known_by
from services.relief.step_signals import ADVANCE, RECEIPT, TRACK, each, given_up, of_step

_SILENT = (AdvanceDeclined, PaperFiled, ReviewRaised, PaperworkDebtMoved, PaperworkDebtLifted)
SILENT = frozenset(fact.NAME for fact in _SILENT)
"""The names of facts that never say anything to a clock, so that nobody need look at the case."""


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
        return of_step(fact, source)
    at = source.at
    match fact:
        case CaseOpened():
            return *_reported(fact, source), *_opened(fact, source)
        case ReportLinked():
            return *_reported(fact, source), *_told(fact, source)
        case CaseAccepted():
            return _accepted(source)
        case HouseholdContacted():
            return _contacted(fact, source)
        case AdvanceDecided():
            decided = [Signal(name, "decided", at, source, key=fact.decision_id) for name in ADVANCE]
            return *decided, Signal("filing", "give_up" if fact.by_county else "start", at, source, fact.decision_id)
        case AdvanceLetGo() | AdvanceVoided() | FundsReserved() | FundsShort():
            return _funded(fact, source)
        case HouseholdRelieved():
            return _relieved(fact, source)
        case ReliefCameBack():
            return _came_back(fact, source)
        case PaperworkDebtOpened():
            return (Signal("make_up", "called", at, source, fact.debt_id),)
        case PaperworkDebtClosed():
            return (Signal("make_up", "stop", at, source, fact.debt_id),)
        case CaseClosed():
            return _closed(fact, source)
        case AdvanceDeclined() | PaperFiled() | ReviewRaised() | PaperworkDebtMoved() | PaperworkDebtLifted():
            return ()


def _contacted(fact: HouseholdContacted, source: Source) -> Sequence[Signal]:
    """Who was reached has the answer; who could not be reached stops no clock, and its breach says so."""
    at = known_by(fact.contacted_at, source.recorded_at)
    found = [Signal(name, "reached" if fact.reached else "tried", at, source) for name in ADVANCE]
    return (*found, Signal("reply", "stop", at, source, ALL)) if fact.reached else found


def _funded(fact: AdvanceLetGo | AdvanceVoided | FundsReserved | FundsShort, source: Source) -> Sequence[Signal]:
    """What nobody has the money for is as good as not decided, until it is held after all."""
    decided, held = fact.decision_id, f"{fact.decision_id}|held"
    match fact:
        case FundsReserved():
            return [Signal(name, "decided", source.at, source, key=held) for name in ADVANCE]
        case FundsShort():
            return [Signal(name, "withdraw", source.at, source, key=decided) for name in ADVANCE]
        case AdvanceLetGo():
            withdrawn = [Signal(name, "withdraw", source.at, source, key=decided) for name in ADVANCE]
        case AdvanceVoided():
            withdrawn = [
                Signal(name, "withdraw", source.at, source, key=key) for name in ADVANCE for key in (decided, held)
            ]
    return *withdrawn, *each(("filing", "small_fast"), "give_up", source, decided)


def _reported(fact: CaseOpened | ReportLinked, source: Source) -> Sequence[Signal]:
    at = known_by(fact.reported_at, source.recorded_at)
    found = [
        Signal("advance_from_report", "start", at, source),
        Signal("small_fast", "start", at, source, ALL),
        Signal("reply", "start", at, source, fact.report_id),
    ]
    if fact.came_from is None:
        found.append(Signal("advance_from_transfer", "start", at, source, ALL))
    else:
        found.append(Signal("advance_from_transfer", "start", source.at, source))
    if fact.channel == "window":
        found += [Signal(name, "since", at, source, ALL, RECEIPT) for name in TRACK]
    if fact.channel == "hotline":
        found.append(Signal("hotline_return", "start", at, source, fact.report_id))
        found.append(Signal("hotline_finish", "start", at, source, fact.report_id, until=fact.due_at))
    return found


def _told(fact: ReportLinked, source: Source) -> Sequence[Signal]:
    """Who joins a case that was accepted before is told so at once."""
    if fact.accepted_at is None:
        return ()
    return each(("reply", "hotline_return"), "stop", source, fact.report_id)


def _opened(fact: CaseOpened, source: Source) -> Sequence[Signal]:
    at = known_by(fact.reported_at, source.recorded_at)
    found = [Signal("acceptance", "start", at, source)]
    if fact.urgency == "life_danger":
        found.append(Signal("severe_measures", "start", at, source))
    return [*found, *each(TRACK, "called", source)] if fact.urgency == "normal" else found


def _accepted(source: Source) -> Sequence[Signal]:
    """The township has the case: what counts from acceptance begins, and the order is not given back."""
    return (
        Signal("advance_from_acceptance", "start", source.at, source),
        *each(TRACK, "start", source, ALL),
        *each(("reply", "hotline_return"), "stop", source, ALL),
        Signal("acceptance", "stop", source.at, source),
    )


def _relieved(fact: HouseholdRelieved, source: Source) -> Sequence[Signal]:
    at = known_by(fact.relieved_at, source.recorded_at)
    key = f"{fact.decision_id}|{fact.payment_id}"
    return (
        *(Signal(name, "stop", at, source, key=key) for name in (*ADVANCE, "severe_measures", "payment")),
        Signal("small_fast", "stop", at, source, fact.decision_id, key),
        Signal("make_up", "since", at, source, fact.decision_id, key),
    )


def _came_back(fact: ReliefCameBack, source: Source) -> Sequence[Signal]:
    key = f"{fact.decision_id}|{fact.payment_id}"
    return (
        *(Signal(name, "withdraw", source.at, source, key=key) for name in (*ADVANCE, "severe_measures", "payment")),
        *(Signal(name, "withdraw", source.at, source, fact.decision_id, key) for name in ("small_fast", "make_up")),
    )


def _closed(fact: CaseClosed, source: Source) -> Sequence[Signal]:
    """Every report has its answer, and the hotline's order is finished; where nobody was helped, nobody will be."""
    answered = each(("reply", "hotline_return", "hotline_finish"), "stop", source, ALL)
    if fact.outcome == "relieved":
        return *answered, *each((*TRACK, "payment"), "give_up", source, ALL)
    return *answered, *given_up(source)


def _of_clock(fact: ClockFact, source: Source) -> Signal:
    match fact:
        case ClockPaused():
            at = known_by(fact.paused_at, source.recorded_at)
            why, until = f"{fact.cause}|{fact.authorised_by}", fact.expires_at
            return Signal(fact.clock, "pause", at, source, fact.subject, why=why, until=until)
        case ClockResumed():
            at = known_by(fact.resumed_at, source.recorded_at)
            return Signal(fact.clock, "resume", at, source, fact.subject)
        case ClockExtended():
            at, until = source.at, fact.due_at
            return Signal(fact.clock, "extended", at, source, fact.subject, until=until, length=fact.length)
        case ClockHalted() | ClockContinued():
            until = fact.expires_at if isinstance(fact, ClockHalted) else None
            return Signal(fact.clock, "halted", source.recorded_at, source, fact.subject, until=until)
        case ClockWarned():
            return Signal(fact.clock, "warned", source.recorded_at, source, fact.subject, until=fact.due_at)
        case ClockBroken() | ClockCorrected():
            return Signal(fact.clock, "judged", source.recorded_at, source, fact.subject, verdict=fact.verdict)
