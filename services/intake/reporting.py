"""Reports in our own plain JSON: taken in, supplemented, and what became of them."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from services.chassis.http import Asked, PersonRoute, idempotency_key
from services.chassis.problems import Invalid
from services.chassis.unit import Directed
from services.intake.caller import (
    After,
    AtDesk,
    Caller,
    Read,
    ReportId,
    Service,
    found_report,
    home_of,
    own_report,
    reached,
    read_told,
    see,
    taken,
)
from services.intake.channels import core, department, hospital, media, monitor, supplement, village, window
from services.intake.channels.told import Unreadable
from services.intake.receiving import message_id_of, report_id_of
from services.intake.report import asks
from services.intake.report_commands import SupplementReport
from services.intake.report_state import stream_of
from services.intake.reports import SQL

router = APIRouter(tags=["intake"], route_class=PersonRoute)

CHANNELS: dict[str, tuple[str, Read]] = {
    "hotline_system": ("intake.report_from_hotline", core.read),
    "village_informant": ("intake.report_from_village", village.read),
    "hospital_system": ("intake.report_from_hospital", hospital.read),
    "monitor_system": ("intake.report_from_monitor", monitor.read),
    "media_desk": ("intake.report_from_media", media.read),
    "window_clerk": ("intake.report_from_window", window.read),
    "department_clerk": ("intake.report_from_department", department.read),
}
"""By role: the command in the table of roles, and the channel whose words the caller speaks."""


@router.post("/v1/reports", status_code=201)
async def plain_report(request: Request, actor: Caller, service: Service, desk: AtDesk) -> Response:
    """A report in our own plain JSON; the role of the token decides the channel and its few fields more."""
    key = idempotency_key(request)
    name, read = CHANNELS.get(actor.role, ("intake.report_from_village", village.read))
    service.access.permit(actor, name, home_of(actor))
    raw = await request.body()
    told = read_told(read, raw, desk.gazetteer, home_of(actor))
    number = key if told.order is None else told.order.number
    report_id = report_id_of(actor.id, number)
    command = await desk.command(told, raw, sender=actor.id, report_id=report_id, home=home_of(actor))
    asked = Asked(
        command=name,
        place=home_of(actor),
        division=command.county,
        parts=(Directed(stream_of(report_id), command, asks(command)),),
        occurred_at=told.reported_at,
        said=raw,
        correlation=report_id,
    )
    return taken(await service.door.take(request, actor, asked, key=key))


@router.post("/v1/reports/{report_id}/supplements", status_code=201)
async def supplement_report(
    report_id: ReportId, request: Request, actor: Caller, service: Service, desk: AtDesk
) -> Response:
    """What was missing, above all the place. Only who sent the report may add to it."""
    key = idempotency_key(request)
    raw = await request.body()
    found = await found_report(desk, report_id)
    see(service, actor, found)
    try:
        told = supplement.read(raw, desk.gazetteer, found.division)
    except Unreadable as unreadable:
        raise Invalid(unreadable.errors) from None
    verbatim = await desk.sealed(found.report, "supplement", raw)
    command = SupplementReport(message_id_of(key), verbatim, told.township, told.missing)
    asked = Asked(
        command="intake.supplement",
        place=home_of(actor),
        division=found.division,
        parts=(Directed(stream_of(report_id), command, asks(command, found.report)),),
        occurred_at=service.clock.now(),
        said=raw,
        correlation=report_id,
    )
    return taken(await service.door.take(request, actor, asked, key=f"{report_id}|{key}"))


@router.get("/v1/reports/{report_id}")
async def report(report_id: ReportId, actor: Caller, service: Service, after: After = None) -> dict[str, Any]:
    """What became of a report: its state, its case, the replies to its sender; nothing about a person.

    ``after`` is the ``Log-Position`` of an earlier answer: wait until it can be seen here.
    """
    await reached(service, after)
    row = await own_report(service, report_id, actor)
    async with service.projectors["reports"].reading() as connection:
        replies = await connection.fetch(SQL["replies_of"], report_id)
        messages = await connection.fetch(SQL["messages_of"], report_id)
    return {
        **row,
        "terms": json.loads(row["terms"]),
        "replies": [dict(reply) for reply in replies],
        "messages": [{**message, "detail": json.loads(message["detail"])} for message in messages],
    }
