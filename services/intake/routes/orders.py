"""The hotline's door: a push of a work order in the vendor's dialect, and the answer in its form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from events.fact import Actor
from services.chassis.access import Replayed, Unauthenticated
from services.chassis.http import Asked
from services.chassis.mount import Mounted
from services.chassis.problems import Invalid, problem_of
from services.chassis.routing import Service
from services.chassis.tracing import trace_id
from services.chassis.unit import Directed, NonceReused
from services.intake import appkey
from services.intake.channels.dialect import Dialect
from services.intake.channels.hotline import Push, Visit, read_push
from services.intake.channels.told import Unreadable
from services.intake.desk import Desk, Found
from services.intake.report_commands import (
    Message,
    RecordReturnVisit,
    UrgeReport,
    VoidReport,
    WithdrawReport,
)
from services.intake.report_state import stream_of
from services.intake.routes.arriving import Arrival
from services.intake.routes.caller import AtDesk, home_of, json_body, no_such_report, taken

router = APIRouter(tags=["intake"])

_FORM = {"type": "object", "required": ["success", "code", "message", "data", "traceId"]}
_IN_FORM = {"content": {"application/json": {"schema": _FORM}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The first answer once more."},
    202: {"description": "Taken in; something is still asked for."},
    **{status: {"description": "", **_IN_FORM} for status in (401, 403, 404, 409, 410, 422, 429, 503)},
}
"""What a vendor with a form of its own is answered in it, problems too."""


@router.post(
    "/adapters/12345/{vendor}",
    status_code=201,
    openapi_extra=json_body("a push of a work order") | {"security": [{"signature": []}]},
    responses=_ANSWERS,
)
async def hotline_order(vendor: str, request: Request, service: Service, desk: AtDesk) -> Response:
    """A push of a hotline's work order, signed. A later push of an order supplements its report, or says what it is.

    An order that comes again after its report was closed or given back, or for another county, opens a linked report.
    """
    dialect = desk.dialects.of(vendor)
    try:
        answer = await _take(vendor, request, service, desk)
    except Exception as failure:
        problem = problem_of(failure)
        if problem is None or dialect.answer == "plain":
            raise
        return _enveloped(dialect, problem.status, problem.code, problem.detail, None)
    if dialect.answer == "plain":
        return answer
    told: Mapping[str, Any] = json.loads(bytes(answer.body))
    return _enveloped(dialect, answer.status_code, dialect.success_code, told.get("ack_text", ""), told)


async def _take(vendor: str, request: Request, service: Mounted, desk: Desk) -> Response:
    raw = await request.body()
    signed = _signed(vendor, request, raw, service, desk)
    actor = signed.actor
    desk.pace.take(actor.id)
    push = _read(raw, desk.dialects.of(vendor), desk, actor)
    arrival = Arrival(desk, actor, raw, push.order.number, str(push.order.push))
    arrived = await _Pushed(arrival, push, service.clock.now()).asked()
    asked = replace(arrived, nonce=signed.message_id, sending=signed.sending)
    try:
        return taken(await service.door.take(actor, asked, key=f"{push.order.number}|{push.order.push}"))
    except NonceReused:
        if signed.sending is None:
            raise
        raise Replayed from None


@dataclass(frozen=True, slots=True)
class _Signed:
    """Who sent this, under which id of a message; ``sending`` where the signature lets a message come only once."""

    actor: Actor
    message_id: str
    sending: bytes | None = None


def _signed(vendor: str, request: Request, raw: bytes, service: Mounted, desk: Desk) -> _Signed:
    """What the signature of the vendor's dialect says. Raises ``Unauthenticated``."""
    headers = request.headers
    if desk.dialects.of(vendor).signature == "standard_webhooks":
        return _Signed(service.access.system(vendor, headers, raw), headers.get("webhook-id", ""))
    system = service.access.systems.get(vendor)
    if system is None:
        raise Unauthenticated
    appkey.check([secret.get_secret_value() for secret in system.secrets], headers, raw, service.clock.now())
    actor = Actor(id=system.id, role=system.role, scope=system.scope)
    return _Signed(actor, appkey.known_by(headers), appkey.sending())


def _enveloped(dialect: Dialect, status: int, code: str, message: str, data: Mapping[str, Any] | None) -> Response:
    """The form that some vendors read: the HTTP status is true all the same."""
    state = None if data is None else dialect.states.get(f"report_{data.get('status')}")
    body = {
        "success": data is not None,
        "code": code,
        "message": message,
        "data": None if data is None else {**data, "orderState": state},
        "traceId": trace_id(),
    }
    return JSONResponse(body, status)


@dataclass(frozen=True, slots=True)
class _Pushed:
    """One push on its way to the report that it belongs to."""

    arrival: Arrival
    push: Push
    now: datetime

    async def asked(self) -> Asked:
        """What the push asks for. Raises ``Problem`` (404) where it follows on an order that never came."""
        found = await self.arrival.desk.of_order(self.arrival.actor.id, self.arrival.number)
        if self.push.told is not None:
            return await self.arrival.order(self.push.told, found, adds_only=self.push.action == "supplement")
        if found is None:
            raise no_such_report()
        stream = stream_of(found.report_id)
        if self.push.action == "void":
            error = (Directed(stream, VoidReport("by_the_hotline")), *found.parting)
            return self.arrival.asked(found.division, found.report_id, error, self.now)
        part = Directed(stream, await self._message(found))
        return self.arrival.asked(found.division, found.report_id, [part], self.now)

    async def _message(self, found: Found) -> Message:
        message_id = f"push-{self.arrival.name}"
        desk, raw = self.arrival.desk, self.arrival.raw
        said = desk.reception.digest(raw)
        match self.push.action:
            case "urge" | "supervise" as level:
                return UrgeReport(message_id, level, await desk.sealed(found.report, "message", raw), said)
            case "visit":
                assert self.push.visit is not None
                return self._visited(message_id, self.push.visit, said)
            case "withdraw":
                return WithdrawReport(message_id, "by_the_hotline", said)
            case "dispatch" | "supplement" | "redo" | "void":
                raise AssertionError("these are no messages")

    def _visited(self, message_id: str, visit: Visit, said: str) -> RecordReturnVisit:
        return RecordReturnVisit(
            message_id=message_id,
            reached=visit.reached,
            resolved=visit.resolved,
            satisfied=visit.satisfied,
            visited_at=visit.at or self.now,
            said=said,
        )


def _read(raw: bytes, dialect: Dialect, desk: Desk, actor: Actor) -> Push:
    try:
        return read_push(raw, dialect, desk.gazetteer, home_of(actor))
    except Unreadable as unreadable:
        raise Invalid(unreadable.errors) from None
