"""What becomes of a hold (占用): an amount of a fund that is promised to one decision, until it is paid or let go."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from events.ledger import (
    CashHandedOver,
    Committed,
    PaidWithoutHold,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RemainderReleased,
    Voided,
)
from services.chassis.decider import Refused
from services.ledger.hold_commands import ConfirmReceived, Expire, Instruct, LaterCommand, ReturnPayment, Void
from services.ledger.hold_state import Hold, LaterFact, Payment, Spent, evolve
from services.ledger.sources import last


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
            return _confirm(fund_id, hold, command, actor_id)
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


def _confirm(fund_id: str, hold: Hold, command: ConfirmReceived, actor_id: str) -> Sequence[LaterFact]:
    """A bank that has paid after all what it had sent back has paid what is not held: that is never dropped."""
    payment = hold.payments[command.payment_id]
    match payment.standing:
        case "received" | "suspended":
            return ()
        case "returned":
            return () if command.evidence == payment.evidence else (_without_hold(fund_id, hold, payment, command),)
        case "instructed":
            slip = _slip(fund_id, hold, command, actor_id) if payment.method == "cash" else ()
            return *_received(fund_id, hold, payment, command), *slip


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
    if amount_fen == payment.amount_fen:
        return (received,)
    rest_fen = payment.amount_fen - amount_fen
    rest = RemainderReleased(
        fund_id=fund_id,
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        amount_fen=rest_fen,
        draws=last(hold.draws, rest_fen),
    )
    return (rest, received)


def _slip(fund_id: str, hold: Hold, command: ConfirmReceived, actor_id: str) -> Sequence[CashHandedOver]:
    """Nobody hands over what they decided or signed for, nor says of their own handing over that it is done."""
    slip, payee_ref = command.slip, hold.payments[command.payment_id].payee_ref
    if slip is None or slip.signed_by != payee_ref or slip.handed_by == slip.signed_by:
        raise Refused("two_signatures", "现金发放须由领款人(代领人)和经办人共同签字,请补全签收单。")
    hold.must_be_anothers(slip.handed_by)
    if slip.handed_by == actor_id and not command.by_handler:
        raise Refused("same_person", "经手发放现金的人不能自己确认到账,请换人办理。")
    return (
        CashHandedOver(
            fund_id=fund_id, payment_id=command.payment_id, payee_ref=slip.signed_by, handed_by=slip.handed_by
        ),
    )


def _without_hold(fund_id: str, hold: Hold, payment: Payment, command: ConfirmReceived) -> PaidWithoutHold:
    """The fund adds what it can still give. No bank pays out cash that is back in the box: that is paid anew."""
    if payment.method == "cash":
        raise Refused("cash_came_back", "这笔现金已经交回,再次发放请重新办理支付。")
    amount_fen = command.amount_fen or payment.amount_fen
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
