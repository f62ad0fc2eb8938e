"""The first calls of the README, made as they stand there, against services that its callers know."""

import json
import re
import shlex
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from events.fact import Fact, Public
from jiujinan.installation import load_secrets, write_access
from services.chassis.replay import recorded
from services.intake.app import BLUEPRINT as INTAKE
from services.relief.app import BLUEPRINT as RELIEF
from tests.docs.documents import ROOT, read
from tests.support.neighbours import Neighbour
from tests.support.services import RunningService, RunService

COUNTY = "341825"
COMMANDS = [command for command in read("README.md").commands if command.startswith(("export ", "curl "))]


@dataclass(frozen=True, slots=True)
class Call:
    """A request, in the words of curl."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    body: bytes | None


_CURL = ArgumentParser(prog="curl", allow_abbrev=False)
_CURL.add_argument("url")
_CURL.add_argument("-i", action="store_true")
_CURL.add_argument("-X", dest="method")
_CURL.add_argument("-H", dest="headers", action="append", default=[])
_CURL.add_argument("--data-binary", dest="file")


def read_call(command: str, variables: Mapping[str, str]) -> Call:
    """What curl would send. An option that is not known here ends the test."""
    words = shlex.split(re.sub(r"\$(\w+)", lambda name: variables[name[1]], command))
    given = _CURL.parse_args(words[1:])
    body = None if given.file is None else (ROOT / given.file.removeprefix("@")).read_bytes()
    headers = dict(header.split(": ", 1) for header in given.headers)
    return Call(given.method or ("GET" if body is None else "POST"), httpx.URL(given.url), headers, body)


@dataclass(slots=True)
class System:
    """Intake and relief at work, and what they have heard of one another so far."""

    intake: RunningService
    relief: RunningService
    variables: Mapping[str, str]
    told: dict[str, int] = field(default_factory=lambda: {"intake": 0, "relief": 0})
    voices: dict[str, Neighbour] = field(default_factory=dict[str, Neighbour])

    async def make(self, call: Call) -> httpx.Response:
        """Make a call, and let what comes of it be heard."""
        assert call.url.port in (8001, 8002)
        service = self.intake if call.url.port == 8001 else self.relief
        response = await service.client.request(
            call.method, call.url.raw_path.decode(), headers=dict(call.headers), content=call.body
        )
        await self._pass_on("intake", self.intake, self.relief)
        await self._pass_on("relief", self.relief, self.intake)
        return response

    async def _pass_on(self, name: str, source: RunningService, follower: RunningService) -> None:
        voice = self.voices.setdefault(name, Neighbour(name, COUNTY, follower.mounted.follower))
        rows = [row async for row in source.mounted.store.read(COUNTY, after=self.told[name])]
        for row in rows:
            self.told[name] = row.position
            fact: Fact = recorded(row).fact
            if isinstance(fact, Public):
                await voice.says(fact, row.stream, row.occurred_at)
        for projector in follower.mounted.projectors.values():
            heads = {head.division: head.position for head in await follower.mounted.store.heads()}
            assert await projector.reached(COUNTY, heads.get(COUNTY, 0), patience=10)


@pytest.fixture
async def system(run_service: RunService, tmp_path: Path) -> AsyncIterator[System]:
    secrets = load_secrets(tmp_path / "secrets")
    access = write_access(tmp_path / "secrets", secrets, "http://127.0.0.1:9/callback")
    exports = dict(re.findall(r"^export (\w+)='the token beside ([\w-]+)'$", "\n".join(COMMANDS), re.MULTILINE))
    variables = {name: secrets.token(staff_id) for name, staff_id in exports.items()}
    async with (
        run_service(INTAKE, access_file=access) as intake,
        run_service(RELIEF, access_file=access, keyring_url=intake.mounted.settings.keyring_url) as relief,
    ):
        yield System(intake, relief, variables)


async def test_the_first_calls_answer_as_the_readme_says(system: System) -> None:
    calls = [read_call(command, system.variables) for command in COMMANDS if command.startswith("curl ")]
    report, look, case, accept, history = calls

    first, again = await system.make(report), await system.make(report)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"

    told = (await system.make(look)).json()
    assert told["report_id"] == first.json()["report_id"] == look.url.path.rpartition("/")[2]
    assert told["case_id"] == case.url.path.rpartition("/")[2]

    opened: Any = (await system.make(case)).json()
    assert {clock["verdict"] for clock in opened["clocks"]} == {"breached"}
    assert datetime.fromisoformat(opened["reported_at"]).year == 2020

    assert (await system.make(accept)).status_code == 201
    story = json.loads((await system.make(history)).content)
    names = [fact["name"] for fact in story["facts"] if fact["name"] != "relief.clock_breached"]
    assert names == ["relief.case_opened", "relief.case_accepted"]


def test_every_call_of_the_readme_is_made() -> None:
    assert len([command for command in COMMANDS if command.startswith("curl ")]) == 5
    assert len([command for command in COMMANDS if command.startswith("export ")]) == 2
