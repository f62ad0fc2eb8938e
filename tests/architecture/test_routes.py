"""Every route asks who is calling before it reads anything: by token, or by a signature over the raw bytes."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from services.chassis.http import PersonRoute
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


@pytest.mark.parametrize("route", {route.path: route for route in routes()}.values(), ids=lambda route: route.path)
def test_a_route_is_for_bearers_of_a_token_or_checks_a_signature(route: APIRoute) -> None:
    assert isinstance(route, PersonRoute) or route.path in SIGNED
