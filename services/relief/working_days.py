"""Working days (工作日) from the published holiday arrangements; a day is a day in Asia/Shanghai and ends at 24:00."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from events.policy import CalendarPublished
from events.rules import DayUnit
from events.shanghai import SHANGHAI, day_of
from services.relief.policy import levels

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a term. Provisional where it runs into a year whose arrangement is not published yet.

    ``moment`` is given where a term ends inside the day.
    """

    on: date
    provisional: bool = False
    moment: datetime | None = None

    @classmethod
    def at(cls, moment: datetime) -> "Due":
        """The end of a term in hours."""
        return cls(day_of(moment), moment=moment)

    @property
    def ends_at(self) -> datetime:
        """The moment, or 24:00 of the last day in Asia/Shanghai."""
        return self.moment or datetime.combine(self.on + _DAY, time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The arrangements of the published years; in other years Monday to Friday are taken as working days."""

    years: frozenset[int] = frozenset()
    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on ``day``: make-up days (调休) do, holidays and other weekends do not."""
        return day in self.days_worked or (day.weekday() < _SATURDAY and day not in self.days_off)

    def next_working_day(self, day: date) -> date:
        """The day itself, or the first working day after it."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def due(self, start: date, days: int, unit: DayUnit) -> Due:
        """Where a term of ``days`` ends. The starting day is not counted."""
        if unit == "natural_day":
            return Due(start + days * _DAY)
        day, left = start, days
        while left > 0:
            day += _DAY
            left -= self.is_working_day(day)
        counted = range((start + _DAY).year, day.year + 1)
        return Due(day, provisional=not self.years.issuperset(counted))

    def between(self, first: date, last: date, unit: DayUnit) -> int:
        """How many days lie after ``first`` up to and with ``last``."""
        days = range((last - first).days)
        if unit == "natural_day":
            return len(days)
        return sum(self.is_working_day(first + (number + 1) * _DAY) for number in days)

    @property
    def version(self) -> str:
        """SHA-256 over the published years and their days: it names what working days were counted by."""
        listed = (sorted(self.years), sorted(self.days_off), sorted(self.days_worked))
        text = "|".join(",".join(str(one) for one in part) for part in listed)
        return sha256(text.encode()).hexdigest()


def calendar_of(published: Iterable[CalendarPublished], county: str) -> Calendar:
    """The calendar of a county, from arrangements in the order of their publication.

    Of a year, the arrangement of the lowest level counts, and of that level the one published last.
    """
    order = {division: rank for rank, division in enumerate(levels(county))}
    nearest: dict[int, CalendarPublished] = {}
    for found in published:
        if found.division not in order:
            continue
        known = nearest.get(found.year)
        if known is None or order[known.division] <= order[found.division]:
            nearest[found.year] = found
    return Calendar(
        years=frozenset(nearest),
        days_off=frozenset(day for found in nearest.values() for day in found.days_off),
        days_worked=frozenset(day for found in nearest.values() for day in found.days_worked),
    )
