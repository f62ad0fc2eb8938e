"""What follows a payment over HTTP: ways out of a short fund, recoveries, papers, goods."""

from dataclasses import replace

from fastapi import APIRouter, Response

from services.chassis.calling import Called
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import After, PathId
from services.ledger.fund_commands import (
    AddOwnMoney,
    IssueGoods,
    MarkPapers,
    ReceiveRecovery,
    TryAgain,
)
from services.ledger.ids import derived
from services.ledger.journal import SQL
from services.ledger.routes.bodies import GivenBack, Handover, Nothing, Papers
from services.ledger.routes.funds import about, to
from services.ledger.routes.held import Held
from services.ledger.routes.moments import must_have_happened
from services.ledger.routes.reading import FundId, caught_up

router = APIRouter(tags=["ledger"], route_class=PersonRoute)


@router.post("/v1/holds/{hold_id}/own-money", status_code=201, name="ledger.add_own_money")
async def add_own_money(hold_id: PathId, body: Nothing, call: Called, after: After = None) -> Response:
    """The fund is short: the township adds its own money, up to the cap of the terms (乡镇垫付)."""
    held = await Held.of(call, "hold_asked_for", hold_id, after)
    return await call.give(held.about(hold_id), body.said(), [held.directed(AddOwnMoney(hold_id))])


@router.post("/v1/holds/{hold_id}/retry", status_code=201, name="ledger.try_again")
async def try_again(hold_id: PathId, body: Nothing, call: Called, after: After = None) -> Response:
    """The fund was short and has money now: hold what was asked for."""
    held = await Held.of(call, "hold_asked_for", hold_id, after)
    return await call.give(held.about(hold_id), body.said(), [held.directed(TryAgain(hold_id))])


@router.post("/v1/recoveries/{recovery_id}/receipts", status_code=201, name="ledger.receive_recovery")
async def receive_recovery(recovery_id: PathId, body: GivenBack, call: Called, after: After = None) -> Response:
    """A household has given back part or all of what was ordered (追回入账)."""
    must_have_happened(call, body.occurred_at)
    await caught_up(call.service, after)
    async with call.service.projectors["journal"].reading() as books:
        row = await books.fetchrow(SQL["recovery_of"], recovery_id)
    if row is None:
        raise Problem(404, "no_such_recovery", "没有找到这笔追回,请核对编号。")
    receipt_id = derived(row["division"], recovery_id, call.key)
    command = ReceiveRecovery(recovery_id, receipt_id, body.amount_fen)
    told = replace(about(row["fund_id"], recovery_id), occurred_at=body.occurred_at)
    return await call.give(told, body.said(), to(row["fund_id"], command))


@router.post("/v1/payments/{payment_id}/papers", status_code=201, name="ledger.mark_papers")
async def mark_papers(payment_id: PathId, body: Papers, call: Called, after: After = None) -> Response:
    """The papers of an advance are filed (核销), admitted or rejected by the county, or borne by the township."""
    held = await Held.of(call, "hold_of_payment", payment_id, after)
    command = MarkPapers(payment_id, body.standing)
    return await call.give(held.about(payment_id), body.said(), [held.directed(command)])


@router.post("/v1/funds/{fund_id}/handovers", status_code=201, name="ledger.issue_goods")
async def issue_goods(fund_id: FundId, body: Handover, call: Called) -> Response:
    """Goods out of the stock go to a household (实物发放): expenditure at cost."""
    must_have_happened(call, body.occurred_at)
    handover_id = derived(fund_id, call.actor.id, call.key)
    command = IssueGoods(handover_id, body.batch_id, body.case_id, body.quantity)
    told = replace(about(fund_id), occurred_at=body.occurred_at)
    return await call.give(told, body.said(), to(fund_id, command))
