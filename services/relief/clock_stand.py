"""Where one clock stands (时限现状), as the figures count it."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.relief_clocks import ClockName
from services.relief.clocks import Clock

BUCKETS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0, 4.0)
"""Elapsed of allowed time; 1.0 is the deadline."""
NOT_ENDED = -1
"""The bucket of a clock that nothing has stopped which it ran for."""

_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Stand:
    """One clock of a case. What is ``met`` and ``missed`` was done in time, and said after the deadline.

    ``bucket`` is the place of elapsed over allowed time in ``BUCKETS``, their number for more than all of them;
    ``elapsed_ppm`` is that share in millionths, whole so that its sum never drifts.
    """

    clock: ClockName
    subject: str
    due_at: datetime
    is_open: bool
    met: bool
    missed: bool
    bucket: int = NOT_ENDED
    elapsed_ppm: int = 0


def stand_of(clock: Clock) -> Stand:
    """A clock as it was judged. What was put on record of it stays counted, as a counter must not fall."""
    is_met = clock.verdict == "met"
    said_late = is_met and clock.stopped_at is not None and clock.known_by is not None and clock.known_by > clock.due_at
    elapsed_ppm = _elapsed_ppm(clock)
    return Stand(
        clock=clock.name,
        subject=clock.subject,
        due_at=clock.due_at,
        is_open=clock.stopped_at is None and not is_met,
        met=clock.was_met or is_met,
        missed=clock.is_broken or clock.recorded is not None or said_late,
        bucket=NOT_ENDED if elapsed_ppm is None else bisect_left(BUCKETS, elapsed_ppm / _PPM),
        elapsed_ppm=elapsed_ppm or 0,
    )


def _elapsed_ppm(clock: Clock) -> int | None:
    """Elapsed of allowed time, a million at the deadline with all that put it off.

    None where it was given up, and where the deadline that was sent with its start left it no time.
    """
    last, allowed = clock.segments[-1].ended_by, clock.due_at - clock.started_at
    if clock.stopped_at is None or last is None or last.kind == "give_up" or allowed <= timedelta():
        return None
    return max(clock.stopped_at - clock.started_at, timedelta()) * _PPM // allowed
