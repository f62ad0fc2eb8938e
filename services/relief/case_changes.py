"""How every fact changes a case."""

from datetime import datetime
from typing import cast, get_args

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
    OwnFact,
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
from events.relief_after import AfterFact, CountyFact, RecoveryFact, ReliefRefused, ReportLeft, TownshipMoved
from events.relief_approval import ApprovalFact, ReliefApproved
from events.relief_fast import FastFact, SmallFastDecided
from events.relief_inquiry import InquiryFact
from events.relief_persons import IdentityEstablished, IdentityWithdrawn, PersonFact, RepeatFound
from events.relief_referral import ReferralFact
from events.relief_words import Contact
from services.chassis.decider import replace
from services.relief import paperwork
from services.relief.case_state import Case, Decision, Relief, Standing, cost_fen
from services.relief.signal import known_by
from services.relief.steps import (
    approval_state,
    county,
    ending,
    fast_track,
    identity,
    inquiry,
    recovery_state,
    referral,
)

_Based = AdvanceDecided | AdvanceDeclined | SmallFastDecided | ReliefApproved
"""What says on which clause it stands."""

_OF_STEPS = frozenset(get_args(StepFact))
"""A set, as there are half a hundred kinds: one look-up for each fact, and not as many ``isinstance``."""


def evolve(case: Case | None, recorded: Recorded[CaseFact]) -> Case | None:
    """The case after a fact."""
    fact = recorded.fact
    if case is None:
        return _opened(fact, recorded.recorded_at) if isinstance(fact, CaseOpened) else None
    if isinstance(fact, _Based):
        case = replace(case, clauses=case.clauses | {fact.basis.clause})
    if type(fact) in _OF_STEPS:
        return _after_a_step(case, cast(StepFact, fact), recorded)
    return _after_own(case, cast(OwnFact, fact), recorded)


def _opened(fact: CaseOpened, recorded_at: datetime) -> Case:
    return Case(opened=fact, reports={fact.report_id: known_by(fact.reported_at, recorded_at)})


def _after_own(case: Case, fact: OwnFact, recorded: Recorded[CaseFact]) -> Case:
    match fact:
        case CaseOpened():
            return case
        case AdvanceLetGo():
            return _after_letting_go(case, fact)
        case ReviewRaised():
            return _after_review(case, fact)
        case ReportLinked() | CaseAccepted() | HouseholdContacted() | CaseClosed():
            return _after_step(case, fact, recorded)
        case AdvanceDecided() | AdvanceDeclined() | FundsReserved() | FundsShort() | AdvanceVoided():
            return _after_decision(case, fact, known_by(recorded.occurred_at, recorded.recorded_at))
        case HouseholdRelieved() | ReliefCameBack():
            return _after_help(case, fact, recorded.recorded_at)
        case PaperworkDebtOpened() | PaperFiled() | PaperworkDebtMoved() | PaperworkDebtLifted():
            return replace(case, debts=paperwork.evolve(case.debts, fact, recorded.occurred_at))
        case PaperworkDebtClosed():
            return case


def _after_a_step(case: Case, fact: StepFact, recorded: Recorded[CaseFact]) -> Case:
    if isinstance(fact, ApprovalFact):
        return replace(case, approvals=approval_state.evolve(case.approvals, fact))
    if isinstance(fact, InquiryFact):
        at = known_by(recorded.occurred_at, recorded.recorded_at)
        return replace(case, inquiry=inquiry.evolve(case.inquiry, fact, at))
    if isinstance(fact, FastFact):
        return _after_fast(replace(case, fast=fast_track.evolve(case.fast, fact)), fact)
    if isinstance(fact, ReferralFact):
        return replace(case, referrals=referral.evolve(case.referrals, fact))
    if isinstance(fact, PersonFact):
        return _after_identity(case, fact)
    return _afterwards(case, fact)


def _after_identity(case: Case, fact: PersonFact) -> Case:
    """A claim that came or went with the identity is this case's or not."""
    after = replace(case, whose=identity.evolve(case.whose, fact))
    match fact:
        case IdentityEstablished(claims=True):
            return replace(after, holds_claim=True)
        case IdentityWithdrawn(claims=True) | RepeatFound():
            return replace(after, holds_claim=False)
        case _:
            return after


def _after_fast(case: Case, fact: FastFact) -> Case:
    """Small-fast relief is held and paid as an advance is."""
    if not isinstance(fact, SmallFastDecided):
        return case
    decision = Decision(fact.amount_fen, (), fund_id=fact.fund_id, is_small_fast=True, hold_id=fact.hold_id)
    holds_claim = case.holds_claim or not fact.although_helped
    return replace(case, decisions={**case.decisions, fact.decision_id: decision}, holds_claim=holds_claim)


