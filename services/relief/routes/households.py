"""Households over HTTP (户): what counts for repetition, who belongs together, and which repetition is allowed."""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from events.relief_household import CountedHelp, HelpElsewhere, RepeatRuleName, Scheme
from events.relief_words import advance_claim
from events.shanghai import day_of
from events.words import Cause, Code, PositiveFen, Pseudonym
from services.chassis.calling import About, Called
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import Body, PathCounty, Service
from services.chassis.unit import Directed
from services.relief.desk import Caller, policy_cache
from services.relief.household import household_of
from services.relief.household_checks import household_at, told_elsewhere
from services.relief.household_commands import AllowRepeat, JoinMember, NoteElsewhere, PartMember
from services.relief.policy import Policy
from services.relief.routes.belonging import joining, parting
from services.relief.routes.calling import Call

router = APIRouter(prefix="/v1", tags=["households"], route_class=PersonRoute)

_GRANTS = UUID("1f7c2d3c-9a44-5b62-8b0e-6a5b0f1f6c02")
"""The same told again is the same help, whoever tells it."""

Person = Annotated[Pseudonym, Path()]


class Allowance(Body):
    """Why the case may be helped although the rule is used up, as a code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "second_operation"}]})

    reason: Code


class NewMember(Body):
    """Who belongs to the household, by the pseudonym, and how that is known, as a code."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"member": "p:0123456789abcdef", "reason": "hukou_book"}]}
    )

    member: Pseudonym
    reason: Code


class Elsewhere(Body):
    """What another department or a charity gave a person, in fen where it says so."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scheme": "medical_assistance",
                    "organisation": "medical_insurance_bureau",
                    "cause": "illness",
                    "on": "2026-10-20",
                    "amount_fen": 300_000,
                    "reference": "〔2026〕10号第12行",
                }
            ]
        }
    )

    scheme: Scheme
    organisation: Code
    cause: Cause
    on: date
    amount_fen: PositiveFen | None = None
    reference: str = Field(default="", pattern=r"^[A-Za-z0-9〔〕号第行._-]{0,40}$")


class Parting(Body):
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
    elsewhere: tuple[HelpElsewhere, ...]
    """What others have told that they gave."""
    allowed: tuple[str, ...]
    repeats: tuple[Repeat, ...]


@router.get("/households/{county}/{person}")
async def look(county: PathCounty, person: Person, service: Service, actor: Caller) -> HouseholdView:
    """The household in which a person is judged in a county."""
    service.access.permit(actor, "relief.read_chain", county)
    key, known = await household_at(service.store, county, person)
    return HouseholdView(
        household=key,
        members=tuple(sorted(known.members)),
        helps=tuple(known.helps.values()),
        elsewhere=tuple(await told_elsewhere(service.store, county, (key, *sorted(known.members)))),
        allowed=tuple(sorted(known.allowed)),
        repeats=tuple(Repeat(rule=rule, cases=cases) for rule, cases in known.reported.items()),
    )


@router.post("/cases/{case_id}/repeat-allowances", status_code=201, name="relief.allow_repeat")
async def allow(call: Call, body: Allowance) -> Response:
    """Let a case be helped although a rule is used up, or another case has helped first (特殊情况多次救助).

    By whom the policy names.
    """
    async with call.case() as found:
        person = found.person
        if person is None:
            raise Problem(409, "identity_unknown", "求助对象身份尚未核实,无需批准重复救助。")
        key, _ = await household_at(call.service.store, found.division, person)
        first_help = advance_claim(person, found.opened.cause)
        allowed = AllowRepeat(key, call.case_id, body.reason, _policy(call.service, found.division), first_help)
        said = f"{call.case_id}|{body.model_dump_json()}"
        parts = (Directed(household_of(key), allowed, (first_help,)), *call.precondition())
        return await call.given.give(About(said, found.opened.township), said.encode(), parts)


@router.post("/households/{county}/{person}/help-elsewhere", status_code=201, name="relief.note_help_elsewhere")
async def note_elsewhere(county: PathCounty, person: Person, call: Called, body: Elsewhere) -> Response:
    """Put down what another department or a charity gave a person (其他部门救助帮扶). Nothing is refused for it."""
    call.must_reach(county)
    told = body.model_dump_json()
    grant_id = str(uuid5(_GRANTS, f"{county}|{person}|{told}"))
    said = NoteElsewhere(person, HelpElsewhere(grant_id=grant_id, person=person, **body.model_dump()))
    about = About(f"{person}|{told}", county)
    return await call.give(about, about.named.encode(), [Directed(household_of(person), said)])


@router.post("/households/{county}/{person}/members", status_code=201, name="relief.join_household")
async def join(county: PathCounty, person: Person, call: Called, body: NewMember) -> Response:
    """Join a person to a household (并户): what both have had is judged anew and reported; no decision changes."""
    call.must_reach(county)
    if body.member == person:
        raise Problem(409, "joined_to_self", "不能把本人并入自己的户。")
    joined = JoinMember(person, body.member, body.reason, _policy(call.service, county))
    said = f"{person}|{body.model_dump_json()}"
    return await call.give(About(said, county), said.encode(), joining(joined))


@router.post("/households/{county}/{person}/members/{member}/parting", status_code=201, name="relief.part_household")
async def part(county: PathCounty, person: Person, member: Person, call: Called, body: Parting) -> Response:
    """Say that a person does not belong to the household after all (撤销并户); what was reported is judged anew."""
    call.must_reach(county)
    parted = PartMember(person, member, body.reason, _policy(call.service, county))
    said = f"{person}|{member}|{body.model_dump_json()}"
    return await call.give(About(said, county), said.encode(), parting(parted))


def _policy(service: Mounted, county: str) -> Policy:
    """What holds in a county today."""
    return policy_cache(service).policies.policy(county, day_of(service.clock.now()))
