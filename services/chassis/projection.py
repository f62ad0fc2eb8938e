"""Projections: read models as SQL tables next to the log, each with its cursors in the same transaction.

A read model's tables stand twice, in the schemas ``<name>_a`` and ``<name>_b``: one slot is read, the other can be
rebuilt beside it and then switched to. As of an earlier position it is built in temporary tables, which hide both.
"""

import asyncio
import logging
import zlib
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from services.chassis.changes import Changes, Group, Page, Touches, grouped
from services.chassis.database import Connection, Pool, translated
from services.chassis.event_store import Stored, StoreUnavailable
from services.chassis.sole import sole
from services.chassis.sql import statements

_SQL = statements("services.chassis", "projection.sql")
_PAGE = 1_000
_PAGE_OF_A_REBUILD = 5_000
"""Nobody waits for the first of them, and what a page costs beside its facts counts for less."""
_POLL_SECONDS = 0.2
_GATHER_SECONDS = 0.02
"""So long a read model lets commits gather: under load a page of ten facts costs hardly more than one of one."""
_BACK_OFF_SECONDS = 1.0
_REBUILDS = 5_120 << 32
"""Beside the other advisory locks of a database: the model's name makes the rest of the number."""

log = logging.getLogger(__name__)

Slot = Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class ReadModel:
    """What a projection is: its name, its tables, its statements, and what each fact changes.

    ``version`` rises when the same facts would now give other rows: the next start rebuilds it.

    ``touches`` says of a statement which rows it needs to find as the changes before have left them: pairs of a kind
    of row and the argument that names it. Changes that touch no row in common may change places, so that many go at
    once; a statement that is not named there stays behind all before it. Statements of ``rows`` take
    the arguments of many changes as one array of a row's type, in order, and leave what the changes would have left
    one by one.

    ``reads`` names the facts that change anything here; the others are passed over unread. Without it, all are read.
    """

    name: str
    version: int
    tables: tuple[str, ...]
    sql: Mapping[str, str]
    changes: Changes
    touches: Touches = field(default_factory=dict[str, tuple[tuple[str, int], ...]])
    rows: frozenset[str] = frozenset()
    reads: frozenset[str] | None = None

    def read_of(self, rows: Sequence[Stored]) -> Sequence[Stored]:
        """Those of some facts that change anything here."""
        return rows if self.reads is None else [row for row in rows if row.name in self.reads]

    def schema(self, slot: Slot) -> str:
        """The database schema of a slot."""
        return f"{self.name}_{slot}"


