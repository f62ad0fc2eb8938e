"""What can be looked up: services and their fields, error codes, a year's working days, what to answer callers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from events.intake_desk import PolicyHeard
from events.shanghai import day_of
from services.chassis.catalogue import Kind
from services.chassis.http import PersonRoute
from services.chassis.openapi import Api
from services.chassis.problems import Problem
from services.chassis.routing import Answer, Answers, Body, Service
from services.intake.in_force import levels
from services.intake.reports import SQL
from services.intake.routes.caller import AtDesk, Caller, home_of

router = APIRouter(tags=["intake"], route_class=PersonRoute)

SERVICES: Mapping[str, tuple[str, str]] = {
    "fire": ("火灾", "家中失火,住房或生活必需品受损,基本生活暂时难以维持"),
    "accident": ("意外事件", "交通事故、工伤等意外,家庭主要劳动力伤亡或急需救治"),
    "illness": ("突发重大疾病", "突发重病,自付费用一时无力承担,基本生活陷入困难"),
    "other": ("其他急难", "其他使基本生活暂时陷入困难、需要马上救助的情形"),
}
"""The causes as an operator finds them (急难事由): title and description."""

API = Api.of("services.intake")
"""What intake's OpenAPI document says beside the routes, its problems among it."""


class Search(Body):
    """What is looked for in the knowledge base, as of today or another day."""

    search: Annotated[str, Field(max_length=100)] = ""
    on: date | None = None


@router.get("/v1/services")
async def services(actor: Caller, service: Service) -> Answers:
    """The services that can be asked for, as in Open311's discovery."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    return [_service(code) for code in SERVICES]


@router.get("/v1/services/{code}")
async def one_service(code: Annotated[str, Path(max_length=64)], actor: Caller, service: Service) -> Answer:
    """One service."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    if code not in SERVICES:
        raise Problem(404, "no_such_service", "没有这项服务。")
    return _service(code)


@router.get("/v1/errors")
async def errors(actor: Caller, service: Service) -> Sequence[Kind]:
    """The catalogue of problems: every code with its status, and a sentence that can be read aloud."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    return API.catalogue.kinds


@router.get("/v1/calendar/{division}")
async def calendar(
    division: Annotated[str, Path(pattern=r"^[0-9]{6}$")],
    actor: Caller,
    service: Service,
    desk: AtDesk,
    year: Annotated[int, Query(ge=2000, le=2100)],
) -> Answer:
    """The working days of a year, as the terms are counted; a year that is not published yet is provisional."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    days = desk.terms.days
    return {
        "division": division,
        "year": year,
        "provisional": year not in days.years,
        "days_off": _of(year, days.days_off),
        "days_worked": _of(year, days.days_worked),
    }


@router.get("/v1/knowledge/{division}")
async def knowledge(
    division: Annotated[str, Path(pattern=r"^[0-9]{6}$")],
    actor: Caller,
    service: Service,
    desk: AtDesk,
    asked: Annotated[Search, Query()],
) -> Answers:
    """The policy in force in a county as questions and answers (知识库), searched or whole."""
    service.access.permit(actor, "intake.discover", home_of(actor))
    day = asked.on or day_of(service.clock.now())
    async with service.projectors["reports"].reading() as connection:
        rows = await connection.fetch(SQL["policies"], levels(division))
    sets = [PolicyHeard.model_validate_json(row["document"]) for row in rows]
    return [
        {
            "code": answer.code,
            "question": answer.question,
            "answer": answer.answer,
            "clause": answer.clause,
            "division": answer.division,
            "version": answer.set_id,
            "title": answer.title,
            "effective_from": answer.effective_from.isoformat(),
            "bounds": [
                {
                    "kind": bound.kind,
                    "said": bound.said,
                    "clause": bound.clause,
                    "division": bound.division,
                    "version": bound.set_id,
                    "binds": bound.binds,
                }
                for bound in answer.bounds
            ],
        }
        for answer in desk.knowledge.answers(sets, division, day, asked.search)
    ]


def _of(year: int, days: frozenset[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days) if day.year == year]


def _service(code: str) -> dict[str, Any]:
    title, description = SERVICES[code]
    return {
        "service_code": code,
        "service_name": title,
        "description": description,
        "metadata": False,
        "type": "realtime",
        "group": "急难救助",
    }
