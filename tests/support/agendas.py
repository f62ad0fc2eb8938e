"""The scheduler's agenda in memory, for tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.relief.agenda import Kept
from services.relief.watch import CaseKey


@dataclass(slots=True)
class MemoryAgenda:
    """What is noted, until the test ends."""

    edition: int = 0
    positions: dict[str, int] = field(default_factory=dict[str, int])
    looks: dict[CaseKey, datetime] = field(default_factory=dict[CaseKey, datetime])

    async def open(self, edition: int) -> Kept:
        """What was noted under these rules; under newer ones it begins anew."""
        if self.edition < edition:
            self.edition, self.positions, self.looks = edition, {}, {}
        return Kept(dict(self.positions), dict(self.looks)) if self.edition == edition else Kept()

    async def keep(self, edition: int, positions: Mapping[str, int], looks: Mapping[CaseKey, datetime | None]) -> bool:
        """Note how far the logs were heard, and what has changed."""
        if self.edition != edition or any(positions.get(log, 0) < at for log, at in self.positions.items()):
            return False
        self.positions.update(positions)
        self.looks.update({key: at for key, at in looks.items() if at is not None})
        for key in [key for key, at in looks.items() if at is None]:
            self.looks.pop(key, None)
        return True
