"""Samples over HTTP (抽查): a list is drawn from the cases that were helped in a period, and each case is told so."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from events.fact import Actor
from events.shanghai import day_of
from events.words import Id
from services.chassis.calling import About, Called
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import Body, PathCounty, Service
from services.chassis.unit import Directed
from services.relief.caseload import CASELOAD, SQL
from services.relief.desk import Caller, policy_cache
from services.relief.policy import required
from services.relief.sampling import drawn
from services.relief.steps.case_file import stream_of
from services.relief.steps.county import DrawSample

router = APIRouter(prefix="/v1", tags=["samples"], route_class=PersonRoute)

_CASES_AT_MOST = 500
"""What is put down at once; a longer period is drawn in parts."""


class Draw(Body):
    """A sample by its name, and the days of Asia/Shanghai on which the cases were helped, both included."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sample_id": "2026-Q4", "since": "2026-10-01", "until": "2026-12-31"}]},
    )

    sample_id: Id
    since: date
    until: date


class Sample(BaseModel):
    """The cases that were drawn, of how many, and by which clause."""

    sample_id: str
    of: int
    percent: int
    clause: str
    cases: tuple[str, ...]


@router.get("/samples/{county}")
async def look(county: PathCounty, service: Service, actor: Caller, body: Annotated[Draw, Query()]) -> Sample:
    """What a sample draws, before or after it is put down: the same name and days draw the same cases."""
    return await _drawn(county, service, actor, body)


async def _drawn(county: str, service: Mounted, actor: Actor, body: Draw) -> Sample:
    service.access.permit(actor, "relief.draw_sample_list", county)
    rule = required(
        policy_cache(service).policies.policy(county, day_of(service.clock.now())).rules.sampling, "sampling"
    )
    async with service.projectors[CASELOAD.name].reading() as connection:
        rows = await connection.fetch(SQL["helped_between"], county, body.since, body.until)
    cases = drawn((row["case_id"] for row in rows), rule.percent, body.sample_id)
    return Sample(sample_id=body.sample_id, of=len(rows), percent=rule.percent, clause=rule.clause, cases=cases)


@router.post("/samples/{county}", status_code=201, name="relief.draw_sample_list")
async def draw(county: PathCounty, call: Called, body: Draw) -> Response:
    """Draw a sample (抽取抽查名单): each case that it hits is told so."""
    found = await _drawn(county, call.service, call.actor, body)
    if not found.cases:
        raise Problem(409, "nothing_to_sample", "该期间没有已救助的个案,无需抽查。")
    if len(found.cases) > _CASES_AT_MOST:
        raise Problem(409, "sample_too_large", "一次抽查的个案过多,请缩短期间分次抽取。")
    parts = [Directed(stream_of(one), DrawSample(body.sample_id)) for one in found.cases]
    said = f"{county}|{body.model_dump_json()}"
    return await call.give(About(f"sample|{county}", county), said.encode(), parts)
