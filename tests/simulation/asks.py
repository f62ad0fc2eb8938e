"""What callers ask for: a command with the key and the words that stay the same however often it is repeated."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from uuid import UUID, uuid5

from events.fact import Actor
from services.chassis.unit import Directed, Unit
from tests.simulation.faulty_store import POISON

COUNTIES = ("990101", "990102")
YEAR = 2026
_NAMESPACE = UUID("00000000-0000-5000-8000-000000000003")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A command as a caller gives it."""

    service: str
    division: str
    parts: tuple[Directed, ...]
    actor: str
    role: str = "officer"
    key: str
    words: str = ""
    """Other words under the same key are another matter."""
    at: datetime | None = None
    """When it happened, where that was before it is told."""

    @cached_property
    def command_id(self) -> UUID:
        """What makes a repetition a repetition."""
        return uuid5(_NAMESPACE, self.key)

    @cached_property
    def is_poison(self) -> bool:
        """Whether the database will refuse it."""
        return POISON in repr(self.parts)

    def unit(self, now: datetime) -> Unit:
        """The unit of work that a process makes of it, at the moment that it takes for now."""
        return Unit(
            division=self.division,
            parts=self.parts,
            command_id=self.command_id,
            actor=Actor(id=self.actor, role=self.role, scope=""),
            occurred_at=self.at or now,
            digest=sha256(f"{self.key}|{self.words}".encode()).digest(),
        )

    def __str__(self) -> str:
        commands = ",".join(type(part.command).__name__ for part in self.parts)
        return f"{self.key}{self.words} {commands} {self.parts[-1].stream}"


Idea = Callable[[str], Ask | None]
"""Makes up the next command under a key; ``None`` when there is nothing yet that it could be about."""


def township_of(county: str) -> str:
    """The only township that a simulated county has, so that its fund is worth a quarrel."""
    return f"{county}001"
