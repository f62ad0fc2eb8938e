"""The feed (对账流): everything that was told to a sender, from any cursor on, as the final truth.

The same ids, in the same order; ``previous`` of an item is the position of the sender's item before it in that county's
log, so that a gap is seen. A cursor says how far each county's log was read.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import TypeAdapter, ValidationError

from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.chassis.routing import Answer, Service
from services.intake.outgoing import as_sent
from services.intake.reports import SQL
from services.intake.routes.caller import Caller, desk_of, home_of

router = APIRouter(tags=["intake"], route_class=PersonRoute)

_LOOK_SECONDS = 0.5
_CURSOR = TypeAdapter(dict[Annotated[str, Query(pattern=r"^[0-9]{6}$")], int])
_POSITION_AT_MOST = 2**62


@router.get("/v1/feed")
async def feed(
    actor: Caller,
    service: Service,
    after: Annotated[str, Query(max_length=8_192)] = "",
    wait: Annotated[int, Query(ge=0, le=30)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """What the caller was told after a cursor; with ``wait``, up to so many seconds for the next item."""
    service.access.permit(actor, "intake.read_feed", home_of(actor))
    seen = _opened(after)
    items = await _after(service, actor.id, seen, limit)
    for _ in range(int(wait / _LOOK_SECONDS)):
        if items:
            break
        await asyncio.sleep(_LOOK_SECONDS)
        items = await _after(service, actor.id, seen, limit)
    read = dict(seen)
    for item in items:
        read[item["division"]] = item["position"]
    return {"items": items, "cursor": _closed(read)}


async def _after(service: Service, vendor: str, seen: Mapping[str, int], limit: int) -> list[dict[str, Any]]:
    async with service.projectors["reports"].reading() as connection:
        rows = await connection.fetch(SQL["feed"], vendor, list(seen), list(seen.values()), limit)
    desk = desk_of(service)
    return [
        {
            "id": row["reply_id"],
            "report_id": row["report_id"],
            "division": row["division"],
            "position": row["position"],
            "previous": row["previous"],
            "state": row["state"],
            "event": json.loads(await as_sent(desk, row["division"], row["report_id"], row["kind"], row["document"])),
        }
        for row in rows
    ]


def _closed(read: Mapping[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(read, sort_keys=True).encode()).decode().rstrip("=")


def _opened(cursor: str) -> Mapping[str, int]:
    """How far a cursor had read. Raises ``Problem`` (422)."""
    if not cursor:
        return {}
    try:
        seen = _CURSOR.validate_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, ValidationError):
        raise Problem(422, "bad_cursor", "游标无效,请使用上次返回的游标。") from None
    if any(not 0 <= position <= _POSITION_AT_MOST for position in seen.values()):
        raise Problem(422, "bad_cursor", "游标无效,请使用上次返回的游标。")
    return seen