@dataclass(slots=True)
class Projector:
    """Keeps one read model up with its logs until cancelled."""

    pool: Pool
    model: ReadModel
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _resting: dict[str, float] = field(default_factory=dict[str, float])
    """The logs that could not be taken in, and until when (the loop's clock) they are left alone."""

    def committed(self, units: int, facts: int, seconds: float) -> None:
        """The writer of this process has committed: look at once."""
        if facts:
            self.wake.set()

    async def run(self) -> None:
        """Follow the logs, again and again."""
        while True:
            try:
                self.wake.clear()
                if await self.turn():
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self.wake.wait()
                    await asyncio.sleep(_GATHER_SECONDS)
            except Exception:
                # a read model that cannot go on must not take the decisions down with it: its age shows in the metrics
                log.exception("projection_stopped", extra={"source": self.model.name})
                await asyncio.sleep(_BACK_OFF_SECONDS)

    async def turn(self) -> bool:
        """Take in the next page of every log, whatever happens to the others; say whether there was any.

        The rows of a newer release are its own: while that is being rolled out, ours only reads them.
        """
        slot, version = await self._live()
        if version > self.model.version:
            return False
        now = asyncio.get_running_loop().time()
        ahead = [log for log in await self._ahead(slot) if self._resting.get(log[0], 0.0) <= now]
        taken_in = [await self._try_page(slot, division, position) for division, position in ahead]
        return any(taken_in)

    async def _try_page(self, slot: Slot, division: str, position: int) -> bool:
        try:
            await self._page(slot, division, position)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("projection_stopped", extra={"source": self.model.name, "division": division})
            self._resting[division] = asyncio.get_running_loop().time() + _BACK_OFF_SECONDS
            return False
        return True

    async def live_slot(self) -> Slot:
        """The slot that is read. A model of an older version than ours is rebuilt first."""
        return (await self._live())[0]

    async def _live(self) -> tuple[Slot, int]:
        slot, version = await self._kept()
        if version < self.model.version:
            await self.rebuild(only_below=self.model.version)
            slot, version = await self._kept()
        return slot, version

    async def _kept(self) -> tuple[Slot, int]:
        with translated():
            row = await self.pool.fetchrow(_SQL["slot"], self.model.name, self.model.version)
        assert row is not None
        return row["slot"], row["version"]

    async def _ahead(self, slot: Slot) -> Sequence[tuple[str, int]]:
        with translated():
            rows = await self.pool.fetch(_SQL["ahead"], self.model.name, slot)
        return [(row["division"], row["position"]) for row in rows]

    async def _page(self, slot: Slot, division: str, position: int) -> None:
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(_SQL["enter"], f"{self.model.schema(slot)}, public")
                rows = await _rows(connection, division, position, 2**62)
                if not rows:
                    return
                place = (self.model.name, slot, division, rows[-1].position, position)
                if await connection.fetchval(_SQL["save"], *place) is not None:
                    await apply(connection, self.model, rows)

    async def rebuild(
        self, progress: Callable[[int], None] = lambda facts: None, *, only_below: int | None = None
    ) -> None:
        """Build the other slot from the first fact, and switch to it once it has caught up.

        Of all processes one is at it, and the others wait: with ``only_below``, whoever comes after finds it done.
        """
        async with sole(self.pool, zlib.crc32(self.model.name.encode()) | _REBUILDS):
            slot, version = await self._kept()
            if only_below is None or version < only_below:
                await self._rebuild("b" if slot == "a" else "a", progress)

    async def _rebuild(self, spare: Slot, progress: Callable[[int], None]) -> None:
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(_SQL["enter"], f"{self.model.schema(spare)}, public")
                await connection.execute(f"truncate {', '.join(self.model.tables)}")
                await connection.execute(_SQL["restart"], self.model.name, spare)
        while ahead := await self._ahead(spare):
            for division, position in ahead:
                await self._rebuild_log(spare, division, position, progress)
        with translated():
            await self.pool.execute(_SQL["switch"], self.model.name, spare, self.model.version)

    async def _rebuild_log(self, spare: Slot, division: str, position: int, progress: Callable[[int], None]) -> None:
        """Take a log in, page by page: while one is written, the next is read and decoded."""
        reading = asyncio.create_task(self._decoded(division, position))
        try:
            while (page := await reading) is not None:
                reading = asyncio.create_task(self._decoded(division, page.last))
                await self._write(spare, page)
                progress(await self.taken_in(spare))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _decoded(self, division: str, after: int) -> Page | None:
        with translated():
            found = await self.pool.fetch(_SQL["page"], division, after, 2**62, _PAGE_OF_A_REBUILD)
        return await asyncio.to_thread(self._page_of, found) if found else None

    def _page_of(self, found: Sequence[Iterable[Any]]) -> Page:
        rows = [Stored(*row) for row in found]
        groups = grouped(self.model.read_of(rows), self.model.changes, self.model.touches)
        return Page(rows[0].division, rows[0].position, rows[-1].position, groups)

    async def _write(self, spare: Slot, page: Page) -> None:
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(_SQL["enter"], f"{self.model.schema(spare)}, public")
                place = (self.model.name, spare, page.division, page.last, page.first - 1)
                if await connection.fetchval(_SQL["save"], *place) is not None:
                    await write(connection, self.model, page.groups)

    async def taken_in(self, slot: Slot) -> int:
        """How many facts a slot has taken in."""
        with translated():
            return int(await self.pool.fetchval(_SQL["taken_in"], self.model.name, slot))

    async def updated(self) -> datetime:
        """Up to when the live read model knows everything."""
        with translated():
            return await self.pool.fetchval(_SQL["updated"], self.model.name)

    async def reached(self, division: str, position: int, *, patience: float) -> bool:
        """Wait until the read model knows a log up to a position; say whether it came to that in time."""
        try:
            async with asyncio.timeout(patience):
                while await self._position(division) < position:  # noqa: ASYNC110  another process may be the one
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        return True

    async def _position(self, division: str) -> int:
        with translated():
            return await self.stands_at(self.pool, division)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Connection, None]:
        """A connection whose statements see the live read model, at one moment."""
        with translated():
            async with self.pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
                await connection.execute(_SQL["enter_live"], self.model.name)
                yield connection

    async def stands_at(self, connection: Connection | Pool, division: str) -> int:
        """Up to which position of a log the live read model is seen."""
        return int(await connection.fetchval(_SQL["position"], self.model.name, division) or 0)

    @asynccontextmanager
    async def as_of(self, when: datetime | Mapping[str, int]) -> AsyncGenerator[Connection, None]:
        """A connection whose statements see the read model as it stood earlier.

        ``when`` is an instant, after which nothing had been recorded, or the position of each log that counts.
        """
        with translated():
            async with self.pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
                for table in self.model.tables:
                    source = f"{self.model.schema('a')}.{table}"
                    await connection.execute(f"create temp table {table} (like {source} including all) on commit drop")
                for division, last in await _positions(connection, when):
                    await self._fill(connection, division, last)
                yield connection

    async def _fill(self, connection: Connection, division: str, last: int) -> None:
        position = 0
        while rows := await _rows(connection, division, position, last):
            await apply(connection, self.model, rows)
            position = rows[-1].position


async def _rows(connection: Connection, division: str, after: int, upto: int) -> Sequence[Stored]:
    return [Stored(*row) for row in await connection.fetch(_SQL["page"], division, after, upto, _PAGE)]


async def _positions(connection: Connection, when: datetime | Mapping[str, int]) -> Sequence[tuple[str, int]]:
    if isinstance(when, Mapping):
        return list(when.items())
    return [(division, last) for division, last in await connection.fetch(_SQL["positions_at"], when)]


async def apply(connection: Connection, model: ReadModel, rows: Sequence[Stored]) -> None:
    """Write what these facts change, as if in order, many rows of the same statement at once."""
    await write(connection, model, grouped(model.read_of(rows), model.changes, model.touches))


async def write(connection: Connection, model: ReadModel, groups: Iterable[Group]) -> None:
    """Write changes, group by group, each in the form that its statement takes."""
    for name, group in groups:
        if name in model.rows:
            await connection.execute(model.sql[name], group)
        else:
            await connection.executemany(model.sql[name], group)
