"""Townships over HTTP: one is merged into another (撤并), and all that is still to be done there goes along."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from events.words import Code, Id, Township
from services.chassis.calling import Called
from services.chassis.decider import Refused
from services.chassis.field_errors import FieldError
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Invalid, Problem
from services.chassis.routing import Body, PathTownship, seen
from services.relief.case_commands import CaseCommand
from services.relief.caseload import CASELOAD, SQL
from services.relief.desk import Dossier
from services.relief.routes.calling import CaseCall, Deed
from services.relief.steps.moving import MoveTownship

router = APIRouter(prefix="/v1", tags=["townships"], route_class=PersonRoute)

_AT_ONCE = 20
"""So few cases are moved together that whoever else has work for the writer need not wait."""


class Merging(Body):
    """Which township of the county takes the place of this one, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"into": "990101002", "reason": "township_merged"}]})

    into: Township
    reason: Code = "township_merged"


class NotMoved(BaseModel):
    """A case that could not be moved, and why not."""

    case_id: Id
    code: str


class Merged(BaseModel):
    """What went along, and what could not: it is still the old township's."""

    township: str
    into: str
    moved: tuple[Id, ...]
    left: tuple[NotMoved, ...]


@router.post("/townships/{township}/merger", status_code=201, name="relief.merge_township")
async def merge(township: PathTownship, call: Called, body: Merging) -> Merged:
    """Let a township's successor have all its cases in which something is to be done (乡镇撤并).

    Each case moves by itself, as one that is moved alone: said again, it moves those that are still there.
    """
    call.must_reach(township[:6])
    _must_be_another_of_the_county(township, body.into)
    tried: dict[str, str | None] = {}
    while found := [one for one in await _open_cases(call.service, township) if one not in tried]:
        for begin in range(0, len(found), _AT_ONCE):
            some = found[begin : begin + _AT_ONCE]
            codes = await asyncio.gather(*(_move(CaseCall(call, one, None), body) for one in some))
            tried |= dict(zip(some, codes, strict=True))
    left = tuple(NotMoved(case_id=one, code=code) for one, code in tried.items() if code is not None)
    moved = tuple(one for one, code in tried.items() if code is None)
    return Merged(township=township, into=body.into, moved=moved, left=left)


def _must_be_another_of_the_county(township: str, into: str) -> None:
    if into[:6] != township[:6]:
        raise Invalid([FieldError("/into", "not_in_county", "该乡镇(街道)不属于本县(市、区),请按转办办理。")])
    if into == township:
        raise Invalid([FieldError("/into", "same_township", "撤并后的乡镇(街道)应为另一个乡镇(街道)。")])


async def _open_cases(service: Mounted, township: str) -> Sequence[str]:
    """All that the log knows of by now, and in which something is still to be done."""
    heads = {head.division: head.position for head in await service.store.heads()}
    county = township[:6]
    await seen(service, CASELOAD.name, f"{county}:{heads.get(county, 0)}")
    async with service.projectors[CASELOAD.name].reading() as connection:
        return [row["case_id"] for row in await connection.fetch(SQL["open_in"], township)]


async def _move(call: CaseCall, body: Merging) -> str | None:
    """Move one case; give the code of what stands against it."""

    def command(found: Dossier, at: datetime) -> CaseCommand:
        return MoveTownship(body.into, body.reason, call.policy(found, at))

    try:
        await call.give(Deed(), command)
    except (Refused, Problem) as problem:
        return problem.code
    return None
