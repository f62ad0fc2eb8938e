"""A hold (占用): an amount of a fund that is promised to one decision, until it is paid or let go."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol

from events.ledger import (
    Method,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Voided,
)
from services.chassis.decider import Refused

# --- commands


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold the amount of a decision, in fen; the hold's id is the decision's, which also names the fund."""

    hold_id: str
    case_id: str
    amount_fen: int
    decided_by: str
    fund_id: str


@dataclass(frozen=True, slots=True)
class Void:
    """Let go a hold that is not being paid."""

    hold_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Instruct:
    """Tell the bank to pay a hold, or count out the cash."""

    hold_id: str
    payment_id: str
    method: Method
    payee_ref: str


@dataclass(frozen=True, slots=True)
class ConfirmReceived:
    """The bank's receipt or the signed slip says that the household has the money."""

    payment_id: str
    received_at: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class ReturnPayment:
    """The bank sent a payment back."""

    payment_id: str
    reason: str


LaterCommand = Void | Instruct | ConfirmReceived | ReturnPayment
LaterFact = Voided | PaymentInstructed | PaymentReceived | PaymentReturned
HoldFact = Reserved | RefusedShort | LaterFact

# --- state


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay a hold."""

    method: Method
    payee_ref: str
    standing: Literal["instructed", "received", "returned"] = "instructed"


@dataclass(frozen=True, slots=True)
class Hold:
    """What was promised, and every attempt to pay it. After a returned payment it is live again; voided is the end."""

    hold_id: str
    case_id: str
    amount_fen: int
    decided_by: str
    standing: Literal["live", "instructed", "received", "voided"] = "live"
    payments: Mapping[str, Payment] = field(default_factory=dict[str, Payment])

    @property
    def held_fen(self) -> int:
        """What the fund must keep back for it."""
        return self.amount_fen if self.standing in ("live", "instructed") else 0


class Purse(Protocol):
    """What a hold needs to know of its fund."""

    @property
    def fund_id(self) -> str:
        """The fund."""
        ...

    @property
    def available_fen(self) -> int:
        """What it can still promise."""
        ...


# --- decide


def reserve(purse: Purse, hold: Hold | None, command: Reserve) -> Reserved | RefusedShort | None:
    """Promise the amount, or say what is short. A hold that was short does not exist, and may be asked for again."""
    if hold is not None:
        if hold.amount_fen != command.amount_fen:
            raise Refused("hold_differs", "该决定已占用备用金,占用金额不同。")
        return None
    if command.amount_fen > purse.available_fen:
        return short(purse.fund_id, purse.available_fen, command)
    return Reserved(
        fund_id=purse.fund_id,
        hold_id=command.hold_id,
        case_id=command.case_id,
        amount_fen=command.amount_fen,
        decided_by=command.decided_by,
    )


def short(fund_id: str, available_fen: int, command: Reserve) -> RefusedShort:
    """What the fund lacks."""
    return RefusedShort(
        fund_id=fund_id,
        hold_id=command.hold_id,
        case_id=command.case_id,
        asked_fen=command.amount_fen,
        available_fen=available_fen,
        shortfall_fen=command.amount_fen - available_fen,
    )


def decide(fund_id: str, hold: Hold, command: LaterCommand, actor_id: str) -> LaterFact | None:
    """What happens to the hold; nothing for a repeated command. Raises ``Refused`` for a senseless one."""
    match command:
        case Void():
            return _void(fund_id, hold, command)
        case Instruct():
            return _instruct(fund_id, hold, command, actor_id)
        case ConfirmReceived():
            return _confirm(fund_id, hold, command)
        case ReturnPayment():
            return _return(fund_id, hold, command)


def _void(fund_id: str, hold: Hold, command: Void) -> LaterFact | None:
    if hold.standing == "voided":
        return None
    if hold.standing != "live":
        raise Refused("too_late", "支付指令已经发出,不能再释放,请等待银行结果。")
    return Voided(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        amount_fen=hold.amount_fen,
        reason=command.reason,
    )


_NOT_LIVE: Mapping[str, tuple[str, str]] = {
    "instructed": ("already_instructed", "该笔占用已发出支付指令,请等待银行结果。"),
    "received": ("already_received", "该笔救助金已经到账,不能重复支付。"),
    "voided": ("hold_voided", "该笔占用已经释放,不能再支付。"),
}


def _instruct(fund_id: str, hold: Hold, command: Instruct, actor_id: str) -> LaterFact | None:
    known = hold.payments.get(command.payment_id)
    if known is not None:
        if (known.method, known.payee_ref) != (command.method, command.payee_ref):
            raise payment_differs()
        return None
    if hold.standing != "live":
        raise Refused(*_NOT_LIVE[hold.standing])
    if actor_id == hold.decided_by:
        raise Refused("same_person", "作出救助决定的人不能办理同一笔支付,请换人经办。")
    return PaymentInstructed(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        payment_id=command.payment_id,
        amount_fen=hold.amount_fen,
        method=command.method,
        payee_ref=command.payee_ref,
        instructed_by=actor_id,
    )


def payment_differs() -> Refused:
    """A payment's id names one payment for ever."""
    return Refused("payment_differs", "该支付编号已使用过,请使用新的支付编号。")


def _confirm(fund_id: str, hold: Hold, command: ConfirmReceived) -> LaterFact | None:
    match hold.payments[command.payment_id].standing:
        case "received":
            return None
        case "returned":
            raise Refused("already_returned", "该笔支付已被退回,不能确认到账。")
        case "instructed":
            return PaymentReceived(
                fund_id=fund_id,
                hold_id=hold.hold_id,
                case_id=hold.case_id,
                payment_id=command.payment_id,
                amount_fen=hold.amount_fen,
                received_at=command.received_at,
                evidence=command.evidence,
            )


def _return(fund_id: str, hold: Hold, command: ReturnPayment) -> LaterFact | None:
    standing = hold.payments[command.payment_id].standing
    if standing == "returned":
        return None
    return PaymentReturned(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        payment_id=command.payment_id,
        amount_fen=hold.amount_fen,
        was_received=standing == "received",
        reason=command.reason,
    )


# --- evolve


def begin(fact: Reserved) -> Hold:
    """The hold that this fact begins."""
    return Hold(fact.hold_id, fact.case_id, fact.amount_fen, fact.decided_by)


def evolve(hold: Hold, fact: LaterFact) -> Hold:
    """The hold after a later fact."""
    match fact:
        case Voided():
            return replace(hold, standing="voided")
        case PaymentInstructed():
            payment = Payment(fact.method, fact.payee_ref)
            return _with(replace(hold, standing="instructed"), fact.payment_id, payment)
        case PaymentReceived():
            payment = replace(hold.payments[fact.payment_id], standing="received")
            return _with(replace(hold, standing="received"), fact.payment_id, payment)
        case PaymentReturned():
            payment = replace(hold.payments[fact.payment_id], standing="returned")
            return _with(replace(hold, standing="live"), fact.payment_id, payment)


def _with(hold: Hold, payment_id: str, payment: Payment) -> Hold:
    return replace(hold, payments={**hold.payments, payment_id: payment})
