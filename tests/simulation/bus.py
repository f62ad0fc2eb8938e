"""Kafka in memory, at its worst: records twice, old ones again, some lost, batches cut anywhere, all forgotten."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from events.cloudevents import Message, headers
from events.topics import service_of
from services.chassis.following import Record
from services.chassis.relay import PublishFailed
from tests.simulation.faults import Faults

Partition = tuple[str, int]
"""A topic, and the division whose log is the only one in this partition of it."""
Content = tuple[Mapping[str, str | None], bytes | None]
"""Headers and value of a record."""

RECORDS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A record, the position of its fact (0 for a stranger's), and how far a faithful follower is after it."""

    record: Record
    position: int
    reached: int

    @property
    def source(self) -> tuple[str, str]:
        """The service and the division whose log the fact is from."""
        return source_of((self.record.topic, self.record.partition))


@dataclass(slots=True)
class Bus:
    """The broker. ``published`` hears of every record; ``followed`` tells how far a source's log has been taken in."""

    faults: Faults
    published: Callable[[Message], None]
    followed: Callable[[str, str], int]
    partitions: defaultdict[Partition, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    offsets: dict[tuple[str, Partition], int] = field(default_factory=dict[tuple[str, Partition], int])
    """What each group has acknowledged."""
    generation: int = 0
    """How often everything was forgotten."""

    async def send(self, topic: str, message: Message) -> Awaitable[object]:
        """Hand a message over. Raises ``PublishFailed`` when there is no broker."""
        await self.faults.pause()
        if self.faults.strikes("broker_away"):
            raise PublishFailed
        is_lost = self.faults.strikes("record_lost")
        if not is_lost:
            self._keep(topic, message)
        fails = is_lost or self.faults.strikes("unacknowledged")
        acknowledged = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(self.faults.delay(), _acknowledge, acknowledged, fails)
        return acknowledged

    def plant(self, partition: Partition, content: Content) -> int:
        """Put a stranger's record behind the others, and give its offset."""
        return self._add(partition, content, 0, self._reached(partition))

    def forget(self) -> None:
        """Lose everything, offsets included, as a broker does that keeps nothing on disk."""
        self.partitions.clear()
        self.offsets.clear()
        self.generation += 1

    def _keep(self, topic: str, message: Message) -> None:
        self.published(message)
        partition = (topic, int(message.division))
        reached = max(self._reached(partition), self.followed(message.service, message.division))
        if message.previous <= reached:
            reached = max(reached, message.position)
        for _ in range(2 if self.faults.strikes("duplicated") else 1):
            self._add(partition, (headers(message), message.data), message.position, reached)
        if self.faults.strikes("old_again"):
            old = self.faults.chance.choice([entry for entry in self.partitions[partition] if entry.position])
            self._add(partition, (old.record.headers, old.record.value), old.position, reached)

    def _reached(self, partition: Partition) -> int:
        entries = self.partitions[partition]
        return entries[-1].reached if entries else 0

    def _add(self, partition: Partition, content: Content, position: int, reached: int) -> int:
        entries = self.partitions[partition]
        entries.append(Entry(Record(*partition, len(entries), *content), position, reached))
        return len(entries) - 1


def source_of(partition: Partition) -> tuple[str, str]:
    """The service and the division whose log a partition carries."""
    return service_of(partition[0]), f"{partition[1]:06}"


def _acknowledge(acknowledged: "asyncio.Future[None]", fails: bool) -> None:
    if acknowledged.done():
        return
    if fails:
        acknowledged.set_exception(PublishFailed())
    else:
        acknowledged.set_result(None)


@dataclass(slots=True)
class Member:
    """A consumer of a group: it reads all partitions of its topics, each in order, also beside another of its group."""

    bus: Bus
    group: str
    topics: tuple[str, ...]
    positions: dict[Partition, int] = field(default_factory=dict[Partition, int])
    generation: int = 0

    def join(self) -> None:
        """Begin where the group has left off; where offsets are lost, at some earlier place."""
        self.generation = self.bus.generation
        self.positions = {partition: self._beginning(partition) for partition in self._partitions()}

    def fetch(self) -> tuple[list[Entry], dict[Partition, int]]:
        """The next records, cut anywhere and mixed at will, and the offsets behind them."""
        faults = self.bus.faults
        if self.generation != self.bus.generation or faults.strikes("rewound"):
            self.join()
        room = faults.chance.randint(1, RECORDS_AT_MOST)
        fetched: list[Entry] = []
        behind = dict(self.positions)
        while room > len(fetched) and (ahead := [p for p in self._partitions() if self._ahead(p, behind)]):
            partition = faults.chance.choice(ahead)
            offset = behind.get(partition, 0)
            fetched.append(self.bus.partitions[partition][offset])
            behind[partition] = offset + 1
        return fetched, behind

    def acknowledge(self, behind: dict[Partition, int]) -> Iterable[tuple[Partition, int]]:
        """Go on behind what was fetched, and keep the offsets; give how far each log must have been followed by now."""
        if self.generation != self.bus.generation:
            return []
        self.positions = behind
        if self.bus.faults.strikes("offset_lost"):
            return []
        self.bus.offsets |= {(self.group, partition): offset for partition, offset in behind.items()}
        kept = ((partition, offset) for partition, offset in behind.items() if offset)
        return [(partition, self.bus.partitions[partition][offset - 1].reached) for partition, offset in kept]

    def lag(self) -> int:
        """How many records have not been acknowledged yet."""
        known = self.positions if self.generation == self.bus.generation else {}
        return sum(self._ahead(partition, known) for partition in self._partitions())

    def _partitions(self) -> list[Partition]:
        return [partition for partition in self.bus.partitions if partition[0] in self.topics]

    def _ahead(self, partition: Partition, behind: dict[Partition, int]) -> int:
        return len(self.bus.partitions[partition]) - behind.get(partition, 0)

    def _beginning(self, partition: Partition) -> int:
        kept = self.bus.offsets.get((self.group, partition), 0)
        return self.bus.faults.chance.randint(0, kept) if self.bus.faults.strikes("offset_lost") else kept
