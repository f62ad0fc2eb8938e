"""Bank accounts over HTTP: statements come in, are matched with the books, and what is left is explained."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from services.chassis.calling import About, Call, Called
from services.chassis.http import PersonRoute
from services.chassis.openapi import raw
from services.chassis.problems import Problem
from services.chassis.routing import Answer, PathId
from services.chassis.unit import Directed
from services.ledger.bank_data import bank_data_of
from services.ledger.bank_desk import Desk
from services.ledger.ids import account_id_of, account_place, account_stream, layouts_stream
from services.ledger.layout_book import SaveLayout
from services.ledger.routes.bank_bodies import (
    AccountToRegister,
    Agreement,
    Assignment,
    FileSaid,
    LayoutToSave,
    MatchingAsked,
    Proposal,
    Undone,
)
from services.ledger.routes.bank_reading import AccountId, ExceptionId
from services.ledger.routes.matching_run import Run, legs_named, moment_of
from services.ledger.statement_commands import (
    ApproveTreatment,
    AssignException,
    Command,
    ProposeTreatment,
    RegisterAccount,
    RejectTreatment,
    Unmatch,
)

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

FileName = Annotated[str, Query(alias="name", min_length=1, max_length=120, pattern=r"^[^\x00-\x1f/\\]+$")]
LayoutId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def desk_of(call: Call, account_id: str) -> Desk:
    """The desk of an account that the caller may reach. Raises ``Denied``."""
    call.must_reach(account_place(account_id))
    data = bank_data_of(call.service)
    return Desk(call.service, data, account_id)


def _about(account_id: str, named: str = "") -> About:
    return About(f"{account_id}|{named}", account_place(account_id))


def _to(account_id: str, command: Command, asks: tuple[str, ...] = ()) -> Directed:
    return Directed(account_stream(account_id), command, asks)


_STATEMENT = raw("text/csv", "application/vnd.ms-excel", "application/octet-stream", "application/xml")
"""CSV, XLS, XLSX, camt.053: what it is shows in its bytes."""


@router.post("/v1/bank-accounts", status_code=201, name="ledger.register_account")
async def register_account(body: AccountToRegister, call: Called) -> Response:
    """Register the bank account in which a place's fund lies; its number is sealed."""
    call.must_reach(body.place)
    account_id = account_id_of(body.place, body.number)
    subject = account_stream(account_id)
    seals = await call.service.sealer.prepare([subject])
    number = seals.seal(subject, "number", body.number)
    digest = call.service.pseudonyms.term("account", body.number)
    command = RegisterAccount(account_id, body.place, body.bank, number, body.other_fen, digest)
    return await call.give(_about(account_id), body.said(), [_to(account_id, command)])


@router.put("/v1/bank-accounts/{account_id}/layouts/{layout_id}", status_code=201, name="ledger.save_layout")
async def save_layout(account_id: AccountId, layout_id: LayoutId, body: LayoutToSave, call: Called) -> Response:
    """Say what the headings of an unknown statement mean; the county's other accounts know it from then on, too."""
    desk = desk_of(call, account_id)
    command = SaveLayout(layout_id, body.layout.model_dump_json())
    return await call.give(
        _about(account_id, layout_id), body.said(), [Directed(layouts_stream(desk.division), command)]
    )


@router.post(
    "/v1/bank-accounts/{account_id}/statements",
    status_code=201,
    openapi_extra=_STATEMENT,
    name="ledger.import_statement",
)
async def import_statement(account_id: AccountId, name: FileName, request: Request, call: Called) -> Response:
    """Take in a statement (CSV, XLS, XLSX, camt.053), wholly or not at all; lines that are known are passed over."""
    desk, raw = desk_of(call, account_id), await request.body()
    said = FileSaid(file_name=name, sha256=sha256(raw).hexdigest())
    return await call.give(_about(account_id), said.said(), [await desk.taking_in(name, raw)])


@router.post(
    "/v1/bank-accounts/{account_id}/statement-previews", openapi_extra=_STATEMENT, name="ledger.import_statement"
)
async def preview_statement(account_id: AccountId, name: FileName, request: Request, call: Called) -> Answer:
    """What taking in a file would come to; nothing is recorded."""
    desk, raw = desk_of(call, account_id), await request.body()
    account, _ = await desk.account()
    proved = await desk.proved(name, raw, account)
    return {
        "layout": proved.layout_id,
        "opening_fen": proved.opening_fen,
        "closing_fen": proved.closing_fen,
        "lines": len(proved.lines),
        "first_day": proved.lines[0].booked_on,
        "last_day": proved.lines[-1].booked_on,
    }


