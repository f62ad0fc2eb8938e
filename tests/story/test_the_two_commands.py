"""The promise to a newcomer: one command tells the whole story and ends, the next start carries on where it was."""

import asyncio
import json
import os
import signal
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from jiujinan.child import free_port
from tests.support.services import ROOT

_PATIENCE_SECONDS = 180.0
_SHOWN = "个案编号"
"""The heading of the first table: what stands before it tells of this run, what follows of the history."""


async def test_the_demonstration_ends_well_and_a_second_start_has_the_same_history(server_directory: Path) -> None:
    data, ports = server_directory / "data", _port_base()
    parents = _modes(data)
    async with _started("demo", data, ports) as process:
        told = await _read(process, until="")
        assert await process.wait() == 0, told
    shown = _table(told)
    for words in ("360,000", "已办结", "按时", "18,000.00", "leader-01", f"http://127.0.0.1:{ports + 1}/docs"):
        assert words in told
    async with _started("run", data, ports) as process:
        assert _table(await _read(process, until="Ctrl-C")) == shown
        async with httpx.AsyncClient(trust_env=False) as client:
            for number in (1, 2, 3):
                assert (await client.get(f"http://127.0.0.1:{ports + number}/health/ready")).status_code == 200
        whole = await _tool("verify", data)
        assert [(service["service"], service["broken"]) for service in whole["services"]] == [
            ("intake", []),
            ("relief", []),
            ("ledger", []),
        ]
        (case,) = [word for word in told.split() if word.startswith("22201168-")][:1]
        assert (await _tool("history", data, case))["case_id"] == case
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0
    assert _modes(data) == parents


def _port_base() -> int:
    """Where the services' ports begin: the first of them is free now."""
    return free_port() - 1


def _modes(data: Path) -> list[tuple[int, int, int]]:
    """Mode and owner of the directories above."""
    above = [parent.stat() for parent in data.parents]
    return [(stat.S_IMODE(one.st_mode), one.st_uid, one.st_gid) for one in above]


def _command(*words: str) -> tuple[str, ...]:
    return sys.executable, "-m", "jiujinan.cli", *words


def _environment(data: Path) -> Mapping[str, str]:
    """No more than a login gives; and the tree, as ``.venv`` has it."""
    return {"PATH": os.environ["PATH"], "HOME": str(data.parent), "PYTHONPATH": str(ROOT)}


@asynccontextmanager
async def _started(command: str, data: Path, ports: int) -> AsyncGenerator[Process]:
    words = _command(command, "--data", str(data), "--port-base", str(ports))
    process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, env=_environment(data), cwd=data.parent)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()


async def _read(process: Process, *, until: str) -> str:
    """What the process says up to a line with these words; up to its end where there are none."""
    assert process.stdout is not None
    told: list[str] = []
    async with asyncio.timeout(_PATIENCE_SECONDS):
        async for line in process.stdout:
            told.append(line.decode())
            if until and until in told[-1]:
                break
    return "".join(told)


def _table(told: str) -> list[str]:
    assert _SHOWN in told, told
    lines = told[told.index(_SHOWN) :].splitlines()
    return [line for line in lines if "Ctrl-C" not in line and line.strip()]


async def _tool(command: str, data: Path, *words: str) -> Any:
    """One of the operators' tools on the running installation."""
    called = _command(command, *words, "--data", str(data), "--json")
    process = await asyncio.create_subprocess_exec(*called, stdout=PIPE, env=_environment(data), cwd=data.parent)
    told, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(told)
