"""How a world is laid out: how many processes and callers it has, what they are like, and what goes wrong how often."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from tests.simulation.faults import WORST, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a world is like."""

    rates: Mapping[Fault, float]
    callers: int
    has_two_pods: bool
    """Whether each service begins with two processes."""
    shares: tuple[int, int, int, int]
    """How much of what callers ask for is reports, officers' work, cashiers' work, and nothing new."""
    impatience: float
    """How often a caller gives a new command twice at once."""
    burst: int
    """How many commands a caller gives at a time."""


def drawn(chance: Random) -> Shape:
    """The shape of a world; of each kind of fault it has none, or up to the worst."""
    return Shape(
        rates={fault: worst * chance.random() for fault, worst in WORST.items() if chance.random() < 0.5},
        callers=chance.randint(5, 12),
        has_two_pods=chance.random() < 0.5,
        shares=chance.choice([(1, 5, 4, 1), (1, 5, 4, 1), (1, 2, 2, 5)]),
        impatience=chance.choice([0.1, 0.3, 0.9]),
        burst=chance.choice([1, 1, 1, 4]),
    )


IMPATIENT = Shape(rates={}, callers=10, has_two_pods=True, shares=(1, 2, 2, 6), impatience=0.9, burst=6)
"""Everything is asked for twice at once, of two pods, and most of it comes to nothing."""
EAGER = Shape(rates={}, callers=12, has_two_pods=False, shares=(2, 8, 1, 0), impatience=0.9, burst=6)
"""Officers decide one advance after the other, all at once, and say so twice."""
PAYING = replace(EAGER, shares=(1, 4, 8, 0), impatience=0.1, burst=2)
"""Cashiers are busier than officers."""
LOSSY = replace(EAGER, impatience=0.1, rates={"record_lost": 0.2, "topic_lost": 0.1}, shares=(2, 5, 4, 1), burst=1)
"""The broker loses what it has been given."""
DEADLY = replace(EAGER, rates={"crash": 0.5, "killed_amid": 0.02})
"""Processes die as soon as they have work."""
