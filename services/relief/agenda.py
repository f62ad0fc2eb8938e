"""The scheduler's agenda (时限日程): when each case is to be looked at next, kept beside the logs.

It is no fact and may be lost: then everything is looked at once more. With it, a start takes in what was said since,
and not every log from its beginning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.chassis.database import Pool, translated
from services.chassis.sql import statements
from services.relief.watch import CaseKey

_SQL = statements("services.relief", "agenda.sql")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on the agenda: how far each log was heard, and when each case is to be looked at."""

    positions: Mapping[str, int] = field(default_factory=dict[str, int])
    looks: Mapping[CaseKey, datetime] = field(default_factory=dict[CaseKey, datetime])


class Agenda(Protocol):
    """Where it is kept. What was noted under fewer published rules (``edition``) is worth nothing under more."""

    async def open(self, edition: int) -> Kept:
        """What was noted under these rules; under newer ones it begins anew. Raises ``StoreUnavailable``."""
        ...

    async def keep(self, edition: int, positions: Mapping[str, int], looks: Mapping[CaseKey, datetime | None]) -> bool:
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
                known = await connection.fetchval(_SQL["edition"])
                if known < edition:
                    await connection.execute(_SQL["begin_anew"], edition)
                if known != edition:
                    return Kept()
                positions = {row["division"]: row["position"] for row in await connection.fetch(_SQL["positions"])}
                looks = {(row["division"], row["case_id"]): row["at"] for row in await connection.fetch(_SQL["looks"])}
                return Kept(positions, looks)

    async def keep(self, edition: int, positions: Mapping[str, int], looks: Mapping[CaseKey, datetime | None]) -> bool:
        """Note how far the logs were heard, and what has changed. Raises ``StoreUnavailable``."""
        put = [(*key, at) for key, at in looks.items() if at is not None]
        struck = [key for key, at in looks.items() if at is None]
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                heard = list(positions), list(positions.values())
                if await connection.fetchval(_SQL["edition"]) != edition:
                    return False
                if not await connection.fetchval(_SQL["nobody_ahead"], *heard):
                    return False
                await connection.execute(_SQL["heard"], *heard)
                await connection.execute(_SQL["put"], *_columns(put, 3))
                await connection.execute(_SQL["struck"], *_columns(struck, 2))
                return True


def _columns(rows: list[tuple[str, str, datetime]] | list[CaseKey], width: int) -> list[list[str | datetime]]:
    return [[row[place] for row in rows] for place in range(width)]
