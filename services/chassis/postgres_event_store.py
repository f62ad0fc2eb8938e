"""The event store on PostgreSQL, through asyncpg."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.chain import EPOCH, genesis
from services.chassis.database import Connection, Pool, translated
from services.chassis.event_store import (
    Append,
    Found,
    Handled,
    Head,
    Missing,
    Snapshot,
    Stored,
    StreamKey,
    Transaction,
    Wanted,
)
from services.chassis.sql import statements

_SQL = statements("services.chassis", "postgres_event_store.sql")
_PAGE = 2_000
_PARAMETER = re.compile(r"\$(\d+)")
_FENCED = ("advanced", "moved")
"""The parts of an append that must move as many rows as they were given."""


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
            sql, given = _statement(append, self.heads)
            await self._connection.execute(sql, *given)


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
            sql, given = _statement(append, heads)
            await self._pool.execute(sql, *given)

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

    async def written(self, division: str, after: int, upto: int) -> Sequence[tuple[str, str]]:
        """Each stream that was written to, with each name of its facts there."""
        with translated():
            return [
                (row["stream"], row["name"]) for row in await self._pool.fetch(_SQL["written"], division, after, upto)
            ]

    async def gaps(self) -> Sequence[Missing]:
        """The followed logs that stopped at a gap."""
        with translated():
            return [Missing(*row) for row in await self._pool.fetch(_SQL["gaps"])]

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
    handled: dict[UUID, Handled] = {}
    owners: dict[tuple[str, str], str] = {}
    followed: dict[tuple[str, str], int] = {}
    behind: set[tuple[str, str, str]] = set()
    for kind, division, key, value, position, digest, outcome in await _asked(connection, wanted):
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


async def _asked(connection: Connection, wanted: Wanted) -> Sequence[asyncpg.Record]:
    asked: dict[str, list[Sequence[Any]]] = {
        "look_handled": [wanted.commands] if wanted.commands else [],
        "look_claims": _transposed(wanted.claims),
        "look_followed": _transposed(wanted.sources),
        "look_parked": _transposed(wanted.subjects),
    }
    parts = tuple(name for name, columns in asked.items() if columns)
    if not parts:
        return ()
    with translated():
        return await connection.fetch(_look_sql(parts), *[column for name in parts for column in asked[name]])


def _split(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    rows = list(pairs)
    return [first for first, _ in rows], [second for _, second in rows]


def _transposed(rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True))


def _whole(rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    """Rows that go as they are, as one array of a row's type."""
    return [rows] if rows else []


def _statement(append: Append, heads: Mapping[str, Head]) -> tuple[str, list[Any]]:
    """The append as one statement, and what it is given.

    It fails unless every head and every followed row moves from where it was believed to be: fewer moved than sent
    means that somebody else was there first.
    """
    columns = {
        "facts": _whole(append.facts),
        "handled": _whole(append.handled),
        "taken": _transposed([(*key, claim.stream) for key, claim in append.claims.items() if claim.held]),
        "freed": _transposed([(*key, claim.stream) for key, claim in append.claims.items() if not claim.held]),
        "buried": _transposed(append.dead),
        "stopped": _transposed([(*key, lacks) for key, lacks in append.gaps.items()]),
        "advanced": _transposed([(*key, a.expected, a.position) for key, a in append.followed.items()]),
        "moved": _transposed([_moved(head, heads) for head in append.heads.values()]),
    }
    parts = tuple(name for name, given in columns.items() if given)
    given = [column for name in parts for column in columns[name]]
    return _append_sql(parts), given + [len(columns[name][0]) for name in _FENCED if name in parts]


def _moved(head: Head, heads: Mapping[str, Head]) -> tuple[Any, ...]:
    return *head, heads[head.division].position


@cache
def _append_sql(parts: tuple[str, ...]) -> str:
    numbers = count(1)
    written = [f"{name} as ({_renumbered(_SQL[name], numbers)})" for name in parts]
    fences = [f"(select count(*) from {name}) = ${next(numbers)}" for name in _FENCED if name in parts]  # noqa: S608  our own names
    return f"with {', '.join(written)} select fence({' and '.join(fences) or 'true'})"


@cache
def _look_sql(parts: tuple[str, ...]) -> str:
    numbers = count(1)
    return " union all ".join(_renumbered(_SQL[name], numbers) for name in parts)


def _renumbered(sql: str, numbers: Iterator[int]) -> str:
    """A part of a statement whose parameters follow those of the parts before it."""
    own = {number: f"${next(numbers)}" for number in sorted({int(n) for n in _PARAMETER.findall(sql)})}
    return _PARAMETER.sub(lambda found: own[int(found[1])], sql)
