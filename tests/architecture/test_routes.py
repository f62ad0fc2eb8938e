"""Every route asks who is calling before it reads anything: by token, or by a signature over the raw bytes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from services.chassis.http import PersonRoute
from services.chassis.routing import Answers
from tests.architecture.sources import modules

SIGNED = {"/adapters/12345/{vendor}"}
"""Routes that take raw bytes and check their signature themselves."""


def routes() -> Iterator[APIRoute]:
    """The routes of every router that a module of a service holds."""
    for module in modules("services"):
        if "fastapi.APIRouter" in module.imports.values():
            held = vars(import_module(module.name)).values()
            routers = (router for router in held if isinstance(router, APIRouter))
            yield from (route for router in routers for route in router.routes if isinstance(route, APIRoute))


def test_what_no_model_says_is_answered_with_moments_in_the_time_of_china() -> None:
    untold = (dict[str, Any], list[dict[str, Any]])
    assert [route.path for route in routes() if route.response_model in untold] == []


def test_moments_in_an_answer_bear_the_offset_of_china_however_deep_they_are() -> None:
    at = datetime(2026, 11, 2, 0, 10, tzinfo=UTC)
    rows = [{"at": at, "deep": {"at": [at, None]}, "day": date(2026, 11, 2), "fen": 1, "text": "2026-11-02T00:10:00Z"}]
    told = TypeAdapter(Answers).dump_json(TypeAdapter(Answers).validate_python(rows)).decode()
    assert told.count("2026-11-02T08:10:00+08:00") == 2
    assert '"day":"2026-11-02","fen":1,"text":"2026-11-02T00:10:00Z"' in told


@pytest.mark.parametrize("route", {route.path: route for route in routes()}.values(), ids=lambda route: route.path)
def test_a_route_is_for_bearers_of_a_token_or_checks_a_signature(route: APIRoute) -> None:
    assert isinstance(route, PersonRoute) or route.path in SIGNED
