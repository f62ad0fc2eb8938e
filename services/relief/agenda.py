"""The scheduler's agenda (时限日程): when to look at each case next, and where its clocks stand, beside the logs.

It is no fact and may be lost: then everything is looked at once more. With it, a start takes in what was said since,
and not every log from its beginning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.chassis.database import Connection, Pool, translated
from services.chassis.sql import statements
from services.relief.clock_stand import Stand
from services.relief.watch import CaseKey

SQL = statements("services.relief", "agenda.sql")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on the agenda: how far each log was heard, and when each case is to be looked at."""

    positions: Mapping[str, int] = field(default_factory=dict[str, int])
    looks: Mapping[CaseKey, datetime] = field(default_factory=dict[CaseKey, datetime])


@dataclass(frozen=True, slots=True)
class Note:
    """What has changed of a case: when to look at it, or not at all, and where its clocks stand, if it was judged."""

    look_at: datetime | None
    stands: Sequence[Stand] | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """How far the logs were heard, under how many published rules, and until when all of it is judged."""

    edition: int
    positions: Mapping[str, int]
    judged_until: datetime


class Agenda(Protocol):
    """Where it is kept. What was noted under fewer published rules (``edition``) is worth nothing under more."""

    async def open(self, edition: int) -> Kept:
        """What was noted under these rules; under newer ones it begins anew. Raises ``StoreUnavailable``."""
        ...

    async def keep(self, heard: Heard, notes: Mapping[CaseKey, Note]) -> bool:
        """Note how far the logs were heard, and what has changed; a case without a moment is struck off.

        Gives ``False``, and notes nothing, where somebody has heard more or knows newer rules. Raises
        ``StoreUnavailable``.
        """
        ...


@dataclass(frozen=True, slots=True)
class PostgresAgenda:
    """The agenda in relief's database."""

    pool: Pool

    async def open(self, edition: int) -> Kept:
        """What was noted under these rules; under newer ones it begins anew. Raises ``StoreUnavailable``."""
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                known = await connection.fetchval(SQL["edition"])
                if known < edition:
                    await connection.execute(SQL["begin_anew"], edition)
                if known != edition:
                    return Kept()
                positions = {row["division"]: row["position"] for row in await connection.fetch(SQL["positions"])}
                looks = {(row["division"], row["case_id"]): row["at"] for row in await connection.fetch(SQL["looks"])}
                return Kept(positions, looks)

    async def keep(self, heard: Heard, notes: Mapping[CaseKey, Note]) -> bool:
        """Note how far the logs were heard, and what has changed. Raises ``StoreUnavailable``."""
        logs = list(heard.positions), list(heard.positions.values())
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                if await connection.fetchval(SQL["edition"]) != heard.edition:
                    return False
                if not await connection.fetchval(SQL["nobody_ahead"], *logs):
                    return False
                await connection.execute(SQL["heard"], *logs)
                await connection.execute(SQL["judged_until"], heard.judged_until)
                await _note_looks(connection, notes)
                await _note_stands(connection, notes)
                return True


async def _note_looks(connection: Connection, notes: Mapping[CaseKey, Note]) -> None:
    put = [(*key, note.look_at) for key, note in notes.items() if note.look_at is not None]
    struck = [key for key, note in notes.items() if note.look_at is None]
    await connection.execute(SQL["put"], *_columns(put, 3))
    await connection.execute(SQL["struck"], *_columns(struck, 2))


async def _note_stands(connection: Connection, notes: Mapping[CaseKey, Note]) -> None:
    judged = [key for key, note in notes.items() if note.stands is not None]
    stands = [(*key, *astuple(stand)) for key in judged for stand in notes[key].stands or ()]
    await connection.execute(SQL["uncount"], *_columns(judged, 2))
    await connection.execute(SQL["count"], *_columns(stands, 10))


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]
