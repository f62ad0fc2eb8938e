"""When a clock's time is up (到期): counted from its start, put off by what stood still, to the end of its last day."""

from collections.abc import Sequence
from datetime import date, timedelta

from events.shanghai import day_of
from services.relief.clock_rules import Term
from services.relief.pauses import Pause
from services.relief.signal import Signal
from services.relief.working_days import Calendar, Due


def due_of(start: Signal, first: date, term: Term, still: Sequence[Pause], calendar: Calendar) -> Due:
    """When the time is up. What stood still before then puts it off; a pause after it heals nothing."""
    if start.until is not None:
        return Due.at(start.until)
    due = _first_due(start, first, term, calendar)
    for pause in still:
        if pause.begins_at >= due.ends_at:
            break
        due = _put_off(due, pause, start, term, calendar)
    if term.unit == "natural_day" and term.rolls:
        return Due(calendar.next_working_day(due.on), due.provisional)
    return due


def _first_due(start: Signal, first: date, term: Term, calendar: Calendar) -> Due:
    if term.unit == "hour":
        return Due.at(start.at + timedelta(hours=term.length))
    return calendar.due(first, term.length, term.unit)


def _put_off(due: Due, pause: Pause, start: Signal, term: Term, calendar: Calendar) -> Due:
    begins_at = max(pause.begins_at, start.at)
    if pause.ends_at <= begins_at:
        return due
    if term.unit == "hour":
        return Due.at(due.ends_at + (pause.ends_at - begins_at))
    days = calendar.between(day_of(begins_at), day_of(pause.ends_at), term.unit)
    later = calendar.due(due.on, days, term.unit)
    return Due(later.on, later.provisional or due.provisional)
