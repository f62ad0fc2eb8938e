"""One service of the simulated world: its store, the cursors of its outbox, and the processes that work on them."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from services.chassis.committing import Committer
from services.chassis.deciding import Deciders
from services.chassis.event_store import Fenced
from services.chassis.following import Follower, Reaction
from services.chassis.relay import Cursor, publish
from tests.simulation.auditor import Auditor
from tests.simulation.bus import Bus
from tests.simulation.faults import Faults
from tests.simulation.faulty_store import FaultyStore
from tests.simulation.process import OpenWriter, Process
from tests.simulation.violation import Report


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is built of; a planted bug puts one of its own in the place of the product's."""

    store: type[FaultyStore] = FaultyStore
    deciders: Callable[[Deciders], Deciders] = lambda deciders: deciders
    committer: type[Committer] = Committer
    writer: type[OpenWriter] = OpenWriter
    follower: type[Follower] = Follower
    process: type[Process] = Process


@dataclass(slots=True, kw_only=True)
class Service:
    """A service of any number of processes."""

    name: str
    follows: tuple[str, ...]
    deciders: Deciders
    reactions: Mapping[str, tuple[str, Reaction]]
    parts: Parts
    faults: Faults
    bus: Bus
    store: FaultyStore
    auditor: Auditor
    report: Report
    note: Callable[[str], None]
    two_relays: bool
    """Whether the lock that makes a relay the only one is of no use in this world."""
    processes: list[Process] = field(default_factory=list[Process])
    cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    _started: int = 0
    _relay: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.store.kill = self.kill

    def start(self) -> None:
        """Start one more process."""
        self._started += 1
        process = self.parts.process(self, f"{self.name}-{self._started}")
        self.note(f"{process.name} starts")
        self.processes.append(process)
        process.start()

    def kill(self) -> None:
        """End any process, wherever it is."""
        if not self.processes:
            return
        process = self.faults.chance.choice(self.processes)
        self.note(f"{process.name} crashes")
        self.processes.remove(process)
        process.crash()

    def one_relay(self) -> AbstractAsyncContextManager[None]:
        """Wait to be the one relay."""
        return nullcontext() if self.two_relays else self._relay

    async def ahead(self) -> list[Cursor]:
        """The logs that are ahead of their cursors. Raises ``StoreUnavailable``."""
        found: list[Cursor] = []
        for head in await self.store.heads():
            at = self.cursors.get(head.division, Cursor(head.division, 0, 0, 0))
            if head.position > at.position:
                found.append(Cursor(head.division, head.position, at.position, at.sent))
        return found

    async def save(self, cursor: Cursor, position: int, sent: int) -> None:
        """Move a cursor. Raises ``Fenced`` when another relay has moved it, ``StoreUnavailable``."""
        await self.store.reach()
        at = self.cursors.get(cursor.division)
        if at is not None and at.position != cursor.position:
            raise Fenced
        self.cursors[cursor.division] = Cursor(cursor.division, cursor.head, position, sent)
        self.auditor.published_upto(cursor.division, position)

    async def republish(self, division: str, after: int) -> None:
        """Publish a log's public facts again from behind a position. Raises ``PublishFailed``, ``StoreUnavailable``."""
        rows = [row async for row in self.store.read(division) if row.public]
        sent = max((row.position for row in rows if row.position <= after), default=0)
        await publish(self.bus, self.name, [row for row in rows if row.position > after], sent)
        self.note(f"{self.name} publishes {division} again from {after}")
