"""The terms of the advance (先行救助时限), as statements join them with cases: by day, and published when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from events.policy import CalendarPublished, PolicyFact, PolicyPublished
from events.rules import AdvanceRule
from services.relief.clock_due import rolled
from services.relief.policy import in_force
from services.relief.policy_cache import Policies
from services.relief.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Term:
    """How many hours a county's advance may take, for clocks that start on these days, first and last included.

    It is what was published from one moment to another, that one not included; nothing: it still is. A clock that was
    over, or was judged, stands by what was published when that became known.
    """

    county: str
    since: date
    until: date
    hours: int
    judged_from: str
    stops: str
    """Whether it is ``received`` help that stops it, or already what was ``decided``."""
    published_at: datetime
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayTerm:
    """When a county's advance is due that starts on a day, where its term is in days; published as a ``Term`` is."""

    county: str
    day: date
    due_at: datetime
    judged_from: str
    stops: str
    provisional: bool
    """Whether working days that were not published yet were counted."""
    published_at: datetime
    replaced_at: datetime | None


_Days = Sequence[tuple[date, date, int, str, str]]
"""First and last day, hours, from when on it is judged, and what stops it."""


def terms(policies: Policies, counties: Iterable[str]) -> Sequence[Term]:
    """The terms of some counties, as the published policies resolve and did before.

    A term in days depends on the calendar, which the statements do not know: it has none here, but ``day_terms``.
    """
    return [term for county in counties for term in _terms(policies.rulebook(county))]


def in_days(policies: Policies, counties: Iterable[str]) -> Sequence[str]:
    """Those of some counties that have ever had a term in days."""
    return [county for county in counties if any(_is_in_days(one) for one in policies.rulebook(county).facts)]


def day_terms(policies: Policies, starts: Iterable[tuple[str, date]]) -> Sequence[DayTerm]:
    """When the advances of some counties are due that start on some days, counted by the working days."""
    return [term for county, day in starts for term in _day_terms(policies.rulebook(county), day)]


def columns(known: Sequence[Term] | Sequence[DayTerm], *names: str) -> list[list[Any]]:
    """The terms by column, as arrays for a statement."""
    return [[getattr(term, name) for term in known] for name in names]


def _terms(rulebook: Rulebook) -> Iterable[Term]:
    editions = list(_editions(rulebook))
    ends = [*(moment for moment, _ in editions[1:]), None]
    for (published_at, days), replaced_at in zip(editions, ends, strict=False):
        for since, until, hours, judged_from, stops in days:
            yield Term(rulebook.county, since, until, hours, judged_from, stops, published_at, replaced_at)


def _editions(rulebook: Rulebook) -> Iterable[tuple[datetime, _Days]]:
    """The terms by the moment of their publication, wherever it changed any."""
    before: _Days | None = None
    for moment in sorted({one.recorded_at for one in rulebook.published if isinstance(one.fact, PolicyPublished)}):
        days = _by_day(rulebook.as_of(moment))
        if days != before:
            yield moment, days
        before = days


def _by_day(rulebook: Rulebook) -> _Days:
    found: list[tuple[date, date, int, str, str]] = []
    published = rulebook.facts
    for since, following in pairwise([*rulebook.days, date.max]):
        rule = in_force(published, rulebook.county, since, "advance")
        if isinstance(rule, AdvanceRule) and rule.unit == "hour":
            found.append((since, following - timedelta(days=1), rule.length, rule.start, rule.stop))
    return found


def _is_in_days(fact: PolicyFact) -> bool:
    return isinstance(fact, PolicyPublished) and fact.advance is not None and fact.advance.unit != "hour"


def _day_terms(rulebook: Rulebook, day: date) -> Iterable[DayTerm]:
    editions = list(_due_on(rulebook, day))
    ends = [*(moment for moment, _ in editions[1:]), None]
    for (published_at, found), replaced_at in zip(editions, ends, strict=False):
        if found is not None:
            yield DayTerm(rulebook.county, day, *found, published_at, replaced_at)


_Found = tuple[datetime, str, str, bool]
"""When it is due, from when on it is judged, what stops it, and whether its working days are provisional."""


def _due_on(rulebook: Rulebook, day: date) -> Iterable[tuple[datetime, _Found | None]]:
    """When it is due by the moment of a publication, wherever that changed it."""
    before: _Found | None = None
    heeded = (
        one.recorded_at for one in rulebook.published if isinstance(one.fact, PolicyPublished | CalendarPublished)
    )
    for moment in sorted(set(heeded)):
        found = _due(rulebook.as_of(moment), day)
        if found != before:
            yield moment, found
        before = found


def _due(known: Rulebook, day: date) -> _Found | None:
    term, rule = known.term("advance_from_report", day), known.on(day).rules.advance
    if term is None or rule is None or term.unit == "hour":
        return None
    calendar = known.calendar()
    due = rolled(calendar.due(day, term.length, term.unit), term, calendar)
    return due.ends_at, rule.start, rule.stop, due.provisional
