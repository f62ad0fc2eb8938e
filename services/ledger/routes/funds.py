"""A fund over HTTP: its terms, money between funds, acts by hand with four eyes, the year's end."""

from fastapi import APIRouter, Response

from events.ledger import YearClosed
from services.chassis.calling import About, Call, Called
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.replay import recorded
from services.chassis.routing import After, PathId
from services.chassis.unit import Directed
from services.ledger.fund_commands import (
    Approve,
    CarryIn,
    CloseAllocation,
    Command,
    Decline,
    EndYear,
    Propose,
    ReceiveAllocation,
    SendAllocation,
    SetQuota,
    SetTerms,
    TakeBackAllocation,
    TakeUpCommitments,
    Transfer,
)
from services.ledger.ids import derived, fund_stream, place_of
from services.ledger.journal import SQL
from services.ledger.routes.bodies import ActToPropose, CarryOver, Nothing, Passing, Quota, Reason, Terms
from services.ledger.routes.reading import FundId, caught_up

router = APIRouter(tags=["ledger"], route_class=PersonRoute)


def about(fund_id: str, named: str = "") -> About:
    """What a command for a fund is about."""
    return About(named or fund_id, place_of(fund_id, fund_id[:6]))


def to(fund_id: str, command: Command) -> list[Directed]:
    """The command, for its fund."""
    return [Directed(fund_stream(fund_id), command)]


@router.post("/v1/funds/{fund_id}/terms", status_code=201, name="ledger.set_terms")
async def set_terms(fund_id: FundId, body: Terms, call: Called) -> Response:
    """Lay down how the fund is run (管理参数), from now on."""
    return await call.give(about(fund_id), body.said(), to(fund_id, SetTerms(body.terms, body.document)))


@router.post("/v1/funds/{fund_id}/quotas", status_code=201, name="ledger.set_quota")
async def set_quota(fund_id: FundId, body: Quota, call: Called) -> Response:
    """Lay down how much of the county's fund a township may use (额度)."""
    command = SetQuota(body.township, body.quota_fen, body.document)
    return await call.give(about(fund_id), body.said(), to(fund_id, command))


@router.post("/v1/funds/{fund_id}/transfers", status_code=201, name="ledger.pass_on")
async def pass_on(fund_id: FundId, body: Passing, call: Called) -> Response:
    """Pass money on to another fund of the county (调剂). It is in transit until the other side takes it in."""
    if body.to_fund_id[:6] != fund_id[:6] or body.to_fund_id == fund_id:
        raise Problem(409, "wrong_fund", "只能在同一县(市、区)的备用金之间调剂。")
    transfer_id = derived(fund_id, body.to_fund_id, body.document, body.source)
    transfer = Transfer(transfer_id, fund_id, body.to_fund_id, body.amount_fen, body.source, body.document)
    return await call.give(about(fund_id), body.said(), to(fund_id, SendAllocation(transfer)))


@router.post("/v1/transfers/{transfer_id}/receipt", status_code=201, name="ledger.take_in")
async def take_in(transfer_id: PathId, body: Nothing, call: Called, after: After = None) -> Response:
    """What was in transit has arrived: both funds book it, at once."""
    transfer = await _transfer(call, transfer_id, after)
    parts = [
        *to(transfer.to_fund_id, ReceiveAllocation(transfer)),
        *to(transfer.from_fund_id, CloseAllocation(transfer)),
    ]
    return await call.give(about(transfer.to_fund_id, transfer_id), body.said(), parts)


@router.post("/v1/transfers/{transfer_id}/return", status_code=201, name="ledger.take_back")
async def take_back(transfer_id: PathId, body: Reason, call: Called, after: After = None) -> Response:
    """What was in transit has not arrived and is back in the sender's account; it is sent anew under a new document."""
    transfer = await _transfer(call, transfer_id, after)
    parts = to(transfer.from_fund_id, TakeBackAllocation(transfer, body.reason))
    return await call.give(about(transfer.from_fund_id, transfer_id), body.said(), parts)


async def _transfer(call: Call, transfer_id: str, after: str | None) -> Transfer:
    """A transfer that was sent. Raises ``Problem`` (404; 503 while not visible)."""
    await caught_up(call.service, after)
    async with call.service.projectors["journal"].reading() as books:
        row = await books.fetchrow(SQL["transfer"], transfer_id)
    if row is None:
        raise Problem(404, "no_such_transfer", "没有找到这笔拨款,请核对拨款编号。")
    return Transfer(transfer_id, **row)


@router.post("/v1/funds/{fund_id}/acts", status_code=201, name="ledger.propose")
async def propose(fund_id: FundId, body: ActToPropose, call: Called) -> Response:
    """Propose an act by hand (制单): cash fetched, interest, a correction, goods bought. Nothing moves yet."""
    act_id = derived(fund_id, call.actor.id, call.key)
    return await call.give(about(fund_id), body.said(), to(fund_id, Propose(act_id, body.act, body.document)))


@router.post("/v1/funds/{fund_id}/acts/{act_id}/approval", status_code=201, name="ledger.approve")
async def approve(fund_id: FundId, act_id: PathId, body: Nothing, call: Called) -> Response:
    """Approve what another has proposed (复核): now it takes effect."""
    return await call.give(about(fund_id, act_id), body.said(), to(fund_id, Approve(act_id)))


@router.post("/v1/funds/{fund_id}/acts/{act_id}/refusal", status_code=201, name="ledger.decline")
async def decline(fund_id: FundId, act_id: PathId, body: Reason, call: Called) -> Response:
    """Set a proposed act aside."""
    return await call.give(about(fund_id, act_id), body.said(), to(fund_id, Decline(act_id, body.reason)))


@router.post("/v1/funds/{fund_id}/year-end", status_code=201, name="ledger.end_year")
async def end_year(fund_id: FundId, body: Nothing, call: Called) -> Response:
    """The budget year is over: what is held is let go, what is left is carried over or handed back."""
    return await call.give(about(fund_id), body.said(), to(fund_id, EndYear()))


@router.post("/v1/funds/{fund_id}/carry-over", status_code=201, name="ledger.carry_over")
async def carry_over(fund_id: FundId, body: CarryOver, call: Called) -> Response:
    """Take over what last year's fund had left (上年结转), every round of its closing that has not come over yet."""
    if place_of(fund_id, "") != place_of(body.from_fund_id, "") or int(body.from_fund_id[-4:]) + 1 != int(fund_id[-4:]):
        raise Problem(409, "wrong_fund", "只能结转同一单位上一年度的备用金。")
    facts = await call.service.store.load({(fund_id[:6], fund_stream(body.from_fund_id)): 0})
    closed = [told for told in (recorded(row).fact for row in facts) if isinstance(told, YearClosed)]
    left = [told for told in closed if told.carried or told.owed_fen]
    commands = [CarryIn(body.from_fund_id, told.round, told.carried, told.owed_fen) for told in left]
    parts = [part for command in commands for part in to(fund_id, command)]
    if not parts:
        raise Problem(409, "nothing_left", "上一年度备用金没有可以结转的余额。")
    return await call.give(about(fund_id), body.said(), parts)


@router.post("/v1/funds/{fund_id}/commitments", status_code=201, name="ledger.take_up_commitments")
async def take_up_commitments(fund_id: FundId, body: Nothing, call: Called) -> Response:
    """Hold what was promised for this year in earlier ones, first promised first, while the money lasts."""
    return await call.give(about(fund_id), body.said(), to(fund_id, TakeUpCommitments()))
