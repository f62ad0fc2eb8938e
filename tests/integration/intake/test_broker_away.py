"""While the broker is away intake goes on taking reports; once it is there, each is heard once, in order."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from aiokafka import AIOKafkaConsumer  # pyright: ignore[reportMissingTypeStubs]

from events.fact import Actor
from events.topics import INTAKE, TOPICS
from jiujinan.embedded_broker import EmbeddedBroker
from jiujinan.kafka_admin import create_topics
from services.chassis.clock import SystemClock
from services.chassis.relay import PublishFailed
from services.chassis.unit import Directed, Outcome, Unit
from services.intake.app import BLUEPRINT
from services.intake.channels import village
from services.intake.report import asks
from services.intake.report_commands import ReceiveReport
from services.intake.report_state import stream_of
from services.intake.routes.caller import desk_of
from tests.integration.intake.test_intake_service import VILLAGE
from tests.support.services import RunningService, RunService, bearer

COUNTY = "341825"
REPORT = json.loads(VILLAGE)
MINUTES, BATCH = 10, 200
"""How long the broker is away, and what each minute brings a county on its worst day: three reports a second."""
SENDER = Actor(id="vp-1", role="village_informant", scope=COUNTY)


class Skipping(SystemClock):
    """The machine's clock, of which minutes can be left out: what is there after them was kept for so long."""

    def __init__(self) -> None:
        self._skipped = timedelta()

    def now(self) -> datetime:
        """The present moment."""
        return super().now() + self._skipped

    def skip_a_minute(self) -> None:
        """Let a minute pass in which nothing happens."""
        self._skipped += timedelta(minutes=1)


@asynccontextmanager
async def serving(broker: EmbeddedBroker) -> AsyncGenerator[None, None]:
    """The broker at work, with its topics; it forgets what it had."""
    async with broker:
        await create_topics(broker.bootstrap, TOPICS)
        yield


def item(number: int) -> dict[str, Any]:
    place = {**REPORT["place"], "address_text": f"安徽省宣城市旌德县俞村镇样例村{number}号"}
    body = REPORT | {"place": place, "subject": {"identity_status": "unknown"}, "reporter": {"kind": "neighbour"}}
    return {"id": f"item-{number}", "kind": "report", "body": body}


async def reported(intake: RunningService, numbers: range) -> list[str]:
    """So many reports, in batches as phones send them: every one is on disk when this returns."""
    told: list[str] = []
    for first in numbers[::BATCH]:
        items = [item(number) for number in range(first, min(first + BATCH, numbers.stop))]
        batch = {"device_id": "vp-1", "items": items}
        answer = await intake.client.post("/v1/sync", json=batch, headers=bearer("village_informant", COUNTY))
        results = answer.json()["items"]
        assert {result["status"] for result in results} == {"applied"}
        told += [result["answer"]["report_id"] for result in results]
    return told


async def written(intake: RunningService, numbers: range) -> list[str]:
    """So many reports as the door gives them to the writer, which takes a second; the door itself has its batches."""
    desk, raw = desk_of(intake.mounted), json.dumps(item(numbers.start)["body"]).encode()
    told = village.read(raw, desk.gazetteer, COUNTY)
    command = await desk.command(told, raw, sender=SENDER.id, report_id="written", home=COUNTY)
    units = [written_unit(replace(command, report_id=f"written-{n}", match_keys=(f"{n:064x}",))) for n in numbers]
    outcomes = await intake.mounted.writer.take_in(units)
    return [json.loads(outcome.body)["report_id"] for outcome in outcomes if isinstance(outcome, Outcome)]


def written_unit(command: ReceiveReport) -> Unit:
    part = Directed(stream_of(command.report_id), command, asks(command))
    command_id = uuid5(NAMESPACE_OID, command.report_id)
    return Unit(COUNTY, (part,), command_id, SENDER, command.reported_at, correlation=command.report_id)


async def heard(bootstrap: str, number: int) -> list[str]:
    """This many reports as a follower takes them in: only what comes after the last."""
    consumer: Any = AIOKafkaConsumer(INTAKE, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    taken: list[str] = []
    followed = 0
    try:
        while len(taken) < number:
            record = await asyncio.wait_for(consumer.getone(), 60)
            if header(record, "ce_previous") == followed:
                followed = header(record, "ce_sequence")
                taken.append(json.loads(record.value)["report_id"])
    finally:
        await consumer.stop()
    return taken


def header(record: Any, name: str) -> int:
    return int(dict(record.headers)[name].decode())


async def published(intake: RunningService) -> None:
    """Wait until the relay has sent everything; then once more, as the embedded start does, because what reaches the
    embedded broker before it has its topics again is confirmed and forgotten."""
    relay = intake.mounted.relay
    async with asyncio.timeout(60):
        while await relay.lag():  # noqa: ASYNC110  the relay is a task of the service
            await asyncio.sleep(0.05)
        while not await is_republished(intake):  # noqa: ASYNC110  the connection is a task's, too
            await asyncio.sleep(0.1)


async def is_republished(intake: RunningService) -> bool:
    """Not so while the connection is being made anew."""
    with suppress(PublishFailed):
        await intake.mounted.relay.republish(COUNTY, after=0)
        return True
    return False


async def ten_minutes(intake: RunningService, clock: Skipping) -> list[str]:
    """Ten minutes' reports at their rate: the first through the phones' door, the others as it hands them on."""
    told = await reported(intake, range(BATCH))
    for first in range(BATCH, MINUTES * BATCH, BATCH):
        clock.skip_a_minute()
        told += await written(intake, range(first, first + BATCH))
    clock.skip_a_minute()
    return told


async def kept_for(intake: RunningService, clock: Skipping) -> timedelta:
    """How long the oldest report of the log has waited by the service's clock."""
    first = await anext(aiter(intake.mounted.store.read(COUNTY)))
    return clock.now() - first.recorded_at


async def in_log_order(intake: RunningService) -> list[str]:
    """The reports in the order in which their needs lie in the log."""
    facts = [fact async for fact in intake.mounted.store.read(COUNTY)]
    return [json.loads(fact.data)["report_id"] for fact in facts if fact.name == "intake.help_needed"]


async def test_ten_minutes_reports_are_taken_while_the_broker_is_away_and_each_is_heard_once_and_in_order(
    run_service: RunService, server_directory: Path
) -> None:
    """The minutes pass on the service's clock. It is told to give a broker up after a blink: it is always too long."""
    broker, clock = EmbeddedBroker(server_directory), Skipping()
    given: dict[str, Any] = {"bootstrap": broker.bootstrap, "scopes": (COUNTY,), "kafka_away_seconds": 0.01}
    async with run_service(BLUEPRINT, clock=clock, **given) as intake:
        told = await ten_minutes(intake, clock)
        assert len(set(told)) == MINUTES * BATCH
        assert await kept_for(intake, clock) >= timedelta(minutes=MINUTES)
        assert intake.mounted.bus.away_seconds > intake.mounted.settings.kafka_away_seconds
        assert (await intake.client.get("/health/live")).status_code == 200
        assert await intake.mounted.relay.lag() >= len(told)
        async with serving(broker):
            await published(intake)
            assert await heard(broker.bootstrap, len(told)) == await in_log_order(intake)
        assert set(await in_log_order(intake)) == set(told)
        told += await reported(intake, range(len(told), len(told) + BATCH))
        async with serving(broker):
            await published(intake)
            assert await heard(broker.bootstrap, len(told)) == await in_log_order(intake)
