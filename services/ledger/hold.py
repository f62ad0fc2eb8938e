"""A hold (占用): an amount of a fund that is promised to one decision, until it is paid or let go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from events.ledger import (
    CashHandedOver,
    Committed,
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
from services.chassis.decider import Refused
from services.ledger.sources import first, last

# --- commands


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
    attachments: int | None = None
    """How many papers hang on the voucher (附件张数)."""


@dataclass(frozen=True, slots=True)
class ReturnPayment:
    """The bank sent a payment back."""

    payment_id: str
    reason: str


LaterCommand = Void | Expire | Instruct | ConfirmReceived | ReturnPayment
HeldFact = Voided | PaymentInstructed | PaymentReceived | PaymentReturned | RemainderReleased | CashHandedOver
LaterFact = HeldFact | PaidWithoutHold
Spent = RemainderReleased | PaymentReceived

# --- state

Papers = Literal["unfiled", "filed", "admitted", "rejected", "borne"]


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


# --- decide


def decide(fund_id: str, hold: Hold, command: LaterCommand, actor_id: str, now: datetime) -> Sequence[LaterFact]:
    """What happens to the hold; nothing for a repeated command. Raises ``Refused`` for a senseless one."""
    match command:
        case Void():
            return _void(fund_id, hold, command)
        case Expire():
            return _expire(fund_id, hold, now)
        case Instruct():
            return _instruct(fund_id, hold, command, actor_id)
        case ConfirmReceived():
            hold.must_be_anothers(actor_id)
            return _confirm(fund_id, hold, command)
        case ReturnPayment():
            return _return(fund_id, hold, command)


def voided(fund_id: str, hold: Hold, reason: str) -> Voided:
    """The hold let go."""
    return Voided(
        fund_id=fund_id, hold_id=hold.hold_id, case_id=hold.case_id, amount_fen=hold.amount_fen, reason=reason
    )


def dropped(told: Committed, reason: str) -> Voided:
    """A promise for a later year let go before anything was held."""
    return Voided(
        fund_id=told.fund_id, hold_id=told.hold_id, case_id=told.case_id, amount_fen=told.amount_fen, reason=reason
    )


def _void(fund_id: str, hold: Hold, command: Void) -> Sequence[LaterFact]:
    if hold.standing == "voided":
        return ()
    if hold.standing != "live":
        raise Refused("too_late", "支付指令已经发出,不能再释放,请等待银行结果。")
    return (voided(fund_id, hold, command.reason),)


def _expire(fund_id: str, hold: Hold, now: datetime) -> Sequence[LaterFact]:
    if hold.standing != "live" or hold.expires_at is None or now < hold.expires_at:
        return ()
    return (voided(fund_id, hold, "expired"),)


_NOT_LIVE: Mapping[str, tuple[str, str]] = {
    "instructed": ("already_instructed", "该笔占用已发出支付指令,请等待银行结果。"),
    "received": ("already_received", "该笔救助金已经到账,不能重复支付。"),
    "voided": ("hold_voided", "该笔占用已经释放,不能再支付。"),
}


def _instruct(fund_id: str, hold: Hold, command: Instruct, actor_id: str) -> Sequence[LaterFact]:
    known = hold.payments.get(command.payment_id)
    if known is not None:
        if (known.method, known.payee_ref) != (command.method, command.payee_ref):
            raise payment_differs()
        return ()
    if hold.standing != "live":
        raise Refused(*_NOT_LIVE[hold.standing])
    if hold.in_suspense:
        raise Refused("in_suspense", "该决定有一笔支付正在待查,请先处理待查款项。")
    if hold.waits:
        raise Refused("not_released", "该期救助金尚未同意发放,不能支付。")
    hold.must_be_anothers(actor_id)
    return (
        PaymentInstructed(
            fund_id=fund_id,
            hold_id=hold.hold_id,
            case_id=hold.case_id,
            payment_id=command.payment_id,
            amount_fen=hold.amount_fen,
            method=command.method,
            payee_ref=command.payee_ref,
            instructed_by=actor_id,
        ),
    )


def payment_differs() -> Refused:
    """A payment's id names one payment for ever."""
    return Refused("payment_differs", "该支付编号已使用过,请使用新的支付编号。")


def _confirm(fund_id: str, hold: Hold, command: ConfirmReceived) -> Sequence[LaterFact]:
    """A bank that has paid after all what it had sent back has paid what is not held: that is never dropped."""
    payment = hold.payments[command.payment_id]
    match payment.standing:
        case "received" | "suspended":
            return ()
        case "returned":
            return () if command.evidence == payment.evidence else (_without_hold(fund_id, hold, command),)
        case "instructed":
            return _received(fund_id, hold, payment, command)


