"""Every command of a case may bear If-Match: who has not seen the case's last fact is refused, and nothing happens."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.chassis.openapi import Operation, operations
from services.relief import http
from services.relief.app import BLUEPRINT
from tests.support.neighbours import Neighbour
from tests.support.relief_service import COUNTY, TOWNSHIP, Relief
from tests.support.services import ROLES, ROOT, RunService, bearer

_OF_A_CASE = " /v1/cases/{case_id}/"
_MAY: dict[str, list[str]] = yaml.safe_load((ROOT / "policies" / "roles.yaml").read_text(encoding="utf-8"))

APP = FastAPI()
APP.include_router(BLUEPRINT.router)
ROUTES = [route for part in http.PARTS for route in part.router.routes]
NAMES = {f"POST {one.path}": one.name for one in ROUTES if isinstance(one, APIRoute)}


def commands() -> list[Operation]:
    """Every operation that says something to a case, as the OpenAPI document has them."""
    assert BLUEPRINT.api is not None
    return [one for one in operations(BLUEPRINT.api.document(APP)) if one.method != "get" and _OF_A_CASE in one.name]


@pytest.fixture
async def relief(run_service: RunService) -> AsyncIterator[Relief]:
    async with run_service(BLUEPRINT, scopes=(COUNTY, TOWNSHIP)) as service:
        follower = service.mounted.follower
        yield Relief(service, Neighbour("intake", COUNTY, follower), Neighbour("ledger", COUNTY, follower))


async def _accepted(relief: Relief, report_id: str) -> str:
    case_id = await relief.opens(report_id, ago=timedelta(minutes=5), person=f"p:{report_id.replace('-', ''):0>32}")
    assert (await relief.does(case_id, "accept")).status_code == 201
    return case_id


async def _says(relief: Relief, operation: Operation, case_id: str, tag: str) -> httpx.Response:
    """Say the example of an operation to a case; whatever else its path names is the example's, too."""
    named = {each["name"]: each["example"] for each in operation.told["parameters"] if each.get("in") == "path"}
    path = operation.name.partition(" ")[2].format(**named | {"case_id": case_id})
    (content,) = operation.told["requestBody"]["content"].values()
    role = next(role for role in _MAY[NAMES[operation.name]] if role in ROLES)
    scope = COUNTY if role.startswith("county") else TOWNSHIP
    headers = bearer(role, scope, f"says-{operation.name}".replace(" ", ":")) | {"If-Match": tag}
    return await relief.service.client.post(path, json=content["example"], headers=headers)


async def _tag(relief: Relief, case_id: str) -> str:
    headers = bearer("township_officer", TOWNSHIP)
    return (await relief.service.client.get(f"/v1/cases/{case_id}", headers=headers)).headers["etag"]


async def _facts(relief: Relief) -> int:
    return await relief.service.mounted.pool.fetchval("select count(*) from facts where stream !~ '^clocks:'")


async def test_no_command_is_taken_from_who_has_not_seen_the_last_fact(relief: Relief) -> None:
    case_id = await _accepted(relief, "r-1")
    before = await _facts(relief)
    told: dict[str, Any] = {}
    for operation in commands():
        answer = await _says(relief, operation, case_id, '"1"')
        told[operation.name] = answer.status_code, answer.json()["code"]
    assert len(told) > 50
    assert told == dict.fromkeys(told, (412, "case_changed"))
    assert await _facts(relief) == before


async def test_the_same_call_again_has_its_first_answer_though_the_case_has_moved_on(relief: Relief) -> None:
    case_id = await _accepted(relief, "r-1")
    url, tag = f"/v1/cases/{case_id}/contacts", await _tag(relief, case_id)
    headers = bearer("township_officer", TOWNSHIP, "k-7") | {"If-Match": tag}
    first = await relief.service.client.post(url, json={"reached": True}, headers=headers)
    again = await relief.service.client.post(url, json={"reached": True}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
