"""Kafka through FastStream: one supervised connection per service, batch subscribers, offsets after the work.

FastStream's own defaults acknowledge first, and lose a batch whose headers it cannot read: hence the parser,
the decoder and the acknowledgement policy below.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from aiokafka import ConsumerRecord  # pyright: ignore[reportMissingTypeStubs]  aiokafka ships no stubs
from aiokafka.consumer import fetcher  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.errors import IllegalStateError, KafkaError  # pyright: ignore[reportMissingTypeStubs]
from faststream import AckPolicy
from faststream.exceptions import FastStreamException
from faststream.kafka import KafkaBroker, KafkaMessage

from events.cloudevents import Message, headers
from services.chassis.following import Record
from services.chassis.kafka_client import reachable, started, stopped
from services.chassis.record_headers import ReadableRecords
from services.chassis.relay import PublishFailed

BATCH_AT_MOST = 500
_RETRY_SECONDS = 1.0
_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 20.0
_FETCH_MS = 50
"""Apache Kafka answers a fetch as soon as a record is there; the embedded broker sits out this time first."""
_EMPTY_POLL_MS = 20
"""FastStream sleeps this long after it has waited as long in vain."""
_ANSWER_SECONDS = 10.0
_HEARTBEATS = 5
"""In a session; so many may be late before a consumer is taken for dead."""

log = logging.getLogger(__name__)

# Neither a deserializer nor a parser of ours is asked before aiokafka has decoded the names of headers.
fetcher.MemoryRecords = ReadableRecords

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
    session_seconds: float = 15.0
    """How long a silent consumer keeps its partitions. The embedded broker lets a group wait half of it at first."""
    stuck_seconds: float = 30.0
    """How long records may wait with none taken in or none confirmed, before the connection is made anew."""
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _away_since: float | None = None
    _moved_at: float = 0.0
    """By the loop's clock: when records were last taken in, or none were waiting."""
    _unconfirmed: int = 0
    _unsent_since: float | None = None
    """By the loop's clock: since when messages are waiting for the broker's word, and none has had it."""
    _lag: dict[str, int] = field(default_factory=dict[str, int])
    _broker: KafkaBroker | None = None

    @property
    def away_seconds(self) -> float:
        """For how long there has been no connection with which consumers could live."""
        return 0.0 if self._away_since is None else asyncio.get_running_loop().time() - self._away_since

    @property
    def has_dead_consumer(self) -> bool:
        """Whether a consumer has ended that nobody has replaced yet."""
        return self._broker is not None and not all(map(_alive, self._broker.subscribers))

    async def run(self) -> None:
        """Connect, watch the consumers, and connect anew when one has died, until cancelled."""
        self._leave()
        while True:
            broker = self._configured()
            try:
                await reachable(self.bootstrap)
                await started(broker)
                self._broker = broker
                self.connected.set()
                await self._watch(broker)
            except (KafkaError, FastStreamException, OSError) as failure:
                log.warning("kafka_unavailable", extra={"error": type(failure).__name__})
            finally:
                self._leave()
                await stopped(broker)
            await asyncio.sleep(_RETRY_SECONDS)

    def _leave(self) -> None:
        self._broker = None
        self.connected.clear()
        if self._away_since is None:
            self._away_since = asyncio.get_running_loop().time()

    def lag(self) -> dict[str, int]:
        """How many records of each followed topic were waiting for this member when it last looked."""
        topics = (topic for following in self.followings for topic in following.topics)
        return dict.fromkeys(topics, 0) | self._lag

    async def send(self, topic: str, message: Message) -> Awaitable[object]:
        """Hand a message to the producer. Raises ``PublishFailed`` when there is no connection."""
        if self._broker is None:
            raise PublishFailed
        if self._unsent_since is None:
            self._unsent_since = asyncio.get_running_loop().time()
        try:
            confirmation = await self._broker.publish(
                message.data,
                topic=topic,
                key=message.division.encode(),
                headers=headers(message),
                correlation_id=message.correlation,
                no_confirm=True,
            )
        except (KafkaError, FastStreamException, OSError):
            raise PublishFailed from None
        self._unconfirmed += 1
        confirmation.add_done_callback(partial(self._confirmed, self._broker))
        return confirmation

    def _confirmed(self, by: KafkaBroker, confirmation: "asyncio.Future[Any]") -> None:
        """One has the broker's word, or will never have it; the others wait from now on."""
        if by is not self._broker:
            return
        self._unconfirmed -= 1
        if not confirmation.cancelled() and confirmation.exception() is None:
            self._unsent_since = asyncio.get_running_loop().time() if self._unconfirmed else None

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
            session_timeout_ms=round(1_000 * self.session_seconds),
            heartbeat_interval_ms=round(1_000 * self.session_seconds / _HEARTBEATS),
            rebalance_timeout_ms=60_000,
            max_poll_interval_ms=300_000,
            parser=_tolerant,
            decoder=_raw,
        )(take_in)

    async def _watch(self, broker: KafkaBroker) -> None:
        """Return when a consumer is dead, or sits on waiting records: aiokafka has been seen to do so in silence.

        So, too, when the producer does: once its sender has ended, nothing that it is given leaves it.
        """
        clock = asyncio.get_running_loop().time
        self._moved_at, self._unsent_since, self._unconfirmed = clock(), None, 0
        while not self.has_dead_consumer:
            await asyncio.sleep(_LOOK_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(_ANSWER_SECONDS):
                    self._lag = await _waiting(broker)
                self._away_since = None
                if not any(self._lag.values()):
                    self._moved_at = clock()
            if clock() - self._moved_at > self.stuck_seconds:
                log.error("kafka_consumer_stuck")
                return
            if self._unsent_since is not None and clock() - self._unsent_since > self.stuck_seconds:
                log.error("kafka_producer_stuck")
                return
        log.error("kafka_consumer_dead")


def _alive(subscriber: Any) -> bool:
    return bool(subscriber.running) and not any(task.done() for task in subscriber.tasks)


async def _waiting(broker: KafkaBroker) -> dict[str, int]:
    """How many records of each topic wait for this member. The brokers are asked, since a consumer that fetches nothing
    does not know; what is handed to another member meanwhile counts there."""
    lags: dict[str, int] = {}
    for subscriber in broker.subscribers:
        consumer: Any = getattr(subscriber, "consumer", None)
        with suppress(IllegalStateError):
            for partition, end in (await _ends(consumer)).items():
                waiting = max(0, end - await consumer.position(partition))
                lags[partition.topic] = lags.get(partition.topic, 0) + waiting
    return lags


async def _ends(consumer: Any) -> dict[Any, int]:
    """Where the partitions end that a consumer has been given."""
    if consumer is None or not consumer.assignment():
        return {}
    return await consumer.end_offsets(consumer.assignment())


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
