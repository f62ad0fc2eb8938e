"""JSON says that it is JSON, on every route that takes it by its fields; who has nothing to say may say nothing."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel

from services.chassis import problems
from services.chassis.http import PersonRoute

PATHS = ("/nothing", "/optional", "/needed")


class Nothing(BaseModel):
    """A command that needs no words."""


class Optional(BaseModel):
    """A command that may have some."""

    reason: str | None = None


class Needed(BaseModel):
    """A command that needs one."""

    reason: str


class _Door:
    def person(self, request: Request) -> None:
        """Everybody is known."""


class _Mounted:
    door = _Door()


def application() -> FastAPI:
    router, app = APIRouter(route_class=PersonRoute), FastAPI()

    async def nothing(body: Nothing, request: Request) -> str:
        return (await request.body()).decode()

    async def optional(body: Optional, request: Request) -> str:
        return (await request.body()).decode()

    async def needed(body: Needed, request: Request) -> str:
        return (await request.body()).decode()

    for path, endpoint in zip(PATHS, (nothing, optional, needed), strict=True):
        router.post(path)(endpoint)
    app.include_router(router)
    app.state.mounted = _Mounted()
    problems.register(app)
    return app


async def post(path: str, content: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    transport = httpx.ASGITransport(app=application())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(path, content=content, headers=dict(headers))
    told = answer.json()
    return answer.status_code, told if isinstance(told, str) else told["code"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/cloudevents+json"]
)
async def test_what_is_said_to_be_json_is_read(kind: str) -> None:
    said = json.dumps({"reason": "样例"}).encode()
    assert await post("/needed", said, {"content-type": kind}) == (200, said.decode())


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/plain"}, {"content-type": "application/jsonp"}])
@pytest.mark.parametrize("path", PATHS)
async def test_what_is_not_said_to_be_json_is_415_and_the_header_is_named(path: str, headers: dict[str, str]) -> None:
    assert await post(path, b'{"reason": "x"}', headers) == (415, "not_said_to_be_json")


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}, {"content-type": "text/plain"}])
async def test_nothing_is_said_by_an_empty_body_where_no_field_is_needed_and_nowhere_else(
    headers: dict[str, str],
) -> None:
    assert [await post(path, b"", headers) for path in PATHS] == [(200, "{}"), (200, "{}"), (422, "invalid")]
