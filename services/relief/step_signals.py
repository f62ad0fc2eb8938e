"""What the steps of a case say to its clocks (环节的时限信号): the general track, publicity, filing, small-fast."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from events.relief import StepFact
from events.relief_after import AfterFact, CaseEndedEarly, FilingReceived, ReliefRefused, ReportLeft
from events.relief_approval import (
    ApprovalFact,
    ApprovalProposed,
    ApprovalSentBack,
    ApprovalSigned,
    PlanDeclined,
    ReliefApproved,
)
from events.relief_clocks import ClockName
from events.relief_fast import CaseDiverted, EmergencyCalled, EmergencyLifted, FastFact, SmallFastDecided
from events.relief_inquiry import (
    InquiryFact,
    MeansCheckAnswered,
    MeansCheckRequested,
    MissingTold,
    NoticeEnded,
    NoticeObjected,
    NoticePosted,
    ObjectionAnswered,
    TypeJudged,
)
from events.relief_persons import IdentityEstablished, PersonFact, PoliceAnswered, PoliceAsked
from events.rules import PauseCause
from events.shanghai import SHANGHAI
from services.relief.signal import ALL, Signal, SignalKind, Source
from services.relief.working_days import Due

ADVANCE: tuple[ClockName, ...] = ("advance_from_report", "advance_from_acceptance", "advance_from_transfer")
"""The clocks of one advance: the citizen's, the township's, and that of a county to which the need was handed over."""

TRACK: tuple[ClockName, ...] = ("general", "general_township")
"""The clocks of the general track that count from acceptance."""

RECEIPT = "receipt"
"""What an application at the window (一门受理窗口) counts from: 不告知的,自收到申请材料之日起即为受理.

Where the applicant was told what is missing, acceptance counts.
"""

HELPING: tuple[ClockName, ...] = (*ADVANCE, *TRACK, "small_fast", "general_county", "severe_measures", "payment")
"""The clocks that run for help, and end where none is to be given."""


def each(names: Sequence[ClockName], kind: SignalKind, source: Source, subject: str = "") -> Sequence[Signal]:
    """The same signal to several clocks."""
    return [Signal(name, kind, source.at, source, subject) for name in names]


def given_up(source: Source) -> Sequence[Signal]:
    """No help is to be given, or no more of it."""
    return each(HELPING, "give_up", source, ALL)


def of_step(fact: StepFact, source: Source) -> Sequence[Signal]:
    """The signals of a step's fact; most have none."""
    if isinstance(fact, ApprovalFact):
        return _of_approval(fact, source)
    if isinstance(fact, InquiryFact):
        return _of_inquiry(fact, source)
    if isinstance(fact, FastFact):
        return _of_fast(fact, source)
    if isinstance(fact, PersonFact):
        return _of_person(fact, source)
    return _of_after(fact, source) if isinstance(fact, AfterFact) else ()


def _of_approval(fact: ApprovalFact, source: Source) -> Sequence[Signal]:
    match fact:
        case ApprovalProposed(follow_up=False):
            return each(TRACK, "called", source)
        case ApprovalSigned(passes_to_county=True):
            return (
                Signal("general_township", "stop", source.at, source, key=fact.approval_id),
                Signal("general_county", "start", source.at, source, fact.approval_id),
            )
        case ApprovalSentBack() | PlanDeclined():
            return (
                Signal("general_township", "withdraw", source.at, source, key=fact.approval_id),
                Signal("general_county", "stop", source.at, source, fact.approval_id),
            )
        case ReliefApproved():
            return (*_approved(fact, source), Signal("general_county", "stop", source.at, source, fact.approval_id))
        case _:
            return ()


def _approved(fact: ReliefApproved, source: Source) -> Sequence[Signal]:
    done = each(TRACK, "stop", source)
    if fact.level != "township":
        return done
    return *done, Signal("filing", "start", source.at, source, fact.approval_id)


def _of_inquiry(fact: InquiryFact, source: Source) -> Sequence[Signal]:
    match fact:
        case TypeJudged():
            return each(TRACK, "called" if fact.relief_type == "expenditure" else "called_off", source)
        case MissingTold():
            return [Signal(name, "withdraw", source.at, source, ALL, RECEIPT) for name in TRACK]
        case MeansCheckRequested():
            return *_asked(fact, source), *_paused(source, fact.check_id, "means_check")
        case MeansCheckAnswered():
            answered = Signal("means_check", "stop", source.at, source, fact.check_id)
            return answered, *_resumed(source, fact.check_id)
        case NoticePosted() | NoticeObjected() | ObjectionAnswered() | NoticeEnded():
            return _of_notice(fact, source)
        case _:
            return ()


