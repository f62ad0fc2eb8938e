"""What intake's routes share: the desk, who is calling, the reports that they may see."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from events.fact import Actor
from services.chassis import calling
from services.chassis.calling import Call
from services.chassis.http import respond
from services.chassis.mount import Mounted
from services.chassis.problems import Invalid, Problem
from services.chassis.routing import Service
from services.chassis.unit import Outcome
from services.intake.channels.told import Told, Unreadable
from services.intake.desk import Desk, Found
from services.intake.gazetteer import Gazetteer
from services.intake.reports import SQL

Read = Callable[[bytes, Gazetteer, str], Told]


def desk_of(mounted: Mounted) -> Desk:
    """Where reports are taken in."""
    assert isinstance(mounted.own, Desk)
    return mounted.own


async def _at_desk(service: Service) -> Desk:
    return desk_of(service)


AtDesk = Annotated[Desk, Depends(_at_desk)]


async def _caller(request: Request, service: Service, desk: AtDesk) -> Actor:
    actor = service.door.person(request)
    desk.pace.take(actor.id)
    return actor


Caller = Annotated[Actor, Depends(_caller)]
"""The person behind the bearer token; without a good one the answer is 401."""


async def _called(actor: Caller, call: calling.Called) -> Call:
    """At a caller's pace: that is asked before anything else."""
    return call


Called = Annotated[Call, Depends(_called)]
"""A caller's command: of a role that may give it, and under a key."""


def json_body(what: str) -> dict[str, Any]:
    """For the OpenAPI document: a body that the route reads by itself, as it came."""
    content = {"application/json": {"schema": {"type": "object", "description": what}}}
    return {"requestBody": {"required": True, "content": content}}


def home_of(actor: Actor) -> str:
    """The county that a caller belongs to; a city's or province's own code where the scope is wider."""
    return actor.scope[:6].ljust(6, "0")


def read_told(read: Read, raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What a channel reads in a body. Raises ``Invalid`` (422)."""
    try:
        return read(raw, gazetteer, near)
    except Unreadable as unreadable:
        raise Invalid(unreadable.errors) from None


def no_such_report() -> Problem:
    """There is no report of this id or order."""
    return Problem(404, "no_such_report", "没有找到这份报告,请核对报告编号。")


async def found_report(desk: Desk, report_id: str) -> Found:
    """A report from its log. Raises ``Problem`` (404)."""
    found = await desk.find(report_id)
    if found is None:
        raise no_such_report()
    return found


def place_of(found: Found) -> str:
    """Where a report is dealt with: the township, or else the county."""
    return found.report.township or found.report.received.township or found.division


def see(service: Mounted, actor: Actor, found: Found) -> None:
    """Raise ``Denied`` unless the report is the caller's own, or in the scope of those who may read all."""
    if found.report.received.vendor != actor.id:
        service.access.permit(actor, "intake.read_all", place_of(found))


async def own_report(service: Mounted, report_id: str, actor: Actor) -> dict[str, Any]:
    """A report of the caller's own, or any inside their scope for those who may read all. Raises ``Problem`` (404)."""
    async with service.projectors["reports"].reading() as connection:
        row = await connection.fetchrow(SQL["one"], report_id)
    if row is None:
        raise no_such_report()
    if row["vendor"] != actor.id:
        service.access.permit(actor, "intake.read_all", row["township"] or row["division"])
    return dict(row)


def taken(outcome: Outcome) -> Response:
    """201 for a report that is on its way, 202 for one that must be supplemented first."""
    incomplete = b'"status":"incomplete"' in outcome.body
    return respond(outcome, status=202 if incomplete else 201)
