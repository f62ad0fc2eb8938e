"""Who it is, over HTTP, and the household's chain of relief across cases (一户一条救助链)."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from events.relief_persons import HomeAnswer
from events.shanghai import Shown
from events.words import Cause, Code, County, Pseudonym, Sha256
from services.chassis.http import PersonRoute
from services.chassis.routing import PathCounty, PathId, Service
from services.relief.desk import Caller
from services.relief.household_chain import CHAIN, SQL
from services.relief.routes.calling import Call, Deed
from services.relief.steps.identity import (
    AskPolice,
    CheckDuplicates,
    EstablishIdentity,
    NoteHomeAnswer,
    NotePoliceAnswer,
    TellHomeCounty,
    WithdrawIdentity,
)

router = APIRouter(prefix="/v1", tags=["persons"], route_class=PersonRoute)

_FIRST = "0.-999999999999999999."
"""The page before every case."""


class Identity(Deed):
    """Who it is, by the pseudonym that intake gives for an ID number."""

    person: Pseudonym


class NotThisPerson(Deed):
    """Who it is not, and why, as a code."""

    person: Pseudonym
    reason: Code


class Duplicates(Deed):
    """What other counties said, or that they did not answer in time."""

    result: Literal["pending", "none", "found"]


class PoliceQuestion(Deed):
    """The number of the letter to the police, if there is one."""

    reference: str = Field(default="", pattern=r"^[A-Za-z0-9〔〕号._-]{0,40}$")


class PoliceAnswer(Deed):
    """Whether they know who it is."""

    result: Literal["found", "not_found"]


class HomeCounty(Deed):
    """The county of the person's hukou."""

    home_county: County


class AnswerFromHome(Deed):
    """What the county of the hukou knows, and the document that says so."""

    result: HomeAnswer
    record_sha256: Sha256


class AtHome(BaseModel):
    """A case elsewhere of somebody whose hukou is here, and what was given there, in fen."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    county: str
    township: str
    cause: Cause
    person: str | None
    told_at: Shown
    answer: HomeAnswer | None
    amount_fen: int


class HomeCases(BaseModel):
    """What a county was told of its own people: what waits for its answer first, then the latest.

    ``next`` asks for the page behind it.
    """

    county: str
    cases: tuple[AtHome, ...]
    next: str | None


class ChainLink(BaseModel):
    """One case of a person, and what was given in it, in fen."""

    case_id: str
    county: str
    township: str
    cause: str
    repeats: str | None
    """The case that helped first, where this one repeats it."""
    amount_fen: int
    first_at: Shown | None
    last_at: Shown | None


class GivenElsewhere(BaseModel):
    """What another department or a charity gave: told by it, or as the result of a case's referral; in fen if known."""

    grant_id: str
    case_id: str | None
    """The case whose referral it came of."""
    scheme: str
    organisation: str
    cause: Cause
    given_on: date
    amount_fen: int | None
    reference: str


class Chain(BaseModel):
    """What a person was helped with, across cases; and by others, which ``total_fen`` leaves out."""

    person: str
    total_fen: int
    links: tuple[ChainLink, ...]
    elsewhere: tuple[GivenElsewhere, ...]


@router.post("/cases/{case_id}/identity", status_code=201, name="relief.establish_identity")
async def establish(call: Call, body: Identity) -> Response:
    """Say who it is (身份核实); a second case of the same incident is found, never refused for it."""
    said = EstablishIdentity(body.person)
    return await call.give(body, lambda found, at: said, person=body.person)


@router.post("/cases/{case_id}/identity/withdrawal", status_code=201, name="relief.withdraw_identity")
async def withdraw(call: Call, body: NotThisPerson) -> Response:
    """Say that it is not this person after all; decisions stay, the repetition does not."""
    said = WithdrawIdentity(body.person, body.reason)
    return await call.give(body, lambda found, at: said, person=body.person)


@router.post("/cases/{case_id}/duplicate-checks", status_code=201, name="relief.check_duplicates")
async def check(call: Call, body: Duplicates) -> Response:
    """Put down what other counties know of the person (跨县查重); a payment never waits for it."""
    said = CheckDuplicates(body.result)
    return await call.give(body, lambda found, at: said)


@router.post("/cases/{case_id}/police-checks", status_code=201, name="relief.ask_police")
async def ask_police(call: Call, body: PoliceQuestion) -> Response:
    """Ask the police who an unknown person is (公安身份核查); nothing waits for the answer."""
    said = AskPolice(call.id_of("police"), body.reference)
    return await call.give(body, lambda found, at: said)


@router.post("/cases/{case_id}/police-checks/{check_id}/answer", status_code=201, name="relief.note_police_answer")
async def note_police_answer(check_id: PathId, call: Call, body: PoliceAnswer) -> Response:
    """Put down what the police answered; who it is, is established on its own."""
    said = NotePoliceAnswer(check_id, body.result)
    return await call.give(body, lambda found, at: said)


@router.post("/cases/{case_id}/home-counties", status_code=201, name="relief.tell_home_county")
async def tell_home(call: Call, body: HomeCounty) -> Response:
    """Tell the county of the hukou (户籍地), which is to help with the audit; nothing waits for its answer."""
    said = TellHomeCounty(body.home_county)
    return await call.give(body, lambda found, at: said)


@router.post("/cases/{case_id}/home-counties/{county}/answer", status_code=201, name="relief.note_home_answer")
async def note_home_answer(county: PathCounty, call: Call, body: AnswerFromHome) -> Response:
    """Put down what the county of the hukou has answered."""
    said = NoteHomeAnswer(county, body.result, body.record_sha256)
    return await call.give(body, lambda found, at: said)


@router.get("/home-cases/{county}")
async def home_cases(
    county: PathCounty,
    service: Service,
    actor: Caller,
    page: Annotated[str, Query(pattern=r"^[01]\.-?[0-9]{1,18}\.[A-Za-z0-9._:-]{0,64}$")] = _FIRST,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
) -> HomeCases:
    """The needs elsewhere of people whose hukou is in this county (户籍地协查), which is to help with the audit."""
    service.access.permit(actor, "relief.read_home_cases", county)
    rank, told_key, case_id = page.split(".", 2)
    async with service.projectors[CHAIN.name].reading() as connection:
        rows = await connection.fetch(SQL["at_home"], county, int(rank), int(told_key), case_id, limit)
    last = rows[-1] if len(rows) == limit else None
    return HomeCases(
        county=county,
        cases=tuple(AtHome(**dict(row)) for row in rows),
        next=None if last is None else f"{last['rank']}.{last['told_key']}.{last['case_id']}",
    )


@router.get("/chains/{person}")
async def chain(person: Annotated[str, Path(pattern=r"^[a-z0-9:]{16,96}$")], service: Service, actor: Caller) -> Chain:
    """A person's chain of relief across cases and counties, and what others gave."""
    service.access.permit(actor, "relief.read_chain", actor.scope)
    async with service.projectors[CHAIN.name].reading() as connection:
        rows = await connection.fetch(SQL["chain"], person)
        told = await connection.fetch(SQL["given_elsewhere"], person)
    links = tuple(ChainLink(**dict(row)) for row in rows)
    elsewhere = tuple(GivenElsewhere(**dict(row)) for row in told)
    return Chain(person=person, total_fen=sum(link.amount_fen for link in links), links=links, elsewhere=elsewhere)
