"""What is said about a report later: haste, a return visit, a withdrawal, an appeal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import StringConstraints

from events.fact import Sealed
from events.relief_clocks import ClockName
from services.chassis.calling import About, Call
from services.chassis.http import PersonRoute
from services.chassis.routing import Answers, Body, Moment, PathId, Service
from services.chassis.unit import Directed
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
from services.intake.routes.caller import AtDesk, Called, Caller, found_report, home_of, place_of, see

router = APIRouter(tags=["intake"], route_class=PersonRoute)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class Note(Body):
    """Words that go with a message; kept sealed."""

    text: Text | None = None


class AppealBody(Note):
    """Words that go with an appeal, and the clock that the mark is about (时限)."""

    clock: ClockName = "advance_from_report"


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
class ReportCall:
    """A caller's message about one report."""

    given: Call
    desk: Desk
    found: Found

    @property
    def message_id(self) -> str:
        """What tells this message from the report's others: a key belongs to what the route names."""
        return message_id_of(f"{self.given.request.url.path}|{self.given.key}")

    async def sealed(self) -> Sealed:
        """What was said, word for word."""
        return await self.desk.sealed(self.found.report, "message", await self.given.request.body())

    async def digest(self) -> str:
        """What stands for it: the same for the same."""
        return self.desk.reception.digest(await self.given.request.body())

    async def give(
        self,
        *commands: ReportCommand,
        place: str,
        occurred_at: datetime | None = None,
        beside: tuple[Directed, ...] = (),
    ) -> Response:
        """Have the commands decided as one, with what is said ``beside`` them to other streams."""
        report_id, stream = self.found.report_id, stream_of(self.found.report_id)
        about = About(report_id, place, report_id, occurred_at, self.found.division)
        parts = (*(Directed(stream, each) for each in commands), *beside)
        return await self.given.give(about, await self.given.request.body(), parts)


async def _call(report_id: PathId, given: Called, desk: AtDesk) -> ReportCall:
    found = await found_report(desk, report_id)
    see(given.service, given.actor, found)
    return ReportCall(given, desk, found)


AboutReport = Annotated[ReportCall, Depends(_call)]
"""A caller's message about a report that they may see."""


@router.post("/v1/reports/{report_id}/urge", status_code=201, name="intake.urge")
async def urge(body: Note, call: AboutReport) -> Response:
    """Ask for haste (催办)."""
    command = UrgeReport(call.message_id, "urge", await call.sealed(), await call.digest())
    return await call.give(command, place=home_of(call.given.actor))


@router.post("/v1/reports/{report_id}/supervise", status_code=201, name="intake.supervise")
async def supervise(body: Note, call: AboutReport) -> Response:
    """Ask for haste from above (督办)."""
    command = UrgeReport(call.message_id, "supervise", await call.sealed(), await call.digest())
    return await call.give(command, place=home_of(call.given.actor))


@router.post("/v1/reports/{report_id}/return-visit", status_code=201, name="intake.record_return_visit")
async def return_visit(body: VisitBody, call: AboutReport) -> Response:
    """What the hotline heard when it called back (回访)."""
    visit = RecordReturnVisit(
        message_id=call.message_id,
        reached=body.reached,
        resolved=body.resolved,
        satisfied=body.satisfied,
        visited_at=body.visited_at,
        said=await call.digest(),
    )
    return await call.give(visit, place=home_of(call.given.actor))


@router.post("/v1/reports/{report_id}/withdraw", status_code=201, name="intake.withdraw")
async def withdraw(body: WithdrawalBody, call: AboutReport) -> Response:
    """Take a report back (撤回). The township still looks whether there is a need."""
    command = WithdrawReport(call.message_id, body.reason, await call.digest())
    return await call.give(command, place=home_of(call.given.actor))


@router.post("/v1/reports/{report_id}/appeals", status_code=201, name="intake.appeal")
async def appeal(body: AppealBody, call: AboutReport) -> Response:
    """Appeal against the hotline's mark (考核申诉); the answer leads to the certificate of the clock (时限证明)."""
    command = FileAppeal(call.message_id, await call.sealed(), await call.digest(), body.clock)
    return await call.give(command, place=place_of(call.found))


@router.get("/v1/reports/{report_id}/duplicates")
async def duplicates(report_id: PathId, service: Service, actor: Caller, desk: AtDesk) -> Answers:
    """Reports that may be of the same household, as they can be seen now, with what speaks for it and what was said."""
    found = await found_report(desk, report_id)
    service.access.permit(actor, "intake.compare", place_of(found))
    verdicts, now = found.report.verdicts, await desk.search.suspects(found.report.received)
    known = {candidate.report_id: candidate for candidate in (*found.report.suspects, *now)}
    return [
        {**candidate.model_dump(mode="json"), "verdict": verdicts.get(candidate.report_id, "open")}
        for candidate in sorted(known.values(), key=lambda one: -one.weight)
    ]


@router.post("/v1/reports/{report_id}/duplicates/{other_id}", status_code=201, name="intake.compare")
async def compare(other_id: PathId, body: VerdictBody, call: AboutReport) -> Response:
    """A person's word on whether two reports are of one household: kept with its reason, and it can be taken back."""
    await found_report(call.desk, other_id)
    command = DecideDuplicate(other_id, body.verdict, await call.sealed(), await call.digest())
    return await call.give(command, place=place_of(call.found))
