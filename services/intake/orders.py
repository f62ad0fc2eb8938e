"""The hotline's door: a push of a work order in the vendor's dialect, and the answer in its form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from events.fact import Actor
from services.chassis.access import Unauthenticated
from services.chassis.http import Asked
from services.chassis.mount import Mounted
from services.chassis.problems import Invalid, problem_of
from services.chassis.routing import Service
from services.chassis.unit import Directed
from services.intake.caller import AtDesk, home_of, json_body, no_such_report, taken
from services.intake.channels.dialect import Dialect
from services.intake.channels.hotline import Push, Visit, read_push
from services.intake.channels.told import Told, Unreadable
from services.intake.desk import Desk, Found
from services.intake.receiving import report_id_of
from services.intake.report import asks
from services.intake.report_commands import (
    Message,
    RecordReturnVisit,
    SupplementReport,
    UrgeReport,
    WithdrawReport,
)
from services.intake.report_state import stream_of

router = APIRouter(tags=["intake"])


@router.post("/adapters/12345/{vendor}", status_code=201, openapi_extra=json_body("a push of a work order"))
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
    actor = _sender(vendor, request, raw, service, desk)
    desk.pace.take(actor.id)
    push = _read(raw, desk.dialects.of(vendor), desk, actor)
    arrived = await _Arrival(desk, actor, raw, push, service.clock.now()).asked()
    asked = replace(arrived, nonce=request.headers["webhook-id"])
    return taken(await service.door.take(request, actor, asked, key=f"{push.order.number}|{push.order.push}"))


def _sender(vendor: str, request: Request, raw: bytes, service: Mounted, desk: Desk) -> Actor:
    """Who sent this, by the signature of the vendor's dialect. Raises ``Unauthenticated``."""
    if desk.dialects.of(vendor).signature == "standard_webhooks":
        return service.access.system(vendor, request.headers, raw)
    system = service.access.systems.get(vendor)
    if system is None:
        raise Unauthenticated
    secrets = [secret.get_secret_value() for secret in system.secrets]
    desk.nonces.check(secrets, request.headers, raw, service.clock.now())
    return Actor(id=system.id, role=system.role, scope=system.scope)


def _enveloped(dialect: Dialect, status: int, code: str, message: str, data: Mapping[str, Any] | None) -> Response:
    """The form that some vendors read: the HTTP status is true all the same."""
    state = None if data is None else dialect.states.get(f"report_{data.get('status')}")
    body = {
        "success": data is not None,
        "code": code,
        "message": message,
        "data": None if data is None else {**data, "orderState": state},
    }
    return JSONResponse(body, status)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One push on its way to the report that it belongs to."""

    desk: Desk
    actor: Actor
    raw: bytes
    push: Push
    now: datetime

    @property
    def number(self) -> str:
        """The order's number."""
        return self.push.order.number

    @property
    def message_id(self) -> str:
        """What tells this push from the order's others."""
        return f"push-{self.push.order.push}"

    async def asked(self) -> Asked:
        """What the push asks for. Raises ``Problem`` (404) where it follows on an order that never came."""
        found = await self.desk.of_order(self.actor.id, self.number)
        if self.push.told is not None:
            return await self._order(self.push.told, found)
        if found is None:
            raise no_such_report()
        command = await self._message(found)
        return self._asked(found.division, found.report_id, [Directed(stream_of(found.report_id), command)])

    async def _order(self, told: Told, found: Found | None) -> Asked:
        if found is not None and not self._is_anew(told, found):
            return await self._supplement(told, found)
        number = self.number if found is None else f"{self.number}|{self.push.order.push}"
        report_id = report_id_of(self.actor.id, number)
        command = await self.desk.command(
            told, self.raw, sender=self.actor.id, report_id=report_id, home=home_of(self.actor)
        )
        if found is not None:
            command = replace(command, previous_report_id=found.report_id, returns_before=found.report.returns)
        part = Directed(stream_of(report_id), command, asks(command))
        return self._asked(command.county, report_id, [part], told.reported_at)

    async def _supplement(self, told: Told, found: Found) -> Asked:
        verbatim = await self.desk.sealed(found.report, "supplement", self.raw)
        elsewhere = found.on_to(told.place.county, told.place.township)
        command = SupplementReport(self.message_id, verbatim, told.place.township, told.missing, elsewhere)
        part = Directed(stream_of(found.report_id), command, asks(command, found.report))
        return self._asked(found.division, found.report_id, [part], told.reported_at)

    def _is_anew(self, told: Told, found: Found) -> bool:
        """Whether the order has to be dealt with anew: elsewhere, or after it was done with here.

        One that has not yet asked for help anywhere is not dealt with anew: what places it is a supplement of it.
        """
        is_elsewhere = told.place.county not in (None, found.division) and self.push.action != "supplement"
        is_elsewhere = is_elsewhere and found.report.has_asked
        is_done = found.report.is_closed and (self.push.action != "supplement" or found.report.has_left)
        return is_elsewhere or is_done

    async def _message(self, found: Found) -> Message:
        match self.push.action:
            case "urge" | "supervise" as level:
                return UrgeReport(self.message_id, level, await self.desk.sealed(found.report, "message", self.raw))
            case "visit":
                assert self.push.visit is not None
                return self._visited(self.push.visit)
            case "withdraw":
                return WithdrawReport(self.message_id, "by_the_hotline")
            case "dispatch" | "supplement" | "redo":
                raise AssertionError("these bring the order itself")

    def _visited(self, visit: Visit) -> RecordReturnVisit:
        return RecordReturnVisit(
            message_id=self.message_id,
            reached=visit.reached,
            resolved=visit.resolved,
            satisfied=visit.satisfied,
            visited_at=visit.at or self.now,
        )

    def _asked(
        self, division: str, report_id: str, parts: Sequence[Directed], occurred_at: datetime | None = None
    ) -> Asked:
        return Asked(
            command="intake.report_from_hotline",
            place=home_of(self.actor),
            division=division,
            parts=tuple(parts),
            occurred_at=occurred_at or self.now,
            said=self.raw,
            correlation=report_id,
        )


def _read(raw: bytes, dialect: Dialect, desk: Desk, actor: Actor) -> Push:
    try:
        return read_push(raw, dialect, desk.gazetteer, home_of(actor))
    except Unreadable as unreadable:
        raise Invalid(unreadable.errors) from None
