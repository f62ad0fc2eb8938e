"""Households over HTTP (户): what counts for repetition, who belongs together, and which repetition is allowed."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from events.fact import Actor
from events.relief_household import CountedHelp, RepeatRuleName
from events.relief_words import advance_claim
from events.shanghai import day_of
from events.words import Code, Pseudonym
from services.chassis.http import Asked, PersonRoute, idempotency_key, respond
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import Service
from services.chassis.unit import Directed
from services.relief.belonging import joining, parting
from services.relief.calling import Expected, seen_by, witness
from services.relief.consulting import household_at
from services.relief.desk import Caller, CaseId, Dossier, dossier, shelf_of
from services.relief.household import household_of
from services.relief.household_commands import AllowRepeat, JoinMember, PartMember
from services.relief.policy import Policy

router = APIRouter(prefix="/v1", tags=["households"], route_class=PersonRoute)

County = Annotated[str, Path(pattern=r"^[0-9]{6}$")]
Person = Annotated[str, Path(pattern=r"^[a-z0-9:]{16,96}$")]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Allowance(_Said):
    """Why the case may be helped although the rule is used up, as a code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "second_operation"}]})

    reason: Code


class NewMember(_Said):
    """Who belongs to the household, by the pseudonym, and how that is known, as a code."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"member": "p:0123456789abcdef", "reason": "hukou_book"}]}
    )

    member: Pseudonym
    reason: Code


class Parting(_Said):
    """Why the person does not belong to it after all, as a code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "wrong_person"}]})

    reason: Code


class Repeat(BaseModel):
    """A rule that is found used up, and by which cases."""

    rule: RepeatRuleName
    cases: tuple[str, ...]


class HouseholdView(BaseModel):
    """A household as it is judged in a county: what counts, who belongs to it, what is allowed and reported."""

    household: str
    members: tuple[str, ...]
    helps: tuple[CountedHelp, ...]
    allowed: tuple[str, ...]
    repeats: tuple[Repeat, ...]


@dataclass(frozen=True, slots=True)
class _Call:
    """An officer's word on a household of a county, on its way."""

    request: Request
    service: Mounted
    actor: Actor

    def policy(self, county: str) -> Policy:
        """What holds in a county today."""
        return shelf_of(self.service).policies.policy(county, day_of(self.service.clock.now()))

    async def give(self, name: str, place: str, said: str, *parts: Directed) -> Response:
        """Have the commands decided together, and answer."""
        asked = Asked(
            command=name,
            place=place,
            division=place[:6],
            parts=parts,
            occurred_at=self.service.clock.now(),
            said=said.encode(),
            correlation="",
        )
        key = f"{said}|{idempotency_key(self.request)}"
        return respond(await self.service.door.take(self.request, self.actor, asked, key=key))


async def _call(request: Request, service: Service, actor: Caller) -> _Call:
    return _Call(request, service, actor)


Call = Annotated[_Call, Depends(_call)]


@router.get("/households/{county}/{person}")
async def look(county: County, person: Person, service: Service, actor: Caller) -> HouseholdView:
    """The household in which a person is judged in a county."""
    service.access.permit(actor, "relief.read_chain", county)
    key, known = await household_at(service.store, county, person)
    return HouseholdView(
        household=key,
        members=tuple(sorted(known.members)),
        helps=tuple(known.helps.values()),
        allowed=tuple(sorted(known.allowed)),
        repeats=tuple(Repeat(rule=rule, cases=cases) for rule, cases in known.reported.items()),
    )


@router.post("/cases/{case_id}/repeat-allowances", status_code=201, name="relief.allow_repeat")
async def allow(case_id: CaseId, call: Call, body: Allowance, expects: Expected) -> Response:
    """Let a case be helped although a rule is used up, or another case has helped first (特殊情况多次救助).

    By whom the policy names.
    """
    call.service.access.permit(call.actor, "relief.allow_repeat", call.actor.scope)
    found = await dossier(call.service, case_id)
    async with seen_by(call.service, found, expects):
        return await _allow(call, found, body, expects)


async def _allow(call: _Call, found: Dossier, body: Allowance, expects: int | None) -> Response:
    case_id = found.opened.case_id
    person = found.person
    if person is None:
        raise Problem(409, "identity_unknown", "求助对象身份尚未核实,无需批准重复救助。")
    county = found.division
    key, _ = await household_at(call.service.store, county, person)
    first_help = advance_claim(person, found.opened.cause)
    allowed = AllowRepeat(key, case_id, body.reason, call.policy(county), first_help)
    said = f"{case_id}|{body.model_dump_json()}"
    parts = (Directed(household_of(key), allowed, (first_help,)), *witness(case_id, expects))
    return await call.give("relief.allow_repeat", found.opened.township, said, *parts)


@router.post("/households/{county}/{person}/members", status_code=201, name="relief.join_household")
async def join(county: County, person: Person, call: Call, body: NewMember) -> Response:
    """Join a person to a household (并户): what both have had is judged anew and reported; no decision changes."""
    call.service.access.permit(call.actor, "relief.join_household", county)
    if body.member == person:
        raise Problem(409, "joined_to_self", "不能把本人并入自己的户。")
    joined = JoinMember(person, body.member, body.reason, call.policy(county))
    said = f"{person}|{body.model_dump_json()}"
    return await call.give("relief.join_household", county, said, *joining(joined))


@router.post("/households/{county}/{person}/members/{member}/parting", status_code=201, name="relief.part_household")
async def part(county: County, person: Person, member: Person, call: Call, body: Parting) -> Response:
    """Say that a person does not belong to the household after all (撤销并户); what was reported is judged anew."""
    call.service.access.permit(call.actor, "relief.part_household", county)
    parted = PartMember(person, member, body.reason, call.policy(county))
    said = f"{person}|{member}|{body.model_dump_json()}"
    return await call.give("relief.part_household", county, said, *parting(parted))
