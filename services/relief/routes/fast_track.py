"""The fast track over HTTP (急难型): who comes first, small-fast relief, a short fund."""

from datetime import date, datetime

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from events.relief_fast import Emergency, Scheme
from events.rules import Remedy
from events.words import Code, Id, PositiveFen
from services.chassis.http import PersonRoute
from services.chassis.routing import PathId
from services.relief.case_commands import CaseCommand, LetAdvanceGo
from services.relief.desk import Dossier
from services.relief.routes.calling import Call, Deed
from services.relief.steps.fast_track import (
    CallEmergency,
    ChooseRemedy,
    DivertCase,
    GiveSmallFast,
    LiftEmergency,
    ListForDirectRelief,
)

router = APIRouter(prefix="/v1/cases/{case_id}", tags=["fast track"], route_class=PersonRoute)


class EmergencyCall(Deed):
    """Who was called, and their reference."""

    service: Emergency
    reference: str = Field(max_length=40)


class Diversion(Deed):
    """Which scheme is responsible, and whether relief follows here."""

    scheme: Scheme
    relief_follows: bool = False
    reference: str = Field(default="", pattern=r"^[A-Za-z0-9〔〕号._-]{0,40}$")


class EmergencyEnd(Deed):
    """Since when the emergency is over."""

    lifted_on: date


class Listing(Deed):
    """The list, and the entry in it."""

    list_code: Code
    entry: Id


class SmallFast(Deed):
    """How much, in fen, and the situation as a code."""

    amount_fen: PositiveFen
    situation: Code
    fund_id: Id | None = None


class RemedyChoice(Deed):
    """What is done about the short fund."""

    remedy: Remedy


class LettingGo(Deed):
    """Why an advance is not carried out any more, as a code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "household_declined"}]})

    reason: Code


@router.post("/emergency-calls", status_code=201, name="relief.call_emergency")
async def call_emergency(call: Call, body: EmergencyCall) -> Response:
    """Hand a case in which life is in danger to 110, 119 or 120."""
    said = CallEmergency(body.service, body.reference)
    return await call.give(body, lambda found, at: said)


@router.post("/diversions", status_code=201, name="relief.divert_case")
async def divert(call: Call, body: Diversion) -> Response:
    """Hand the case to another scheme (转办)."""
    said = DivertCase(body.scheme, body.relief_follows, body.reference)
    return await call.give(body, lambda found, at: said)


@router.post("/emergency-end", status_code=201, name="relief.lift_emergency")
async def lift_emergency(call: Call, body: EmergencyEnd) -> Response:
    """Say that the emergency is over (紧急情况解除)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return LiftEmergency(body.lifted_on, call.calendar(found))

    return await call.give(body, command)


@router.post("/direct-relief", status_code=201, name="relief.list_for_direct_relief")
async def list_direct(call: Call, body: Listing) -> Response:
    """Put down that the household stands on a list that is helped directly (名单直接救助)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return ListForDirectRelief(body.list_code, body.entry, call.policy(found, at))

    return await call.give(body, command)


@router.post("/small-fast", status_code=201, name="relief.give_small_fast")
async def give_small_fast(call: Call, body: SmallFast) -> Response:
    """Give small-fast relief (小额快救): registered and complete."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return GiveSmallFast(
            call.id_of("small-fast"),
            call.fund_of(found, at, body.fund_id),
            body.amount_fen,
            body.situation,
            call.policy(found, at),
            call.calendar(found),
        )

    return await call.give(body, command)


@router.post("/decisions/{decision_id}/remedies", status_code=201, name="relief.choose_remedy")
async def choose_remedy(decision_id: PathId, call: Call, body: RemedyChoice) -> Response:
    """Choose what is done about a short fund, in the policy's order (备用金不足)."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return ChooseRemedy(decision_id, body.remedy, call.policy(found, at))

    return await call.give(body, command)


@router.post("/decisions/{decision_id}/let-go", status_code=201, name="relief.let_advance_go")
async def let_advance_go(decision_id: PathId, call: Call, body: LettingGo) -> Response:
    """Do not carry out an advance any more (撤销先行救助决定): its money is freed, its goods are not handed over."""
    said = LetAdvanceGo(decision_id, body.reason)
    return await call.give(body, lambda found, at: said)
