"""Townships over HTTP: a right to help first is suspended by the county and given back, and seen to be so."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from events.relief_words import fast_track_claim
from events.shanghai import Shown
from events.words import Code, StaffId, Township
from services.chassis.calling import About, Called
from services.chassis.http import PersonRoute
from services.chassis.routing import After, Body, PathCounty, PathTownship, Service, seen
from services.chassis.unit import Directed
from services.relief.caseload import CASELOAD, SQL
from services.relief.desk import Caller
from services.relief.fast_track_right import RestoreFastTrack, SuspendFastTrack, TownshipCommand, right_of

router = APIRouter(prefix="/v1", tags=["townships"], route_class=PersonRoute)


class Because(Body):
    """Why, as a code, and the county's own letter (文号), where there is one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "papers_never_filed", "document": "民救〔2026〕12号"}]}
    )

    reason: Code
    document: str = Field(default="", pattern=r"^[\w〔〕-]{0,40}$")


class Suspension(BaseModel):
    """A township that may not help first, since when, why, and who has said so."""

    township: Township
    reason: Code
    document: str
    suspended_at: Shown
    suspended_by: StaffId


class Suspensions(BaseModel):
    """The townships of a county whose advances the county decides."""

    county: str
    townships: tuple[Suspension, ...]


@router.post("/townships/{township}/fast-track-suspension", status_code=201, name="relief.suspend_fast_track")
async def suspend(township: PathTownship, call: Called, body: Because) -> Response:
    """Suspend a township's right to help first (暂停先行救助权): the county decides its advances, on the same clock."""
    return await _give(township, call, body, SuspendFastTrack(township, body.reason, body.document))


@router.post("/townships/{township}/fast-track-restoration", status_code=201, name="relief.restore_fast_track")
async def restore(township: PathTownship, call: Called, body: Because) -> Response:
    """Give the township its right to help first back (恢复先行救助权)."""
    return await _give(township, call, body, RestoreFastTrack(township, body.reason, body.document))


async def _give(township: str, call: Called, body: Because, said: TownshipCommand) -> Response:
    """The right is the county's to give: whoever reaches no further than the township gives nothing."""
    about = About(f"{type(said).__name__}|{township}", township[:6])
    parts = [Directed(right_of(township), said, (fast_track_claim(township),))]
    return await call.give(about, f"{township}|{body.model_dump_json()}".encode(), parts)


@router.get("/fast-track-suspensions/{county}")
async def suspensions(
    county: PathCounty, service: Service, actor: Caller, after: Annotated[After, Query()] = None
) -> Suspensions:
    """The townships whose right to help first is suspended."""
    service.access.permit(actor, "relief.read_caseload", county)
    await seen(service, CASELOAD.name, after)
    async with service.projectors[CASELOAD.name].reading() as connection:
        rows = await connection.fetch(SQL["suspended"], county)
    return Suspensions(county=county, townships=tuple(Suspension(**dict(row)) for row in rows))
