"""Relief over HTTP, what is read: what to do next, a case, its story, the policy in force; now or as of a moment."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from events.fact import Actor, Recorded
from events.policy import Rules
from events.relief import CaseFact
from events.shanghai import Shown, day_of
from services.chassis.access import Denied
from services.chassis.database import Connection
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import AskedMoment, PathId, Service, seen
from services.relief.case import DECIDER
from services.relief.case_clocks import Judge
from services.relief.case_state import Case
from services.relief.case_view import CaseView, NameView, case_view
from services.relief.caseload import CASELOAD
from services.relief.clocks import clocks
from services.relief.desk import Caller, Dossier, clock_facts_of, dossier, facts_of, policy_cache
from services.relief.policy_cache import Policies
from services.relief.signals import signals
from services.relief.story import line, story
from services.relief.worklist import Wanted, Worklist, worklist

router = APIRouter(prefix="/v1", tags=["reading"], route_class=PersonRoute)


class Line(BaseModel):
    """One fact of a case's story."""

    position: int
    name: str
    occurred_at: Shown
    recorded_at: Shown
    came_late: bool
    by: str
    sentence: str
    line: str


class Story(BaseModel):
    """A case's story, in the order in which it happened."""

    case_id: str
    facts: tuple[Line, ...]


class SetSource(BaseModel):
    """A set, its division, and from when on it holds."""

    model_config = ConfigDict(from_attributes=True)

    set_id: str
    division: str
    effective_from: date


class RuleOrigin(BaseModel):
    """Where a rule in force comes from, what of higher levels it takes the place of, and what keeps it in bounds."""

    model_config = ConfigDict(from_attributes=True)

    source: SetSource
    overrides: tuple[SetSource, ...]
    bounded_by: SetSource | None
    unconfirmed: bool


class PolicyInForce(BaseModel):
    """What holds in a county on a day; a rule that no level has published is null. Standards in fen a month."""

    division: str
    on: date
    policy_hash: str
    unconfirmed: bool
    rules: Rules
    origins: Mapping[str, RuleOrigin]
    standards: Mapping[str, int]


@router.get("/cases")
async def caseload(service: Service, actor: Caller, wanted: Annotated[Wanted, Query()]) -> Worklist:
    """What is to be done in the caller's scope: life in danger first, then least time left, then oldest.

    With ``waiting=false`` all cases. Pages stay in order, without a gap or a case twice, whatever comes in meanwhile.
    """
    service.access.permit(actor, "relief.read_caseload", actor.scope)
    await seen(service, CASELOAD.name, wanted.after)
    if not wanted.has_good_page:
        raise Problem(422, "bad_page", "页码不正确,请从第一页开始。")
    policies, now = _then(service, wanted.as_of)
    async with _caseload(service, wanted.as_of) as connection:
        return await worklist(connection, actor.scope, Judge(service.store, policies, now, wanted.as_of), wanted)


@router.get("/cases/{case_id}")
async def case(
    case_id: PathId, service: Service, actor: Caller, response: Response, as_of: AskedMoment | None = None
) -> CaseView:
    """A case with its clocks, from the first report and from acceptance."""
    found = await _readable(service, actor, "relief.read_case", case_id)
    facts = await facts_of(service, found, as_of)
    policies, now = _then(service, as_of)
    known = _fold(facts)
    said = [signal for one in (*facts, *await clock_facts_of(service, found, as_of)) for signal in signals(one)]
    rulebook = policies.rulebook(found.opened.county)
    running = clocks(said, rulebook, now)
    response.headers["ETag"] = f'"{facts[-1].version}"'
    return case_view(known, facts, running, await _name(service, actor, found), rulebook)


@router.get("/cases/{case_id}/history")
async def history(case_id: PathId, service: Service, actor: Caller, as_of: AskedMoment | None = None) -> Story:
    """A case's story in sentences, with both times and who acted."""
    found = await _readable(service, actor, "relief.read_history", case_id)
    told = story([*await facts_of(service, found, as_of), *await clock_facts_of(service, found, as_of)])
    facts = (
        Line(
            position=one.position,
            name=one.name,
            occurred_at=one.occurred_at,
            recorded_at=one.recorded_at,
            came_late=one.came_late,
            by=one.by,
            sentence=one.sentence,
            line=line(one),
        )
        for one in told
    )
    return Story(case_id=case_id, facts=tuple(facts))


@router.get("/policies/{division}")
async def policy(
    division: Annotated[str, Path(pattern=r"^[0-9]{6}$")], service: Service, actor: Caller, on: date | None = None
) -> PolicyInForce:
    """The rules that hold in a county on a day, today by default, each with the set that it came from."""
    service.access.permit(actor, "relief.read_policy", actor.scope)
    day = on or day_of(service.clock.now())
    found = policy_cache(service).policies.policy(division, day)
    return PolicyInForce(
        division=division,
        on=day,
        policy_hash=found.policy_hash,
        unconfirmed=found.unconfirmed,
        rules=found.rules,
        origins={name: RuleOrigin.model_validate(origin) for name, origin in found.origins.items()},
        standards={name: one.monthly_fen for name, one in found.standards.items()},
    )


async def _readable(service: Mounted, actor: Actor, command: str, case_id: str) -> Dossier:
    service.access.permit(actor, command, actor.scope)
    found = await dossier(service, case_id)
    service.access.permit(actor, command, found.opened.township)
    return found


async def _name(service: Mounted, actor: Actor, found: Dossier) -> NameView:
    sealed = found.opened.name
    if sealed is None:
        return NameView(state="unknown")
    try:
        service.access.permit(actor, "relief.read_name", found.opened.township)
    except Denied:
        return NameView(state="masked")
    text = (await service.sealer.prepare([sealed.subject])).open(sealed)
    return NameView(state="erased") if text is None else NameView(state="shown", text=text)


def _then(service: Mounted, as_of: datetime | None) -> tuple[Policies, datetime]:
    """The policies as they were published, and the time that clocks take for now."""
    policies = policy_cache(service).policies
    return (policies, service.clock.now()) if as_of is None else (policies.as_of(as_of), as_of)


def _caseload(service: Mounted, as_of: datetime | None) -> AbstractAsyncContextManager[Connection]:
    projector = service.projectors[CASELOAD.name]
    return projector.reading() if as_of is None else projector.as_of(as_of)


def _fold(facts: Sequence[Recorded[CaseFact]]) -> Case:
    known = DECIDER.initial
    for one in facts:
        known = DECIDER.evolve(known, one)
    assert known is not None
    return known
