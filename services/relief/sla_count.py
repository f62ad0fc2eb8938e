"""What is counted of one clock for the SLA figures, and its sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum

from services.relief.clocks import Clock

BUCKETS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0, 4.0)
"""Elapsed of allowed time; 1.0 is the deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted of one clock. ``ratios`` is the sum of elapsed over allowed time, of the ``ended`` ones.

    ``learned_late`` are counted as met and as missed: help came in time, and was said after the deadline.
    """

    open: int = 0
    overdue: int = 0
    earliest: datetime | None = None
    met: int = 0
    missed: int = 0
    learned_late: int = 0
    within: tuple[int, ...] = (0,) * len(BUCKETS)
    ended: int = 0
    ratios: float = 0.0


NONE = Counts()


def total(counted: Iterable[Counts]) -> Counts:
    """All of them together."""
    every = [NONE, *counted]
    return Counts(
        open=sum(counts.open for counts in every),
        overdue=sum(counts.overdue for counts in every),
        earliest=min((counts.earliest for counts in every if counts.earliest is not None), default=None),
        met=sum(counts.met for counts in every),
        missed=sum(counts.missed for counts in every),
        learned_late=sum(counts.learned_late for counts in every),
        within=tuple(map(sum, zip(*(counts.within for counts in every), strict=True))),
        ended=sum(counts.ended for counts in every),
        ratios=fsum(counts.ratios for counts in every),
    )


def of_clock(clock: Clock, now: datetime) -> Counts:
    """One clock as it was judged; of one that runs, ``now`` says whether it is late."""
    is_open = clock.stopped_at is None
    late = clock.due_at < now if is_open else clock.is_broken
    met, missed = clock.was_met or clock.verdict == "met", late or clock.recorded is not None
    ratio = _ratio(clock)
    return Counts(
        open=int(is_open),
        overdue=int(is_open and late),
        earliest=clock.due_at if is_open and not late else None,
        met=int(met),
        missed=int(missed),
        learned_late=int(met and missed),
        within=tuple(int(ratio is not None and ratio <= bucket) for bucket in BUCKETS),
        ended=int(ratio is not None),
        ratios=ratio or 0.0,
    )


def _ratio(clock: Clock) -> float | None:
    """Elapsed of allowed time, 1.0 at the deadline with all that put it off; none where no help came."""
    last = clock.segments[-1].ended_by
    if clock.stopped_at is None or last is None or last.kind == "give_up":
        return None
    taken = max(clock.stopped_at - clock.started_at, timedelta())
    return taken / (clock.due_at - clock.started_at)
