"""Payments over HTTP (支付): a hold is paid, the payment confirmed or sent back, or the hold let go."""

from fastapi import APIRouter, Response

from services.chassis.calling import Call, Called
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.replay import state_of
from services.chassis.routing import After, PathId
from services.ledger import payee
from services.ledger.bank_data import bank_data_of
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment, Slip, Void
from services.ledger.ids import derived, payee_stream
from services.ledger.routes.bodies import Instruction, Reason, Receipt
from services.ledger.routes.held import Held
from services.ledger.routes.moments import must_have_happened

router = APIRouter(tags=["ledger"], route_class=PersonRoute)


@router.post("/v1/holds/{hold_id}/payments", status_code=201, name="ledger.instruct_payment")
async def instruct_payment(hold_id: PathId, body: Instruction, call: Called, after: After = None) -> Response:
    """Tell the bank to pay, or count out the cash. Never by the person who decided the help."""
    must_have_happened(call, body.occurred_at)
    held = await Held.of(call, "hold", hold_id, after)
    await _check_payee(call, held, body)
    payment_id = derived(held.division, hold_id, call.key)
    command = Instruct(hold_id, payment_id, body.method, body.payee_ref)
    return await call.give(held.about(hold_id, body.occurred_at), body.said(), [held.directed(command)])


@router.post("/v1/payments/{payment_id}/receipt", status_code=201, name="ledger.confirm_receipt")
async def confirm_receipt(payment_id: PathId, body: Receipt, call: Called, after: After = None) -> Response:
    """The household has the money: from then on it is expenditure. Who sent it or handed it over does not say so."""
    must_have_happened(call, body.received_at, "/received_at")
    held = await Held.of(call, "hold_of_payment", payment_id, after)
    slip = Slip(body.signed_by, body.handed_by) if body.signed_by and body.handed_by else None
    duties = bank_data_of(call.service).duties_of(held.division)
    command = ConfirmReceived(
        payment_id, body.received_at, body.evidence, body.amount_fen, slip, duties.handler_confirms, body.attachments
    )
    asks = () if duties.exporter_settles else (f"exported:{payment_id}:{call.actor.id}",)
    return await call.give(held.about(payment_id, body.received_at), body.said(), [held.directed(command, asks)])


@router.post("/v1/payments/{payment_id}/return", status_code=201, name="ledger.return_payment")
async def return_payment(payment_id: PathId, body: Reason, call: Called, after: After = None) -> Response:
    """The bank sent the money back (退汇); the hold can be paid again under a new payment number."""
    held = await Held.of(call, "hold_of_payment", payment_id, after)
    command = ReturnPayment(payment_id, body.reason)
    return await call.give(held.about(payment_id), body.said(), [held.directed(command)])


@router.post("/v1/holds/{hold_id}/void", status_code=201, name="ledger.void_hold")
async def void_hold(hold_id: PathId, body: Reason, call: Called, after: After = None) -> Response:
    """Let a hold go (释放); too late once a payment has been instructed."""
    held = await Held.of(call, "hold", hold_id, after)
    return await call.give(held.about(hold_id), body.said(), [held.directed(Void(hold_id, body.reason))])


async def _check_payee(call: Call, held: Held, body: Instruction) -> None:
    """A payee never changes once registered, so it is read without the lock.

    No account is paid into that only one person has seen: who registered it does not tell the bank.
    """
    known = await state_of(call.service.store, (held.division, payee_stream(body.payee_ref)), payee.DECIDER)
    if known is None or known.case_id != held.case_id:
        raise Problem(409, "no_such_payee", "该个案没有登记这位领款人,请先登记。")
    if body.method != "cash" and not known.has_account:
        raise Problem(409, "no_account", "该领款人没有登记银行账户,不能转账。")
    if body.method != "cash" and known.registered_by == call.actor.id:
        raise Problem(409, "registered_by_payer", "登记收款账户的人不能办理同一账户的转账,请换人核对账户后经办。")
