"""The relay: follows the logs in order and publishes their public facts; the log is the outbox.

One relay per service is at work (an advisory lock), and a cursor that moved under it stops it all the same.
A crash between the broker's acknowledgement and the cursor publishes again what followers already know.
"""

import asyncio
import json
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from events.cloudevents import Message
from events.topics import topic_of
from services.chassis.database import Connection, Pool, translated
from services.chassis.event_store import Fenced, Stored
from services.chassis.sole import sole
from services.chassis.sql import statements
from services.chassis.tireless import tireless

_SQL = statements("services.chassis", "relay.sql")
_LOCK = 5_120_002
_PAGE = 500
_POLL_SECONDS = 0.2
_BACK_OFF_SECONDS = 1.0
_ACKNOWLEDGED_SECONDS = 60.0
"""A producer that has died keeps what it was given, and says nothing."""


class PublishFailed(Exception):
    """The broker did not acknowledge."""


class Publisher(Protocol):
    """Where messages go. ``send`` gives an awaitable that ends with the broker's acknowledgement."""

    async def send(self, topic: str, message: Message) -> Awaitable[object]:
        """Hand a message over. Raises ``PublishFailed`` when there is no broker."""
        ...


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a log is published: the last position looked at, and the last public position sent."""

    division: str
    head: int
    position: int
    sent: int


@dataclass(slots=True)
class Relay:
    """Publishes one service's logs until cancelled."""

    pool: Pool
    service: str
    publisher: Publisher
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def committed(self, units: int, facts: int, seconds: float) -> None:
        """The writer of this process has committed: look at once."""
        if facts:
            self.wake.set()

    async def run(self) -> None:
        """Wait to be the one relay, then publish what is ahead of its cursor, again and again."""
        while True:
            with tireless("relay"), suppress(PublishFailed):
                await self._be_the_one()
            await asyncio.sleep(_BACK_OFF_SECONDS)

    async def _be_the_one(self) -> None:
        async with sole(self.pool, _LOCK) as connection:
            await self._follow(connection)

    async def _follow(self, connection: Connection) -> None:
        while True:
            self.wake.clear()
            busy = [await self.publish_log(cursor) for cursor in await self.ahead(connection)]
            if any(busy):
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self.wake.wait()

    async def ahead(self, connection: Connection) -> list[Cursor]:
        """The logs that are ahead of their cursors."""
        with translated():
            return [Cursor(*row) for row in await connection.fetch(_SQL["ahead"])]

    async def publish_log(self, cursor: Cursor) -> bool:
        """Publish the next page of a log and move its cursor; say whether there may be more."""
        rows = await read_public(self.pool, cursor.division, after=cursor.position, limit=_PAGE)
        sent = await publish(self.publisher, self.service, rows, cursor.sent)
        full = len(rows) == _PAGE
        position = rows[-1].position if full else max([cursor.head, *(row.position for row in rows)])
        with translated():
            saved = await self.pool.fetchval(_SQL["save"], cursor.division, position, sent, cursor.position)
        if saved is None:
            raise Fenced
        return full

    async def republish(self, division: str, *, after: int) -> int:
        """Publish a log's public facts again from behind a position; the cursor stays. Gives how many were sent."""
        with translated():
            sent = int(await self.pool.fetchval(_SQL["public_upto"], division, after))
        count = 0
        while rows := await read_public(self.pool, division, after=after, limit=_PAGE):
            sent = await publish(self.publisher, self.service, rows, sent)
            after = rows[-1].position
            count += len(rows)
        return count

    async def lag(self) -> int:
        """How many facts of all logs have not been looked at yet."""
        with translated():
            return int(await self.pool.fetchval(_SQL["lag"]))

    async def oldest(self) -> datetime | None:
        """When the oldest fact was recorded that has not been looked at yet."""
        with translated():
            return await self.pool.fetchval(_SQL["oldest"])


async def read_public(pool: Pool, division: str, *, after: int, limit: int) -> Sequence[Stored]:
    """The next public facts of a log."""
    with translated():
        return [Stored(*row) for row in await pool.fetch(_SQL["read_public"], division, after, limit)]


async def publish(publisher: Publisher, service: str, rows: Sequence[Stored], previous: int) -> int:
    """Send facts in order, each naming its predecessor, and wait until all are acknowledged; give the last position."""
    acknowledgements: list[Awaitable[object]] = []
    for row in rows:
        acknowledgements.append(await publisher.send(topic_of(service), as_message(service, row, previous)))
        previous = row.position
    try:
        async with asyncio.timeout(_ACKNOWLEDGED_SECONDS):
            results = await asyncio.gather(*acknowledgements, return_exceptions=True)
    except TimeoutError:
        raise PublishFailed from None
    if any(isinstance(result, BaseException) for result in results):
        raise PublishFailed
    return previous


def as_message(service: str, row: Stored, previous: int) -> Message:
    """A stored fact as it travels: its bytes as they are, its envelope as CloudEvents attributes."""
    meta = json.loads(row.meta)
    return Message(
        service=service,
        division=row.division,
        position=row.position,
        previous=previous,
        name=row.name,
        schema_version=row.schema_version,
        stream=row.stream,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        correlation=meta["correlation"],
        causation=str(row.fact_id),
        traceparent=meta.get("traceparent"),
        data=row.data,
    )
