"""The first calls of the README, made by a shell as they stand there, against services that its callers know."""

import asyncio
import json
import os
import re
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from events.fact import Fact, Public
from jiujinan.api import Api
from jiujinan.installation import load_secrets, write_access
from jiujinan.player import Player, Purse
from jiujinan.progress import Progress
from jiujinan.receiver import CallbackReceiver
from services.chassis.clock import SystemClock
from services.chassis.mount import Blueprint
from services.chassis.replay import recorded
from services.intake.app import BLUEPRINT as INTAKE
from services.ledger.app import BLUEPRINT as LEDGER
from services.relief.app import BLUEPRINT as RELIEF
from tests.docs.documents import ROOT, read
from tests.support.neighbours import Neighbour
from tests.support.services import RunningService, RunService, served

COUNTY = "341825"
PORTS = {"8001": "intake", "8002": "relief", "8003": "ledger"}
LISTENERS = {"intake": ("relief",), "relief": ("intake", "ledger"), "ledger": ("relief",)}
BEGINNINGS = ("export ", "told() ", "curl ", "for ", ".venv/bin/jiujinan sample ")
COMMANDS = [command for command in read("README.md").commands if command.startswith(BEGINNINGS)]
PROGRAMS = {"python": sys.executable, "jiujinan": f"{sys.executable} -m jiujinan.cli"}
_DONE = "done: "

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: apt-get install curl")


@dataclass(slots=True)
class System:
    """The three services at work, and what they have heard of one another so far."""

    services: Mapping[str, RunningService]
    urls: Mapping[str, str]
    told: dict[str, int] = field(default_factory=dict[str, int])
    voices: dict[tuple[str, str], Neighbour] = field(default_factory=dict[tuple[str, str], Neighbour])

    async def hear(self) -> None:
        """Let the services hear of one another until nobody has anything to say, and show what they have heard."""
        while any([await self._pass_on(name) for name in self.services]):
            pass
        for service in self.services.values():
            heads = {head.division: head.position for head in await service.mounted.store.heads()}
            for projector in service.mounted.projectors.values():
                assert await projector.reached(COUNTY, heads.get(COUNTY, 0), patience=10)

    async def _pass_on(self, name: str) -> bool:
        log = self.services[name].mounted.store.read(COUNTY, after=self.told.get(name, 0))
        rows = [row async for row in log]
        for row in rows:
            self.told[name] = row.position
            fact: Fact = recorded(row).fact
            if isinstance(fact, Public):
                for listener in LISTENERS[name]:
                    follower = self.services[listener].mounted.follower
                    voice = self.voices.setdefault((name, listener), Neighbour(name, COUNTY, follower))
                    await voice.says(fact, row.stream, row.occurred_at)
        return bool(rows)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who types the README's lines into a shell, one after the other."""

    system: System
    shell: Process

    async def types(self, command: str) -> str:
        """What the line prints. What came of it is known everywhere when this returns."""
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        for port, service in PORTS.items():
            command = command.replace(f"http://127.0.0.1:{port}", self.system.urls[service])
        here = re.sub(r"\.venv/bin/(\w+)", lambda program: PROGRAMS[program[1]], command)
        self.shell.stdin.write(f"{here}\necho; echo {_DONE}$?\n".encode())
        lines: list[str] = []
        async with asyncio.timeout(60):
            while not lines or not lines[-1].startswith(_DONE):
                lines.append((await self.shell.stdout.readline()).decode())
        said = "".join(lines[:-1])
        assert lines[-1] == f"{_DONE}0\n", said
        await self.system.hear()
        return said

    async def types_until(self, sign: str, commands: list[str]) -> str:
        """Take lines off the list up to one with this sign; what that line prints."""
        while True:
            command = commands.pop(0)
            said = await self.types(command)
            if sign in command:
                return said