@router.post("/v1/bank-accounts/{account_id}/matches", status_code=201, name="ledger.match")
async def match_lines(account_id: AccountId, body: MatchingAsked, call: Called) -> Response:
    """Match what is open by the rules, confirm the payments, and open an exception for all that is left."""
    desk = desk_of(call, account_id)
    run = Run(desk, call.actor.model_copy(update={"rule": "matching"}), f"{call.actor.id}|{call.key}")
    told = await run.settle()
    position = {"Log-Position": f"{desk.division}:{run.position}"}
    return Response(to_json(told), 201, position, media_type="application/json")


@router.post("/v1/bank-accounts/{account_id}/matches/{match_id}/undo", status_code=201, name="ledger.undo_match")
async def undo_match(account_id: AccountId, match_id: PathId, body: Undone, call: Called) -> Response:
    """Take a match back (取消勾对); what the books say of the payment stays."""
    desk_of(call, account_id)
    return await call.give(_about(account_id, match_id), body.said(), [_to(account_id, Unmatch(match_id, body.reason))])


@router.post(
    "/v1/bank-accounts/{account_id}/exceptions/{exception_id}/assign", status_code=201, name="ledger.treat_exception"
)
async def assign_exception(
    account_id: AccountId, exception_id: ExceptionId, body: Assignment, call: Called
) -> Response:
    """Give a difference an owner."""
    desk_of(call, account_id)
    command = AssignException(exception_id, body.owner)
    return await call.give(_about(account_id, exception_id), body.said(), [_to(account_id, command)])


@router.post(
    "/v1/bank-accounts/{account_id}/exceptions/{exception_id}/propose", status_code=201, name="ledger.treat_exception"
)
async def propose_treatment(account_id: AccountId, exception_id: ExceptionId, body: Proposal, call: Called) -> Response:
    """Say what a difference is: other business, an item in transit (未达账项), or certain payments."""
    desk = desk_of(call, account_id)
    legs = await legs_named(desk, body.legs)
    if len(legs) != len({*body.legs}) or (body.treatment == "match") != bool(legs):
        raise Problem(409, "no_such_leg", "没有找到所选的支付,请核对编号。")
    legs_fen = sum(leg.leg.signed_fen for leg in legs)
    said = (body.treatment, body.reason, body.legs, legs_fen, body.clears_by, body.lines)
    command = ProposeTreatment(exception_id, *said)
    return await call.give(_about(account_id, exception_id), body.said(), [_to(account_id, command)])


@router.post(
    "/v1/bank-accounts/{account_id}/exceptions/{exception_id}/approve", status_code=201, name="ledger.approve_exception"
)
async def approve_treatment(
    account_id: AccountId, exception_id: ExceptionId, body: Agreement, call: Called
) -> Response:
    """Agree with the maker, as another person; a match by hand confirms its payments.

    What is confirmed was read before: it is judged again with the decision, and refused where it is not the same.
    """
    desk = desk_of(call, account_id)
    account, _ = await desk.account()
    task = account.tasks.get(exception_id)
    read = None if task is None else task.proposed
    named = () if read is None else read.legs
    line = account.lines.get(exception_id)
    settled = [
        part
        for leg in await legs_named(desk, named)
        if line is not None
        for part in leg.settled(f"对账单 {exception_id}", moment_of(line, call.service.clock.now()))
    ]
    asks = tuple(f"leg:{leg}" for leg in named)
    parts = [_to(account_id, ApproveTreatment(exception_id, read), asks), *settled]
    return await call.give(_about(account_id, exception_id), body.said(), parts)


@router.post(
    "/v1/bank-accounts/{account_id}/exceptions/{exception_id}/reject", status_code=201, name="ledger.approve_exception"
)
async def reject_treatment(account_id: AccountId, exception_id: ExceptionId, body: Undone, call: Called) -> Response:
    """Disagree with the maker: the difference is open again."""
    desk_of(call, account_id)
    command = RejectTreatment(exception_id, body.reason)
    return await call.give(_about(account_id, exception_id), body.said(), [_to(account_id, command)])
