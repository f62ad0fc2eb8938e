"""A contest: contestants take turns on equal terms, each turn in a process and a database of its own."""

import math
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from statistics import median

from jiujinan.serving import collect_less_often

_PATIENCE_SECONDS = 120.0


class Wrong(Exception):
    """The database does not hold what was acknowledged: such a figure means nothing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a contestant is given for one turn: a fresh database, as its two roles see it, and the time to use."""

    app_dsn: str
    owner_dsn: str
    seconds: float
    facts: int
    """How many facts lie in the database, where there are any."""
    keyring_dsn: str


@dataclass(frozen=True, slots=True)
class Run:
    """What one process did in the measured time; ``acknowledged`` also counts what it did before and after."""

    done: int
    seconds: float
    latencies_ms: Sequence[float] = ()
    acknowledged: int = 0


Seed = Callable[[str, int], Awaitable[None]]
"""Fills a database, by its application's address, with so many facts."""

Work = Callable[[Stage], Run]
"""Runs in a new process, so it must be a function of a module, or a ``partial`` of one."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way of doing it. ``kept`` is a query for the number of acknowledged things that the database must hold."""

    name: str
    work: Work
    processes: int = 1
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """How many times the rate of a rival is aimed at, or only compared."""

    contestant: str
    rival: str
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """Contestants that do the same thing, and what is aimed at. ``seed`` fills the database that each turn copies."""

    name: str
    unit: str
    contestants: Sequence[Contestant]
    goals: Sequence[Goal]
    seed: Seed | None = None
    facts: int = 0
    schema: tuple[str, ...] = ("services.chassis.migrations.service",)


@dataclass(frozen=True, slots=True)
class Turn:
    """A contestant's result in one round: its rate per second, and how long its callers waited."""

    rate: float
    p50_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A contestant's turns."""

    contestant: str
    turns: Sequence[Turn]

    @property
    def rate(self) -> float:
        """The median rate."""
        return median(turn.rate for turn in self.turns)

    @property
    def worst_p99_ms(self) -> float | None:
        """The slowest round's 99th percentile."""
        return max((turn.p99_ms for turn in self.turns if turn.p99_ms is not None), default=None)

    @property
    def p50_ms(self) -> float | None:
        """The median of the rounds' medians."""
        waits = [turn.p50_ms for turn in self.turns if turn.p50_ms is not None]
        return median(waits) if waits else None


def turn_of(runs: Sequence[Run]) -> Turn:
    """What several processes did side by side, as one."""
    waits = sorted(wait for run in runs for wait in run.latencies_ms)
    return Turn(sum(run.done / run.seconds for run in runs), _quantile(waits, 0.5), _quantile(waits, 0.99))


def perform(contestant: Contestant, stage: Stage) -> Sequence[Run]:
    """Let a contestant work on its stage, in new processes that begin together."""
    spawn = get_context("spawn")
    barrier = spawn.Barrier(contestant.processes)
    with ProcessPoolExecutor(contestant.processes, spawn, _enter, (barrier,)) as processes:
        return list(processes.map(contestant.work, [stage] * contestant.processes))


def wait_for_the_others() -> None:
    """Called by a contestant that is ready to begin: return when all its processes are."""
    _together[0].wait(_PATIENCE_SECONDS)


_together: list[Barrier] = []


def _enter(barrier: Barrier) -> None:
    """Every contestant's process is set up as a service's is."""
    collect_less_often()
    _together.append(barrier)


def _quantile(ascending: Sequence[float], share: float) -> float | None:
    return ascending[math.ceil(share * len(ascending)) - 1] if ascending else None
