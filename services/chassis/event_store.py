"""The store as the writer sees it: one gap-free, hash-chained log per division, and what is written with it.

A transaction locks the heads of its logs first and reads everything else in later statements, because a
statement that locks and reads at once reads from before the wait. Its rows are named tuples: they are made by the ten
thousand, and go to the database as they are.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

StreamKey = tuple[str, str]
"""Division and stream."""
ClaimKey = tuple[str, str]
"""Division and key."""
SourceKey = tuple[str, str]
"""Following: the source service and the division of its log."""


class StoreUnavailable(Exception):
    """The database cannot be asked now, or did not say whether it committed: look again before repeating."""


class StoreRejected(Exception):
    """The database refuses this batch (a constraint, a value it cannot hold); repeating it as it is cannot help."""


class Doubled(StoreRejected):
    """Something of which there may be one in all logs is there already: another process wrote it at the same moment."""


class Fenced(Exception):
    """Another writer was there between the look and the write: everything read before is stale."""


class Head(NamedTuple):
    """Where a log ends. The chain's hash at position 0 is the genesis of the log."""

    division: str
    position: int
    hash: bytes
    recorded_at: datetime


class Stored(NamedTuple):
    """A fact as its log holds it: ``meta`` and ``data`` are the very bytes that were hashed."""

    division: str
    position: int
    stream: str
    version: int
    name: str
    schema_version: int
    fact_id: UUID
    command_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    meta: bytes
    data: bytes
    public: bool
    hash: bytes


class Handled(NamedTuple):
    """What a caller's command was answered: a keyed digest of what was said, and the answer's bytes."""

    command_id: UUID
    division: str
    digest: bytes
    outcome: bytes
    recorded_at: datetime


class DeadLetter(NamedTuple):
    """A record that was heard and could not be taken in; ``body`` is sealed, ``reason`` a code.

    ``parked`` letters wait behind an earlier one of the same subject, so that a subject's facts stay in order.
    """

    source: str
    division: str
    position: int
    subject: str
    name: str
    reason: str
    parked: bool
    headers: bytes
    body: bytes
    recorded_at: datetime


class Missing(NamedTuple):
    """A followed log that stopped at a gap: nothing up to ``lacks`` and beyond ``followed`` has been taken in."""

    source: str
    division: str
    followed: int
    lacks: int


class Snapshot(NamedTuple):
    """A stream's state at a version, outside the log: it may be deleted at any time and is made again."""

    division: str
    stream: str
    version: int
    shape: str
    state: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch needs to know, asked in one go."""

    commands: Sequence[UUID] = ()
    claims: Sequence[ClaimKey] = ()
    streams: Mapping[StreamKey, int] = field(default_factory=dict[StreamKey, int])
    """Streams with the version known so far: the facts after it are wanted."""
    sources: Sequence[SourceKey] = ()
    subjects: Sequence[tuple[str, str, str]] = ()
    """Source, division and subject of what was heard: is it behind a dead letter?"""


@dataclass(frozen=True, slots=True)
class Found:
    """What the store knows of a ``Wanted``; what is not there is not in it."""

    handled: Mapping[UUID, Handled] = field(default_factory=dict[UUID, Handled])
    owners: Mapping[ClaimKey, str] = field(default_factory=dict[ClaimKey, str])
    tails: Sequence[Stored] = ()
    followed: Mapping[SourceKey, int] = field(default_factory=dict[SourceKey, int])
    parked: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that changes hands: ``stream`` holds it from now on, or has freed it (if it was the holder)."""

    stream: str
    held: bool


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a followed log has been taken in: from ``expected`` to ``position``."""

    expected: int
    position: int


@dataclass(slots=True)
class Append:
    """Everything that one batch writes, in one statement."""

    facts: list[Stored] = field(default_factory=list[Stored])
    heads: dict[str, Head] = field(default_factory=dict[str, Head])
    handled: list[Handled] = field(default_factory=list[Handled])
    claims: dict[ClaimKey, Claim] = field(default_factory=dict[ClaimKey, Claim])
    followed: dict[SourceKey, Advance] = field(default_factory=dict[SourceKey, Advance])
    dead: list[DeadLetter] = field(default_factory=list[DeadLetter])
    gaps: dict[SourceKey, int] = field(default_factory=dict[SourceKey, int])
    """Of each log that stopped: the position that it must be followed beyond."""

    def is_empty(self) -> bool:
        """Whether nothing at all would be written."""
        return not (self.facts or self.handled or self.claims or self.followed or self.dead or self.gaps)


class Transaction(Protocol):
    """An open transaction that holds the heads of its logs; it commits when its context ends without an error."""

    @property
    def heads(self) -> Mapping[str, Head]:
        """The locked heads."""
        ...

    async def look(self, wanted: Wanted) -> Found:
        """Read what a batch needs, after the lock."""
        ...

    async def write(self, append: Append) -> None:
        """Write the batch. Raises ``StoreRejected``."""
        ...


class EventStore(Protocol):
    """A service's logs. All methods raise ``StoreUnavailable`` when the database cannot be asked."""

    async def open_logs(self, divisions: Sequence[str]) -> None:
        """Create the heads of logs that have none yet, each in a transaction of its own kind."""
        ...

    def transaction(self, divisions: Sequence[str]) -> AbstractAsyncContextManager[Transaction]:
        """Lock the heads of these logs, in order. Leaving the context commits; an error rolls back."""
        ...

    async def look(self, wanted: Wanted) -> Found:
        """Read what a batch needs without any lock; ``wanted.streams`` are left to ``load``."""
        ...

    async def append(self, append: Append, heads: Mapping[str, Head]) -> None:
        """Write a batch that was decided without the lock, if every log still ends at its head in ``heads``.

        Raises ``Fenced`` and writes nothing when another process was there; ``StoreRejected`` as a transaction does.
        """
        ...

    async def load(self, streams: Mapping[StreamKey, int]) -> Sequence[Stored]:
        """The facts of these streams after the given versions, in order of version within each stream."""
        ...

    async def snapshots(self, streams: Sequence[StreamKey]) -> Sequence[Snapshot]:
        """What is kept of these streams' states."""
        ...

    async def keep(self, snapshot: Snapshot) -> None:
        """Keep a stream's state; an older version never takes a newer one's place."""
        ...

    async def heads(self) -> Sequence[Head]:
        """The head of every log, by division."""
        ...

    async def gaps(self) -> Sequence[Missing]:
        """The followed logs that stopped at a gap, until they have been followed past all that was let go there."""
        ...

    def read(self, division: str, *, after: int = 0, upto: int | None = None) -> AsyncIterator[Stored]:
        """A log's facts in order of position, after one position up to another."""
        ...

    async def written(self, division: str, after: int, upto: int) -> Sequence[tuple[str, str]]:
        """Each stream that was written to after one position of a log up to another, with each name of its facts."""
        ...
