"""What is known of the approvals of a case, and how every fact changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from events.relief_approval import (
    ApprovalFact,
    ApprovalProposed,
    ApprovalSentBack,
    ApprovalSigned,
    MeetingHeld,
    PlanDeclined,
    ProposalFact,
    ReliefApproved,
)
from services.chassis.decider import replace
from services.relief.steps import instalment
from services.relief.steps.instalment import Instalment


@dataclass(frozen=True)
class Approval:
    """A proposal, and what has become of it. ``meeting_fen`` is what the coordination meeting allowed."""

    proposed: ApprovalProposed
    signed: tuple[str, ...] = ()
    meeting_fen: int | None = None
    standing: Literal["proposed", "approved", "ended"] = "proposed"

    @property
    def passes_to_county(self) -> bool:
        """Whether the next signer is the township's last, and the county decides after that."""
        return self.proposed.level != "township" and len(self.signed) + 1 == self.proposed.township_signers

    @property
    def awaits_last(self) -> bool:
        """Whether the next signer is the last."""
        return self.standing == "proposed" and len(self.signed) + 1 == len(self.proposed.signers)


@dataclass(frozen=True)
class Approvals:
    """All approvals of a case, and the instalments of those that were given."""

    known: Mapping[str, Approval] = field(default_factory=dict[str, Approval])
    instalments: Mapping[str, Instalment] = field(default_factory=dict[str, Instalment])
    declined: frozenset[str] = frozenset()
    """The numbers of plans that the policy did not allow."""

    @property
    def standing_fen(self) -> int:
        """What they use up of the limits: all that is proposed, and of what is approved all that was not let go."""
        proposed = (one.proposed.plan.ceiling_fen for one in self.known.values() if one.standing == "proposed")
        return sum(proposed) + sum(one.promised_fen for one in self.instalments.values())

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to sign or to pay."""
        is_signed = all(one.standing != "proposed" for one in self.known.values())
        return is_signed and all(one.is_settled for one in self.instalments.values())

    def of_hold(self, hold_id: str) -> Instalment | None:
        """The instalment that ledger speaks of."""
        return next((one for one in self.instalments.values() if hold_id.partition(".")[0] == one.instalment_id), None)

    def of(self, approval_id: str) -> tuple[Instalment, ...]:
        """The instalments of one approval."""
        return tuple(one for one in self.instalments.values() if one.approval_id == approval_id)


def evolve(approvals: Approvals, fact: ApprovalFact) -> Approvals:
    """The approvals after a fact."""
    if isinstance(fact, ProposalFact):
        return _after_proposal(approvals, fact)
    known = approvals.instalments.get(fact.instalment_id)
    return approvals if known is None else _with(approvals, instalment.evolve(known, fact))


def paid(approvals: Approvals, hold_id: str) -> Approvals:
    """The household has the money of an instalment; of an advance nothing changes here."""
    known = approvals.of_hold(hold_id)
    return approvals if known is None else _with(approvals, instalment.paid(known))


def came_back(approvals: Approvals, hold_id: str) -> Approvals:
    """The money of an instalment came back."""
    known = approvals.of_hold(hold_id)
    return approvals if known is None else _with(approvals, instalment.came_back(known))


def _after_proposal(approvals: Approvals, fact: ProposalFact) -> Approvals:
    match fact:
        case ApprovalProposed():
            return replace(approvals, known={**approvals.known, fact.approval_id: Approval(fact)})
        case ReliefApproved():
            added = {one.instalment_id: one for one in instalments_of(fact)}
            approved = replace(approvals, instalments={**approvals.instalments, **added})
            return _changed(approved, fact.approval_id, standing="approved")
        case PlanDeclined():
            declined = replace(approvals, declined=approvals.declined | {fact.approval_id})
            return _changed(declined, fact.approval_id, standing="ended")
        case ApprovalSentBack():
            return _changed(approvals, fact.approval_id, standing="ended")
        case ApprovalSigned() | MeetingHeld():
            return _after_opinion(approvals, fact)


def _after_opinion(approvals: Approvals, fact: ApprovalSigned | MeetingHeld) -> Approvals:
    known = approvals.known.get(fact.approval_id)
    if known is None:
        return approvals
    match fact:
        case ApprovalSigned():
            after = replace(known, signed=(*known.signed, fact.signed_by))
        case MeetingHeld():
            after = replace(known, meeting_fen=fact.amount_fen)
    return replace(approvals, known={**approvals.known, fact.approval_id: after})


def _changed(approvals: Approvals, approval_id: str, standing: Literal["approved", "ended"]) -> Approvals:
    known = approvals.known.get(approval_id)
    if known is None:
        return approvals
    return replace(approvals, known={**approvals.known, approval_id: replace(known, standing=standing)})


def instalments_of(approved: ReliefApproved) -> tuple[Instalment, ...]:
    """The instalments of an approval, before anything has happened to them."""
    return tuple(
        Instalment(
            case_id=approved.case_id,
            approval_id=approved.approval_id,
            instalment_id=one.instalment_id,
            payer=approved.plan.payer,
            amount_fen=one.amount_fen,
            due_on=one.due_on,
            ends_on=approved.ends_on,
            township=approved.township,
            approved_by=approved.approved_by[-1],
            signers=approved.approved_by,
            policy_hash=approved.basis.policy_hash,
        )
        for one in approved.plan.instalments
    )


def _with(approvals: Approvals, changed: Instalment) -> Approvals:
    return replace(approvals, instalments={**approvals.instalments, changed.instalment_id: changed})
