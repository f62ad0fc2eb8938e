"""Who may give a command of relief, and what is answered to one that is wrong or said again."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import yaml
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.relief import http
from services.relief.app import BLUEPRINT
from services.relief.routes import cases
from tests.support.relief_service import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, Relief
from tests.support.services import ROOT, bearer

COMMANDS: dict[str, tuple[str, Any, str]] = {
    "relief.accept_case": ("accept", {}, "township_officer"),
    "relief.record_contact": ("contacts", {"reached": True}, "township_officer"),
    "relief.decide_advance": ("advances", {"amount_fen": 100}, "township_leader"),
    "relief.decide_county_advance": ("county-advances", {"amount_fen": 100}, "county_civil_affairs"),
    "relief.hand_over_goods": ("goods-handovers", {"decision_id": "d-1"}, "township_officer"),
    "relief.file_paper": ("papers", {"debt_id": "d", "paper": "amount", "sha256": "0" * 64}, "township_officer"),
    "relief.close_case": ("close", {}, "township_officer"),
}
"""Each command with its route's end, a body that fits, and a role that may give it."""


ROLES: dict[str, list[str]] = yaml.safe_load((ROOT / "policies" / "roles.yaml").read_text(encoding="utf-8"))


def test_every_command_over_http_stands_in_the_table_of_roles() -> None:
    service = FastAPI()
    service.include_router(BLUEPRINT.router)
    posts = {path for path, methods in service.openapi()["paths"].items() if "post" in methods}
    routes = (route for part in http.PARTS for route in part.router.routes)
    named = {
        route.name: route.path for route in routes if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
    assert posts == set(named.values())
    assert {route.name for route in cases.router.routes if isinstance(route, APIRoute)} == set(COMMANDS)
    assert all(named[name].endswith(f"/{end}") for name, (end, _, _) in COMMANDS.items())
    assert set(named) <= set(ROLES)


async def test_only_the_right_role_in_its_own_place_gives_a_command(relief: Relief) -> None:
    case_id = await relief.opens()
    before = await relief.position()

    async def code(command: str, headers: dict[str, str], of: str = case_id) -> tuple[int, str]:
        end, body, _ = COMMANDS[command]
        headers = {"idempotency-key": command, **headers}
        answer = await relief.service.client.post(f"/v1/cases/{of}/{end}", json=body, headers=headers)
        return answer.status_code, answer.json().get("code", "")

    for command, (_, _, role) in COMMANDS.items():
        wrong = next(other for other in ("auditor", "village_informant") if other not in ROLES[command])
        assert await code(command, {}) == (401, "unauthenticated"), command
        assert await code(command, {"authorization": "Bearer nobody"}) == (401, "unauthenticated"), command
        assert await code(command, bearer(wrong, COUNTY)) == (403, "denied"), command
        assert await code(command, bearer(wrong, COUNTY), "unknown") == (403, "denied"), command
        assert await code(command, bearer(role, OTHER_TOWNSHIP)) == (403, "denied"), command
    assert await relief.position() == before
    for command, (_, _, role) in COMMANDS.items():
        assert (await code(command, bearer(role, TOWNSHIP)))[0] in (201, 409), command


async def test_reading_needs_a_token_a_role_and_the_place(relief: Relief) -> None:
    case_id = await relief.opens()
    get = relief.service.client.get
    for path in (f"/v1/cases/{case_id}", f"/v1/cases/{case_id}/history", "/v1/cases", "/v1/policies/320115"):
        assert (await get(path)).status_code == 401, path
        assert (await get(path, headers=bearer("village_informant", COUNTY))).status_code == 403, path
        elsewhere = await get(path, headers=bearer("township_officer", OTHER_TOWNSHIP))
        assert elsewhere.status_code == (403 if case_id in path else 200), path
    assert (await get("/v1/cases/unknown", headers=bearer("auditor", COUNTY))).status_code == 404


Send = Callable[[Relief, str], Awaitable[httpx.Response]]


BAD: dict[str, tuple[Send, int, str, str | None]] = {
    "unknown case": (lambda r, c: r.does("no-such-case", "accept"), 404, "no_such_case", None),
    "odd case id": (lambda r, c: r.does("%00", "accept"), 422, "invalid", "/case_id"),
    "no key": (lambda r, c: r.does(c, "accept", key=""), 400, "idempotency_key_missing", None),
    "unknown field": (lambda r, c: r.does(c, "contacts", {"reached": True, "x": 1}), 422, "invalid", "/x"),
    "missing field": (lambda r, c: r.does(c, "contacts", {}), 422, "invalid", "/reached"),
    "money as text": (lambda r, c: _advances(r, c, amount_fen="100"), 422, "invalid", "/amount_fen"),
    "money below zero": (lambda r, c: _advances(r, c, amount_fen=-1), 422, "invalid", "/amount_fen"),
    "goods with a zero byte": (
        lambda r, c: _advances(r, c, goods=[{"item": "a\x00", "quantity": 1, "cost_fen": 1}]),
        *(422, "invalid", "/goods/0/item"),
    ),
    "goods that are no text": (
        lambda r, c: _advances(r, c, goods=[{"item": "\ud800", "quantity": 1, "cost_fen": 1}]),
        *(422, "invalid", "/goods/0/item"),
    ),
    "time without zone": (
        lambda r, c: r.does(c, "accept", {"occurred_at": "2026-11-02T09:00:00"}),
        *(422, "invalid", "/occurred_at"),
    ),
    "time out of bounds": (
        lambda r, c: r.does(c, "accept", {"occurred_at": "0001-01-01T00:00:00+14:00"}),
        *(422, "invalid", "/occurred_at"),
    ),
    "senseless": (lambda r, c: r.does(c, "close"), 409, "not_contacted", None),
    "nothing decided": (lambda r, c: _advances(r, c), 409, "not_accepted", None),
}


async def _advances(relief: Relief, case_id: str, **body: Any) -> httpx.Response:
    said = json.dumps(body).encode()
    headers = bearer("township_leader", TOWNSHIP, "k") | {"content-type": "application/json"}
    return await relief.service.client.post(f"/v1/cases/{case_id}/advances", content=said, headers=headers)


async def test_a_bad_request_is_answered_with_a_problem_and_leaves_no_trace(relief: Relief) -> None:
    case_id = await relief.opens()
    before = await relief.position()
    for kind, (send, status, code, pointer) in BAD.items():
        answer = await send(relief, case_id)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (status, code), kind
        assert answer.headers["content-type"] == "application/problem+json"
        assert pointer is None or [error["pointer"] for error in problem["errors"]] == [pointer], kind
    assert await relief.position() == before


async def test_the_same_key_gives_the_same_answer_byte_for_byte(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    said: dict[str, Any] = {"amount_fen": 200_000}
    first = await relief.does(case_id, "advances", said, role="township_leader")
    again = await relief.does(case_id, "advances", said, role="township_leader")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["log-position"] == first.headers["log-position"] == await relief.position()
    other = await relief.does(case_id, "advances", {"amount_fen": 1}, role="township_leader")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_one_key_of_two_officers_makes_two_decisions(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    first = await relief.decides(case_id, 100)
    url = f"/v1/cases/{case_id}/advances"
    other = await relief.service.client.post(
        url, json={"amount_fen": 100}, headers=bearer("township_leader", COUNTY, "k-1")
    )
    assert other.json()["decision_id"] != first["decision_id"]
