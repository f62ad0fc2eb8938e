"""Asking for more money over HTTP (补充备用金): drafted, handed in, signed, refused; and where each request stands."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from events.shanghai import in_shanghai
from services.chassis.calling import Called
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import After, Answer, PathId
from services.ledger.ids import place_of
from services.ledger.journal import SQL
from services.ledger.replenishment import (
    AskUrgently,
    DeclineReplenishment,
    DraftReplenishment,
    SignReplenishment,
    SubmitReplenishment,
)
from services.ledger.routes.bodies import AskedAmount, Nothing, Reason, Signature
from services.ledger.routes.funds import about, to
from services.ledger.routes.held import Held
from services.ledger.routes.reading import FundId, Reader, Reading

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

RequestId = Annotated[str, Path(pattern=r"^[0-9]{6}([0-9]{3})?-[0-9]{4}-R[0-9]{3,6}$")]
Standing = Literal["drafted", "submitted", "granted", "arrived", "declined"]


@router.post("/v1/funds/{fund_id}/replenishments", status_code=201, name="ledger.draft_replenishment")
async def draft_replenishment(fund_id: FundId, body: AskedAmount, call: Called) -> Response:
    """Draft a request by hand (预计需求), for what the books come to or the amount given."""
    return await call.give(about(fund_id), body.said(), to(fund_id, DraftReplenishment(body.amount_fen)))


@router.post("/v1/holds/{hold_id}/replenishment", status_code=201, name="ledger.ask_urgently")
async def ask_urgently(hold_id: PathId, body: Nothing, call: Called, after: After = None) -> Response:
    """Ask for what a case found missing (紧急补充); nothing happens where the money is there by now."""
    held = await Held.of(call, "hold_asked_for", hold_id, after)
    command = AskUrgently(held.fund_id, hold_id, call.actor.id)
    return await call.give(held.about(hold_id), body.said(), [held.directed(command)])


@router.post("/v1/replenishments/{request_id}/submission", status_code=201, name="ledger.submit_replenishment")
async def submit_replenishment(request_id: RequestId, body: AskedAmount, call: Called) -> Response:
    """Hand a drafted request in (提交申请), for what the books come to now or the amount given."""
    fund_id = _fund_of(request_id)
    command = SubmitReplenishment(request_id, body.amount_fen)
    return await call.give(about(fund_id, request_id), body.said(), to(fund_id, command))


@router.post("/v1/replenishments/{request_id}/signature", status_code=201, name="ledger.sign_replenishment")
async def sign_replenishment(request_id: RequestId, body: Signature, call: Called) -> Response:
    """Agree to a request (签批), each desk in its turn; the county's finance desk grants it under a document."""
    fund_id = _fund_of(request_id)
    command = SignReplenishment(request_id, body.amount_fen, body.opinion, body.document)
    return await call.give(about(fund_id, request_id), body.said(), to(fund_id, command))


@router.post("/v1/replenishments/{request_id}/refusal", status_code=201, name="ledger.decline_replenishment")
async def decline_replenishment(request_id: RequestId, body: Reason, call: Called) -> Response:
    """Refuse a request, or set it aside (退回); the county also closes so a granted one that will bring no more."""
    fund_id = _fund_of(request_id)
    return await call.give(
        about(fund_id, request_id), body.said(), to(fund_id, DeclineReplenishment(request_id, body.reason))
    )


@router.get("/v1/replenishments")
async def replenishments(reading: Reading, standing: Annotated[Standing | None, Query()] = None) -> Answer:
    """The requests inside the caller's scope: urgent ones first, by when they are due."""
    async with reading.books() as books:
        rows = await books.fetch(SQL["requests"], reading.actor.scope, standing, None)
    return {"replenishments": [_shown(dict(row)) for row in rows]}


@router.get("/v1/replenishments/{request_id}")
async def replenishment(request_id: RequestId, reading: Reading) -> Answer:
    """One request, with its figures (申请单), its signatures and what has come."""
    return await request_of(reading, request_id)


async def request_of(reading: Reader, request_id: str) -> dict[str, Any]:
    """A request as it is shown. Raises ``Denied``, ``Problem`` (404)."""
    fund_id = _fund_of(request_id)
    reading.service.access.permit(reading.actor, "ledger.read", place_of(fund_id, fund_id[:6]))
    async with reading.books() as books:
        row = await books.fetchrow(SQL["requests"], reading.actor.scope, None, request_id)
    if row is None:
        raise Problem(404, "no_such_request", "没有找到这份补充申请,请核对编号。")
    return _shown(dict(row))


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A request as it is answered; ``available_permille`` (余额率) is what is available of the quota, rounded down."""
    figures: dict[str, int] = json.loads(row["figures"])
    quota_fen = figures["quota_fen"]
    permille = figures["available_fen"] * 1000 // quota_fen if quota_fen else None
    steps = [step | {"at": _in_shanghai(step["at"])} for step in json.loads(row["steps"])]
    return {**row, "figures": figures | {"available_permille": permille}, "steps": steps}


def _in_shanghai(moment: str) -> str:
    """A moment that the database has written, with China's offset."""
    return in_shanghai(datetime.fromisoformat(moment)).isoformat()


def _fund_of(request_id: str) -> str:
    return request_id.rpartition("-")[0]
