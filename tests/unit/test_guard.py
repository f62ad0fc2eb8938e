"""A fault of ours in a service: answered, counted and told where it is, and nothing of what was sent."""

import json
import logging
from collections.abc import AsyncGenerator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from prometheus_client import Counter

from services.chassis.guard import Guard, faults_by_route
from services.chassis.logs import configure

_NAME = "王样"


def _faulty() -> tuple[FastAPI, Counter]:
    app, faults = FastAPI(), faults_by_route()
    app.add_middleware(Guard, faults=faults)

    @app.get("/v1/reports/{report_id}")
    async def fails(report_id: str) -> None:
        int(report_id)

    @app.get("/v1/files")
    async def breaks_off() -> StreamingResponse:
        async def half() -> AsyncGenerator[bytes]:
            yield b"half"
            raise ValueError(_NAME)

        return StreamingResponse(half())

    return app, faults


def _counted(faults: Counter) -> dict[str, float]:
    (family,) = faults.collect()
    return {sample.labels["route"]: sample.value for sample in family.samples if sample.name.endswith("_total")}


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://guarded")


async def test_a_fault_is_answered_as_a_problem_and_counted_by_its_route() -> None:
    app, faults = _faulty()
    async with _client(app) as client:
        answer = await client.get(f"/v1/reports/{_NAME}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert _counted(faults) == {"/v1/reports/{report_id}": 1}


async def test_what_breaks_off_amid_an_answer_is_cut_off_and_counted() -> None:
    app, faults = _faulty()
    async with _client(app) as client:
        with pytest.raises(ValueError, match=_NAME):
            await client.get("/v1/files")
    assert _counted(faults) == {"/v1/files": 1}


async def test_a_fault_is_logged_with_route_and_line_and_without_what_was_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    app, _ = _faulty()
    try:
        configure("INFO")
        async with _client(app) as client:
            await client.get(f"/v1/reports/{_NAME}")
    finally:
        root.handlers = handlers
        root.setLevel(level)
    (line,) = [json.loads(one) for one in capsys.readouterr().err.splitlines() if "unforeseen" in one]
    assert (line["route"], line["error"]) == ("/v1/reports/{report_id}", "ValueError")
    assert line["at"].startswith("services/chassis/guard.py:")
    assert _NAME not in json.dumps(line, ensure_ascii=False)
