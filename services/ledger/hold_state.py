"""A hold (占用) and the attempts to pay it, and how each fact changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from events.ledger import (
    CashHandedOver,
    Draw,
    Method,
    PaidWithoutHold,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RemainderReleased,
    Reserved,
    Voided,
)
from services.chassis.decider import Refused, replace
from services.ledger.sources import first

HeldFact = Voided | PaymentInstructed | PaymentReceived | PaymentReturned | RemainderReleased | CashHandedOver
LaterFact = HeldFact | PaidWithoutHold
Spent = RemainderReleased | PaymentReceived

Papers = Literal["unfiled", "filed", "admitted", "rejected", "borne"]


@dataclass(frozen=True)  # without slots: see ``Hold``
class Payment:
    """One attempt to pay a hold; its draws are what it took, once received."""

    method: Method
    payee_ref: str
    instructed_by: str
    amount_fen: int
    standing: Literal["instructed", "received", "returned", "suspended"] = "instructed"
    draws: tuple[Draw, ...] = ()
    papers: Papers = "unfiled"
    received_at: datetime | None = None
    recovered: tuple[Draw, ...] = ()
    """What of it has been ordered back, and not been waived."""
    evidence: str | None = None
    """What its receipt was known by: said again after a return, it is not a second payment."""
    from_suspense: bool = False
    """The fund gave its money, not the hold."""


@dataclass(frozen=True)  # without slots: a payment on its way changes it three times
class Hold:
    """What was promised, and every attempt to pay it. After a returned payment it is live again; voided is the end."""

    hold_id: str
    case_id: str
    amount_fen: int
    decided_by: str
    draws: tuple[Draw, ...]
    asked_fen: int
    """What was held at first; less is left where less was paid."""
    township: str | None = None
    expires_at: datetime | None = None
    standing: Literal["live", "instructed", "received", "voided"] = "live"
    payments: Mapping[str, Payment] = field(default_factory=dict[str, Payment])
    waits: bool = False
    """It may not be paid yet: relief has not released it."""
    signers: tuple[str, ...] = ()
    """All who signed for it, where that was more than one."""
    is_instalment: bool = False
    """Each attempt to pay it needs a release of its own."""

    @property
    def held(self) -> tuple[Draw, ...]:
        """What the fund must keep back for it."""
        return self.draws if self.standing in ("live", "instructed") else ()

    def must_be_anothers(self, actor_id: str) -> None:
        """Raise ``Refused`` for whoever decided it: nobody pays, or says that it is paid, what they signed for."""
        if actor_id == self.decided_by or actor_id in self.signers:
            raise Refused("same_person", "作出救助决定或在审批中签字的人不能办理同一笔支付,请换人经办。")

    @property
    def being_paid(self) -> Payment | None:
        """The payment that the bank has been told, or that is being counted out."""
        return next((payment for payment in self.payments.values() if payment.standing == "instructed"), None)

    @property
    def in_suspense(self) -> bool:
        """Whether the bank has paid without the hold, and nobody knows yet what that was."""
        return any(payment.standing == "suspended" for payment in self.payments.values())

    @property
    def paid_beside(self) -> bool:
        """Whether the household has the money by a payment that the hold did not give."""
        return any(payment.standing == "received" and payment.from_suspense for payment in self.payments.values())


def begin(fact: Reserved) -> Hold:
    """The hold that this fact begins."""
    return Hold(
        hold_id=fact.hold_id,
        case_id=fact.case_id,
        amount_fen=fact.amount_fen,
        decided_by=fact.decided_by,
        draws=fact.draws,
        asked_fen=fact.amount_fen,
        township=fact.township,
        expires_at=fact.expires_at,
        waits=fact.waits,
        signers=fact.signers,
        is_instalment=fact.waits,
    )


def evolve(hold: Hold, fact: LaterFact) -> Hold:
    """The hold after a later fact."""
    match fact:
        case Voided():
            return replace(hold, standing="voided")
        case PaymentInstructed():
            payment = Payment(fact.method, fact.payee_ref, fact.instructed_by, fact.amount_fen)
            return paying(replace(hold, standing="instructed"), fact.payment_id, payment)
        case RemainderReleased():
            left_fen = hold.amount_fen - fact.amount_fen
            left = replace(hold, amount_fen=left_fen, draws=first(hold.draws, left_fen))
            return replace(left, standing="received") if fact.ends else left
        case PaymentReceived(from_suspense=True):
            return hold
        case PaymentReceived():
            received = replace(
                hold.payments[fact.payment_id],
                amount_fen=fact.amount_fen,
                draws=hold.draws,
                standing="received",
                evidence=fact.evidence,
                received_at=fact.received_at,
            )
            return paying(replace(hold, standing="received"), fact.payment_id, received)
        case PaymentReturned():
            payment = replace(hold.payments[fact.payment_id], standing="returned", papers="unfiled")
            revived = replace(hold, standing="live", waits=hold.is_instalment) if fact.revives else hold
            return paying(revived, fact.payment_id, payment)
        case PaidWithoutHold():
            payment = replace(hold.payments[fact.payment_id], amount_fen=fact.amount_fen, standing="suspended")
            kept = replace(payment, draws=in_suspense(fact), received_at=fact.received_at, evidence=fact.evidence)
            return paying(hold, fact.payment_id, kept)
        case CashHandedOver():
            return hold


def in_suspense(fact: PaidWithoutHold) -> tuple[Draw, ...]:
    """The sources of a payment in suspense: what the fund gave, and the township's own for what it could not."""
    if not fact.uncovered_fen:
        return fact.draws
    return (*fact.draws, Draw(source="township_own", amount_fen=fact.uncovered_fen))


def paying(hold: Hold, payment_id: str, payment: Payment) -> Hold:
    """The hold with a payment as it is now."""
    return replace(hold, payments={**hold.payments, payment_id: payment})
