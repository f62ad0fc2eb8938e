"""A request has one number, the caller's or ours: in the answer, in the problem, in the log; never a person's."""

import json
import logging

import httpx
import pytest
from fastapi import FastAPI

from services.chassis import problems
from services.chassis.logs import formatter
from services.chassis.problems import Problem
from services.chassis.tracing import RequestNumber, traceparent

log = logging.getLogger("services.test")


def application() -> FastAPI:
    app = FastAPI()
    app.add_middleware(RequestNumber)
    problems.register(app)

    @app.get("/well")
    async def well() -> dict[str, str]:
        log.warning("served")
        return {}

    @app.get("/trace")
    async def trace() -> dict[str, str | None]:
        return {"trace": traceparent()}

    @app.get("/ill")
    async def ill() -> None:
        raise Problem(404, "not_found", "没有找到。")

    assert callable(well)
    assert callable(ill)
    assert callable(trace)
    return app


async def get(path: str, said: str | None) -> httpx.Response:
    headers = {} if said is None else {"x-request-id": said}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application()), base_url="http://intake") as client:
        return await client.get(path, headers=headers)


async def test_a_caller_s_number_is_in_the_answer_and_in_the_problem() -> None:
    assert (await get("/well", "hotline-7f3a.1")).headers["x-request-id"] == "hotline-7f3a.1"
    answer = await get("/ill", "hotline-7f3a.1")
    assert (answer.headers["x-request-id"], answer.json()["trace_id"]) == ("hotline-7f3a.1", "hotline-7f3a.1")


@pytest.mark.parametrize("said", [None, "short", "x" * 65, "phone-19900001201", "a b c d e f g", "换行编号不可用的"])
async def test_what_is_senseless_or_may_be_a_person_s_gets_a_number_of_ours(said: str | None) -> None:
    encoded = None if said is None else said.encode().decode("latin-1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application()), base_url="http://intake") as client:
        headers = {} if encoded is None else {b"x-request-id": encoded.encode("latin-1")}
        number = (await client.get("/ill", headers=headers)).json()["trace_id"]
    assert number != said
    assert len(number) == 32


async def test_every_line_of_the_log_bears_it(caplog: pytest.LogCaptureFixture) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(formatter().format(record))
    log.addHandler(handler)
    await get("/well", "hotline-7f3a.1")
    log.removeHandler(handler)
    assert [json.loads(line)["request"] for line in lines] == ["hotline-7f3a.1"]


_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_UUID = "a3ce929d-0e0e-4736-8bf9-2f3577b34da6"


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ({"traceparent": _TRACE, "x-request-id": _UUID}, _TRACE),
        ({"traceparent": f"{_TRACE}-more", "x-request-id": _UUID}, f"00-{_UUID.replace('-', '')}-a3ce929d0e0e4736-00"),
        ({"x-request-id": "0" * 32}, None),
        ({"x-request-id": "19900001201a0e4736bf92f3577b34da"}, None),
        ({"x-request-id": "hotline-7f3a.1"}, None),
        ({}, None),
    ],
)
async def test_what_a_request_sets_off_bears_its_caller_s_trace_or_number(
    headers: dict[str, str], trace: str | None
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application()), base_url="http://intake") as client:
        assert (await client.get("/trace", headers=headers)).json() == {"trace": trace}
