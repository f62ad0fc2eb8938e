"""Kafka through FastStream: one supervised connection per service, batch subscribers, offsets after the work.

FastStream's own defaults acknowledge first, and lose a batch whose headers it cannot read: hence the parser,
the decoder and the acknowledgement policy below.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from aiokafka import ConsumerRecord  # pyright: ignore[reportMissingTypeStubs]  aiokafka ships no stubs
from aiokafka.errors import KafkaError  # pyright: ignore[reportMissingTypeStubs]
from faststream import AckPolicy
from faststream.exceptions import FastStreamException
from faststream.kafka import KafkaBroker, KafkaMessage

from events.cloudevents import Message, headers
from services.chassis.following import Record
from services.chassis.relay import PublishFailed

BATCH_AT_MOST = 500
_RETRY_SECONDS = 1.0
_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 20.0
_STUCK_SECONDS = 120.0
_FETCH_MS = 50
"""Apache Kafka answers a fetch as soon as a record is there; the embedded broker sits out this time first."""
_EMPTY_POLL_MS = 20
"""FastStream sleeps this long after it has waited as long in vain."""

log = logging.getLogger(__name__)

TakeIn = Callable[[Sequence[Record]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Following:
    """Topics that a service follows as one group, and who takes their records in."""

    group: str
    topics: tuple[str, ...]
    take_in: TakeIn


@dataclass(slots=True)
class Bus:
    """A service's connection to Kafka. It starts, and starts again, by itself; the service lives without it."""

    bootstrap: str
    idempotent: bool
    followings: Sequence[Following] = ()
    session_timeout_ms: int = 15_000
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _moved_at: float = 0.0
    """By the loop's clock: when records were last taken in, or none were waiting."""
    _broker: KafkaBroker | None = None

    async def run(self) -> None:
        """Connect, watch the consumers, and connect anew when one has died, until cancelled."""
        while True:
            broker = self._configured()
            try:
                await _reachable(self.bootstrap)
                await broker.start()
                self._broker = broker
                self.connected.set()
                await self._watch(broker)
            except (KafkaError, FastStreamException, OSError) as failure:
                log.warning("kafka_unavailable", extra={"error": type(failure).__name__})
            finally:
                self.connected.clear()
                self._broker = None
                with suppress(KafkaError, FastStreamException, OSError):
                    await broker.stop()
            await asyncio.sleep(_RETRY_SECONDS)

    async def lag(self) -> dict[str, int]:
        """How many records of each followed topic have not been taken in yet, as far as this member knows."""
        lags = dict.fromkeys((topic for following in self.followings for topic in following.topics), 0)
        for subscriber in self._broker.subscribers if self._broker is not None else ():
            consumer: Any = getattr(subscriber, "consumer", None)
            if consumer is None:
                continue
            for partition in consumer.assignment():
                end = consumer.highwater(partition)
                lags[partition.topic] += 0 if end is None else max(0, end - await consumer.position(partition))
        return lags

    async def send(self, topic: str, message: Message) -> Awaitable[object]:
        """Hand a message to the producer. Raises ``PublishFailed`` when there is no connection."""
        if self._broker is None:
            raise PublishFailed
        try:
            return await self._broker.publish(
                message.data,
                topic=topic,
                key=message.division.encode(),
                headers=headers(message),
                correlation_id=message.correlation,
                no_confirm=True,
            )
        except (KafkaError, FastStreamException, OSError):
            raise PublishFailed from None

    def _configured(self) -> KafkaBroker:
        broker = KafkaBroker(
            self.bootstrap,
            acks="all",
            enable_idempotence=self.idempotent,
            linger_ms=5,
            max_batch_size=131_072,
            request_timeout_ms=10_000,
            allow_auto_create_topics=False,
            graceful_timeout=_GRACE_SECONDS,
            logger=None,
        )
        for following in self.followings:
            self._subscribe(broker, following)
        return broker

    def _subscribe(self, broker: KafkaBroker, following: Following) -> None:
        async def take_in(message: KafkaMessage) -> None:
            await following.take_in([_as_record(raw) for raw in cast(tuple[Any, ...], message.raw_message)])
            self._moved_at = asyncio.get_running_loop().time()

        broker.subscriber(
            *following.topics,
            group_id=following.group,
            batch=True,
            max_records=BATCH_AT_MOST,
            fetch_max_wait_ms=_FETCH_MS,
            batch_timeout_ms=_EMPTY_POLL_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            session_timeout_ms=self.session_timeout_ms,
            rebalance_timeout_ms=60_000,
            max_poll_interval_ms=300_000,
            parser=_tolerant,
            decoder=_raw,
        )(take_in)

    async def _watch(self, broker: KafkaBroker) -> None:
        """Return when a consumer is dead, or sits on waiting records: aiokafka has been seen to do so in silence."""
        clock = asyncio.get_running_loop().time
        self._moved_at = clock()
        while all(_alive(subscriber) for subscriber in broker.subscribers):
            await asyncio.sleep(_LOOK_SECONDS)
            if not any((await self.lag()).values()):
                self._moved_at = clock()
            if clock() - self._moved_at > _STUCK_SECONDS:
                log.error("kafka_consumer_stuck")
                return
        log.error("kafka_consumer_dead")


async def _reachable(bootstrap: str) -> None:
    """Raise ``OSError`` unless a server accepts a connection: a client that cannot start leaks its sockets."""
    for server in bootstrap.split(","):
        host, _, port = server.rpartition(":")
        with suppress(OSError):
            _, connection = await asyncio.open_connection(host, int(port))
            connection.close()
            return
    raise ConnectionRefusedError


def _alive(subscriber: Any) -> bool:
    return bool(subscriber.running) and not any(task.done() for task in subscriber.tasks)


def _as_record(raw: Any) -> Record:
    return Record(
        raw.topic, raw.partition, raw.offset, {name: value.decode() for name, value in raw.headers}, raw.value
    )


async def _tolerant(raw: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    """FastStream decodes headers before it can fail safely: one null or non-UTF-8 value would lose the batch."""
    for record in cast(tuple[ConsumerRecord[bytes, bytes], ...], raw if isinstance(raw, tuple) else (raw,)):
        cleaned = tuple((k, (v or b"").decode("utf-8", "backslashreplace").encode()) for k, v in record.headers)
        object.__setattr__(record, "headers", cleaned)
    return await original(raw)


async def _raw(message: Any) -> Any:
    """Bodies are decoded record by record in our own code, so that one bad body cannot fail its batch."""
    return message.body