@pytest.fixture
async def newcomer(run_service: RunService, tmp_path: Path) -> AsyncIterator[Newcomer]:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    directory = tmp_path / ".data" / "secrets"
    directory.parent.mkdir()
    (directory.parent / "environment.json").write_text("{}", encoding="utf-8")
    secrets = load_secrets(directory)
    access = write_access(directory, secrets, "http://127.0.0.1:9/callback")
    async with AsyncExitStack() as stack:

        async def run(blueprint: Blueprint, **more: Any) -> RunningService:
            return await stack.enter_async_context(run_service(blueprint, access_file=access, **more))

        intake = await run(INTAKE)
        keyring = intake.mounted.settings.keyring_url
        services = {"intake": intake} | {
            blueprint.name: await run(blueprint, keyring_url=keyring) for blueprint in (RELIEF, LEDGER)
        }
        urls = {name: await stack.enter_async_context(served(service)) for name, service in services.items()}
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        player = Player(Api(client, urls, secrets), Progress(Console(quiet=True)), CallbackReceiver(secrets.webhook))
        for _ in "once", "and when it is started again":
            await player.fund(Purse.of_today(SystemClock().now()))
        shell = await asyncio.create_subprocess_exec(
            "sh",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        )
        stack.push_async_callback(shell.wait)
        stack.callback(shell.kill)
        yield Newcomer(System(services, urls), shell)


async def test_the_first_calls_answer_as_the_readme_says(newcomer: Newcomer) -> None:
    commands = [*COMMANDS]
    first = await newcomer.types_until("my-first-report", commands)
    again = await newcomer.types(next(command for command in COMMANDS if "my-first-report" in command))
    assert ("HTTP/1.1 201" in first, "HTTP/1.1 200" in again) == (True, True)
    assert _body(again) == _body(first)
    assert "idempotency-replayed: true" in again.lower()

    told = json.loads(await newcomer.types(commands[0]))
    assert told["report_id"] == json.loads(_body(first))["report_id"] == _last_part(commands.pop(0))
    opened = json.loads(await newcomer.types(commands[0]))
    assert told["case_id"] == opened["case_id"] == _last_part(commands.pop(0))
    assert {clock["verdict"] for clock in opened["clocks"]} == {"breached"}
    assert datetime.fromisoformat(opened["reported_at"]).year == 2020

    assert '"facts"' in await newcomer.types_until("/accept", commands)
    story = json.loads(await newcomer.types_until("/history", commands))
    names = [fact["name"] for fact in story["facts"] if fact["name"] != "relief.clock_breached"]
    assert names == ["relief.case_opened", "relief.case_accepted"]


async def test_a_report_of_today_is_paid_and_closed_by_the_lines_of_the_readme(newcomer: Newcomer) -> None:
    (begin,) = [number for number, command in enumerate(COMMANDS) if command.startswith("export JSON=")]
    tokens = [command for command in COMMANDS[:begin] if command.startswith("export ")]
    said = {command: await newcomer.types(command) for command in (*tokens, *COMMANDS[begin:])}
    assert [words for words in said.values() if '"retryable"' in words] == []

    (history,) = [
        words for command, words in said.items() if command.endswith('/history -H "Authorization: Bearer $LEADER"')
    ]
    names = [fact["name"] for fact in json.loads(history)["facts"]]
    told = ("case_opened", "case_accepted", "household_contacted", "advance_decided", "funds_reserved")
    for name in (*told, "household_relieved", "paperwork_debt_closed", "case_closed"):
        assert f"relief.{name}" in names
    assert names.count("relief.paper_filed") == 4
    case = json.loads(await newcomer.types(_of_case))
    assert {clock["verdict"] for clock in case["clocks"] if clock["name"].startswith("advance_")} == {"met"}
    report = json.loads(await newcomer.types(_of_report))
    assert report["status"] == "closed"


_of_case = 'curl -s http://127.0.0.1:8002/v1/cases/$CASE -H "Authorization: Bearer $LEADER"'
_of_report = 'curl -s http://127.0.0.1:8001/v1/reports/$REPORT -H "Authorization: Bearer $VILLAGE"'


def _body(answer: str) -> str:
    """What ``curl -i`` prints behind the headers."""
    return answer.replace("\r", "").split("\n\n", 1)[1].strip()


def _last_part(command: str) -> str:
    found = re.search(r"/([0-9a-f-]{36}) ", command)
    assert found is not None
    return found[1]
