"""Working days (工作日) at the desk: from the same published arrangements that bind the whole country."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from events.shanghai import SHANGHAI, day_of

_DAY = timedelta(days=1)
_SATURDAY = 5


class _Year(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    division: str
    year: int = Field(ge=2000, le=2100)
    days_off: tuple[date, ...]
    days_worked: tuple[date, ...]
    document: str


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """The holidays and make-up days (调休) of the published years; in others Monday to Friday count."""

    years: frozenset[int] = frozenset()
    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()

    def is_worked(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day in self.days_worked or (day.weekday() < _SATURDAY and day not in self.days_off)

    def after(self, start: datetime, working_days: int) -> datetime:
        """24:00 of the last of so many working days; the starting day is not counted."""
        day, left = day_of(start), working_days
        while left > 0:
            day += _DAY
            left -= self.is_worked(day)
        return datetime.combine(day + _DAY, time(), SHANGHAI)

    def after_natural(self, start: datetime, days: int, *, rolls: bool) -> datetime:
        """24:00 of the last of so many natural days after the starting day; where it ``rolls``, of a worked one."""
        day = day_of(start) + days * _DAY
        while rolls and not self.is_worked(day):
            day += _DAY
        return datetime.combine(day + _DAY, time(), SHANGHAI)


def read_years(documents: Iterable[str]) -> OfficeDays:
    """The days of these YAML documents, one year each. Raises ``ValueError``."""
    years = [_Year.model_validate(_calendar(text)) for text in documents]
    return OfficeDays(
        years=frozenset(year.year for year in years),
        days_off=frozenset(day for year in years for day in year.days_off),
        days_worked=frozenset(day for year in years for day in year.days_worked),
    )


def load_years(folder: Path) -> OfficeDays:
    """The days of the calendars in the folder of policies."""
    return read_years(file.read_text(encoding="utf-8") for file in sorted(folder.glob("calendar-*.yaml")))


def _calendar(text: str) -> Any:
    return yaml.safe_load(text)["calendar"]
