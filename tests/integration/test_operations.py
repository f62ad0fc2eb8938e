"""Operating a service: migrated, served and stopped, its read models built anew, its logs published again."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest

from events.cloudevents import Message
from events.topics import TOPICS, topic_of
from jiujinan.child import free_port
from jiujinan.operations import position_before, positions_before, publish_again
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.writer import Writer
from services.intake.app import BLUEPRINT as INTAKE
from tests.support.command_line import environment_of, jiujinan
from tests.support.counter import COUNTY, DECIDERS, T0, Count, Note, SteppingClock, said
from tests.support.databases import ServiceDatabase, address, create_template, drop
from tests.support.running import running
from tests.support.services import ROOT, RunningService, RunService, bearer

ELSEWHERE = "990102"

# --- migrating


@pytest.fixture
async def empty(postgres: str) -> AsyncIterator[dict[str, str]]:
    """An empty database of an owner and an application, as variables."""
    name = await create_template(postgres)
    owner = address(postgres, name, f"{name}_owner")
    yield {"OWNER_URL": owner, "DATABASE_URL": address(postgres, name, f"{name}_app")}
    await drop(postgres, owner)


@pytest.mark.parametrize("database", ["intake", "relief", "ledger", "keyring"])
async def test_migrating_takes_every_step_once(empty: dict[str, str], database: str) -> None:
    first = await jiujinan("migrate", database, "--json", **empty)
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["taken"][0].startswith("0001_")
    second = await jiujinan("migrate", database, **empty)
    assert (second.exit_code, second.stdout) == (0, f"{database} 已是最新\n")


# --- serving


@dataclass(frozen=True, slots=True)
class Served:
    """A service as a process."""

    process: asyncio.subprocess.Process
    url: str


@asynccontextmanager
async def served(service: str, environment: Mapping[str, str]) -> AsyncGenerator[Served]:
    """``jiujinan serve`` on a free port, killed behind the block where it still runs."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jiujinan.cli", "serve", service),
        cwd=ROOT,
        env={**environment, "PORT": str(port)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Served(process, f"http://127.0.0.1:{port}")
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def intake(run_service: RunService) -> AsyncIterator[RunningService]:
    async with run_service(INTAKE, scopes=("341825",)) as service:
        yield service


async def test_a_served_service_answers_and_ends_in_order_when_asked(intake: RunningService) -> None:
    environment = environment_of(intake.mounted.settings, "DATABASE_URL")
    async with served("intake", environment) as process, httpx.AsyncClient(trust_env=False) as client:
        ready = await answer(client, f"{process.url}/health/ready")
        assert ready.json()["database"]
        assert "server" not in ready.headers
        process.process.send_signal(signal.SIGTERM)
        _, logged = await asyncio.wait_for(process.process.communicate(), 30)
    assert process.process.returncode == 0
    events = [json.loads(line)["event"] for line in logged.splitlines()]
    assert [event for event in events if event != "kafka_unavailable"] == ["serving", "served"]


async def answer(client: httpx.AsyncClient, url: str) -> httpx.Response:
    """The first answer of a server that is about to start."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await client.get(url)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)


async def test_a_service_whose_database_is_not_migrated_names_both_versions_and_exits_with_2(
    intake: RunningService, empty: dict[str, str]
) -> None:
    environment = {**environment_of(intake.mounted.settings, "DATABASE_URL"), "DATABASE_URL": empty["DATABASE_URL"]}
    async with served("intake", environment) as process:
        out, err = await asyncio.wait_for(process.process.communicate(), 60)
    assert (process.process.returncode, out) == (2, b""), err
    assert re.fullmatch(rb"Error: database schema is at None, this release needs \d+: run `jiujinan migrate`\n", err)


async def test_a_service_whose_port_is_taken_or_whose_access_file_is_damaged_says_so(intake: RunningService) -> None:
    environment = environment_of(intake.mounted.settings, "DATABASE_URL")
    damaged = intake.mounted.settings.access_file.with_name("damaged.yaml")
    damaged.write_text("people: [{token_sha256: secret-token}]", encoding="utf-8")
    async with served("intake", {**environment, "ACCESS_FILE": str(damaged)}) as process:
        _, err = await asyncio.wait_for(process.process.communicate(), 60)
    assert (process.process.returncode, err.startswith("Error: intake 不能运行:".encode())) == (1, True)
    assert b"secret-token" not in err
    async with served("intake", {**environment, "HOST": "192.0.2.1"}) as process:
        _, err = await asyncio.wait_for(process.process.communicate(), 60)
    assert (process.process.returncode, err.startswith(b"Error: HOST and PORT cannot be used")) == (2, True)


# --- rebuilding


async def test_a_read_model_is_rebuilt_from_the_log_while_the_service_runs(intake: RunningService) -> None:
    village = (ROOT / "samples" / "jingde_village.json").read_bytes()
    reported = await intake.client.post(
        "/v1/reports", content=village, headers=bearer("village_informant", "341825", "k")
    )
    assert reported.status_code == 201, reported.text
    reports = intake.mounted.projectors["reports"]
    assert await reports.reached("341825", reported.json()["position"], patience=30)
    slot = await reports.live_slot()
    await intake.mounted.pool.execute(f"update reports_{slot}.reports set status = 'spoilt'")
    environment = {"INTAKE_URL": intake.mounted.settings.database_url}
    result = await jiujinan("rebuild", "reports", "--service", "intake", "--json", **environment)
    assert json.loads(result.stdout) == {"service": "intake", "name": "reports", "facts": reported.json()["position"]}
    assert await reports.live_slot() != slot
    async with reports.reading() as connection:
        assert await connection.fetchval("select status from reports") == "received"


async def test_a_read_model_that_the_service_does_not_have_is_answered_with_those_it_has() -> None:
    result = await jiujinan("rebuild", "caseload", "--service", "intake")
    assert (result.exit_code, "reports" in result.stderr) == (2, True)


# --- publishing again


@dataclass(frozen=True, slots=True)
class Recording:
    """A publisher that keeps what it is given."""

    sent: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])

    async def send(self, topic: str, message: Message) -> Any:
        self.sent.append((topic, message))
        return asyncio.sleep(0)


@pytest.fixture
async def published(service_database: ServiceDatabase) -> ServiceDatabase:
    """Two logs of six facts, one a minute, of which the third of each is private."""
    clock = SteppingClock()
    async with running(Writer(PostgresEventStore(service_database.pool, "relief"), DECIDERS, clock)) as writer:
        for number in range(1, 7):
            for division in (COUNTY, ELSEWHERE):
                command = Note("private") if number == 3 else Count()
                await writer.submit(said(command, key=f"{division}{number}", division=division))
            clock.moment += timedelta(minutes=1)
    return service_database


async def test_a_log_is_published_again_from_a_position_with_each_fact_naming_the_one_before(
    published: ServiceDatabase,
) -> None:
    recording = Recording()
    span = await position_before(published.pool, COUNTY, 2)
    assert await publish_again(published.pool, "relief", recording, span) == {COUNTY: 4}
    assert {topic for topic, _ in recording.sent} == {topic_of("relief")}
    told = [(message.division, message.previous, message.position) for _, message in recording.sent]
    assert told == [(COUNTY, 1, 2), (COUNTY, 2, 4), (COUNTY, 4, 5), (COUNTY, 5, 6)]


async def test_since_a_moment_means_what_every_log_recorded_from_then_on(published: ServiceDatabase) -> None:
    assert await positions_before(published.pool, T0) == {COUNTY: 0, ELSEWHERE: 0}
    spans = await positions_before(published.pool, T0 + timedelta(minutes=4))
    assert spans == {COUNTY: 4, ELSEWHERE: 4}
    recording = Recording()
    assert await publish_again(published.pool, "relief", recording, spans) == {COUNTY: 2, ELSEWHERE: 2}
    assert [message.position for _, message in recording.sent] == [5, 6, 5, 6]


async def test_a_county_without_a_log_is_no_county_to_publish(intake: RunningService) -> None:
    environment = environment_of(intake.mounted.settings, "INTAKE_URL")
    words = ("republish", "--service", "intake", "--county", "123456", "--from", "1")
    assert (await jiujinan(*words, **environment)).exit_code == 2


async def test_the_topics_are_made_once(kafka_bootstrap: str) -> None:
    for _ in range(2):
        made = await jiujinan("topics", "--json", KAFKA_BOOTSTRAP=kafka_bootstrap)
        assert made.exit_code == 0, made.output
        assert json.loads(made.stdout) == {"topics": dict(TOPICS)}
