"""The same walk through one service that updates rows: one process, one database, no broker, no history."""

import json
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import uvloop

from bench.contest import Run, Stage
from bench.load import closed_loop
from bench.plain_service import TABLES
from bench.walking import FUND_FEN, HELP_FEN, TOWNSHIPS, Orders
from bench.wire import Wire
from jiujinan.child import Child, Program, free_port

HOLDS_KEPT = "select count(*) from holds"
_ROOT = Path(__file__).parents[1]
_JSON = {"content-type": "application/json"}


def walk(callers: int, stage: Stage) -> Run:
    """Let so many households walk at once."""
    return uvloop.run(_walk(callers, stage))


async def _walk(callers: int, stage: Stage) -> Run:
    await _prepare(stage.owner_dsn)
    orders = Orders()
    async with _service(stage.owner_dsn) as url:
        wires = [await Wire.to(url) for _ in range(callers)]

        async def call(caller: int) -> None:
            await _walk_once(wires[caller], orders.next()[1])

        run = await closed_loop(callers, stage.seconds, call)
        for wire in wires:
            wire.close()
        return run


async def _walk_once(wire: Wire, order: bytes) -> None:
    case: Any = (await wire.post("/orders", _JSON, order))["case_id"]
    await wire.post(f"/cases/{case}/accept", _JSON, b"")
    await wire.post(f"/cases/{case}/advances", _JSON, json.dumps({"amount_fen": HELP_FEN}).encode())


async def _prepare(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(TABLES)
    await connection.executemany("insert into funds values ($1, $2)", [(place, FUND_FEN) for place in TOWNSHIPS])
    await connection.close()


@asynccontextmanager
async def _service(dsn: str) -> AsyncGenerator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="jiujinan-bench-") as directory:
        program = Program(
            name="bench.plain_service",
            argv=(
                *(sys.executable, "-m", "uvicorn", "bench.plain_service:app", "--port", str(port)),
                *("--loop", "uvloop", "--http", "httptools", "--log-level", "warning"),
            ),
            directory=_ROOT,
            log=Path(directory) / "plain.log",
            environment={"DATABASE_URL": dsn},
        )
        child, url = Child(program), f"http://127.0.0.1:{port}"
        try:
            await child.ready(lambda: _answers(url), 30)
            yield url
        finally:
            await child.stop(10)


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{url}/openapi.json")).is_success
    except httpx.HTTPError:
        return False
