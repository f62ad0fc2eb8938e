"""Two accounts of one report (说法不一): both stand, and each is a task until a person has said which one holds."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response

from events.words import Division
from services.chassis.http import PersonRoute
from services.chassis.routing import After, Answers, Body, PathId, Service, seen
from services.intake.report_commands import SettleAccounts
from services.intake.reports import SQL
from services.intake.routes.caller import Caller, place_of
from services.intake.routes.messages import AboutReport, Text

router = APIRouter(tags=["intake"], route_class=PersonRoute)


class SettlementBody(Body):
    """Which account holds, what was known or what was told later, and why."""

    holds: Literal["known", "told"]
    reason: Text


@router.get("/v1/differences/{division}")
async def differences(
    division: Annotated[Division, Path()], actor: Caller, service: Service, after: After = None
) -> Answers:
    """What waits in a county or township for a person to settle, the oldest first, 200 at most."""
    service.access.permit(actor, "intake.settle_accounts", division)
    await seen(service, "reports", after)
    async with service.projectors["reports"].reading() as connection:
        return [dict(row) for row in await connection.fetch(SQL["differences"], division)]


@router.post("/v1/reports/{report_id}/differences/{supplement_id}", status_code=201, name="intake.settle_accounts")
async def settle(supplement_id: PathId, body: SettlementBody, call: AboutReport) -> Response:
    """A person's word on which account holds: kept with its reason. Neither account is changed or lost.

    Where the report belongs elsewhere by it, it is handed over, or its case moved, as always.
    """
    command = SettleAccounts(supplement_id, body.holds, await call.sealed(), await call.digest())
    return await call.give(command, place=place_of(call.found))
