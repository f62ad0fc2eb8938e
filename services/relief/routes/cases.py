"""Relief over HTTP, what officers do in a case: accept it, speak to the household, help, file papers, close it."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID, uuid5

from fastapi import APIRouter, Response
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from events.relief import Goods
from events.shanghai import day_of
from events.words import Code, Fen, Id, Sha256
from services.chassis.http import PersonRoute
from services.relief.case_commands import (
    AcceptCase,
    CaseCommand,
    CloseCase,
    DecideAdvance,
    FilePaper,
    HandOverGoods,
    RecordContact,
)
from services.relief.case_state import cost_fen
from services.relief.desk import Dossier, policy_cache
from services.relief.routes.calling import Call, Deed, must_be_countable

router = APIRouter(prefix="/v1/cases/{case_id}", tags=["cases"], route_class=PersonRoute)

_DECISIONS = UUID("4a5f8e67-8f0e-5d4b-b7a5-9f1f4bb1b6a2")

# --- what officers say


class Acceptance(Deed):
    """The township takes the case on."""


class Contact(Deed):
    """Somebody tried to speak to the household."""

    reached: bool


class Advance(Deed):
    """Help before paperwork: money in fen, goods, or both; without a fund named, the year's of who pays here."""

    amount_fen: Fen = 0
    goods: tuple[Goods, ...] = Field(default=(), max_length=20)
    fund_id: Id | None = None
    ahead_of_expense: bool = False
    """It is for what the household is yet to spend (先期垫付): a deposit, school fees."""

    @field_validator("goods")
    @classmethod
    def storable(cls, goods: tuple[Goods, ...]) -> tuple[Goods, ...]:
        """A name can be seen; and the database's JSON cannot hold all control characters."""
        if not all(item.item.isprintable() and item.item.strip() for item in goods):
            raise PydanticCustomError("not_printable", "not printable")
        return goods

    @model_validator(mode="after")
    def countable(self) -> Self:
        """All of it together is an amount, too."""
        must_be_countable(self.amount_fen + cost_fen(self.goods))
        return self


class GoodsHandover(Deed):
    """The household has the goods of a decision in hand."""

    decision_id: Id


class Paper(Deed):
    """One of the owed papers is on file; ``sha256`` names the document."""

    debt_id: Id
    paper: Code
    sha256: Sha256


class Closing(Deed):
    """The case is done. That no help was given has to be said in so many words."""

    outcome: Literal["relieved", "not_relieved"] = "relieved"


_ACCEPTED, _RELIEVED = Acceptance(), Closing()
"""What is meant by a call without a body."""


@router.post("/accept", status_code=201, name="relief.accept_case")
async def accept(call: Call, body: Acceptance = _ACCEPTED) -> Response:
    """Take the case on (受理)."""
    return await call.give(body, lambda found, at: AcceptCase())


@router.post("/contacts", status_code=201, name="relief.record_contact")
async def contact(call: Call, body: Contact) -> Response:
    """Put down that somebody tried to speak to the household (联系)."""
    return await call.give(body, lambda found, at: RecordContact(body.reached))


@router.post("/advances", status_code=201, name="relief.decide_advance")
async def advance(call: Call, body: Advance) -> Response:
    """Decide help before paperwork (先行救助), inside the township's limit. The answer says whether it was declined."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return DecideAdvance(
            decision_id=str(uuid5(_DECISIONS, f"{call.case_id}|{call.given.actor.id}|{call.given.key}")),
            fund_id=call.fund_of(found, at, body.fund_id),
            amount_fen=body.amount_fen,
            goods=body.goods,
            policy=call.policy(found, at),
            ahead_of_expense=body.ahead_of_expense,
        )

    return await call.give(body, command)


@router.post("/county-advances", status_code=201, name="relief.decide_county_advance")
async def county_advance(call: Call, body: Advance) -> Response:
    """The county decides an advance on the same clock (县级先行救助), from its own fund unless another is named."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return DecideAdvance(
            decision_id=call.id_of("county-advance"),
            fund_id=call.fund_of(found, at, body.fund_id or f"{found.opened.county}-{day_of(at).year}"),
            amount_fen=body.amount_fen,
            goods=body.goods,
            policy=call.policy(found, at),
            by_county=True,
            ahead_of_expense=body.ahead_of_expense,
        )

    return await call.give(body, command)


@router.post("/goods-handovers", status_code=201, name="relief.hand_over_goods")
async def hand_over(call: Call, body: GoodsHandover) -> Response:
    """The household has the goods of a decision (实物发放)."""
    policies = policy_cache(call.service).policies

    def command(found: Dossier, at: datetime) -> CaseCommand:
        county = found.opened.county
        return HandOverGoods(body.decision_id, policies.policy(county, day_of(at)), policies.calendar(county))

    return await call.give(body, command)


@router.post("/papers", status_code=201, name="relief.file_paper")
async def file(call: Call, body: Paper) -> Response:
    """Put one of the owed papers on file (补交材料)."""
    paper = FilePaper(body.debt_id, body.paper, body.sha256)
    return await call.give(body, lambda found, at: paper)


@router.post("/close", status_code=201, name="relief.close_case")
async def close(call: Call, body: Closing = _RELIEVED) -> Response:
    """Close the case (办结); every linked report gets its answer. A debt of paperwork lives on."""
    return await call.give(body, lambda found, at: CloseCase(body.outcome))
