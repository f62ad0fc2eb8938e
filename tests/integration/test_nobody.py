"""Who is calling is asked before anything that was sent is read: nobody learns what is wrong with it."""

import pytest

from services.chassis.mount import Blueprint
from services.intake.app import BLUEPRINT as INTAKE
from services.ledger.app import BLUEPRINT as LEDGER
from services.relief.app import BLUEPRINT as RELIEF
from tests.support.services import RunService

_JSON = {"content-type": "application/json", "idempotency-key": "k"}


@pytest.mark.parametrize("blueprint", [INTAKE, RELIEF, LEDGER], ids=lambda blueprint: blueprint.name)
async def test_without_a_caller_every_route_says_only_that_it_knows_nobody(
    run_service: RunService, blueprint: Blueprint
) -> None:
    async with run_service(blueprint) as service:
        paths = (await service.client.get("/openapi.json")).json()["paths"]
        routes = [(method, path) for path, methods in paths.items() for method in methods]
        assert routes
        for headers in (_JSON, _JSON | {"authorization": "Bearer nobody's"}):
            told: dict[tuple[str, str], tuple[int, str]] = {}
            for method, path in routes:
                url = f"{path}?at=never&after=soon"
                answer = await service.client.request(method, url, content=b"{", headers=headers)
                told[method, path] = (answer.status_code, answer.json()["code"])
            assert told == dict.fromkeys(routes, (401, "unauthenticated"))
