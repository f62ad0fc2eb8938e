"""Relief over HTTP: how long the households of a county or township waited, by the policy that bound each (时效)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import After, Service, seen
from services.relief.case_clocks import ADVANCES, Judge
from services.relief.caseload import CASELOAD, SQL
from services.relief.desk import Caller, policy_cache
from services.relief.timeliness import Waited, waited

router = APIRouter(prefix="/v1", tags=["reading"], route_class=PersonRoute)

_CASES_AT_MOST = 2_000
"""What is judged at once; a longer period is asked for in parts."""

PathPlace = Annotated[str, Path(pattern=r"^([0-9]{6}|[0-9]{9})$")]
"""A county or a township, by its code."""


class Days(BaseModel):
    """The days of Asia/Shanghai on which households were first helped, both included."""

    since: date
    until: date
    after: After = Field(default=None)


class Timeliness(BaseModel):
    """The first help of the households that had it in these days, and the papers that followed."""

    place: str
    since: date
    until: date
    advance: Waited
    papers: Waited


@router.get("/timeliness/{place}")
async def timeliness(place: PathPlace, service: Service, actor: Caller, days: Annotated[Days, Query()]) -> Timeliness:
    """How many first helps and papers were in time, and how long they took (SLA 表), as the clocks judge them."""
    service.access.permit(actor, "relief.read_caseload", place)
    await seen(service, CASELOAD.name, days.after)
    async with service.projectors[CASELOAD.name].reading() as connection:
        rows = await connection.fetch(SQL["helped_in"], place, days.since, days.until, _CASES_AT_MOST + 1)
    if len(rows) > _CASES_AT_MOST:
        raise Problem(409, "too_many_cases", "该期间的个案过多,请缩短期间分次查询。")
    judge = Judge(service.store, policy_cache(service).policies, service.clock.now())
    found = await judge.clocks([(row["division"], row["case_id"]) for row in rows])
    clocks = [clock for of_case in found.values() for clock in of_case]
    return Timeliness(
        place=place,
        since=days.since,
        until=days.until,
        advance=waited([one for one in clocks if one.judged and one.name in ADVANCES]),
        papers=waited([one for one in clocks if one.name == "make_up"]),
    )
