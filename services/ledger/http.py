"""Ledger over HTTP: funds are opened and fed, payees registered, holds paid or let go. Reads are in ``reading``."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain

from fastapi import APIRouter, Response

from events.shanghai import SHANGHAI
from services.chassis.calling import About, Call, Called
from services.chassis.field_errors import FieldError
from services.chassis.http import PersonRoute
from services.chassis.problems import Invalid, Problem
from services.chassis.replay import state_of
from services.chassis.routing import After, PathId
from services.chassis.unit import Directed
from services.ledger import (
    bank_http,
    bank_reading,
    bank_suggestions,
    batch_http,
    forms_http,
    fund_http,
    opening_http,
    payee,
    payee_http,
    period_http,
    reading,
    reconciliation_http,
    replenishment_http,
    reports_http,
    settling_http,
)
from services.ledger.bank_data import bank_data_of
from services.ledger.bodies import Allocation, Appropriation, FundToOpen, Instruction, Reason, Receipt
from services.ledger.fund_commands import (
    CloseAllocation,
    OpenFund,
    ReceiveAllocation,
    ReceiveAppropriation,
    SendAllocation,
    Transfer,
)
from services.ledger.held import Held
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment, Slip, Void
from services.ledger.ids import derived, fund_id_of, fund_stream, payee_stream, place_of
from services.ledger.reading import FundId

router = APIRouter(tags=["ledger"], route_class=PersonRoute)
router.include_router(reading.router)
router.include_router(fund_http.router)
router.include_router(settling_http.router)
router.include_router(replenishment_http.router)
router.include_router(opening_http.router)
router.include_router(payee_http.router)
router.include_router(bank_http.router)
router.include_router(bank_reading.router)
router.include_router(reconciliation_http.router)
router.include_router(bank_suggestions.router)
router.include_router(batch_http.router)
router.include_router(period_http.router)
router.include_router(reports_http.router)
router.include_router(forms_http.router)

_AHEAD = timedelta(minutes=5)
"""How far a caller's clock may be ahead of ours."""


@router.post("/v1/funds", status_code=201, name="ledger.open_fund")
async def open_fund(body: FundToOpen, call: Called) -> Response:
    """Open the fund of a county, or of one of its townships, for a budget year; it starts with nothing."""
    place = body.township or body.county
    fund_id = fund_id_of(place, body.year)
    command = OpenFund(fund_id, body.county, body.township, body.year, body.terms)
    return await call.give(About(fund_id, place), body.said(), [Directed(fund_stream(fund_id), command)])


@router.post("/v1/funds/{fund_id}/appropriations", status_code=201, name="ledger.receive_appropriation")
async def receive_appropriation(fund_id: FundId, body: Appropriation, call: Called) -> Response:
    """Take in a higher level's money. One document and source is one appropriation, however often it is posted."""
    about = derived(fund_id, body.document, body.source)
    command = ReceiveAppropriation(about, body.amount_fen, body.source, body.document)
    place = place_of(fund_id, fund_id[:6])
    _check_not_ahead(call, body.occurred_at)
    told = About(fund_id, place, occurred_at=body.occurred_at)
    return await call.give(told, body.said(), [Directed(fund_stream(fund_id), command)])


@router.post("/v1/allocations", status_code=201, name="ledger.allocate")
async def allocate(body: Allocation, call: Called) -> Response:
    """Pass the county's money on to its townships under one document, wholly or not at all.

    A township's fund that is not open yet is opened with it. The same document moves the same money once.
    """
    _check_not_ahead(call, body.occurred_at)
    year = body.year or (body.occurred_at or call.service.clock.now()).astimezone(SHANGHAI).year
    parts = chain.from_iterable(_share(body, year, share.township, share.amount_fen) for share in body.allocations)
    told = About(body.county, body.county, occurred_at=body.occurred_at)
    return await call.give(told, body.said(), list(parts))


@router.post("/v1/holds/{hold_id}/payments", status_code=201, name="ledger.instruct_payment")
async def instruct_payment(hold_id: PathId, body: Instruction, call: Called, after: After = None) -> Response:
    """Tell the bank to pay, or count out the cash. Never by the person who decided the help."""
    _check_not_ahead(call, body.occurred_at)
    held = await Held.of(call, "hold", hold_id, after)
    await _check_payee(call, held, body)
    payment_id = derived(held.division, hold_id, call.key)
    command = Instruct(hold_id, payment_id, body.method, body.payee_ref)
    return await call.give(held.about(hold_id, body.occurred_at), body.said(), [held.directed(command)])


@router.post("/v1/payments/{payment_id}/receipt", status_code=201, name="ledger.confirm_receipt")
async def confirm_receipt(payment_id: PathId, body: Receipt, call: Called, after: After = None) -> Response:
    """The household has the money: from then on it is expenditure. Who sent it with a batch is not who says so."""
    _check_not_ahead(call, body.received_at, "/received_at")
    held = await Held.of(call, "hold_of_payment", payment_id, after)
    slip = Slip(body.signed_by, body.handed_by) if body.signed_by and body.handed_by else None
    command = ConfirmReceived(payment_id, body.received_at, body.evidence, body.amount_fen, slip, body.attachments)
    duties = bank_data_of(call.service).duties_of(held.division)
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


def _share(body: Allocation, year: int, township: str, amount_fen: int) -> Iterable[Directed]:
    """Both halves of one township's part, the opening of its fund between them."""
    sender, receiver = fund_id_of(body.county, year), fund_id_of(township, year)
    transfer = Transfer(
        transfer_id=derived(sender, receiver, body.document, body.source),
        from_fund_id=sender,
        to_fund_id=receiver,
        amount_fen=amount_fen,
        source=body.source,
        document=body.document,
    )
    yield Directed(fund_stream(sender), SendAllocation(transfer))
    yield Directed(fund_stream(receiver), OpenFund(receiver, body.county, township, year))
    if not body.in_transit:
        yield Directed(fund_stream(receiver), ReceiveAllocation(transfer))
        yield Directed(fund_stream(sender), CloseAllocation(transfer))


def _check_not_ahead(call: Call, moment: datetime | None, pointer: str = "/occurred_at") -> None:
    if moment is not None and moment > call.service.clock.now() + _AHEAD:
        raise Invalid([FieldError(pointer, "in_the_future", "发生时间不能晚于现在。")])


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
