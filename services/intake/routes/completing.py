"""Completing a closure form (补全办结表) that was withheld because it lacks what a hotline asks for."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import StrictBool, StringConstraints

from services.chassis.http import PersonRoute
from services.chassis.problems import Invalid
from services.chassis.routing import Body
from services.intake.channels.closure import completed
from services.intake.channels.payload import error
from services.intake.report_commands import CompleteReply
from services.intake.report_state import Report
from services.intake.routes.caller import place_of
from services.intake.routes.messages import AboutReport

router = APIRouter(tags=["intake"], route_class=PersonRoute)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ClosureBody(Body):
    """What the form lacked; what it has already stays as it is."""

    truthful: StrictBool | None = None
    handling_text: Text | None = None
    public_reply_text: Text | None = None
    unresolved_reason: Text | None = None
    out_of_scope_type: Text | None = None


@router.post("/v1/reports/{report_id}/closure", status_code=201, name="intake.complete_closure")
async def complete_closure(body: ClosureBody, call: AboutReport) -> Response:
    """Supply what a withheld closure form lacks; as soon as it is whole it goes out."""
    place = place_of(call.found)
    call.given.must_reach(place)
    command = _command(call.found.report, body.model_dump(exclude_none=True))
    return await call.give(command, place=place)


def _command(report: Report, supplied: Mapping[str, str | bool]) -> CompleteReply:
    """Where nothing waits, the report says so itself: who repeats a call gets the answer that it had."""
    withheld = report.withheld
    if withheld is None:
        return CompleteReply("", "", ())
    form = completed(withheld.document, supplied)
    if form.lacks:
        raise Invalid(tuple(error(f"/{name}", "required") for name in form.lacks))
    return CompleteReply(withheld.reply_id, form.document, tuple(sorted(supplied)))
