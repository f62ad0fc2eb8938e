"""What is to be done next about each thing in a case: begun and ended by facts, kept in the caseload."""

from collections.abc import Sequence
from datetime import date

from events.relief import (
    AdvanceDecided,
    AdvanceVoided,
    CaseClosed,
    CaseFact,
    HouseholdRelieved,
    ReliefCameBack,
    ReviewRaised,
)
from events.relief_after import (
    AfterFact,
    CaseEndedEarly,
    LetterDelivered,
    PostReviewConcluded,
    RecoveryFact,
    RecoveryOrdered,
    RecoverySettled,
    ReliefRefused,
    SampleDrawn,
    WaiverDeclined,
    WaiverProposed,
)
from events.relief_approval import (
    ApprovalFact,
    ApprovalProposed,
    ApprovalSentBack,
    ApprovalSigned,
    InstalmentCalled,
    InstalmentFact,
    InstalmentFreed,
    InstalmentHeld,
    InstalmentInstructed,
    InstalmentLetGo,
    InstalmentReleased,
    InstalmentShort,
    MeetingHeld,
    PlanDeclined,
    ProposalFact,
    ReliefApproved,
)
from events.relief_fast import FastFact, RestReferred
from events.relief_inquiry import (
    InquiryFact,
    MeansCheckAnswered,
    MeansCheckRequested,
    NoticeEnded,
    NoticeObjected,
    NoticePosted,
    ObjectionAnswered,
)
from events.relief_persons import (
    HomeCountyAnswered,
    HomeCountyTold,
    IdentityWithdrawn,
    LastingCauseFound,
    PersonFact,
    RepeatWithdrawn,
)
from events.relief_referral import ReferralAnswered, ReferralClosed, ReferralFact, ReferralSent
from services.chassis.changes import Change
from services.chassis.sql import statements

SQL = statements("services.relief", "next_steps.sql")

_LASTING = "lasting_cause"
"""What a step is about that refers a household whose hardship lasts."""

_CAME_BACK = "returned_after_closing"
"""The reason to look again that is gone once the household has the money anew."""

_LOOKS = ("review", "review_sample")
"""The steps that a look afterwards (事后审核) settles, all of a case together."""

_NOTICE = "notify_household"
"""The step that is done once a letter has reached the household."""

_REST = ("county_decides",)
"""The step that is done once the county has decided, or nothing is to be decided any more."""


def changes(fact: CaseFact) -> Sequence[Change]:
    """The steps that a fact begins or ends."""
    if isinstance(fact, ApprovalFact):
        return _of_approval(fact)
    if isinstance(fact, RecoveryFact):
        return _of_recovery(fact)
    if isinstance(fact, InquiryFact | AfterFact | ReferralFact | FastFact):
        return _of_step(fact)
    if isinstance(fact, PersonFact):
        return _of_person(fact)
    match fact:
        case ReviewRaised():
            return [_next(fact.case_id, _look(fact.reason, fact.about), "review")]
        case AdvanceDecided(by_county=True) | CaseClosed():
            return [_none_left(fact.case_id, *_REST)]
        case HouseholdRelieved():
            about = _about(fact.decision_id)
            return [_done(fact.case_id, about), _done(fact.case_id, _look(_CAME_BACK, about))]
        case AdvanceVoided():
            return [_done(fact.case_id, _about(fact.decision_id))]
        case ReliefCameBack():
            return [_next(fact.case_id, _about(fact.decision_id), "await_payment")]
        case _:
            return ()


def _of_person(fact: PersonFact) -> Sequence[Change]:
    match fact:
        case RepeatWithdrawn():
            return [_done(fact.case_id, _look("repeat_found", fact.case_id))]
        case IdentityWithdrawn():
            return [_done(fact.case_id, _LASTING)]
        case LastingCauseFound():
            return [_next(fact.case_id, _LASTING, "refer")]
        case HomeCountyTold():
            return [_next(fact.case_id, f"home:{fact.home_county}", "await_home_county")]
        case HomeCountyAnswered():
            return [_done(fact.case_id, f"home:{fact.home_county}")]
        case _:
            return ()


def _of_recovery(fact: RecoveryFact) -> Sequence[Change]:
    match fact:
        case RecoveryOrdered():
            return [_next(fact.case_id, fact.recovery_id, "settle_recovery")]
        case RecoverySettled(left_fen=0):
            return [_done(fact.case_id, fact.settlement_id), _done(fact.case_id, fact.recovery_id)]
        case RecoverySettled() | WaiverDeclined():
            return [_done(fact.case_id, fact.settlement_id)]
        case WaiverProposed():
            return [_next(fact.case_id, fact.settlement_id, "confirm_waiver")]


