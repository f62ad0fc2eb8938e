"""Intake over HTTP: where hotlines, villages and hospitals report, and where they look what became of it."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from events.fact import Actor
from services.chassis.http import Asked, idempotency_key, respond
from services.chassis.mount import Mounted, mounted_service
from services.chassis.problems import Invalid, Problem
from services.chassis.unit import Directed, Outcome
from services.intake.channels import hospital, hotline, supplement, village
from services.intake.channels.told import Told, Unreadable
from services.intake.desk import Desk
from services.intake.gazetteer import Gazetteer
from services.intake.receiving import report_id_of
from services.intake.report import SupplementReport, asks, stream_of
from services.intake.reports import SQL

router = APIRouter(tags=["intake"])
_PATIENCE_SECONDS = 5.0

Service = Annotated[Mounted, Depends(mounted_service)]
After = Annotated[str | None, Query(pattern=r"^[0-9]{6}:[0-9]{1,18}$")]
Read = Callable[[bytes, Gazetteer, str], Told]

_PLAIN: dict[str, tuple[str, Read]] = {
    "village_informant": ("intake.report_from_village", village.read),
    "hospital_system": ("intake.report_from_hospital", hospital.read),
}
"""By role: the command in the table of roles, and the channel whose words the caller speaks."""


def desk_of(mounted: Service) -> Desk:
    """Where reports are taken in."""
    assert isinstance(mounted.own, Desk)
    return mounted.own


AtDesk = Annotated[Desk, Depends(desk_of)]


@router.post("/adapters/12345/{vendor}", status_code=201)
async def hotline_order(vendor: str, request: Request, service: Service, desk: AtDesk) -> Response:
    """A hotline's work order, signed as Standard Webhooks asks. A later push of an order supplements its report."""
    raw = await request.body()
    actor = service.access.system(vendor, request.headers, raw)
    told = _told(hotline.read, raw, desk.gazetteer, actor)
    assert told.order is not None
    report_id = report_id_of(vendor, told.order.number)
    command = await desk.reception.command(told, raw, sender=vendor, report_id=report_id, home=_home(actor))
    parts = [Directed(stream_of(report_id), command, asks(command))]
    if told.order.push > 1:
        pushed = SupplementReport(f"push-{told.order.push}", command.verbatim, command.township, command.missing)
        parts.append(Directed(stream_of(report_id), pushed, asks(command)))
    asked = Asked(
        command="intake.report_from_hotline",
        place=_home(actor),
        division=command.county,
        parts=tuple(parts),
        occurred_at=told.reported_at,
        said=raw,
        correlation=report_id,
    )
    outcome = await service.door.take(request, actor, asked, key=f"{told.order.number}|{told.order.push}")
    return _answer(outcome)


@router.post("/v1/reports", status_code=201)
async def plain_report(request: Request, service: Service, desk: AtDesk) -> Response:
    """A report in our own plain JSON, from a village informant's app or a hospital."""
    actor = service.door.person(request)
    key = idempotency_key(request)
    name, read = _PLAIN.get(actor.role, ("intake.report_from_village", village.read))
    service.access.permit(actor, name, _home(actor))
    raw = await request.body()
    told = _told(read, raw, desk.gazetteer, actor)
    report_id = report_id_of(actor.id, key)
    command = await desk.reception.command(told, raw, sender=actor.id, report_id=report_id, home=_home(actor))
    asked = Asked(
        command=name,
        place=_home(actor),
        division=command.county,
        parts=(Directed(stream_of(report_id), command, asks(command)),),
        occurred_at=told.reported_at,
        said=raw,
        correlation=report_id,
    )
    return _answer(await service.door.take(request, actor, asked, key=key))


@router.post("/v1/reports/{report_id}/supplements", status_code=201)
async def supplement_report(report_id: str, request: Request, service: Service, desk: AtDesk) -> Response:
    """What was missing, above all the place. Only who sent the report may add to it."""
    actor = service.door.person(request)
    key = idempotency_key(request)
    raw = await request.body()
    row = await _own_report(service, report_id, actor)
    try:
        told = supplement.read(raw, desk.gazetteer, row["division"])
    except Unreadable as unreadable:
        raise Invalid(unreadable.errors) from None
    report = await desk.report(row["division"], report_id)
    command = SupplementReport(key, await desk.sealed_supplement(report, raw), told.township, told.missing)
    asked = Asked(
        command="intake.supplement",
        place=_home(actor),
        division=row["division"],
        parts=(Directed(stream_of(report_id), command, asks(command, report)),),
        occurred_at=service.clock.now(),
        said=raw,
        correlation=report_id,
    )
    return _answer(await service.door.take(request, actor, asked, key=f"{report_id}|{key}"))


@router.get("/v1/reports/{report_id}")
async def report(report_id: str, request: Request, service: Service, after: After = None) -> dict[str, Any]:
    """What became of a report: its state, its case, the replies to its sender; nothing about a person.

    ``after`` is the ``Log-Position`` of an earlier answer: wait until it can be seen here.
    """
    actor = service.door.person(request)
    if after is not None:
        division, _, position = after.partition(":")
        if not await service.projectors["reports"].reached(division, int(position), patience=_PATIENCE_SECONDS):
            raise Problem(503, "behind", "数据正在更新,请稍后重试。")
    row = await _own_report(service, report_id, actor)
    async with service.projectors["reports"].reading() as connection:
        replies = await connection.fetch(SQL["replies_of"], report_id)
    return {**row, "replies": [dict(reply) for reply in replies]}


async def _own_report(service: Mounted, report_id: str, actor: Actor) -> dict[str, Any]:
    """A report of the caller's own, or any inside their scope for those who may read all. Raises ``Problem`` (404)."""
    async with service.projectors["reports"].reading() as connection:
        row = await connection.fetchrow(SQL["one"], report_id)
    if row is None:
        raise Problem(404, "no_such_report", "没有找到这份报告,请核对报告编号。")
    if row["vendor"] != actor.id:
        service.access.permit(actor, "intake.read_all", row["township"] or row["division"])
    return dict(row)


def _told(read: Read, raw: bytes, gazetteer: Gazetteer, actor: Actor) -> Told:
    try:
        return read(raw, gazetteer, _home(actor))
    except Unreadable as unreadable:
        raise Invalid(unreadable.errors) from None


def _home(actor: Actor) -> str:
    """The county that a caller belongs to; a city's or province's own code where the scope is wider."""
    return actor.scope[:6].ljust(6, "0")


def _answer(outcome: Outcome) -> Response:
    """201 for a report that is on its way, 202 for one that must be supplemented first."""
    incomplete = b'"status":"incomplete"' in outcome.body
    return respond(outcome, status=202 if incomplete else 201)
