"""The OpenAPI document is kept: whatever is sent, fitting or not, no answer is an error of ours or undocumented."""

import asyncio
from importlib import import_module
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings

from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import HOTLINE, VILLAGE, signed
from tests.support.services import ROLES, RunningService, RunService, bearer

# its own types are unknown in part
TOOL: Any = import_module("schemathesis")
_CHECKS: Any = import_module("schemathesis.specs.openapi.checks")
CHECKS = [
    _CHECKS.status_code_conformance,
    _CHECKS.content_type_conformance,
    _CHECKS.response_schema_conformance,
]
COUNTY = "341825"
EXAMPLES = 8
UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


async def test_every_answer_to_whatever_is_sent_is_documented_and_none_is_an_error_of_ours(
    run_service: RunService,
) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY, "")) as intake:
        document = (await intake.client.get("/openapi.json")).json()
        operations: list[Any] = [each.ok() for each in TOOL.openapi.from_dict(document).get_all_operations()]
        assert {operation.path for operation in operations} >= {"/v1/reports", "/adapters/12345/{vendor}"}
        player = Player(intake, asyncio.get_running_loop(), await told_of_a_report(intake))
        for operation in operations:
            await asyncio.to_thread(player.play, operation)
        for hundreds in (2, 4):
            assert sum(status // 100 == hundreds for status in player.statuses) > len(operations) / 2


async def test_a_reader_who_waits_for_what_never_comes_is_told_so_as_documented(run_service: RunService) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY,)) as intake:
        report_id = await told_of_a_report(intake)
        answer = await intake.client.get(
            f"/v1/reports/{report_id}?after={COUNTY}:999", headers=bearer("auditor", COUNTY)
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "behind")
        assert answer.headers["retry-after"]
        operations = (await intake.client.get("/openapi.json")).json()["paths"]
        assert "503" in operations["/v1/reports/{report_id}"]["get"]["responses"]


async def told_of_a_report(intake: RunningService) -> str:
    headers = bearer("village_informant", COUNTY, "known")
    told = await intake.client.post("/v1/reports", content=VILLAGE, headers=headers)
    assert told.status_code == 201, told.text
    return told.json()["report_id"]


class Player:
    """Sends, from a thread of its own, whatever fits an operation and whatever does not, as callers of every role."""

    def __init__(self, intake: RunningService, loop: asyncio.AbstractEventLoop, report_id: str) -> None:
        self._client, self._loop, self._report_id = intake.client, loop, report_id
        self.statuses: list[int] = []

    def play(self, operation: Any) -> None:
        """An operation, as it is meant and otherwise."""
        self._play(operation, TOOL.GenerationMode.POSITIVE)
        if operation.path_parameters or operation.query or operation.body:
            self._play(operation, TOOL.GenerationMode.NEGATIVE)

    def _play(self, operation: Any, mode: Any) -> None:
        @given(case=operation.as_strategy(mode))
        @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=UNHURRIED)
        def send(case: Any) -> None:
            response = self._send(case, len(self.statuses))
            self.statuses.append(response.status_code)
            assert response.status_code != 500
            case.validate_response(response, checks=CHECKS)

        send()

    def _send(self, case: Any, number: int) -> httpx.Response:
        if number % 2 and "report_id" in case.path_parameters:
            case.path_parameters["report_id"] = self._report_id
        for waits in ("after", "wait"):
            case.query.pop(waits, None)
        sent = case.as_transport_kwargs(base_url="http://test")
        content = sent.pop("data", None)
        sent.pop("cookies", None)
        role, scope = ROLES[number % len(ROLES)], COUNTY if number % 3 else ""
        own = bearer(role, scope, f"try-{number}")
        if case.path.startswith("/adapters"):
            own |= signed(HOTLINE)
            content = HOTLINE if number % 2 else content
        headers = {**sent.pop("headers"), **own}
        asked = self._client.request(**sent, headers=headers, content=content)
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(timeout=60)