def _asked(fact: MeansCheckRequested, source: Source) -> Sequence[Signal]:
    """The office is asked in time or not, counted from the day of the signed authorisation; its answer counts anew."""
    authorised_at = min(Due(fact.authorised_on - timedelta(days=1)).ends_at, source.at)
    return (
        Signal("means_check_start", "start", authorised_at, source, fact.check_id),
        Signal("means_check_start", "stop", source.at, source, fact.check_id),
        Signal("means_check", "start", source.at, source, fact.check_id),
    )


def _of_notice(
    fact: NoticePosted | NoticeObjected | ObjectionAnswered | NoticeEnded, source: Source
) -> Sequence[Signal]:
    """While it is posted the track may stand still; an objection halts the notice, which then stands anew."""
    notice = fact.notice_id
    match fact:
        case NoticePosted():
            posted = Signal("publicity", "start", source.at, source, notice, term=fact.term)
            return posted, *_paused(source, notice, "publicity", Due(fact.ends_on).ends_at)
        case NoticeObjected():
            halted = Signal("publicity", "pause", source.at, source, notice, fact.objection_id, cause="objection")
            return halted, *_paused(source, fact.objection_id, "objection")
        case ObjectionAnswered(upheld=True):
            taken_down = Signal("publicity", "give_up", source.at, source, notice)
            return taken_down, *_resumed(source, fact.objection_id), *_resumed(source, notice)
        case ObjectionAnswered():
            goes_on = Signal("publicity", "resume", source.at, source, notice, fact.objection_id)
            anew = Signal("publicity", "start", source.at, source, notice, term=fact.term)
            again = _paused(source, notice, "publicity", Due(fact.ends_on).ends_at)
            return goes_on, anew, *_resumed(source, fact.objection_id), *again
        case NoticeEnded():
            ended = Signal("publicity", "stop", source.at, source, notice)
            return ended, *_resumed(source, notice), Signal("payment", "start", source.at, source)


def _paused(source: Source, key: str, cause: PauseCause, until: datetime | None = None) -> Sequence[Signal]:
    why = f"{cause}|{source.by}"
    return [Signal(name, "pause", source.at, source, ALL, key, why, until, cause=cause) for name in _PAUSABLE]


def _resumed(source: Source, key: str) -> Sequence[Signal]:
    return [Signal(name, "resume", source.at, source, ALL, key) for name in _PAUSABLE]


_PAUSABLE: tuple[ClockName, ...] = (*TRACK, "general_county")


def _of_fast(fact: FastFact, source: Source) -> Sequence[Signal]:
    match fact:
        case SmallFastDecided():
            return (
                *(Signal(name, "decided", source.at, source, key=fact.decision_id) for name in ADVANCE),
                Signal("small_fast", "called", source.at, source, fact.decision_id),
                Signal("filing", "start", source.at, source, fact.decision_id),
            )
        case EmergencyCalled():
            return (Signal("severe_measures", "stop", source.at, source),)
        case EmergencyLifted():
            day = datetime.combine(fact.lifted_on, time(), SHANGHAI)
            return (Signal("make_up", "lifted", source.at, source, ALL, until=day),)
        case CaseDiverted(relief_follows=False):
            return *given_up(source), Signal("hotline_return", "stop", source.at, source, ALL)
        case _:
            return ()


def _of_person(fact: PersonFact, source: Source) -> Sequence[Signal]:
    match fact:
        case PoliceAsked():
            return (Signal("police_check", "start", source.at, source, fact.check_id),)
        case PoliceAnswered():
            return (Signal("police_check", "stop", source.at, source, fact.check_id),)
        case IdentityEstablished():
            return (Signal("police_check", "stop", source.at, source, ALL),)
        case _:
            return ()


def _left(fact: ReportLeft, source: Source) -> Sequence[Signal]:
    """The order went on in time or not; whoever has it now answers, and with the last of them helps."""
    gone = Signal("hotline_return", "stop", source.at, source, fact.report_id)
    answered = each(("reply", "hotline_finish"), "give_up", source, fact.report_id)
    if not fact.is_last:
        return gone, *answered
    return gone, *answered, *each(("acceptance",), "give_up", source), *given_up(source)


def _of_after(fact: AfterFact, source: Source) -> Sequence[Signal]:
    match fact:
        case ReliefRefused():
            decided = each((*TRACK, "general_county"), "stop", source, ALL)
            return *decided, *given_up(source)
        case CaseEndedEarly():
            return given_up(source)
        case ReportLeft():
            return _left(fact, source)
        case FilingReceived():
            return (Signal("filing", "stop", source.at, source, fact.decision_id),)
        case _:
            return ()
