"""What a fund can be told, beside what is told about its holds. Amounts in fen."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from events.ledger import Act, Draw, FundTerms, Seal, Source
from events.words import Cause
from services.ledger.hold_commands import LaterCommand, LetGo, Release
from services.ledger.replenishment import ReplenishmentCommand

# --- the fund and its money


@dataclass(frozen=True, slots=True)
class OpenFund:
    """Open the fund of a county, or of one of its townships, for one budget year."""

    fund_id: str
    county: str
    township: str | None
    year: int
    terms: FundTerms = field(default_factory=FundTerms)


@dataclass(frozen=True, slots=True)
class SetTerms:
    """Lay down other terms."""

    terms: FundTerms
    document: str


@dataclass(frozen=True, slots=True)
class SetQuota:
    """How much of the county's fund a township may use: mode C."""

    township: str
    quota_fen: int
    document: str


@dataclass(frozen=True, slots=True)
class ReceiveAppropriation:
    """Take in what a higher level has sent to the county."""

    appropriation_id: str
    amount_fen: int
    source: Source
    document: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that one fund passes on to another under one document; both halves carry the same words."""

    transfer_id: str
    from_fund_id: str
    to_fund_id: str
    amount_fen: int
    source: Source
    document: str


@dataclass(frozen=True, slots=True)
class SendAllocation:
    """The sender's half of a transfer: the money is in transit."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class ReceiveAllocation:
    """The receiver's half; it goes into one unit of work with ``CloseAllocation``."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class CloseAllocation:
    """The sender learns that the money has arrived."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class TakeBackAllocation:
    """The sender learns that the money has not arrived and is back."""

    transfer: Transfer
    reason: str


@dataclass(frozen=True, slots=True)
class EndYear:
    """The budget year is over: let go what is held and not being paid, and pass on what is left."""


@dataclass(frozen=True, slots=True)
class CarryIn:
    """Take over what last year's fund had left, and what it owed to the township."""

    from_fund_id: str
    round: int
    draws: tuple[Draw, ...]
    owed_fen: int = 0


@dataclass(frozen=True, slots=True)
class EnterOpening:
    """Begin the books with what the county's form says that the fund has, by source, and what of it is cash."""

    draws: tuple[Draw, ...]
    sha256: str
    file_name: str
    cash_fen: int = 0


# --- promises


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold the amount of a decision; the hold's id is the decision's, which also names the fund.

    ``township`` names whose household it is, and so whose quota is used where the county pays (mode C). ``until`` is
    the end of an instalment plan, ``cause`` what struck the household.
    """

    hold_id: str
    case_id: str
    amount_fen: int
    decided_by: str
    fund_id: str
    township: str | None = None
    until: datetime | None = None
    waits: bool = False
    """An instalment is not paid before it is released."""
    cause: Cause | None = None
    signers: tuple[str, ...] = ()
    """All who signed for it: whoever decided is one of them."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Promise an instalment of a later year, in that year's fund, which nobody may have opened yet.

    ``township``, ``until`` and ``waits`` are what it will be held with.
    """

    hold_id: str
    case_id: str
    amount_fen: int
    decided_by: str
    fund_id: str
    township: str | None = None
    until: datetime | None = None
    waits: bool = False
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Ask again for a hold that the fund was short of, as it was decided."""

    hold_id: str


@dataclass(frozen=True, slots=True)
class AddOwnMoney:
    """Let the township add its own money for a hold that the fund is short of, up to the cap of the terms."""

    hold_id: str


@dataclass(frozen=True, slots=True)
class TakeUpCommitments:
    """Hold what was promised for this year, first promised first."""


# --- what comes after a payment


@dataclass(frozen=True, slots=True)
class OrderRecovery:
    """Relief has ordered part or all of a payment back; what cannot be claimed is declined, and no refusal."""

    recovery_id: str
    payment_id: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ReceiveRecovery:
    """A household has given back part or all of what was ordered."""

    recovery_id: str
    receipt_id: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class EndRecovery:
    """Relief has waived a claim or offset it, as far as it is still open."""

    recovery_id: str
    settlement_id: str
    how: Literal["waived", "offset"]
    amount_fen: int


@dataclass(frozen=True, slots=True)
class MarkPapers:
    """What became of the papers of an advance."""

    payment_id: str
    standing: Literal["filed", "admitted", "rejected", "borne"]


@dataclass(frozen=True, slots=True)
class IssueGoods:
    """Goods of a batch go to a household."""

    handover_id: str
    batch_id: str
    case_id: str
    quantity: int


# --- by hand, four eyes


@dataclass(frozen=True, slots=True)
class Propose:
    """Propose an act by hand under a document."""

    act_id: str
    act: Act
    document: str


@dataclass(frozen=True, slots=True)
class Approve:
    """Approve an act that another has proposed."""

    act_id: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Set an act aside."""

    act_id: str
    reason: str


# --- months


@dataclass(frozen=True, slots=True)
class Adjust:
    """Let a month take only adjustments."""

    month: str


@dataclass(frozen=True, slots=True)
class CheckVouchers:
    """Check all vouchers of a month."""

    month: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close a month under a seal; what the bank says of it enters here."""

    month: str
    seal: Seal
    open_exceptions: int
    difference_fen: int
    unstated: tuple[str, ...] = ()
    """Bank accounts whose statements end before the month does."""
    quiet_accounts: tuple[str, ...] = ()
    """Those of them on which nothing has moved since, on the word of the person who closes."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open a closed month for adjustments again."""

    month: str
    reason: str


TransferCommand = SendAllocation | ReceiveAllocation | CloseAllocation | TakeBackAllocation
MoveCommand = ReceiveAppropriation | TransferCommand | CarryIn | EnterOpening
PromiseCommand = Reserve | Commit | TryAgain | AddOwnMoney | TakeUpCommitments
AfterCommand = OrderRecovery | ReceiveRecovery | EndRecovery | MarkPapers | IssueGoods
ActCommand = Propose | Approve | Decline
MonthCommand = Adjust | CheckVouchers | Close | Reopen
TermsCommand = OpenFund | SetTerms | SetQuota
Command = (
    TermsCommand
    | MoveCommand
    | EndYear
    | PromiseCommand
    | LaterCommand
    | LetGo
    | Release
    | AfterCommand
    | ActCommand
    | MonthCommand
    | ReplenishmentCommand
)
