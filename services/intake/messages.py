"""What is said about a report later: haste, a return visit, a withdrawal, an appeal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import StringConstraints

from events.fact import Actor, Sealed
from services.chassis.http import Asked, PersonRoute, idempotency_key, respond
from services.chassis.mount import Mounted
from services.chassis.routing import Moment, Service
from services.chassis.unit import Directed
from services.intake.caller import AtDesk, Body, Caller, ReportId, found_report, home_of, place_of, see
from services.intake.channels.dialect import Resolved, Satisfied
from services.intake.desk import Desk, Found
from services.intake.receiving import message_id_of
from services.intake.report_commands import (
    DecideDuplicate,
    FileAppeal,
    RecordReturnVisit,
    ReportCommand,
    UrgeReport,
    WithdrawReport,
)
from services.intake.report_state import stream_of

router = APIRouter(tags=["intake"], route_class=PersonRoute)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class Note(Body):
    """Words that go with a message; kept sealed."""

    text: Text | None = None


class VisitBody(Body):
    """What the hotline heard when it called back."""

    reached: bool
    resolved: Resolved | None = None
    satisfied: Satisfied | None = None
    visited_at: Moment


class VerdictBody(Body):
    """Whether two reports are of one household; ``open`` takes an earlier word back."""

    verdict: Literal["same", "different", "open"]
    reason: Text


class WithdrawalBody(Body):
    """Why a report is taken back."""

    reason: Literal["by_the_reporter", "sent_by_mistake", "need_is_over"]


@dataclass(frozen=True, slots=True)
class Call:
    """A caller's message about one report."""

    request: Request
    actor: Actor
    service: Mounted
    desk: Desk
    found: Found
    key: str

    @property
    def message_id(self) -> str:
        """What tells this message from the report's others: a key belongs to what the route names."""
        return message_id_of(f"{self.request.url.path}|{self.key}")

    async def sealed(self) -> Sealed:
        """What was said, word for word."""
        return await self.desk.sealed(self.found.report, "message", await self.request.body())

    async def give(
        self,
        command: str,
        *commands: ReportCommand,
        place: str,
        occurred_at: datetime | None = None,
        beside: tuple[Directed, ...] = (),
    ) -> Response:
        """Have the commands decided as one, with what is said ``beside`` them to other streams."""
        stream = stream_of(self.found.report_id)
        asked = Asked(
            command=command,
            place=place,
            division=self.found.division,
            parts=(*(Directed(stream, each) for each in commands), *beside),
            occurred_at=occurred_at or self.service.clock.now(),
            said=await self.request.body(),
            correlation=self.found.report_id,
        )
        outcome = await self.service.door.take(
            self.request, self.actor, asked, key=f"{self.found.report_id}|{self.key}"
        )
        return respond(outcome)


async def _call(report_id: ReportId, request: Request, actor: Caller, service: Service, desk: AtDesk) -> Call:
    key = idempotency_key(request)
    found = await found_report(desk, report_id)
    see(service, actor, found)
    return Call(request, actor, service, desk, found, key)


async def _look(report_id: ReportId, request: Request, actor: Caller, service: Service, desk: AtDesk) -> Call:
    return Call(request, actor, service, desk, await found_report(desk, report_id), "")


AboutReport = Annotated[Call, Depends(_call)]
"""A caller's message about a report that they may see."""

SeenReport = Annotated[Call, Depends(_look)]
"""A caller who looks at a report; whether they may is the route's to say."""


@router.post("/v1/reports/{report_id}/urge", status_code=201)
async def urge(body: Note, call: AboutReport) -> Response:
    """Ask for haste (催办)."""
    command = UrgeReport(call.message_id, "urge", await call.sealed())
    return await call.give("intake.urge", command, place=home_of(call.actor))


@router.post("/v1/reports/{report_id}/supervise", status_code=201)
async def supervise(body: Note, call: AboutReport) -> Response:
    """Ask for haste from above (督办)."""
    command = UrgeReport(call.message_id, "supervise", await call.sealed())
    return await call.give("intake.supervise", command, place=home_of(call.actor))


@router.post("/v1/reports/{report_id}/return-visit", status_code=201)
async def return_visit(body: VisitBody, call: AboutReport) -> Response:
    """What the hotline heard when it called back (回访)."""
    visit = RecordReturnVisit(
        message_id=call.message_id,
        reached=body.reached,
        resolved=body.resolved,
        satisfied=body.satisfied,
        visited_at=body.visited_at,
    )
    return await call.give("intake.record_return_visit", visit, place=home_of(call.actor))


@router.post("/v1/reports/{report_id}/withdraw", status_code=201)
async def withdraw(body: WithdrawalBody, call: AboutReport) -> Response:
    """Take a report back (撤回). The township still looks whether there is a need."""
    command = WithdrawReport(call.message_id, body.reason)
    return await call.give("intake.withdraw", command, place=home_of(call.actor))


@router.post("/v1/reports/{report_id}/appeals", status_code=201)
async def appeal(body: Note, call: AboutReport) -> Response:
    """Appeal against the hotline's mark (考核申诉); the answer says where the case's clocks can be read."""
    command = FileAppeal(call.message_id, await call.sealed())
    return await call.give("intake.appeal", command, place=place_of(call.found))


@router.get("/v1/reports/{report_id}/duplicates")
async def duplicates(seen: SeenReport) -> list[dict[str, Any]]:
    """Reports that may be of the same household, as they can be seen now, with what speaks for it and what was said."""
    found = seen.found
    seen.service.access.permit(seen.actor, "intake.compare", place_of(found))
    verdicts, now = found.report.verdicts, await seen.desk.search.suspects(found.report.received)
    known = {candidate.report_id: candidate for candidate in (*found.report.suspects, *now)}
    return [
        {**candidate.model_dump(mode="json"), "verdict": verdicts.get(candidate.report_id, "open")}
        for candidate in sorted(known.values(), key=lambda one: -one.weight)
    ]


@router.post("/v1/reports/{report_id}/duplicates/{other_id}", status_code=201)
async def compare(other_id: ReportId, body: VerdictBody, call: AboutReport) -> Response:
    """A person's word on whether two reports are of one household: kept with its reason, and it can be taken back."""
    await found_report(call.desk, other_id)
    command = DecideDuplicate(other_id, body.verdict, await call.sealed())
    return await call.give("intake.compare", command, place=place_of(call.found))
