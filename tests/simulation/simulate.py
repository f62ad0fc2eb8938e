"""One seed, one history: a world is lived through, and what came of it is told."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from services.chassis import writer
from tests.simulation.faults import Fault
from tests.simulation.living import Living
from tests.simulation.loop import Stuck, run
from tests.simulation.service import Parts
from tests.simulation.shape import Shape
from tests.simulation.violation import Violation
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Run:
    """How a world went: what was broken, if anything, and the last that happened."""

    test: str
    """Which test lives through it again."""
    seed: int
    broken: AssertionError | None
    operations: tuple[str, ...]
    digest: str
    """Of everything that happened: the same seed, the same digest."""
    facts: Mapping[str, int]
    """How many there are of each name."""
    struck: frozenset[Fault]

    @property
    def law(self) -> str:
        """The name of the law that was broken."""
        return self.broken.law if isinstance(self.broken, Violation) else type(self.broken).__name__

    def __str__(self) -> str:
        again = f"JIUJINAN_SEEDS={self.seed}:{self.seed + 1} .venv/bin/pytest {self.test}"
        return "\n".join((*self.operations, f"seed {self.seed} breaks {self.broken}", f"To see it again: {again}"))


Making = Callable[[int, Parts, Shape | None], Living]


def simulate(seed: int, parts: Parts | None = None, shape: Shape | None = None) -> Run:
    """Live through the world of a seed, with the product's parts or with a planted bug's."""
    return lived(World, "tests/simulation/test_seeds.py", seed, parts, shape)


def lived(making: Making, test: str, seed: int, parts: Parts | None, shape: Shape | None) -> Run:
    """Live through a world of any kind.

    Even small batches are decided ahead of the one in flight, and a writer gives up sooner, so that a small world sees
    what a busy one would.
    """
    worlds: list[Living] = []

    async def main() -> None:
        worlds.append(making(seed, parts or Parts(), shape))
        await worlds[0].live()

    broken: AssertionError | None = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "WORTH_RUNNING_AHEAD", 1 + seed % 3)
        patch.setattr(writer, "ATTEMPTS", 2 + seed % 7)
        try:
            run(f"order {seed}", main)
        except (Violation, Stuck) as failure:
            broken = failure
    [world] = worlds
    facts = Counter(known.fact.NAME for service in world.services for known in service.auditor.facts)
    return Run(test, seed, broken, tuple(world.operations), world.digest(), facts, frozenset(world.faults.struck))
