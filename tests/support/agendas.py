"""The scheduler's agenda in memory, for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.relief.agenda import Heard, Kept, Note
from services.relief.clock_stand import Stand
from services.relief.watch import CaseKey


@dataclass(slots=True)
class MemoryAgenda:
    """What is noted, until the test ends."""

    edition: int = 0
    positions: dict[str, int] = field(default_factory=dict[str, int])
    looks: dict[CaseKey, datetime] = field(default_factory=dict[CaseKey, datetime])
    stands: dict[CaseKey, Sequence[Stand]] = field(default_factory=dict[CaseKey, Sequence[Stand]])
    judged_until: datetime | None = None

    async def open(self, edition: int) -> Kept:
        """What was noted under these rules; under newer ones it begins anew."""
        if self.edition < edition:
            self.edition, self.positions, self.looks = edition, {}, {}
        return Kept(dict(self.positions), dict(self.looks)) if self.edition == edition else Kept()

    async def keep(self, heard: Heard, notes: Mapping[CaseKey, Note]) -> bool:
        """Note how far the logs were heard, and what has changed."""
        positions = heard.positions
        if self.edition != heard.edition or any(positions.get(log, 0) < at for log, at in self.positions.items()):
            return False
        self.positions.update(positions)
        self.judged_until = heard.judged_until
        for key, note in notes.items():
            self.looks.pop(key, None)
            if note.look_at is not None:
                self.looks[key] = note.look_at
            if note.stands is not None:
                self.stands[key] = note.stands
        return True
