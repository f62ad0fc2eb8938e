"""The county's look (县级监督): decisions on file, overridden, sampled, reviewed afterwards; papers that never came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from events.relief_after import (
    CountyFact,
    CountyOverrode,
    DebtJudged,
    FilingReceived,
    Finding,
    PostReviewConcluded,
    RecoveryFact,
    RecoveryOrdered,
    SampleDrawn,
)
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.policy import Policy
from services.relief.steps import recovery
from services.relief.steps.case_file import CaseFile, Given
from services.relief.steps.recovery import OrderRecovery
from services.relief.steps.staging import months_after

# --- commands


@dataclass(frozen=True, slots=True)
class ReceiveFiling:
    """Put a delegated decision on the county's file (备案)."""

    decision_id: str


@dataclass(frozen=True, slots=True)
class Override:
    """Decide otherwise than the township did, in fen."""

    override_id: str
    decision_id: str
    to_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class DrawSample:
    """Take the case into a sample (抽查)."""

    sample_id: str


@dataclass(frozen=True, slots=True)
class ConcludeReview:
    """Put down what was found afterwards; for fraud, the document of the authority that decided it."""

    review_id: str
    finding: Finding
    document: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class JudgeDebt:
    """Decide about papers that never came."""

    debt_id: str
    outcome: Literal["admitted", "refused"]
    reason: str


CountyCommand = ReceiveFiling | Override | DrawSample | ConcludeReview | JudgeDebt

# --- state


@dataclass(frozen=True, slots=True)
class Oversight:
    """What the county has done about the case."""

    filed: frozenset[str] = frozenset()
    overridden: Mapping[str, CountyOverrode] = field(default_factory=dict[str, CountyOverrode])
    samples: frozenset[str] = frozenset()
    reviews: Mapping[str, PostReviewConcluded] = field(default_factory=dict[str, PostReviewConcluded])
    debts: Mapping[str, Literal["admitted", "refused"]] = field(
        default_factory=dict[str, Literal["admitted", "refused"]]
    )

    def to_fen(self, decision_id: str) -> int | None:
        """What the county has decided in place of the township last, if it did."""
        found = self.override_of(decision_id)
        return None if found is None else found.to_fen

    def override_of(self, decision_id: str) -> CountyOverrode | None:
        """The last time that the county decided otherwise."""
        return next((one for one in reversed([*self.overridden.values()]) if one.decision_id == decision_id), None)

    @property
    def is_ineligible(self) -> bool:
        """Whether a review found that nothing more may be paid."""
        return any(review.finding != "eligible" for review in self.reviews.values())


# --- decide


def decide(
    case: CaseFile, oversight: Oversight, command: CountyCommand, now: Circumstances
) -> tuple[CountyFact | RecoveryFact, ...]:
    """What the county does. Raises ``Refused`` for a senseless command."""
    by = now.actor.id
    match command:
        case ReceiveFiling():
            return _file(case, oversight, command, by)
        case Override():
            return _override(case, oversight, command, by)
        case DrawSample():
            drawn = SampleDrawn(case_id=case.case_id, sample_id=command.sample_id, drawn_by=by)
            return () if command.sample_id in oversight.samples else (drawn,)
        case ConcludeReview():
            return _conclude(case, oversight, command, now)
        case JudgeDebt():
            return _judge(case, oversight, command, by)


def _file(case: CaseFile, oversight: Oversight, command: ReceiveFiling, by: str) -> tuple[CountyFact, ...]:
    if case.decided_fen(command.decision_id) is None:
        raise Refused("unknown_decision", "该个案没有这个决定,请核对编号。")
    if command.decision_id in oversight.filed:
        return ()
    return (FilingReceived(case_id=case.case_id, decision_id=command.decision_id, received_by=by),)


def _override(
    case: CaseFile, oversight: Oversight, command: Override, by: str
) -> tuple[CountyFact | RecoveryFact, ...]:
    """What was paid beyond the new amount is ordered back; what is missing to it is decided by an approval."""
    decided_fen = case.decided_fen(command.decision_id)
    if decided_fen is None:
        raise Refused("unknown_decision", "该个案没有这个决定,请核对编号。")
    if command.override_id in oversight.overridden:
        return ()
    if command.to_fen == decided_fen:
        raise Refused("same_amount", "变更后的金额与原决定相同。")
    overrode = CountyOverrode(
        case_id=case.case_id,
        override_id=command.override_id,
        decision_id=command.decision_id,
        decided_fen=decided_fen,
        to_fen=command.to_fen,
        reason=command.reason,
        decided_by=by,
    )
    received_fen = case.received_fen(command.decision_id)
    return overrode, *beyond(case, overrode, received_fen, f"{command.override_id}-r")


def beyond(
    case: CaseFile, overrode: CountyOverrode, received_fen: int, recovery_id: str, also: Sequence[Given] = ()
) -> tuple[RecoveryOrdered, ...]:
    """What is received beyond what the county decided is ordered back, except for what was ordered back before."""
    too_much_fen = received_fen - overrode.to_fen - case.ordered_back_fen(overrode.decision_id)
    if too_much_fen <= 0:
        return ()
    back = OrderRecovery(recovery_id, overrode.decision_id, too_much_fen, "county_override", overrode.override_id)
    return recovery.ordered(case, back, overrode.decided_by, also)


def _conclude(
    case: CaseFile, oversight: Oversight, command: ConcludeReview, now: Circumstances
) -> tuple[CountyFact, ...]:
    if command.review_id in oversight.reviews:
        return ()
    if command.finding == "fraud" and not command.document:
        raise Refused("no_document", "骗取救助须由有权机关认定,请填写认定文书号。")
    return (
        PostReviewConcluded(
            case_id=case.case_id,
            review_id=command.review_id,
            finding=command.finding,
            document=command.document,
            barred_until=barred_until(command, day_of(now.occurred_at)),
            concluded_by=now.actor.id,
        ),
    )


def barred_until(command: ConcludeReview, on: date) -> date | None:
    """Until when fraud that is found on a day bars from a new application, if the policy says so."""
    rule = command.policy.rules.disqualification
    return None if rule is None or command.finding != "fraud" else months_after(on, rule.months)


def _judge(case: CaseFile, oversight: Oversight, command: JudgeDebt, by: str) -> tuple[CountyFact, ...]:
    if not case.owes_papers(command.debt_id):
        raise Refused("unknown_debt", "没有这笔待补手续,请核对编号。")
    if oversight.debts.get(command.debt_id) == command.outcome:
        return ()
    return (
        DebtJudged(
            case_id=case.case_id,
            debt_id=command.debt_id,
            outcome=command.outcome,
            reason=command.reason,
            judged_by=by,
        ),
    )


# --- evolve


def evolve(oversight: Oversight, fact: CountyFact) -> Oversight:
    """What the county has done after a fact."""
    match fact:
        case FilingReceived():
            return replace(oversight, filed=oversight.filed | {fact.decision_id})
        case CountyOverrode():
            return replace(oversight, overridden={**oversight.overridden, fact.override_id: fact})
        case SampleDrawn():
            return replace(oversight, samples=oversight.samples | {fact.sample_id})
        case PostReviewConcluded():
            return replace(oversight, reviews={**oversight.reviews, fact.review_id: fact})
        case DebtJudged():
            return replace(oversight, debts={**oversight.debts, fact.debt_id: fact.outcome})
