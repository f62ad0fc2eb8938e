"""Given facts, when a command, then facts: how every aggregate is tested, on plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Generic, TypeVar
from uuid import UUID, uuid5

import pytest

from events.fact import Actor, Fact, Meta, Recorded
from services.chassis.decider import Circumstances, Decider, Refused

Command = TypeVar("Command")
State = TypeVar("State")
Occurrence = TypeVar("Occurrence", bound=Fact)

NAMESPACE = UUID("00000000-0000-5000-8000-000000000002")
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
"""12:00 in Asia/Shanghai, on a Monday."""
CLERK = Actor(id="S-0001", role="caseworker", scope="")


def recorded(fact: Occurrence, position: int = 1, at: datetime = NOON) -> Recorded[Occurrence]:
    """The fact as its log would hold it, having occurred and been recorded at the same moment."""
    number = uuid5(NAMESPACE, str(position))
    meta = Meta(actor=CLERK, correlation=str(number), causation=str(number))
    return Recorded("990101", position, "stream:1", position, fact, number, number, at, at, meta)


@dataclass(frozen=True, slots=True)
class Given(Generic[Command, State, Occurrence]):
    """An aggregate after some facts."""

    decider: Decider[Command, State, Occurrence]
    state: State

    def when(
        self, command: Command, *, actor: Actor = CLERK, owners: Mapping[str, str] | None = None, at: datetime = NOON
    ) -> list[Occurrence]:
        """The facts that the command gives. ``owners`` holds the claim keys that are taken, and by which stream."""
        now = Circumstances(actor, at, at, owners or {})
        facts = self.decider.decide(self.state, command, now)
        if self.decider.decide_and_fold is not None:
            folded = reduce(self.decider.evolve, map(recorded, facts), self.state)
            assert self.decider.decide_and_fold(self.state, command, now) == (facts, folded)
        return list(facts)

    def refused(
        self, command: Command, *, actor: Actor = CLERK, owners: Mapping[str, str] | None = None, at: datetime = NOON
    ) -> Refused:
        """The refusal of the command; fails when it is not refused."""
        with pytest.raises(Refused) as refusal:
            self.when(command, actor=actor, owners=owners, at=at)
        return refusal.value


def given(
    decider: Decider[Command, State, Occurrence], *facts: Occurrence | Recorded[Occurrence], at: datetime = NOON
) -> Given[Command, State, Occurrence]:
    """An aggregate after these facts; a bare fact occurred and was recorded at ``at``."""
    state = decider.initial
    for position, fact in enumerate(facts, start=1):
        state = decider.evolve(state, fact if isinstance(fact, Recorded) else recorded(fact, position, at))
    return Given(decider, state)
