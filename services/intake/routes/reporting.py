"""Reports in our own plain JSON: taken in, supplemented, and what became of them."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.chassis.http import PersonRoute, idempotency_key
from services.chassis.mount import Mounted
from services.chassis.openapi import json_of
from services.chassis.routing import After, Answer, PathId, Service, seen
from services.intake.channels.plain import PlainReport
from services.intake.channels.supplement import Supplement
from services.intake.reports import SQL
from services.intake.routes.caller import Caller, desk_of, own_report, taken
from services.intake.routes.filing import Filing

router = APIRouter(tags=["intake"], route_class=PersonRoute)


async def _filing(request: Request) -> Filing:
    """One dependency and not one of several others: a fifth of what it costs to take a report in."""
    service: Mounted = request.app.state.mounted
    desk, actor = desk_of(service), service.door.person(request)
    desk.pace.take(actor.id)
    return Filing(service, desk, actor)


_INCOMPLETE: dict[int | str, dict[str, Any]] = {
    202: {"description": "Taken in; `missing` says what is still asked for."}
}

AtTheDesk = Annotated[Filing, Depends(_filing)]
"""A caller with a report, a batch or a list."""


@router.post("/v1/reports", status_code=201, openapi_extra=json_of(PlainReport), responses=_INCOMPLETE)
async def plain_report(request: Request, caller: AtTheDesk) -> Response:
    """A report in our own plain JSON; the role of the token decides the channel and its few fields more."""
    key = idempotency_key(request)
    return taken(await caller.report(await request.body(), key))


@router.post(
    "/v1/reports/{report_id}/supplements", status_code=201, openapi_extra=json_of(Supplement), responses=_INCOMPLETE
)
async def supplement_report(report_id: PathId, request: Request, caller: AtTheDesk) -> Response:
    """What was missing, above all the place. Only who sent the report may add to it."""
    key = idempotency_key(request)
    return taken(await caller.supplement(report_id, await request.body(), key))


@router.get("/v1/reports/{report_id}")
async def report(report_id: PathId, actor: Caller, service: Service, after: After = None) -> Answer:
    """What became of a report: its state, its case, the replies to its sender; nothing about a person.

    ``after`` is the ``Log-Position`` of an earlier answer: wait until it can be seen here.
    """
    await seen(service, "reports", after)
    row = await own_report(service, report_id, actor)
    async with service.projectors["reports"].reading() as connection:
        replies = await connection.fetch(SQL["replies_of"], report_id)
        messages = await connection.fetch(SQL["messages_of"], report_id)
    return {
        **row,
        "terms": json.loads(row["terms"], object_hook=_retold),
        "replies": [dict(reply) for reply in replies],
        "messages": [
            dict(message) | {"detail": json.loads(message["detail"], object_hook=_retold)} for message in messages
        ],
    }


def _retold(document: dict[str, Any]) -> dict[str, Any]:
    """What was kept as JSON, which names a moment ``..._at``, with its moments as such."""
    moments = {name: datetime.fromisoformat(one) for name, one in document.items() if name.endswith("_at") and one}
    return document | moments
