"""From one service's log over a real broker into another's: in order, once, and through every kind of bad record."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer  # pyright: ignore[reportMissingTypeStubs]

from events.cloudevents import Message, headers
from events.topics import topic_of
from jiujinan.kafka_admin import create_topics
from services.chassis.broker import Bus, Following
from services.chassis.following import Follower, on
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.relay import Relay, as_message
from services.chassis.unit import Directed
from services.chassis.writer import Writer
from tests.support.counter import COUNTY, DECIDERS, Count, Counted, Explode, Note, SteppingClock, said
from tests.support.databases import ServiceDatabase
from tests.support.odd_records import ODD, batch, produce
from tests.support.running import running, tasks


async def copies(fact: Counted, message: Message) -> Sequence[Directed]:
    """Count what was counted upstream; a bug on 9, noted elsewhere."""
    return [Directed(f"copy:{message.stream}", Explode() if fact.by == 9 else Count(fact.by))]


@dataclass
class Pair:
    """An upstream service that publishes and a downstream one that follows."""

    up: PostgresEventStore
    down: PostgresEventStore
    writer: Writer
    relay: Relay
    bootstrap: str
    service: str
    database: ServiceDatabase

    async def copied(self) -> list[str]:
        return [fact.data.decode() async for fact in self.down.read(COUNTY)]

    async def inject(self, **record: Any) -> None:
        """Put a record of somebody else's making into the topic."""
        producer: Any = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        await producer.send_and_wait(topic_of(self.service), key=COUNTY.encode(), **record)
        await producer.stop()

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(60):
            while not await condition():  # noqa: ASYNC110  the other side is a broker and a database
                await asyncio.sleep(0.05)

    async def followed(self, position: int) -> None:
        async def there() -> bool:
            query = "select position from followed where source = $1 and division = $2"
            return await self.database.pool.fetchval(query, self.service, COUNTY) == position

        await self.until(there)


@pytest.fixture
async def pair(
    service_database: ServiceDatabase,
    other_database: ServiceDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    broker_kind: str,
) -> AsyncIterator[Pair]:
    service = f"up-{topic_prefix.strip('-')}"
    await create_topics(kafka_bootstrap, {topic_of(service): 3})
    up = PostgresEventStore(service_database.pool, service)
    down = PostgresEventStore(other_database.pool, "down")
    copier = Writer(down, DECIDERS, SteppingClock())
    follower = Follower("down", copier, dict([on(Counted, copies)]), lambda body: b"sealed")
    followings = [Following(f"g-{service}", (topic_of(service),), follower.take_in)]
    bus = Bus(kafka_bootstrap, broker_kind != "embedded", followings, session_seconds=6)
    relay = Relay(service_database.pool, service, bus)
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(running(Writer(up, DECIDERS, SteppingClock(), [relay])))
        await stack.enter_async_context(running(copier))
        await stack.enter_async_context(tasks(bus.run(), relay.run()))
        await asyncio.wait_for(bus.connected.wait(), 60)
        yield Pair(up, down, writer, relay, kafka_bootstrap, service, other_database)


async def test_public_facts_arrive_in_order_and_private_ones_stay(pair: Pair) -> None:
    for n in range(1, 4):
        await pair.writer.submit(said(Count(n), key=f"c{n}"))
        await pair.writer.submit(said(Note("secret"), key=f"n{n}"))
    await pair.followed(5)
    assert await pair.copied() == ['{"by":1}', '{"by":2}', '{"by":3}']


async def test_publishing_again_changes_nothing(pair: Pair) -> None:
    await pair.writer.submit(said(Count(1), key="a"))
    await pair.followed(1)
    assert await pair.relay.republish(COUNTY, after=0) == 1
    await pair.writer.submit(said(Count(2), key="b"))
    await pair.followed(2)
    assert await pair.copied() == ['{"by":1}', '{"by":2}']


