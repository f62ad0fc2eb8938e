"""What can be asked of a hold (占用): to pay it, to let it go, and what the bank says became of it."""

from dataclasses import dataclass
from datetime import datetime

from events.ledger import (
    Method,
)


@dataclass(frozen=True, slots=True)
class Void:
    """Let go a hold that is not being paid."""

    hold_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Let go a hold whose time is over, by the fund's own clock; nothing while it is not, or is being paid."""

    hold_id: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Relief does not want a hold paid any more, nor one that the fund was short of. What is being paid stays."""

    hold_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Release:
    """Relief has released an instalment: it may be paid. One that is let go or was never held stays as it is."""

    hold_id: str


@dataclass(frozen=True, slots=True)
class Instruct:
    """Tell the bank to pay a hold, or count out the cash."""

    hold_id: str
    payment_id: str
    method: Method
    payee_ref: str


@dataclass(frozen=True, slots=True)
class Slip:
    """The two signatures on a cash slip (签收单): the registered payee's or agent's, and the handler's."""

    signed_by: str
    handed_by: str


@dataclass(frozen=True, slots=True)
class ConfirmReceived:
    """The bank's receipt or the signed slip says that the household has the money.

    ``amount_fen`` is what it got where that is less than was held; cash needs its slip.
    """

    payment_id: str
    received_at: datetime
    evidence: str
    amount_fen: int | None = None
    slip: Slip | None = None
    by_handler: bool = False
    """The county lets who has handed over cash say so as well."""
    attachments: int | None = None
    """How many papers hang on the voucher (附件张数)."""


@dataclass(frozen=True, slots=True)
class ReturnPayment:
    """The bank sent a payment back."""

    payment_id: str
    reason: str


LaterCommand = Void | Expire | Instruct | ConfirmReceived | ReturnPayment
