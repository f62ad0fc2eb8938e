"""When a clock's time is up (到期): counted from its start, put off by what stood still, to the end of its last day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from events.shanghai import day_of
from services.relief.clock_rules import Term
from services.relief.pauses import Pause, pauses
from services.relief.signal import Signal
from services.relief.working_days import Calendar, Due

_MOMENT = timedelta(microseconds=1)
"""A day ends as the next begins: what is due then is due on the day before."""


def due_of(first: Due, since: datetime | None, term: Term, still: Sequence[Pause], calendar: Calendar) -> Due:
    """When the time is up. What stands still before then puts it off; a pause after it heals nothing.

    Only what stands still from ``since`` on does; without it nothing.
    """
    if since is None:
        return first
    due = first
    for pause in still:
        if pause.begins_at >= due.ends_at:
            break
        due = _put_off(due, pause, since, term, calendar)
    return rolled(due, term, calendar)


def rolled(due: Due, term: Term, calendar: Calendar) -> Due:
    """A term in natural days may have to end on a working day."""
    if term.unit == "natural_day" and term.rolls:
        return Due(calendar.next_working_day(due.on), due.provisional)
    return due


def first_due(start: Signal, counted_from: date, term: Term, calendar: Calendar) -> Due:
    """When it would be up if nothing stood still: as it was given with the start, or else by the policy."""
    if start.until is not None:
        return Due(day_of(start.until - _MOMENT), moment=start.until)
    if term.unit == "hour":
        return Due.at(start.at + timedelta(hours=term.length))
    return calendar.due(counted_from, term.length, term.unit)


def given_due(first: Due, put_off: Signal | None, said: Sequence[Signal], term: Term, calendar: Calendar) -> Due:
    """The ``first`` deadline as it was put off, in days by the working days as they are published now."""
    if put_off is None or put_off.until is None:
        return first
    if put_off.length is None or term.unit == "hour":
        return Due(day_of(put_off.until - _MOMENT), moment=put_off.until)
    known = pauses([one for one in said if one.at <= put_off.at], term)
    since = None if first.moment is not None else min((one.begins_at for one in known), default=put_off.at)
    before = due_of(first, since, term, known, calendar)
    found = later(before.ends_at, put_off.length, term, calendar)
    return Due(found.on, found.provisional or before.provisional)


def later(due_at: datetime, length: int, term: Term, calendar: Calendar) -> Due:
    """A deadline so much later, in the term's own unit."""
    if term.unit == "hour":
        return Due.at(due_at + timedelta(hours=length))
    found = calendar.due(day_of(due_at - _MOMENT), length, term.unit)
    return Due(calendar.next_working_day(found.on) if term.rolls else found.on, found.provisional)


def heeds_from(start: Signal, put_off: Signal | None, said: Sequence[Signal], term: Term) -> datetime | None:
    """From when on standing still counts; a deadline that was sent with the start is never counted anew.

    One that was put off allows for what was to stand still at that time, to the end that was foreseen then.
    """
    if start.until is not None:
        return None
    if put_off is None:
        return start.at
    known = pauses([one for one in said if one.at <= put_off.at], term)
    return max([put_off.at, *(pause.ends_at for pause in known)])


def _put_off(due: Due, pause: Pause, since: datetime, term: Term, calendar: Calendar) -> Due:
    begins_at = max(pause.begins_at, since)
    if pause.ends_at <= begins_at:
        return due
    if term.unit == "hour":
        return Due.at(due.ends_at + (pause.ends_at - begins_at))
    days = calendar.between(day_of(begins_at), day_of(pause.ends_at), term.unit)
    later = calendar.due(due.on, days, term.unit)
    return Due(later.on, later.provisional or due.provisional)