def _received(fund_id: str, hold: Hold, payment: Payment, command: ConfirmReceived) -> Sequence[LaterFact]:
    amount_fen = payment.amount_fen if command.amount_fen is None else command.amount_fen
    if amount_fen > payment.amount_fen:
        raise Refused("more_than_held", "到账金额大于占用金额,请核对银行回单。")
    received = PaymentReceived(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        payment_id=command.payment_id,
        amount_fen=amount_fen,
        received_at=command.received_at,
        evidence=command.evidence,
        attachments=command.attachments,
    )
    slip = _slip(fund_id, payment, command) if payment.method == "cash" else ()
    if amount_fen == payment.amount_fen:
        return (received, *slip)
    rest_fen = payment.amount_fen - amount_fen
    rest = RemainderReleased(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        amount_fen=rest_fen,
        draws=last(hold.draws, rest_fen),
    )
    return (rest, received, *slip)


def _slip(fund_id: str, payment: Payment, command: ConfirmReceived) -> Sequence[CashHandedOver]:
    slip = command.slip
    if slip is None or slip.signed_by != payment.payee_ref or slip.handed_by == slip.signed_by:
        raise Refused("two_signatures", "现金发放须由领款人(代领人)和经办人共同签字,请补全签收单。")
    return (
        CashHandedOver(
            fund_id=fund_id, payment_id=command.payment_id, payee_ref=slip.signed_by, handed_by=slip.handed_by
        ),
    )


def _without_hold(fund_id: str, hold: Hold, command: ConfirmReceived) -> PaidWithoutHold:
    """The fund adds what it can still give."""
    amount_fen = command.amount_fen or hold.payments[command.payment_id].amount_fen
    return PaidWithoutHold(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        payment_id=command.payment_id,
        amount_fen=amount_fen,
        uncovered_fen=amount_fen,
        received_at=command.received_at,
        evidence=command.evidence,
    )


def _return(fund_id: str, hold: Hold, command: ReturnPayment) -> Sequence[LaterFact]:
    payment = hold.payments[command.payment_id]
    if payment.standing == "returned":
        return ()
    if payment.standing == "suspended":
        raise Refused("in_suspense", "该笔支付正在待查,请按待查款项处理退回。")
    if payment.recovered or payment.papers == "borne":
        raise Refused(
            "already_settled", "该笔支付正在追回、已追回或已由乡镇承担,不能再作退汇;追回有误的,请先免予追回。"
        )
    returned = PaymentReturned(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        payment_id=command.payment_id,
        amount_fen=payment.amount_fen,
        was_received=payment.standing == "received",
        reason=command.reason,
        revives=not payment.from_suspense,
        draws=payment.draws if payment.from_suspense else (),
    )
    return (returned, *_after_return(fund_id, evolve(hold, returned), command))


def _after_return(fund_id: str, hold: Hold, command: ReturnPayment) -> Sequence[RemainderReleased | Voided]:
    """A household that has been paid without the hold needs it no more; one that has nothing is decided on anew."""
    if hold.paid_beside:
        return _ended(fund_id, hold)
    has_nothing = all(payment.standing != "received" for payment in hold.payments.values())
    if hold.standing == "received" and has_nothing:
        return (voided(fund_id, replace(hold, amount_fen=hold.asked_fen), command.reason),)
    return ()


def spent(fund_id: str, hold: Hold, payment_id: str) -> Sequence[Spent]:
    """What was in suspense was help: the household has it, and a hold that nobody is paying is at an end."""
    payment = hold.payments[payment_id]
    if payment.received_at is None or payment.evidence is None:
        return ()
    received = PaymentReceived(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        payment_id=payment_id,
        amount_fen=payment.amount_fen,
        received_at=payment.received_at,
        evidence=payment.evidence,
        from_suspense=True,
    )
    return (*_ended(fund_id, hold), received)


def _ended(fund_id: str, hold: Hold) -> Sequence[RemainderReleased]:
    if hold.standing != "live":
        return ()
    return (
        RemainderReleased(
            fund_id=fund_id,
            hold_id=hold.hold_id,
            case_id=hold.case_id,
            amount_fen=hold.amount_fen,
            draws=hold.draws,
            ends=True,
        ),
    )


# --- evolve


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
