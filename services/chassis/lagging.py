"""What was just written may not be seen yet (滞后): it is waited for before anybody is told that it is not there."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from services.chassis.database import translated
from services.chassis.problems import Problem
from services.chassis.projection import Projector
from services.chassis.sql import statements

_SQL = statements("services.chassis", "lagging.sql")
_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Unseen:
    """A position of a log that a read model does not know yet."""

    model: Projector
    division: str
    position: int

    async def seen(self) -> None:
        """Wait until it is known. Raises ``Problem`` (503) when that takes too long."""
        if not await self.model.reached(self.division, self.position, patience=_PATIENCE_SECONDS):
            raise behind()


async def unseen(models: Iterable[Projector]) -> list[Unseen]:
    """What the logs hold now and their read models do not know yet."""
    with translated():
        return [
            Unseen(model, row["division"], row["position"])
            for model in models
            for row in await model.pool.fetch(_SQL["unseen"], model.model.name)
        ]


async def all_seen(found: Iterable[Unseen]) -> None:
    """Wait for all of it. Raises ``Problem`` (503) when that takes too long."""
    await asyncio.gather(*(one.seen() for one in found))


def behind() -> Problem:
    """It may be there: it cannot be seen yet."""
    return Problem(503, "behind", "数据正在更新,请稍后重试。")
