"""A process is alive while a restart could help nothing: its tasks run, its consumers live, Kafka is not long away."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer  # pyright: ignore[reportMissingTypeStubs]

from events.cloudevents import Message
from jiujinan.kafka_admin import create_topics
from services.chassis.broker import Bus, Following
from services.chassis.following import Record
from services.intake.app import BLUEPRINT as INTAKE
from services.ledger.app import BLUEPRINT as LEDGER
from tests.support.running import tasks
from tests.support.saying import message
from tests.support.services import RunningService, RunService

_A_MOMENT = 0.2
_PATIENCE_SECONDS = 60


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await condition():  # noqa: ASYNC110  the other side is a broker, or time
            await asyncio.sleep(0.02)


async def is_alive(service: RunningService) -> bool:
    return (await service.client.get("/health/live")).status_code == 200


async def has_waited(service: RunningService) -> bool:
    return service.mounted.bus.away_seconds > _A_MOMENT


async def test_ledger_is_alive_without_kafka_for_as_long_as_the_setting_says(run_service: RunService) -> None:
    async with run_service(LEDGER, kafka_away_seconds=_A_MOMENT) as ledger:
        await until(lambda: has_waited(ledger))
        assert not await is_alive(ledger)
        assert (await ledger.client.get("/health/ready")).status_code == 200


async def test_a_longer_patience_keeps_ledger_alive(run_service: RunService) -> None:
    async with run_service(LEDGER) as ledger:
        await until(lambda: has_waited(ledger))
        assert await is_alive(ledger)


async def test_intake_takes_reports_without_kafka_and_is_never_ended_for_it(run_service: RunService) -> None:
    async with run_service(INTAKE, kafka_away_seconds=_A_MOMENT) as intake:
        await until(lambda: has_waited(intake))
        assert await is_alive(intake)


async def test_a_dead_consumer_is_told_at_once_and_replaced(
    run_service: RunService, kafka_bootstrap: str, topic_prefix: str
) -> None:
    topic = f"{topic_prefix}facts.v1"
    await create_topics(kafka_bootstrap, {topic: 1})
    follower = replace(LEDGER, name=f"{topic_prefix}ledger", follows=(topic,))
    async with run_service(follower, bootstrap=kafka_bootstrap) as ledger:
        bus = ledger.mounted.bus
        await asyncio.wait_for(bus.connected.wait(), _PATIENCE_SECONDS)
        assert await is_alive(ledger)
        await consumers_die(bus)
        assert not await is_alive(ledger)
        await until(lambda: is_alive(ledger))


async def consumers_die(bus: Bus) -> None:
    broker = bus._broker  # pyright: ignore[reportPrivateUsage]  no other way to kill what is inside
    assert broker is not None
    subscribers: list[Any] = [*broker.subscribers]
    dying: list[asyncio.Task[None]] = [task for subscriber in subscribers for task in subscriber.tasks]
    for task in dying:
        task.cancel()
    await asyncio.wait(dying)


@asynccontextmanager
async def following(bootstrap: str, topic: str, *, stuck_seconds: float) -> AsyncGenerator[tuple[Bus, "Taken"], None]:
    taken: Taken = asyncio.Queue()

    async def take_in(records: Sequence[Record]) -> None:
        for record in records:
            taken.put_nowait(record.value)

    followings = [Following(f"g-{topic}", (topic,), take_in)]
    bus = Bus(bootstrap, idempotent=False, followings=followings, session_seconds=6, stuck_seconds=stuck_seconds)
    async with tasks(bus.run()):
        await asyncio.wait_for(bus.connected.wait(), _PATIENCE_SECONDS)
        yield bus, taken


Taken = asyncio.Queue[bytes | None]


async def test_a_consumer_that_sits_on_waiting_records_is_replaced(
    kafka_bootstrap: str, topic_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    topic = f"{topic_prefix}stuck.v1"
    await create_topics(kafka_bootstrap, {topic: 1})
    async with following(kafka_bootstrap, topic, stuck_seconds=1.5) as (bus, taken):
        await said(kafka_bootstrap, topic, b"1")
        assert await asyncio.wait_for(taken.get(), _PATIENCE_SECONDS) == b"1"
        consumers_fetch_nothing(bus)
        await said(kafka_bootstrap, topic, b"2")
        assert await asyncio.wait_for(taken.get(), _PATIENCE_SECONDS) == b"2"
    assert "kafka_consumer_stuck" in caplog.messages


def consumers_fetch_nothing(bus: Bus) -> None:
    """As aiokafka has been seen to do: running, assigned, and silent."""
    broker = bus._broker  # pyright: ignore[reportPrivateUsage]  no other way to silence what is inside
    assert broker is not None
    for subscriber in broker.subscribers:
        consumer: Any = getattr(subscriber, "consumer", None)
        consumer.pause(*consumer.assignment())


async def test_a_producer_whose_sender_has_ended_is_replaced(
    kafka_bootstrap: str, topic_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def is_noticed() -> bool:
        return "kafka_producer_stuck" in caplog.messages

    topic = f"{topic_prefix}mute.v1"
    await create_topics(kafka_bootstrap, {topic: 1})
    before = asyncio.all_tasks()
    async with following(kafka_bootstrap, topic, stuck_seconds=1.5) as (bus, taken):
        await (await bus.send(topic, said_at(1)))
        the_sender_ends(asyncio.all_tasks() - before)
        await bus.send(topic, said_at(2))
        await until(is_noticed)
        await asyncio.wait_for(bus.connected.wait(), _PATIENCE_SECONDS)
        await (await bus.send(topic, said_at(3)))
        heard = {await asyncio.wait_for(taken.get(), _PATIENCE_SECONDS) for _ in range(2)}
        assert {said_at(1).data, said_at(3).data} == heard
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(has_left(bus), 3.0)


async def has_left(bus: Bus) -> None:
    """Until the connection is gone: what was lost with an earlier one must not end this one, too."""
    while bus.connected.is_set():  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.02)


def said_at(position: int) -> Message:
    return message("intake.help_needed", b"%d" % position, "report:r-1", position=position)


def the_sender_ends(among: set["asyncio.Task[Any]"]) -> None:
    """As it does of an error that is fatal to an idempotent producer; here it says nothing either."""
    (sending,) = [task for task in among if getattr(task.get_coro(), "__name__", "") == "_sender_routine"]
    sending.cancel()


async def said(bootstrap: str, topic: str, value: bytes) -> None:
    producer: Any = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    await producer.send_and_wait(topic, value=value)
    await producer.stop()
