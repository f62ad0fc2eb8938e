"""How a report leaves us for others: an order back to its hotline, a report on to another county; and who is called."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response

from events.words import Division, StaffId
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import Body, Moment
from services.intake.channels import replies
from services.intake.channels.payload import Clause
from services.intake.report_commands import LogCall, PrepareReply, ReturnReport, VoidReport, WithholdReply
from services.intake.routes.caller import home_of, place_of
from services.intake.routes.messages import AboutReport, ReportCall
from services.intake.terms import last_day

router = APIRouter(tags=["intake"], route_class=PersonRoute)


class ReturnBody(Body):
    """Why an order is not ours, and by which clause."""

    reason: Literal["not_here", "not_ours", "not_relief"]
    basis: Clause
    occurred_at: Moment | None = None


class ErrorBody(Body):
    """Why a report is void."""

    reason: Literal["wrong_entry", "test_entry", "no_such_need"]


class TransferBody(Body):
    """To which county or township a report belongs, and why."""

    to: Division
    reason: Literal["arose_there", "address_corrected"]
    basis: Clause
    occurred_at: Moment | None = None


class DutyCallBody(Body):
    """Whom we called, and whether they answered."""

    division: Division
    staff_id: StaffId
    reached: bool
    called_at: Moment


@router.post("/v1/reports/{report_id}/returns", status_code=201, name="intake.give_back")
async def give_back(body: ReturnBody, call: AboutReport) -> Response:
    """Give an order back to its hotline (退单), inside the time allowed, with the reason and the clause."""
    at = _moment(call, body.occurred_at)
    due = call.desk.return_term(call.found)
    command = ReturnReport(body.reason, body.basis, last_day(due), due.due_at)
    reply, found = _told_back(call, body, at), call.found
    return await call.give(command, reply, place=place_of(found), occurred_at=at, beside=found.parting)


@router.post("/v1/reports/{report_id}/void", status_code=201, name="intake.void")
async def void(body: ErrorBody, call: AboutReport) -> Response:
    """Say that a report was entered in error (作废): nothing more is done about it, and its sender is told so."""
    found, at = call.found, call.given.service.clock.now()
    envelope = _envelope(call, f"void-{found.report_id}", at)
    prepared = _prepared(call, envelope, replies.report_void(envelope, body.reason))
    command = VoidReport(body.reason)
    return await call.give(command, prepared, place=_place(call), beside=found.parting)


@router.post("/v1/reports/{report_id}/transfer", status_code=201, name="intake.transfer")
async def transfer(body: TransferBody, call: AboutReport) -> Response:
    """Hand a report over to the county where the need arose (转办); the citizen's clock runs on."""
    found, at = call.found, _moment(call, body.occurred_at)
    county = body.to[:6]
    if county == found.division:
        raise Problem(409, "transfer_inside", "接收地就在本县(市、区),请由县级在个案中变更乡镇(街道)。")
    if call.desk.divisions.name(county) is None:
        raise Problem(422, "no_such_division", "没有这个县级区划代码,请核对。")
    command = found.handed_to(body.to, reason=body.reason, basis=body.basis)
    envelope = _envelope(call, f"transfer-{found.report_id}", at)
    reply = replies.report_transferred(envelope, body.to, command.new_report_id)
    prepared = _prepared(call, envelope, reply)
    return await call.give(command, prepared, place=place_of(found), occurred_at=at)


@router.post("/v1/reports/{report_id}/calls", status_code=201, name="intake.log_call")
async def log_call(body: DutyCallBody, call: AboutReport) -> Response:
    """Note that somebody on duty was called about a report (值班呼叫)."""
    command = LogCall(
        call_id=call.message_id,
        division=body.division,
        staff_id=body.staff_id,
        reached=body.reached,
        called_at=body.called_at,
        said=await call.digest(),
    )
    return await call.give(command, place=place_of(call.found))


def _place(call: ReportCall) -> str:
    """Its sender may void it wherever it is; an officer, where it is dealt with."""
    is_own = call.found.report.received.vendor == call.given.actor.id
    return home_of(call.given.actor) if is_own else place_of(call.found)


def _moment(call: ReportCall, occurred_at: datetime | None) -> datetime:
    now = call.given.service.clock.now()
    return min(occurred_at or now, now)


def _told_back(call: ReportCall, body: ReturnBody, at: datetime) -> PrepareReply | WithholdReply:
    number = call.found.report.returns + 1
    envelope = _envelope(call, f"return-{number}-{call.found.report_id}", at)
    return _prepared(call, envelope, replies.report_returned(envelope, body.reason, body.basis, number))


def _envelope(call: ReportCall, reply_id: str, at: datetime) -> replies.Envelope:
    found, cause = call.found, f"intake:{call.message_id}"
    return call.desk.teller.envelope(reply_id, found.report, county=found.division, at=at, cause=cause)


def _prepared(call: ReportCall, envelope: replies.Envelope, reply: replies.Reply) -> PrepareReply | WithholdReply:
    return call.desk.teller.owe(envelope.reply_id, reply, call.found.report)
