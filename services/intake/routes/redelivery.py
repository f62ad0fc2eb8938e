"""For operators: callbacks that were given up sent once more, and a receiver that was gone enabled again."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.chassis.access import System
from services.chassis.calling import About, Call
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import Answer
from services.chassis.unit import Directed
from services.intake import receivers
from services.intake.report_commands import RequeueReply
from services.intake.report_state import stream_of
from services.intake.reports import SQL
from services.intake.routes.caller import Called

router = APIRouter(tags=["intake"], route_class=PersonRoute)


Vendor = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


@router.post("/v1/callbacks/{vendor}/enable", status_code=201, name="intake.redeliver")
async def enable(vendor: Vendor, call: Called) -> Response:
    """Send to a receiver again that had said it was gone: for those whose scope holds all of the vendor's."""
    about = About(vendor, _system(call, vendor).scope, division=receivers.LOG)
    part = Directed(receivers.stream_of(vendor), receivers.EnableCallback(vendor))
    return await call.give(about, b"", [part])


@router.post("/v1/callbacks/{vendor}/replay", name="intake.redeliver")
async def replay(vendor: Vendor, call: Called) -> Answer:
    """Send once more what was given up in the caller's scope, a thousand at a time.

    Each keeps its id, so that a receiver knows it.
    """
    _system(call, vendor)
    async with call.service.projectors["reports"].reading() as connection:
        rows = await connection.fetch(SQL["abandoned"], vendor, call.actor.scope)
    for row in rows:
        about = About(row["reply_id"], row["division"], row["report_id"])
        await call.give(about, b"", [Directed(stream_of(row["report_id"]), RequeueReply(row["reply_id"]))])
    return {"vendor": vendor, "replies": len(rows)}


def _system(call: Call, vendor: str) -> System:
    """A system that we know. Raises ``Problem`` (404)."""
    system = call.service.access.systems.get(vendor)
    if system is None:
        raise Problem(404, "no_such_vendor", "没有登记这个对接系统,请核对编号。")
    return system
