"""The stretches of a clock (计时区段): where it ran, where it stood still, what began and ended each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.rules import DayUnit
from events.shanghai import day_of
from services.relief.pauses import Pause
from services.relief.signal import Signal
from services.relief.working_days import Calendar


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a clock, in which it runs or stands still. ``days`` are counted in the clock's own unit.

    ``ended_by`` is nothing where a pause expired, or where the clock goes on. ``until`` is when a pause ends or would.
    ``halt`` is the first thing in a pause that the policy itself pauses the clock for.
    ``joined`` is what would have paused it, too, while it stood still.
    """

    is_paused: bool
    begins_at: datetime
    ends_at: datetime
    began_by: Signal
    ended_by: Signal | None
    until: datetime | None = None
    halt: Signal | None = None
    joined: tuple[Signal, ...] = ()
    days: int = 0

    @property
    def length(self) -> timedelta:
        """How long it is, nights and holidays counted."""
        return self.ends_at - self.begins_at


def stretches(start: Signal, end: Signal | None, ended_at: datetime, still: Sequence[Pause]) -> Sequence[Segment]:
    """The stretches between start and end, each from where the one before it ended: they sum to the whole."""
    found: list[Segment] = []
    at, began_by = start.at, start
    for pause in still:
        if pause.ends_at <= start.at or pause.begins_at >= ended_at:
            continue
        begins_at, ends_at = max(pause.begins_at, start.at), min(pause.ends_at, ended_at)
        ended_by = pause.ended_by if pause.ends_at <= ended_at else end
        found.append(Segment(False, at, begins_at, began_by, pause.began_by))
        why = pause.halt, tuple(one for one in pause.joined if one.at < ended_at)
        found.append(Segment(True, begins_at, ends_at, pause.began_by, ended_by, pause.ends_at, *why))
        at, began_by = ends_at, ended_by or pause.began_by
    found.append(Segment(False, at, ended_at, began_by, end))
    return [one for one in found if one.length] or [Segment(False, start.at, ended_at, start, end)]


def counted(one: Segment, unit: DayUnit, calendar: Calendar) -> Segment:
    """The stretch with its days."""
    days = calendar.between(day_of(one.begins_at), day_of(one.ends_at), unit)
    return replace(one, days=days)
