"""Policies over HTTP, what a person says to them: that a set stands, although a newer one above it differs."""

from fastapi import APIRouter, Response
from pydantic import Field

from events.words import Code
from services.chassis.calling import About, Called
from services.chassis.http import PersonRoute
from services.chassis.routing import Body, PathCounty
from services.chassis.unit import Directed
from services.relief.desk import policy_cache
from services.relief.policy_set import STREAM, ConfirmPolicy

router = APIRouter(prefix="/v1/policies/{division}", tags=["policies"], route_class=PersonRoute)


class Confirmation(Body):
    """The own set, the newer one of a higher level, and why the own one stands."""

    set_id: Code
    newer_set_id: Code
    reason: str = Field(min_length=2, max_length=200)


@router.post("/confirmations", status_code=201, name="relief.confirm_policy")
async def confirm(division: PathCounty, call: Called, body: Confirmation) -> Response:
    """Confirm that a set stands as it is (确认沿用); until then what it says is shown as unconfirmed."""
    command = ConfirmPolicy(body.set_id, body.newer_set_id, body.reason)
    said = f"{division}|{body.model_dump_json()}"
    answer = await call.give(About(division, division), said.encode(), [Directed(STREAM, command)])
    await policy_cache(call.service).refresh()
    return answer