def _afterwards(case: Case, fact: AfterFact) -> Case:
    if isinstance(fact, CountyFact):
        return replace(case, oversight=county.evolve(case.oversight, fact))
    if isinstance(fact, RecoveryFact):
        return replace(case, recoveries=recovery_state.evolve(case.recoveries, fact))
    if isinstance(fact, TownshipMoved):
        return replace(case, opened=case.opened.model_copy(update={"township": fact.to_township}))
    frees = isinstance(fact, ReliefRefused) or (isinstance(fact, ReportLeft) and fact.person is not None)
    holds_claim = case.holds_claim and not frees
    return replace(case, ending=ending.evolve(case.ending, fact), holds_claim=holds_claim)


def _after_step(
    case: Case, fact: ReportLinked | CaseAccepted | HouseholdContacted | CaseClosed, recorded: Recorded[CaseFact]
) -> Case:
    match fact:
        case ReportLinked():
            reported_at = known_by(fact.reported_at, recorded.recorded_at)
            joined_from = case.joined_from or fact.came_from
            return replace(case, reports={**case.reports, fact.report_id: reported_at}, joined_from=joined_from)
        case CaseAccepted():
            return replace(case, accepted_at=known_by(recorded.occurred_at, recorded.recorded_at))
        case HouseholdContacted():
            contact = Contact(at=fact.contacted_at, role=recorded.meta.actor.role, reached=fact.reached)
            return replace(case, contacts=(*case.contacts, contact))
        case CaseClosed():
            return _after_closing(case, fact, known_by(recorded.occurred_at, recorded.recorded_at))


def _after_closing(case: Case, fact: CaseClosed, at: datetime) -> Case:
    if case.closed is not None:
        return case
    return replace(case, closed=fact, closed_at=at, holds_claim=False)


def _after_decision(
    case: Case, fact: AdvanceDecided | AdvanceDeclined | FundsReserved | FundsShort | AdvanceVoided, at: datetime
) -> Case:
    match fact:
        case AdvanceDecided():
            return _after_advance(case, fact, at)
        case AdvanceDeclined():
            return replace(case, declined=(*case.declined, fact.reason))
        case FundsReserved():
            return _standing(case, fact.decision_id, "held")
        case FundsShort():
            short = _standing(case, fact.decision_id, "short")
            return _lacking(short, fact.decision_id, fact.shortfall_fen)
        case AdvanceVoided():
            holds_claim = case.holds_claim and fact.person is None
            return replace(_standing(case, fact.decision_id, "voided"), holds_claim=holds_claim)


def _after_letting_go(case: Case, fact: AdvanceLetGo) -> Case:
    """Where ledger holds nothing, nobody else will say so."""
    decision = case.decisions.get(fact.decision_id)
    if decision is None or decision.fund_id != fact.fund_id or decision.standing in ("replaced", "voided"):
        return case
    if decision.is_unfunded:
        holds_claim = case.holds_claim and fact.person is None
        return replace(_standing(case, fact.decision_id, "replaced"), holds_claim=holds_claim)
    return replace(case, decisions={**case.decisions, fact.decision_id: replace(decision, is_leaving=True)})


def _after_review(case: Case, fact: ReviewRaised) -> Case:
    """What was let go too late is being paid: if the bank sends it back, it can be let go again."""
    after = replace(case, reviews=(*case.reviews, fact))
    decision = case.decisions.get(fact.about)
    if decision is None or fact.reason != "too_late":
        return after
    return replace(after, decisions={**case.decisions, fact.about: replace(decision, is_leaving=False)})


def _lacking(case: Case, decision_id: str, short_fen: int) -> Case:
    decision = case.decisions.get(decision_id)
    if decision is None:
        return case
    return replace(case, decisions={**case.decisions, decision_id: replace(decision, short_fen=short_fen)})


def _after_advance(case: Case, fact: AdvanceDecided, at: datetime) -> Case:
    """A later decision takes the place of those that the fund was too short for."""
    earlier = {
        key: replace(decision, standing="replaced") if decision.standing == "short" else decision
        for key, decision in case.decisions.items()
    }
    decision = Decision(fact.amount_fen, fact.goods, fund_id=fact.fund_id, decided_at=at, hold_id=fact.hold_id)
    holds_claim = case.holds_claim or not fact.although_helped
    return replace(case, decisions={**earlier, fact.decision_id: decision}, holds_claim=holds_claim)


def _standing(case: Case, decision_id: str, standing: Standing) -> Case:
    decision = case.decisions.get(decision_id)
    if decision is None:
        return case
    return replace(case, decisions={**case.decisions, decision_id: replace(decision, standing=standing)})


def _after_help(case: Case, fact: HouseholdRelieved | ReliefCameBack, recorded_at: datetime) -> Case:
    match fact:
        case HouseholdRelieved():
            at = known_by(fact.relieved_at, recorded_at)
            relief = Relief(fact.decision_id, fact.payment_id, cost_fen(fact.goods), at, fact.amount_fen, fact.fund_id)
            approvals = approval_state.paid(case.approvals, fact.decision_id)
            return replace(case, received=(*case.received, relief), approvals=approvals)
        case ReliefCameBack():
            approvals = approval_state.came_back(case.approvals, fact.decision_id)
            returned = case.returned | {(fact.decision_id, fact.payment_id)}
            return replace(case, returned=returned, approvals=approvals)
