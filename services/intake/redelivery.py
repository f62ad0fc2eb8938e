"""For operators: callbacks that were given up sent once more, and a receiver that was gone enabled again."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from services.chassis.http import Asked, PersonRoute, idempotency_key, respond
from services.chassis.problems import Problem
from services.chassis.routing import Service
from services.chassis.unit import Directed
from services.intake import receivers
from services.intake.caller import Caller
from services.intake.report_commands import RequeueReply
from services.intake.report_state import stream_of
from services.intake.reports import SQL

router = APIRouter(tags=["intake"], route_class=PersonRoute)


async def _vendor(
    vendor: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")], actor: Caller, service: Service
) -> str:
    service.access.permit(actor, "intake.redeliver", actor.scope)
    if vendor not in service.access.systems:
        raise Problem(404, "no_such_vendor", "没有登记这个对接系统,请核对编号。")
    return vendor


Vendor = Annotated[str, Depends(_vendor)]
"""A system that we know, for a caller who may send to it again."""


@router.post("/v1/callbacks/{vendor}/enable", status_code=201)
async def enable(vendor: Vendor, request: Request, actor: Caller, service: Service) -> Response:
    """Send to a receiver again that had said it was gone: for those whose scope holds all of the vendor's."""
    asked = Asked(
        command="intake.redeliver",
        place=service.access.systems[vendor].scope,
        division=receivers.LOG,
        parts=(Directed(receivers.stream_of(vendor), receivers.EnableCallback(vendor)),),
        occurred_at=service.clock.now(),
        said=b"",
    )
    return respond(await service.door.take(request, actor, asked, key=f"{vendor}|{idempotency_key(request)}"))


@router.post("/v1/callbacks/{vendor}/replay")
async def replay(vendor: Vendor, request: Request, actor: Caller, service: Service) -> dict[str, Any]:
    """Send once more what was given up in the caller's scope, a thousand at a time.

    Each keeps its id, so that a receiver knows it.
    """
    key = idempotency_key(request)
    async with service.projectors["reports"].reading() as connection:
        rows = await connection.fetch(SQL["abandoned"], vendor, actor.scope)
    for row in rows:
        asked = Asked(
            command="intake.redeliver",
            place=row["division"],
            division=row["division"],
            parts=(Directed(stream_of(row["report_id"]), RequeueReply(row["reply_id"])),),
            occurred_at=service.clock.now(),
            said=b"",
            correlation=row["report_id"],
        )
        await service.door.take(request, actor, asked, key=f"{row['reply_id']}|{key}")
    return {"vendor": vendor, "replies": len(rows)}
