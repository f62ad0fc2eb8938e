"""Relief over HTTP, the clocks of a case: how they stand, their certificates, and letting one stand still."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from events.relief_clocks import ClockName
from events.rules import PauseCause
from events.shanghai import Shown
from services.chassis.chain import genesis
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import AskedMoment, Body, Moment, PathId, Service
from services.chassis.unit import Directed
from services.relief.certificate import Issue, certificate, cited, proof
from services.relief.certificate_page import page
from services.relief.clock_book import ClockCommand, PauseClock, ResumeClock, clocks_of
from services.relief.clocks import Clock, clocks, policy_of
from services.relief.desk import Caller, Dossier, clock_facts_of, dossier, facts_of, policy_cache
from services.relief.extensions import ExtendClock
from services.relief.routes.calling import Call, CaseCall
from services.relief.rulebook import Rulebook
from services.relief.signals import signals

router = APIRouter(prefix="/v1/cases/{case_id}/clocks", tags=["clocks"], route_class=PersonRoute)

Subject = Annotated[str, Query(max_length=64)]


class ClockStanding(BaseModel):
    """One clock as it stands. ``predicted`` marks one that is expected to be broken."""

    name: ClockName
    subject: str
    started_at: Shown
    due_at: Shown
    stopped_at: Shown | None
    verdict: str
    judged: bool
    recorded: str | None
    paused: bool
    predicted: bool
    provisional: bool
    elapsed_seconds: int
    clause: str


class Pausing(Body):
    """Why a clock stands still, and until when at the latest."""

    cause: PauseCause
    expires_at: Moment
    subject: str = Field(default="", max_length=64)


class Resuming(Body):
    """A clock runs on."""

    subject: str = Field(default="", max_length=64)


class Extending(Body):
    """By how much a deadline is put off, in its own unit, and the number of the approval."""

    length: int = Field(ge=1, le=366)
    reference: str = Field(default="", pattern=r"^[A-Za-z0-9〔〕号._-]{0,40}$")
    subject: str = Field(default="", max_length=64)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The clocks of a case as the caller may see them."""

    found: Dossier
    running: Sequence[Clock]
    rulebook: Rulebook
    at: datetime

    def one(self, name: ClockName, subject: str) -> Clock:
        """The clock asked for. Raises ``Problem`` (404)."""
        clock = next((one for one in self.running if (one.name, one.subject) == (name, subject)), None)
        if clock is None:
            raise Problem(404, "no_such_clock", "该个案没有这个时限,请核对名称。")
        return clock


async def _seen(case_id: PathId, service: Service, actor: Caller, as_of: AskedMoment | None = None) -> _Seen:
    service.access.permit(actor, "relief.read_case", actor.scope)
    found = await dossier(service, case_id)
    service.access.permit(actor, "relief.read_case", found.opened.township)
    return await _look(service, found, as_of)


async def _look(service: Mounted, found: Dossier, as_of: datetime | None) -> _Seen:
    facts = [*await facts_of(service, found, as_of), *await clock_facts_of(service, found, as_of)]
    policies = policy_cache(service).policies
    rulebook = (policies if as_of is None else policies.as_of(as_of)).rulebook(found.opened.county)
    at = as_of or service.clock.now()
    said = [signal for fact in facts for signal in signals(fact)]
    return _Seen(found, clocks(said, rulebook, at), rulebook, at)


Seen = Annotated[_Seen, Depends(_seen)]


@router.get("")
async def standing(seen: Seen) -> Sequence[ClockStanding]:
    """Every clock of a case."""
    return [_standing(clock, seen.at) for clock in seen.running]


@router.get("/{name}/certificate")
async def certified(name: ClockName, service: Service, seen: Seen, subject: Subject = "") -> Mapping[str, Any]:
    """The certificate of a clock (时限证明), to be kept and checked offline."""
    return await _certificate(service, seen, seen.one(name, subject))


@router.get("/{name}/certificate.html", response_class=HTMLResponse)
async def printed(name: ClockName, service: Service, seen: Seen, subject: Subject = "") -> HTMLResponse:
    """The same certificate as a page to be printed on A4."""
    return HTMLResponse(page(await _certificate(service, seen, seen.one(name, subject))))


async def _give(
    call: CaseCall, name: ClockName, body: Pausing | Resuming | Extending, command: Callable[[Clock], ClockCommand]
) -> Response:
    """Find the clock, have the command decided, answer."""
    async with call.case() as found:
        clock = (await _look(call.service, found, None)).one(name, body.subject)
        parts = (Directed(clocks_of(call.case_id), command(clock)), *call.precondition())
        named = f"{call.case_id}|{name}"
        return await call.given.give(found.about(named), f"{named}|{body.model_dump_json()}".encode(), parts)


@router.post("/{name}/pause", status_code=201, name="relief.pause_clock")
async def pause(name: ClockName, call: Call, body: Pausing) -> Response:
    """Let a clock stand still (暂停计时), for a cause that the policy knows."""
    return await _give(call, name, body, lambda clock: PauseClock(call.case_id, clock, body.cause, body.expires_at))


@router.post("/{name}/resume", status_code=201, name="relief.resume_clock")
async def resume(name: ClockName, call: Call, body: Resuming) -> Response:
    """Let a clock run on (恢复计时)."""
    return await _give(call, name, body, lambda clock: ResumeClock(call.case_id, clock))


@router.post("/{name}/extension", status_code=201, name="relief.extend_clock")
async def extend(name: ClockName, call: Call, body: Extending) -> Response:
    """Put a deadline off (延期), once and no longer than the policy allows."""
    return await _give(call, name, body, lambda clock: ExtendClock(call.case_id, clock, body.length, body.reference))


def _standing(clock: Clock, now: datetime) -> ClockStanding:
    return ClockStanding(
        name=clock.name,
        subject=clock.subject,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        verdict=clock.verdict,
        judged=clock.judged,
        recorded=clock.recorded,
        paused=clock.is_paused,
        predicted=clock.is_predicted(now),
        provisional=clock.provisional,
        elapsed_seconds=int(clock.elapsed.total_seconds()),
        clause=clock.term.clause,
    )


async def _certificate(service: Mounted, seen: _Seen, clock: Clock) -> Mapping[str, Any]:
    policy = policy_of(clock, seen.rulebook)
    issue = Issue(seen.found.opened.case_id, seen.found.division, seen.at, policy)
    proofs = {place: await _proof(service, *place) for place in cited(clock)}
    return certificate(clock, issue, proofs)


async def _proof(service: Mounted, division: str, position: int) -> Mapping[str, Any]:
    """A fact as it was hashed, and the hash before it."""
    rows = [row async for row in service.store.read(division, after=max(position - 2, 0), upto=position)]
    previous = rows[-2].hash if len(rows) > 1 else genesis("relief", division)
    return proof(rows[-1], previous)
