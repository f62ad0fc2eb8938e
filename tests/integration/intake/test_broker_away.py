"""While the broker is dead intake goes on taking reports; once it is back, everything is published, in order."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer  # pyright: ignore[reportMissingTypeStubs]

from events.topics import INTAKE, TOPICS
from jiujinan.embedded_broker import EmbeddedBroker
from jiujinan.kafka_admin import create_topics
from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import VILLAGE
from tests.support.services import RunningService, RunService, bearer

COUNTY = "341825"
REPORT = json.loads(VILLAGE)
AWAY_SECONDS = 3.0
"""Stands for ten minutes: several times as long as the relay and the producer wait between attempts."""


@asynccontextmanager
async def serving(broker: EmbeddedBroker) -> AsyncGenerator[None, None]:
    """The broker at work, with its topics; it forgets what it had."""
    async with broker:
        await create_topics(broker.bootstrap, TOPICS)
        yield


async def reported(intake: RunningService, number: int) -> str:
    place = {**REPORT["place"], "address_text": f"安徽省宣城市旌德县俞村镇样例村{number}号"}
    body = REPORT | {"place": place, "subject": {"identity_status": "unknown"}, "reporter": {"kind": "neighbour"}}
    headers = bearer("village_informant", COUNTY, f"report-{number}")
    told = await intake.client.post("/v1/reports", json=body, headers=headers)
    assert (told.status_code, told.json()["status"]) == (201, "received"), told.text
    return told.json()["report_id"]


async def reported_for(intake: RunningService, seconds: float) -> list[str]:
    """One report after another, for as long."""
    told: list[str] = []
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while clock() < until:
        told.append(await reported(intake, len(told) + 1))
    return told


async def heard(bootstrap: str, number: int) -> list[Any]:
    """This many records of intake's topic, as a follower gets them."""
    consumer: Any = AIOKafkaConsumer(INTAKE, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [await asyncio.wait_for(consumer.getone(), 60) for _ in range(number)]
    finally:
        await consumer.stop()


def header(record: Any, name: str) -> int:
    return int(dict(record.headers)[name].decode())


async def test_reports_are_taken_while_the_broker_is_dead_and_published_once_it_is_back(
    run_service: RunService, server_directory: Path
) -> None:
    broker = EmbeddedBroker(server_directory)
    async with run_service(BLUEPRINT, bootstrap=broker.bootstrap, scopes=(COUNTY,)) as intake:
        async with serving(broker):
            await asyncio.wait_for(intake.mounted.bus.connected.wait(), 60)
            await reported(intake, 0)
            (record,) = await heard(broker.bootstrap, 1)
        told = await reported_for(intake, AWAY_SECONDS)
        assert (await intake.client.get("/health/live")).status_code == 200
        async with serving(broker):
            records = await heard(broker.bootstrap, len(told))
    assert [json.loads(each.value)["report_id"] for each in records] == told
    assert header(records[0], "ce_previous") == header(record, "ce_sequence")
    assert [header(each, "ce_previous") for each in records[1:]] == [
        header(each, "ce_sequence") for each in records[:-1]
    ]