def _of_step(fact: InquiryFact | AfterFact | ReferralFact | FastFact) -> Sequence[Change]:
    match fact:
        case MeansCheckRequested():
            return [_next(fact.case_id, fact.check_id, "await_check")]
        case MeansCheckAnswered():
            return [_done(fact.case_id, fact.check_id)]
        case NoticePosted() | ObjectionAnswered(upheld=False):
            return [_next(fact.case_id, fact.notice_id, "end_notice", fact.ends_on)]
        case NoticeObjected():
            return [_next(fact.case_id, fact.notice_id, "answer_objection")]
        case NoticeEnded() | ObjectionAnswered():
            return [_done(fact.case_id, fact.notice_id)]
        case ReferralSent():
            asked = _next(fact.case_id, fact.referral_id, "await_referral", fact.answer_by)
            return [asked, _done(fact.case_id, _LASTING)] if fact.partner == "department" else [asked]
        case ReferralAnswered(accepted=True):
            return [_next(fact.case_id, fact.referral_id, "close_referral")]
        case ReferralAnswered() | ReferralClosed():
            return [_done(fact.case_id, fact.referral_id)]
        case RestReferred():
            return [_next(fact.case_id, f"{fact.decision_id}:rest", "county_decides")]
        case SampleDrawn():
            return [_next(fact.case_id, fact.sample_id, "review_sample")]
        case PostReviewConcluded():
            return [_none_left(fact.case_id, *_LOOKS)]
        case CaseEndedEarly():
            return [_none_left(fact.case_id, *_REST)]
        case ReliefRefused():
            return [_next(fact.case_id, fact.letter_sha256, "deliver_letter"), _none_left(fact.case_id, *_REST)]
        case LetterDelivered():
            return [_done(fact.case_id, fact.letter_sha256), _none_left(fact.case_id, _NOTICE)]
        case _:
            return ()


def _of_approval(fact: ApprovalFact) -> Sequence[Change]:
    return _of_proposal(fact) if isinstance(fact, ProposalFact) else _of_instalment(fact)


def _of_proposal(fact: ProposalFact) -> Sequence[Change]:
    match fact:
        case ApprovalProposed():
            first = "hold_meeting" if fact.level == "meeting" else "sign"
            return [_next(fact.case_id, fact.approval_id, first)]
        case MeetingHeld():
            return [_next(fact.case_id, fact.approval_id, "sign")]
        case ApprovalSigned():
            return ()
        case ApprovalSentBack() | PlanDeclined():
            return [_done(fact.case_id, fact.approval_id)]
        case ReliefApproved():
            planned = [
                _next(fact.case_id, one.instalment_id, "call_instalment", one.due_on) for one in fact.plan.instalments
            ]
            return [_done(fact.case_id, fact.approval_id), _none_left(fact.case_id, *_REST), *planned]


def _of_instalment(fact: InstalmentFact) -> Sequence[Change]:
    """Of what is stopped half way the household is told, and that it was is noted."""
    if isinstance(fact, InstalmentLetGo) and fact.how == "stopped":
        return [_instalment(fact), _next(fact.case_id, f"notice:{fact.approval_id}", _NOTICE)]
    return [_instalment(fact)]


def _instalment(fact: InstalmentFact) -> Change:
    match fact:
        case InstalmentLetGo() if fact.how != "reduced":
            return _done(fact.case_id, fact.instalment_id)
        case InstalmentLetGo(at_once=True):
            return _next(fact.case_id, fact.instalment_id, "call_instalment")
        case InstalmentCalled() | InstalmentLetGo():
            return _next(fact.case_id, fact.instalment_id, "await_ledger")
        case InstalmentHeld():
            return _next(fact.case_id, fact.instalment_id, "release_instalment")
        case InstalmentShort():
            return _again(fact.case_id, fact.instalment_id, "find_funds")
        case InstalmentReleased() | InstalmentInstructed():
            return _next(fact.case_id, fact.instalment_id, "await_payment")
        case InstalmentFreed():
            return _again(fact.case_id, fact.instalment_id, "call_instalment")


def _about(hold_id: str) -> str:
    """The decision or the instalment that a hold is for."""
    return hold_id.partition(".")[0]


def _look(reason: str, about: str) -> str:
    """What a review is about: no reason takes the place of another, nor of what is to be paid."""
    return f"review:{reason}:{about}"


def _next(case_id: str, about: str, step: str, due_on: date | None = None) -> Change:
    return "step", (case_id, about, step, due_on)


def _again(case_id: str, about: str, step: str) -> Change:
    """The next step of what has one: what was let go meanwhile gets none."""
    return "step_again", (case_id, about, step)


def _done(case_id: str, about: str) -> Change:
    return "step_done", (case_id, about)


def _none_left(case_id: str, *steps: str) -> Change:
    return "steps_done", (case_id, list(steps))
