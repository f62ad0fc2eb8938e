"""A phone that has signal again (村级离线补传): many items at once, each with its own result.

Items of one report are taken in the order in which they were made; one that fails holds back only what comes after it
for the same report. Where a phone and what is known differ, both stand.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field
from pydantic_core import to_json

from services.chassis.http import PersonRoute
from services.chassis.problems import Problem, problem_of, unforeseen
from services.chassis.routing import Body
from services.chassis.unit import Outcome
from services.intake.routes.filing import Filing
from services.intake.routes.reporting import AtTheDesk

router = APIRouter(tags=["intake"], route_class=PersonRoute)
log = logging.getLogger(__name__)

_Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
_SAYS_OTHERWISE = b'"conflicts":['
"""In the answer to a supplement that differs from what was known, and in no other."""


class Item(Body):
    """Something that was made on the phone, under a number made there."""

    id: _Number
    kind: Literal["report", "supplement"]
    report: _Number | None = None
    """Of a supplement: the number of the report's item, or the report's id as we gave it."""
    body: dict[str, Any]


class Batch(Body):
    """What a phone has to say, the oldest first."""

    device_id: _Number
    items: list[Item] = Field(max_length=200)


@router.post("/v1/sync")
async def sync(batch: Batch, caller: AtTheDesk) -> Response:
    """Take a batch in. The answer is 200 and has a result for each item; sent again, it changes nothing."""
    caller.permit()
    await caller.desk.reception.expect(caller.report_id(item.id) for item in batch.items if item.kind == "report")
    groups: dict[str, list[Item]] = {}
    for item in batch.items:
        groups.setdefault(_about(item), []).append(item)
    results: dict[str, bytes] = {}
    await asyncio.gather(*(_in_order(caller, items, results) for items in groups.values()))
    items = b",".join(results[item.id] for item in batch.items)
    return Response(b'{"items":[%b]}' % items, media_type="application/json")


def _about(item: Item) -> str:
    """What items have to keep their order for: the report that they are about."""
    return item.id if item.kind == "report" else item.report or item.id


async def _in_order(caller: Filing, items: Sequence[Item], results: dict[str, bytes]) -> None:
    held_by: str | None = None
    for item in items:
        if held_by is not None:
            results[item.id] = to_json({"id": item.id, "status": "blocked", "blocked_by": held_by})
            continue
        try:
            results[item.id] = _taken(item, await _file(caller, item))
        except Exception as failure:
            results[item.id] = _rejected(item, failure)
            held_by = item.id


def _taken(item: Item, outcome: Outcome) -> bytes:
    """The result with the kept answer, byte for byte."""
    told = to_json({"id": item.id, "status": _status(outcome), "position": _position(outcome)})
    return b'%b,"answer":%b}' % (told[:-1], outcome.body)


def _rejected(item: Item, failure: Exception) -> bytes:
    problem = problem_of(failure)
    if problem is None:
        log.error("unforeseen", extra={"route": "/v1/sync"}, exc_info=failure)
        problem = unforeseen()
    return to_json({"id": item.id, "status": "rejected", "problem": _problem(problem)})


async def _file(caller: Filing, item: Item) -> Outcome:
    raw = json.dumps(item.body, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    if item.kind == "report":
        return await caller.report(raw, item.id)
    if item.report is None:
        raise Problem(404, "no_such_report", "没有找到这份报告,请核对报告编号。")
    own = caller.report_id(item.report)
    known = own if await caller.desk.find(own) is not None else item.report
    return await caller.supplement(known, raw, item.id)


def _status(outcome: Outcome) -> str:
    if outcome.replayed:
        return "duplicate"
    return "conflict" if _SAYS_OTHERWISE in outcome.body else "applied"


def _position(outcome: Outcome) -> str:
    return f"{outcome.division}:{outcome.position}"


def _problem(problem: Problem) -> Mapping[str, Any]:
    return {
        "code": problem.code,
        "status": problem.status,
        "detail": problem.detail,
        "retryable": problem.status in (429, 503),
        "errors": [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in problem.errors],
    }
