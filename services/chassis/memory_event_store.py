"""The event store in memory, for tests and simulations: the same transactions, rules and refusals as the real one."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

from services.chassis.chain import EPOCH, genesis
from services.chassis.event_store import (
    Append,
    ClaimKey,
    DeadLetter,
    Fenced,
    Found,
    Handled,
    Head,
    Missing,
    Snapshot,
    SourceKey,
    Stored,
    StoreRejected,
    StreamKey,
    Transaction,
    Wanted,
)


class MemoryEventStore:
    """A service's logs as lists. ``service`` names the chain's genesis."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._heads: dict[str, Head] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._logs: defaultdict[str, list[Stored]] = defaultdict(list)
        self._streams: defaultdict[StreamKey, list[Stored]] = defaultdict(list)
        self._handled: dict[UUID, Handled] = {}
        self._claims: dict[ClaimKey, str] = {}
        self._followed: dict[SourceKey, int] = {}
        self._gaps: dict[SourceKey, int] = {}
        self._snapshots: dict[StreamKey, Snapshot] = {}
        self.dead_letters: dict[tuple[str, str, int], DeadLetter] = {}

    async def open_logs(self, divisions: Sequence[str]) -> None:
        """Create the heads of logs that have none yet."""
        for division in divisions:
            self._heads.setdefault(division, Head(division, 0, genesis(self._service, division), EPOCH))

    @asynccontextmanager
    async def transaction(self, divisions: Sequence[str]) -> AsyncGenerator[Transaction]:
        """Lock the heads of these logs, in order. What was written counts when the context ends without an error."""
        async with AsyncExitStack() as locks:
            for division in sorted(divisions):
                await locks.enter_async_context(self._locks[division])
            transaction = _MemoryTransaction(self, {d: self._heads[d] for d in divisions if d in self._heads})
            yield transaction
            if transaction.written is not None:
                self._commit(transaction.written)

    async def load(self, streams: Mapping[StreamKey, int]) -> Sequence[Stored]:
        """The facts of these streams after the given versions."""
        return [fact for key, version in streams.items() for fact in self._streams[key][version:]]

    async def snapshots(self, streams: Sequence[StreamKey]) -> Sequence[Snapshot]:
        """What is kept of these streams' states."""
        return [self._snapshots[key] for key in streams if key in self._snapshots]

    async def keep(self, snapshot: Snapshot) -> None:
        """Keep a stream's state."""
        key = (snapshot.division, snapshot.stream)
        older = self._snapshots.get(key)
        if older is None or older.version < snapshot.version:
            self._snapshots[key] = snapshot

    async def heads(self) -> Sequence[Head]:
        """The head of every log, by division."""
        return [self._heads[division] for division in sorted(self._heads)]

    async def gaps(self) -> Sequence[Missing]:
        """The followed logs that stopped at a gap."""
        return self.stopped()

    def stopped(self) -> Sequence[Missing]:
        """The same, without waiting."""
        gaps = [Missing(*key, self._followed.get(key, 0), lacks) for key, lacks in self._gaps.items()]
        return [gap for gap in gaps if gap.followed <= gap.lacks]

    async def read(self, division: str, *, after: int = 0, upto: int | None = None) -> AsyncIterator[Stored]:
        """A log's facts in order of position."""
        for fact in self._logs[division][after:upto]:
            yield fact

    async def written(self, division: str, after: int, upto: int) -> Sequence[tuple[str, str]]:
        """Each stream that was written to, with each name of its facts there."""
        return list({(fact.stream, fact.name): None for fact in self._logs[division][after:upto]})

    async def look(self, wanted: Wanted) -> Found:
        """Read what a batch needs without any lock."""
        return self.known(wanted)

    async def append(self, append: Append, heads: Mapping[str, Head]) -> None:
        """Write a batch that was decided without the lock. Raises ``Fenced``."""
        async with self.transaction(list(heads)):
            self.check(append, heads)
            self._commit(append)

    def known(self, wanted: Wanted) -> Found:
        """What is known now of what is wanted."""
        letters = self.dead_letters.values()
        behind = {(letter.source, letter.division, letter.subject) for letter in letters}
        return Found(
            handled={i: self._handled[i] for i in wanted.commands if i in self._handled},
            owners={key: self._claims[key] for key in wanted.claims if key in self._claims},
            tails=[fact for key, version in wanted.streams.items() for fact in self._streams[key][version:]],
            followed={key: self._followed[key] for key in wanted.sources if key in self._followed},
            parked=frozenset(behind & set(wanted.subjects)),
        )

    def check(self, append: Append, heads: Mapping[str, Head]) -> None:
        """Refuse what the database's constraints would refuse."""
        if any(self._heads[d].position != heads[d].position for d in append.heads):
            raise Fenced
        if any(self._followed.get(k, a.expected) != a.expected for k, a in append.followed.items()):
            raise Fenced
        seen = {(f.division, f.stream): len(self._streams[f.division, f.stream]) for f in append.facts}
        for fact in append.facts:
            key = (fact.division, fact.stream)
            if fact.version != seen[key] + 1 or len(fact.hash) != 32:
                raise StoreRejected("23505")
            seen[key] = fact.version

    def _commit(self, append: Append) -> None:
        for fact in append.facts:
            self._logs[fact.division].append(fact)
            self._streams[fact.division, fact.stream].append(fact)
        self._heads |= append.heads
        self._handled |= {row.command_id: row for row in append.handled}
        self._followed |= {key: advance.position for key, advance in append.followed.items()}
        self._gaps |= {source: max(lacks, self._gaps.get(source, 0)) for source, lacks in append.gaps.items()}
        for letter in append.dead:
            self.dead_letters.setdefault((letter.source, letter.division, letter.position), letter)
        for key, claim in append.claims.items():
            if claim.held:
                self._claims[key] = claim.stream
            elif self._claims.get(key) == claim.stream:
                del self._claims[key]


class _MemoryTransaction:
    def __init__(self, store: MemoryEventStore, heads: Mapping[str, Head]) -> None:
        self._store = store
        self.heads = heads
        self.written: Append | None = None

    async def look(self, wanted: Wanted) -> Found:
        return self._store.known(wanted)

    async def write(self, append: Append) -> None:
        self._store.check(append, self.heads)
        self.written = append