async def test_a_gap_is_noticed_and_healed_by_publishing_again(pair: Pair) -> None:
    await pair.writer.submit(said(Count(1), key="a"))
    await pair.followed(1)
    await pair.database.pool.execute("update followed set position = 0")
    await pair.writer.submit(said(Count(2), key="b"))

    async def noticed() -> bool:
        return bool(await pair.down.gaps())

    await pair.until(noticed)
    assert await pair.copied() == ['{"by":1}']
    await pair.database.pool.execute("update followed set position = 1")
    await pair.relay.republish(COUNTY, after=0)
    await pair.followed(2)
    assert not await pair.down.gaps()
    assert await pair.copied() == ['{"by":1}', '{"by":2}']


async def test_a_bug_parks_its_subject_and_lets_the_others_pass(pair: Pair) -> None:
    await pair.writer.submit(said(Count(9), "counter:bad", key="a"))
    await pair.writer.submit(said(Count(1), "counter:bad", key="b"))
    await pair.writer.submit(said(Count(2), "counter:good", key="c"))
    await pair.followed(3)
    assert await pair.copied() == ['{"by":2}']
    letters = await pair.database.pool.fetch(
        "select position, reason, parked, body from dead_letters order by position"
    )
    assert [tuple(row) for row in letters] == [
        (1, "failed:ZeroDivisionError", False, b"sealed"),
        (2, "parked", True, b"sealed"),
    ]


BAD: list[tuple[str, dict[str, Any]]] = [
    ("null header", {"headers": [("ce_id", None)], "value": b"{}"}),
    ("header that is no text", {"headers": [("ce_id", b"\xff\xfe")], "value": b"{}"}),
    ("no headers", {"value": b"not json \xff"}),
    ("no value", {"value": None}),
]


@pytest.mark.parametrize("record", [record for _, record in BAD], ids=[name for name, _ in BAD])
async def test_a_malformed_record_goes_to_the_dead_letters_and_blocks_nothing(
    pair: Pair, record: dict[str, Any]
) -> None:
    await pair.inject(**record)
    await pair.writer.submit(said(Count(1), key="a"))
    await pair.followed(1)

    async def buried() -> bool:
        return await pair.database.pool.fetchval("select count(*) from dead_letters where name = 'malformed'") == 1

    await pair.until(buried)
    assert await pair.copied() == ['{"by":1}']


async def test_a_header_whose_name_is_no_text_loses_nothing_and_blocks_nothing(pair: Pair) -> None:
    await pair.writer.submit(said(Count(1), key="a"))
    await pair.followed(1)
    [stored] = [fact async for fact in pair.up.read(COUNTY)]
    second = replace(as_message(pair.service, stored, 0), position=2, previous=1)
    ours = [(name, text.encode()) for name, text in headers(second).items()]
    odd = batch((b"{}", [(ODD, b"1")]), (second.data, [*ours, (ODD, b"2")]), (b"{}", [("ce_id", b"3")]))
    await produce(pair.bootstrap, topic_of(pair.service), odd)
    await pair.followed(2)

    async def buried() -> bool:
        return await pair.database.pool.fetchval("select count(*) from dead_letters where name = 'malformed'") == 6

    await pair.until(buried)
    assert await pair.copied() == ['{"by":1}', '{"by":1}']


async def test_a_fact_with_an_unreadable_body_is_put_aside_with_its_subject(pair: Pair) -> None:
    await pair.writer.submit(said(Count(1), key="a"))
    await pair.followed(1)
    [stored] = [fact async for fact in pair.up.read(COUNTY)]
    broken = replace(as_message(pair.service, stored, 0), position=2, previous=1, data=b"{")
    await pair.inject(value=b"{", headers=[(name, text.encode()) for name, text in headers(broken).items()])
    await pair.followed(2)
    letters = await pair.database.pool.fetch("select position, reason from dead_letters")
    assert [tuple(row) for row in letters] == [(2, "unreadable")]
