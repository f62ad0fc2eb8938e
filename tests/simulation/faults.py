"""What goes wrong, how often and for how long: as the shape of the world has it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal

Fault = Literal[
    "unreachable",
    "rolled_back",
    "unheard",
    "stalled",
    "outage",
    "broker_away",
    "record_lost",
    "unacknowledged",
    "duplicated",
    "old_again",
    "offset_lost",
    "rewound",
    "topic_lost",
    "malformed",
    "crash",
    "killed_amid",
    "second_process",
    "clock_jump",
]

WORST: Mapping[Fault, float] = {
    "unreachable": 0.05,
    "rolled_back": 0.1,
    "unheard": 0.1,
    "stalled": 0.01,
    "outage": 0.6,
    "broker_away": 0.1,
    "record_lost": 0.2,
    "unacknowledged": 0.15,
    "duplicated": 0.3,
    "old_again": 0.2,
    "offset_lost": 0.3,
    "rewound": 0.2,
    "topic_lost": 0.3,
    "malformed": 0.3,
    "crash": 0.5,
    "killed_amid": 0.01,
    "second_process": 0.9,
    "clock_jump": 0.8,
}
"""The highest probability of each: per statement, per record, per batch fetched, per occasion for a mishap."""

_STALLED_SECONDS = 2.0
LATENCIES_SECONDS = (0.001, 0.01, 0.03)
"""How long a statement takes, on average; each world has one of them."""


@dataclass(slots=True)
class Faults:
    """The faults of one world, until it is healed."""

    chance: Random
    rates: dict[Fault, float]
    latency_seconds: float
    struck: set[Fault] = field(default_factory=set[Fault])
    """What has gone wrong so far."""

    def strikes(self, fault: Fault) -> bool:
        """Whether it happens this time."""
        if self.chance.random() >= self.rates.get(fault, 0.0):
            return False
        self.struck.add(fault)
        return True

    def delay(self) -> float:
        """How many seconds something takes this time: mostly few, now and then many."""
        stalled = self.chance.uniform(0.0, _STALLED_SECONDS) if self.strikes("stalled") else 0.0
        return self.chance.expovariate(1.0) * self.latency_seconds + stalled

    async def pause(self) -> None:
        """Let that time pass; the process may die meanwhile."""
        await asyncio.sleep(self.delay())

    def heal(self) -> None:
        """From now on all goes well."""
        self.rates.clear()
