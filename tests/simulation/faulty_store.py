"""The memory store behind a network: out of reach, its commits lost, or carried out with nobody there to hear of it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from services.chassis.event_store import (
    Append,
    Found,
    Head,
    Snapshot,
    Stored,
    StoreRejected,
    StoreUnavailable,
    StreamKey,
    Transaction,
    Wanted,
)
from services.chassis.memory_event_store import MemoryEventStore
from tests.simulation.faults import Faults

POISON = "POISON"
"""A fact with this word in it is refused, as a database refuses a value that it cannot hold."""


class FaultyStore(MemoryEventStore):
    """A service's logs. ``committed`` is told of every batch at the moment in which it counts.

    The server works by itself: a commit that is under way ends somehow, also when its client is gone.
    """

    def __init__(self, service: str, faults: Faults, committed: Callable[[Append], None]) -> None:
        super().__init__(service)
        self.faults = faults
        self.away_until = 0.0
        """Nobody reaches the database before this moment of virtual time."""
        self.kill: Callable[[], None] = lambda: None
        """Crashes a process of the service."""
        self._committed = committed
        self._server: set[asyncio.Task[None]] = set()

    async def reach(self) -> None:
        """One statement on its way; a client may die of it. Raises ``StoreUnavailable``."""
        if self.faults.strikes("killed_amid"):
            self.kill()
        await self.faults.pause()
        if asyncio.get_running_loop().time() < self.away_until or self.faults.strikes("unreachable"):
            raise StoreUnavailable

    async def open_logs(self, divisions: Sequence[str]) -> None:
        await self.reach()
        await super().open_logs(divisions)

    @asynccontextmanager
    async def transaction(self, divisions: Sequence[str]) -> AsyncGenerator[Transaction]:
        await self.reach()
        transaction = super().transaction(divisions)
        opened = await transaction.__aenter__()
        try:
            yield _Remote(self, opened)
        except BaseException as failure:
            await transaction.__aexit__(type(failure), failure, failure.__traceback__)
            raise
        await self._served(lambda counts: _end(transaction, counts))

    async def append(self, append: Append, heads: Mapping[str, Head]) -> None:
        await self.reach()
        await self._served(lambda counts: self._append(append, heads, counts))

    async def look(self, wanted: Wanted) -> Found:
        await self.reach()
        return await super().look(wanted)

    async def load(self, streams: Mapping[StreamKey, int]) -> Sequence[Stored]:
        await self.reach()
        return await super().load(streams)

    async def snapshots(self, streams: Sequence[StreamKey]) -> Sequence[Snapshot]:
        await self.reach()
        return await super().snapshots(streams)

    async def keep(self, snapshot: Snapshot) -> None:
        await self.reach()
        await super().keep(snapshot)

    async def heads(self) -> Sequence[Head]:
        await self.reach()
        return await super().heads()

    async def written(self, division: str, after: int, upto: int) -> Sequence[tuple[str, str]]:
        await self.reach()
        return await super().written(division, after, upto)

    async def read(self, division: str, *, after: int = 0, upto: int | None = None) -> AsyncIterator[Stored]:
        await self.reach()
        async for fact in super().read(division, after=after, upto=upto):
            yield fact

    def check(self, append: Append, heads: Mapping[str, Head]) -> None:
        super().check(append, heads)
        if any(POISON.encode() in fact.data for fact in append.facts):
            raise StoreRejected("22000")

    def _commit(self, append: Append) -> None:
        super()._commit(append)
        self._committed(append)

    async def _served(self, work: Callable[[bool], Awaitable[None]]) -> None:
        """Have the server write or roll back, and hear of it or not. Raises ``StoreUnavailable``."""
        counts = not self.faults.strikes("rolled_back")
        is_heard = not self.faults.strikes("unheard")
        served = asyncio.get_running_loop().create_task(self._serve(work, counts))
        self._server.add(served)
        served.add_done_callback(self._server.discard)
        if is_heard:
            await asyncio.shield(served)
        else:
            await self.faults.pause()
        if not (is_heard and counts):
            raise StoreUnavailable

    async def _serve(self, work: Callable[[bool], Awaitable[None]], counts: bool) -> None:
        await self.faults.pause()
        await work(counts)

    async def _append(self, append: Append, heads: Mapping[str, Head], counts: bool) -> None:
        async with super().transaction(list(heads)):
            self.check(append, heads)
            if counts:
                self._commit(append)


async def _end(transaction: AbstractAsyncContextManager[Transaction], counts: bool) -> None:
    if counts:
        await transaction.__aexit__(None, None, None)
    else:
        await transaction.__aexit__(StoreUnavailable, StoreUnavailable(), None)


class _Remote:
    """A transaction of which every statement takes its time."""

    def __init__(self, store: FaultyStore, opened: Transaction) -> None:
        self._store = store
        self._opened = opened

    @property
    def heads(self) -> Mapping[str, Head]:
        return self._opened.heads

    async def look(self, wanted: Wanted) -> Found:
        await self._store.reach()
        return await self._opened.look(wanted)

    async def write(self, append: Append) -> None:
        await self._store.reach()
        await self._opened.write(append)
