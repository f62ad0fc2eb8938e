"""Relief's story, the approval: proposed, signed one after the other, paid in instalments under one ceiling."""

from datetime import date
from typing import Literal

from pydantic import Field

from events.fact import Fact, Public, Value
from events.relief_words import PolicyBasis, decision_claim
from events.rules import Residence
from events.words import Code, County, Fen, Id, PositiveFen, Pseudonym, Sha256, StaffId, Township

Level = Literal["township", "county", "meeting"]
"""Who decides by the amount (分级审批): 乡镇, 县级民政部门, 县级协调机制 (一事一议)."""

LettingGo = Literal["skipped", "reduced", "stopped"]
"""Why an instalment's money is let go: 跳过, 减发, 终止."""


class Planned(Value):
    """One instalment of a plan (分期): its amount in fen, and from which day it is to be paid."""

    instalment_id: Id
    amount_fen: PositiveFen
    due_on: date


class Plan(Value):
    """What is to be approved: who pays, at most how much in all, and in which instalments, equal or not."""

    payer: str = Field(pattern=r"^[0-9]{6}([0-9]{3})?$")
    """The county or township whose fund of each year pays."""
    ceiling_fen: PositiveFen
    instalments: tuple[Planned, ...] = Field(min_length=1, max_length=60)


class Grounds(Value):
    """What the household was found to need (测算依据): what an amount formula counts with, and a residence rule asks.

    Hardship in months or in days, as the formula goes; in fen what the event has cost, and what others have paid of it.
    """

    residence: Residence | None = None
    hardship_months: int | None = Field(default=None, ge=1, le=36)
    hardship_days: int | None = Field(default=None, ge=1, le=366)
    expense_fen: Fen | None = None
    paid_by_others_fen: Fen = 0
    resident_months: int | None = Field(default=None, ge=0, le=1_200)
    months_without_income: int | None = Field(default=None, ge=0, le=120)
    """Said by those who ask for relief because they have earned nothing."""
    tier: Code | None = None
    """The degree of hardship (困难档次), where the county's formula has tiers."""


class ApprovalProposed(Fact, name="relief.approval_proposed"):
    """An approval is put to its signers (呈批), for ordinary relief or for more of it after a visit (跟进救助)."""

    case_id: Id
    approval_id: Id
    follow_up: bool
    level: Level
    plan: Plan
    signers: tuple[Code, ...]
    """The roles that sign, in this order, each a different person."""
    basis: PolicyBasis
    proposed_by: StaffId
    township_signers: int = 0
    """How many of them are the township's."""
    grounds: Grounds | None = None
    """Nothing where no rule of the county asked for any."""
    reckoned_fen: Fen | None = None
    """What the county's formula gives on these grounds, in fen."""


class PlanDeclined(Fact, name="relief.plan_declined"):
    """The plan runs beyond what the policy allows: the instalments concerned, and their sum in fen."""

    case_id: Id
    approval_id: Id
    reason: Literal["beyond_natural_year", "beyond_months"]
    instalments: tuple[Id, ...]
    amount_fen: PositiveFen
    clause: str = Field(max_length=200)
    declined_for: StaffId


class ApprovalSigned(Fact, name="relief.approval_signed"):
    """The next signer agrees (签批)."""

    case_id: Id
    approval_id: Id
    role: Code
    signed_by: StaffId
    passes_to_county: bool = False
    """The township has signed in full: from here the county's time counts."""


class ApprovalSentBack(Fact, name="relief.approval_sent_back"):
    """A signer does not agree (退回): the proposal is done with, and another may be made."""

    case_id: Id
    approval_id: Id
    reason: Code
    sent_back_by: StaffId


class MeetingHeld(Fact, name="relief.meeting_held"):
    """The county's coordination meeting has decided this one case (一事一议), up to ``amount_fen``."""

    case_id: Id
    approval_id: Id
    number: str = Field(max_length=40)
    held_on: date
    attendees: tuple[StaffId, ...] = Field(min_length=2, max_length=40)
    amount_fen: PositiveFen
    noted_by: StaffId


class ReliefApproved(Public, name="relief.relief_approved"):
    """The last signer has agreed (批准): the ceiling of all instalments is fixed."""

    case_id: Id
    approval_id: Id
    follow_up: bool
    level: Level
    county: County
    township: Township
    plan: Plan
    approved_by: tuple[StaffId, ...]
    basis: PolicyBasis
    person: Pseudonym | None = None
    ends_on: date | None = None
    """The last day on which the policy lets instalments be paid; nothing where it is no staged relief."""

    def takes(self) -> tuple[str, ...]:
        """It gives something to a known person: who counts that sees it."""
        return () if self.person is None else (decision_claim(self.approval_id),)


class InstalmentCalled(Public, name="relief.instalment_called"):
    """A fund is asked to hold an instalment. ``hold_id`` is a new one for each call."""

    case_id: Id
    approval_id: Id
    instalment_id: Id
    hold_id: Id
    fund_id: Id
    amount_fen: PositiveFen
    decided_by: StaffId
    until: date | None = None
    """The plan's last day: with its end the money is let go unless it is being paid."""
    township: Township | None = None
    """Whose household it is, whatever fund pays."""
    signers: tuple[StaffId, ...] = ()
    """All who signed for it, the last of them the one who decided: none of them pays it."""
    policy_hash: Sha256 | None = None
    """The resolved set that its approval stood on."""


class InstalmentHeld(Fact, name="relief.instalment_held"):
    """Ledger holds the money of an instalment."""

    case_id: Id
    instalment_id: Id
    hold_id: Id


class InstalmentShort(Fact, name="relief.instalment_short"):
    """The fund could not hold an instalment: it stays promised, and can be called again."""

    case_id: Id
    instalment_id: Id
    hold_id: Id
    shortfall_fen: PositiveFen


class InstalmentReleased(Public, name="relief.instalment_released"):
    """An instalment may be paid now (发放): somebody has seen that the hardship goes on."""

    case_id: Id
    instalment_id: Id
    hold_id: Id
    fund_id: Id
    released_by: StaffId


class InstalmentInstructed(Fact, name="relief.instalment_instructed"):
    """The cashier is paying an instalment: it can no longer be let go."""

    case_id: Id
    instalment_id: Id
    hold_id: Id
    payment_id: Id


class InstalmentLetGo(Public, name="relief.instalment_let_go"):
    """An instalment is not to be paid as planned. What was held for it is let go by ledger, which says so."""

    case_id: Id
    approval_id: Id
    instalment_id: Id
    hold_id: Id
    fund_id: Id
    how: LettingGo
    to_fen: Fen
    """What remains of it, in fen; nothing unless it is reduced."""
    reason: Code
    decided_by: StaffId
    at_once: bool = False
    """Nothing was held for it: ledger has nothing to say any more."""


class InstalmentFreed(Fact, name="relief.instalment_freed"):
    """Ledger holds nothing for the instalment any more."""

    case_id: Id
    instalment_id: Id
    hold_id: Id
    reason: Code


ProposalFact = ApprovalProposed | PlanDeclined | ApprovalSigned | ApprovalSentBack | MeetingHeld | ReliefApproved
InstalmentFact = (
    InstalmentCalled
    | InstalmentHeld
    | InstalmentShort
    | InstalmentReleased
    | InstalmentInstructed
    | InstalmentLetGo
    | InstalmentFreed
)
ApprovalFact = ProposalFact | InstalmentFact
