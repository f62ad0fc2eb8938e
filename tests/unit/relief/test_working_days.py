from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from events.policy import CalendarPublished
from events.shanghai import day_of
from services.relief.policy_file import parse
from services.relief.working_days import Calendar, calendar_of
from tests.unit.relief.facts import COUNTY, at

POLICIES = Path(__file__).parents[3] / "policies"
PUBLISHED = [
    fact
    for file in sorted(POLICIES.glob("calendar-*.yaml"))
    for fact in parse(file.read_text(encoding="utf-8"))
    if isinstance(fact, CalendarPublished)
]
CALENDAR = calendar_of(PUBLISHED, COUNTY)


@pytest.mark.parametrize(
    ("day", "works"),
    [("09-20", True), ("09-25", False), ("10-01", False), ("10-07", False), ("10-08", True), ("10-10", True)],
)
def test_make_up_days_are_worked_and_holidays_are_not(day: str, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(f"2026-{day}")) is works


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("09-30 21:00", 5, "10-13"),
        ("09-30 21:00", 20, "11-03"),
        ("10-05 00:00", 10, "10-20"),
        ("09-30 17:00", 2, "10-09"),
        ("09-17 09:00", 15, "10-14"),
    ],
)
def test_a_term_over_national_day_ends_where_it_should(start: str, days: int, due: str) -> None:
    """Worked examples 1 and 2."""
    found = CALENDAR.due(day_of(at(start)), days, "working_day")
    assert (found.on, found.provisional) == (date.fromisoformat(f"2026-{due}"), False)


@pytest.mark.parametrize(("year", "days"), [(2020, 249), (2022, 249), (2023, 249), (2026, 248)])
def test_a_published_year_has_as_many_working_days_as_the_arrangement_gives(year: int, days: int) -> None:
    first = date(year, 1, 1)
    every = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    assert sum(CALENDAR.is_working_day(day) for day in every) == days


def test_every_day_off_and_every_make_up_day_makes_a_difference() -> None:
    for found in PUBLISHED:
        assert all(day.weekday() >= 5 for day in found.days_worked)
        assert not any(CALENDAR.is_working_day(day) for day in found.days_off)


def test_a_term_ends_at_midnight_in_shanghai() -> None:
    assert CALENDAR.due(date(2026, 10, 9), 1, "natural_day").ends_at == at("10-11 00:00")


def test_natural_days_roll_over_nothing() -> None:
    assert CALENDAR.due(date(2026, 9, 30), 5, "natural_day").on == date(2026, 10, 5)


def test_beyond_the_published_years_weekdays_count_and_the_end_is_provisional() -> None:
    found = CALENDAR.due(date(2026, 12, 30), 3, "working_day")
    assert (found.on, found.provisional) == (date(2027, 1, 4), True)
    assert not CALENDAR.due(date(2026, 12, 30), 1, "working_day").provisional


def test_a_term_that_starts_on_the_last_published_day_is_provisional() -> None:
    assert CALENDAR.due(date(2026, 12, 31), 1, "working_day").provisional
    assert not Calendar(years=frozenset({2027})).due(date(2026, 12, 31), 1, "working_day").provisional


def test_the_day_is_the_one_in_shanghai() -> None:
    assert day_of(at("10-01 00:10")) == date(2026, 10, 1)


def arrangement(division: str, off: str) -> CalendarPublished:
    days_off = (date.fromisoformat(off),)
    return CalendarPublished(division=division, year=2027, days_off=days_off, days_worked=(), document="放假安排")


def test_a_lower_levels_arrangement_of_a_year_stands_before_the_nations() -> None:
    nation, province = arrangement("000000", "2027-04-05"), arrangement("990000", "2027-04-08")
    for order in ([nation, province], [province, nation]):
        calendar = calendar_of(order, COUNTY)
        assert not calendar.is_working_day(date(2027, 4, 8))
        assert calendar.is_working_day(date(2027, 4, 5))
    assert calendar_of([nation, province], "320115").is_working_day(date(2027, 4, 8))


def test_an_arrangement_published_again_replaces_the_first() -> None:
    calendar = calendar_of([arrangement("000000", "2027-04-05"), arrangement("000000", "2027-04-06")], COUNTY)
    assert calendar.is_working_day(date(2027, 4, 5))
    assert not calendar.is_working_day(date(2027, 4, 6))


@for_all(st.dates(date(2026, 1, 1), date(2026, 10, 1)), st.integers(1, 40))
def test_between_start_and_end_lie_exactly_the_days_of_the_term(start: date, days: int) -> None:
    end = CALENDAR.due(start, days, "working_day").on
    between = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    assert sum(CALENDAR.is_working_day(day) for day in between) == days
    assert CALENDAR.is_working_day(end)
