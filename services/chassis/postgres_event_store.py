"""The event store on PostgreSQL, through asyncpg."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from services.chassis.chain import EPOCH, genesis
from services.chassis.database import Connection, Pool, translated
from services.chassis.event_store import (
    Append,
    Found,
    Handled,
    Head,
    Snapshot,
    Stored,
    StreamKey,
    Transaction,
    Wanted,
)
from services.chassis.sql import statements

_SQL = statements("services.chassis", "postgres_event_store.sql")
_PAGE = 2_000


class PostgresTransaction:
    """An open transaction that holds the heads of its logs."""

    def __init__(self, connection: Connection, heads: Mapping[str, Head]) -> None:
        self._connection = connection
        self.heads = heads

    async def look(self, wanted: Wanted) -> Found:
        """Read what a batch needs, after the lock."""
        return Found(
            **await _look(self._connection, wanted),
            tails=await _load(self._connection, wanted.streams) if wanted.streams else (),
        )

    async def write(self, append: Append) -> None:
        """Write the batch in one statement. Raises ``Fenced`` when a head or a followed log has moved meanwhile."""
        with translated():
            await self._connection.execute(_SQL["append"], *_columns(append, self.heads))


class PostgresEventStore:
    """A service's logs in PostgreSQL. ``service`` names the chain's genesis."""

    def __init__(self, pool: Pool, service: str) -> None:
        self._pool = pool
        self._service = service

    async def open_logs(self, divisions: Sequence[str]) -> None:
        """Create the heads of logs that have none yet."""
        with translated():
            await self._pool.execute(
                _SQL["open_logs"],
                divisions,
                [0] * len(divisions),
                [genesis(self._service, division) for division in divisions],
                [EPOCH] * len(divisions),
            )

    @asynccontextmanager
    async def transaction(self, divisions: Sequence[str]) -> AsyncGenerator[Transaction]:
        """Lock the heads of these logs, in order. Leaving the context commits; an error rolls back."""
        with translated():
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(_SQL["lock"], sorted(divisions))
                yield PostgresTransaction(connection, {row["division"]: Head(*row) for row in rows})

    async def look(self, wanted: Wanted) -> Found:
        """Read what a batch needs without any lock."""
        with translated():
            async with self._pool.acquire() as connection:
                return Found(**await _look(connection, wanted))

    async def append(self, append: Append, heads: Mapping[str, Head]) -> None:
        """Write a batch that was decided without the lock. Raises ``Fenced``."""
        with translated():
            await self._pool.execute(_SQL["append"], *_columns(append, heads))

    async def load(self, streams: Mapping[StreamKey, int]) -> Sequence[Stored]:
        """The facts of these streams after the given versions."""
        async with self._pool.acquire() as connection:
            return await _load(connection, streams)

    async def snapshots(self, streams: Sequence[StreamKey]) -> Sequence[Snapshot]:
        """What is kept of these streams' states."""
        with translated():
            return [Snapshot(*row) for row in await self._pool.fetch(_SQL["snapshots"], *_split(streams))]

    async def keep(self, snapshot: Snapshot) -> None:
        """Keep a stream's state."""
        with translated():
            await self._pool.execute(_SQL["keep"], *snapshot)

    async def heads(self) -> Sequence[Head]:
        """The head of every log, by division."""
        with translated():
            return [Head(*row) for row in await self._pool.fetch(_SQL["heads"])]

    async def read(self, division: str, *, after: int = 0, upto: int | None = None) -> AsyncIterator[Stored]:
        """A log's facts in order of position, read in pages."""
        last = 2**62 if upto is None else upto
        while True:
            with translated():
                rows = await self._pool.fetch(_SQL["read"], division, after, last, _PAGE)
            for row in rows:
                yield Stored(*row)
            if len(rows) < _PAGE:
                return
            after = rows[-1]["position"]


async def _load(connection: Connection, streams: Mapping[StreamKey, int]) -> Sequence[Stored]:
    divisions, names = _split(streams)
    with translated():
        rows = await connection.fetch(_SQL["load"], divisions, names, list(streams.values()))
    return [Stored(*row) for row in rows]


async def _look(connection: Connection, wanted: Wanted) -> dict[str, Any]:
    parked = list(zip(*wanted.subjects, strict=True)) or [(), (), ()]
    with translated():
        rows = await connection.fetch(
            _SQL["look"], wanted.commands, *_split(wanted.claims), *_split(wanted.sources), *parked
        )
    handled: dict[UUID, Handled] = {}
    owners: dict[tuple[str, str], str] = {}
    followed: dict[tuple[str, str], int] = {}
    behind: set[tuple[str, str, str]] = set()
    for kind, division, key, value, position, digest, outcome in rows:
        match kind:
            case "handled":
                handled[UUID(key)] = Handled(UUID(key), division, digest, outcome, EPOCH)
            case "claim":
                owners[division, key] = value
            case "followed":
                followed[key, division] = position
            case _:
                behind.add((key, division, value))
    return {"handled": handled, "owners": owners, "followed": followed, "parked": frozenset(behind)}


def _split(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    rows = list(pairs)
    return [first for first, _ in rows], [second for _, second in rows]


def _transposed(rows: Sequence[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _columns(append: Append, heads: Mapping[str, Head]) -> list[Any]:
    """The arrays of the append statement, in its order, and how many heads and followed rows it must move."""
    taken = [(*key, claim.stream) for key, claim in append.claims.items() if claim.held]
    freed = [(*key, claim.stream) for key, claim in append.claims.items() if not claim.held]
    followed = [(source, d, a.expected, a.position) for (source, d), a in append.followed.items()]
    moved = [(h.division, h.position, h.hash, h.recorded_at, heads[h.division].position) for h in append.heads.values()]
    return [
        *_transposed(append.facts, 14),
        *_transposed(append.handled, 5),
        *_transposed(taken, 3),
        *_transposed(freed, 3),
        *_transposed(followed, 4),
        *_transposed(append.dead, 10),
        *_transposed(moved, 5),
        len(append.heads),
        len(append.followed),
    ]
