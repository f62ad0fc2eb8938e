"""Dead letters (死信): what a service heard and could not take in, with those parked behind it, until it is settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.chassis.database import Pool, translated
from services.chassis.event_store import DeadLetter
from services.chassis.sql import statements

_SQL = statements("jiujinan", "dead_letters.sql")

Settlement = Literal["replayed", "discarded"]


@dataclass(frozen=True, slots=True)
class Key:
    """Which letter: its place in the source's log; written ``relief:320115:17``."""

    source: str
    division: str
    position: int

    def __str__(self) -> str:
        return f"{self.source}:{self.division}:{self.position}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter as it is kept, and what became of it: nothing yet, or how it was settled, by whom and when."""

    letter: DeadLetter
    settled: Settlement | None
    settled_by: str | None
    settled_at: datetime | None

    @property
    def key(self) -> Key:
        """Which letter it is."""
        return Key(self.letter.source, self.letter.division, self.letter.position)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead letters of one service. All methods raise ``StoreUnavailable``."""

    pool: Pool

    async def all(self, *, with_settled: bool = False) -> Sequence[Kept]:
        """Those that are open, by source, log and position."""
        return await self._fetch("letters", with_settled)

    async def one(self, key: Key) -> Kept | None:
        """A letter, open or settled."""
        found = await self._fetch("letter", key.source, key.division, key.position)
        return found[0] if found else None

    async def next_of(self, letter: DeadLetter) -> Kept | None:
        """The first open letter of a letter's subject: the others wait for it."""
        found = await self._fetch("next_of", letter.source, letter.division, letter.subject)
        return found[0] if found else None

    async def settle(self, key: Key, how: Settlement, by: str, at: datetime) -> bool:
        """Settle a letter; false when it was settled before.

        The log is held meanwhile: else what its writer hears just now could be parked behind a letter that is gone.
        """
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(_SQL["lock"], key.division)
                row = (key.source, key.division, key.position, how, by, at)
                return await connection.fetchval(_SQL["settle"], *row) is True

    async def _fetch(self, statement: str, *arguments: object) -> list[Kept]:
        with translated():
            rows = await self.pool.fetch(_SQL[statement], *arguments)
        return [Kept(DeadLetter(*row[:10]), *row[10:]) for row in rows]
