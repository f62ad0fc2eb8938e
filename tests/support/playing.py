"""Whatever an OpenAPI document allows, and what it does not, sent to its service: every answer is documented."""

import asyncio
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from zlib import crc32

import httpx
from hypothesis import HealthCheck, given, settings

from tests.support.services import ROLES, RunningService, bearer

# its own types are unknown in part
TOOL: Any = import_module("schemathesis")
_CHECKS: Any = import_module("schemathesis.specs.openapi.checks")
CHECKS = [
    _CHECKS.status_code_conformance,
    _CHECKS.content_type_conformance,
    _CHECKS.response_schema_conformance,
]
UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
_WAITS = ("after", "wait")
_OURS = {"idempotency-key", "if-match", "authorization"}
_TABLE = "甲,乙\n1,2\n".encode()


@dataclass(slots=True)
class Player:
    """Sends, from a thread of its own, what fits an operation and what does not, as callers of every role."""

    service: RunningService
    scopes: tuple[str, ...]
    known: Mapping[str, str]
    """What exists, by the name of the path's parameter: every other call is about it."""
    examples: int
    changed: Callable[[Any, int, dict[str, Any]], None] = lambda case, number, sent: None
    """A last change to what is sent."""
    statuses: list[int] = field(default_factory=list[int])
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    async def play_all(self) -> None:
        """Every operation of the service's document, as it is meant and otherwise."""
        document = (await self.service.client.get("/openapi.json")).json()
        operations: list[Any] = [each.ok() for each in TOOL.openapi.from_dict(_of_json(document)).get_all_operations()]
        assert operations
        for operation in operations:
            await asyncio.to_thread(self._play_both, operation)
        for hundreds in (2, 4):
            assert any(status // 100 == hundreds for status in self.statuses)

    def _play_both(self, operation: Any) -> None:
        self._play(operation, TOOL.GenerationMode.POSITIVE)
        if operation.path_parameters or operation.query or operation.body:
            self._play(operation, TOOL.GenerationMode.NEGATIVE)

    def _play(self, operation: Any, mode: Any) -> None:
        @given(case=operation.as_strategy(mode))
        @settings(max_examples=self.examples, derandomize=True, database=None, suppress_health_check=UNHURRIED)
        def send(case: Any) -> None:
            said = (case.method, case.path, case.path_parameters, case.query, case.body)
            response = self._send(case, crc32(repr(said).encode()))
            self.statuses.append(response.status_code)
            assert response.status_code != 500, said
            case.validate_response(response, checks=CHECKS)

        send()

    def _send(self, case: Any, number: int) -> httpx.Response:
        for name in self.known.keys() & (case.path_parameters or {}).keys() if number % 2 else ():
            case.path_parameters[name] = self.known[name]
        query: dict[str, Any] = case.query or {}
        for name in _WAITS:
            query.pop(name, None)
        sent = case.as_transport_kwargs(base_url="http://test")
        sent.pop("cookies", None)
        sent["content"] = sent.pop("data", None)
        if sent["content"] is None and sent.get("json") is None:
            sent["content"] = _TABLE
        own = bearer(ROLES[number % len(ROLES)], self.scopes[number % len(self.scopes)], f"try-{number}")
        sent["headers"] = {k: v for k, v in sent["headers"].items() if k.lower() not in _OURS} | own
        self.changed(case, number, sent)
        asked = self.service.client.request(**sent)
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(timeout=60)


def _of_json(document: dict[str, Any]) -> dict[str, Any]:
    """The document without bodies that are files: the tool writes JSON, and files are sent as they are."""
    told = copy.deepcopy(document)
    for methods in told["paths"].values():
        for operation in methods.values():
            if "application/json" not in operation.get("requestBody", {"content": ("application/json",)})["content"]:
                del operation["requestBody"]
    return told
