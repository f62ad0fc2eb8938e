"""The terms of the advance (先行救助时限) in hours, as statements join them with cases: by day, and published when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from events.policy import PolicyPublished
from events.rules import AdvanceRule
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
    published_at: datetime
    replaced_at: datetime | None


_Days = Sequence[tuple[date, date, int, str]]
"""First and last day, hours, and from when on it is judged."""


def terms(policies: Policies, counties: Iterable[str]) -> Sequence[Term]:
    """The terms of some counties, as the published policies resolve and did before.

    A term in days depends on the calendar, which the statements do not know: such a county's cases have none here.
    """
    return [term for county in counties for term in _terms(policies.rulebook(county))]


def columns(known: Sequence[Term], *names: str) -> list[list[Any]]:
    """The terms by column, as arrays for a statement."""
    return [[getattr(term, name) for term in known] for name in names]


def _terms(rulebook: Rulebook) -> Iterable[Term]:
    editions = list(_editions(rulebook))
    ends = [*(moment for moment, _ in editions[1:]), None]
    for (published_at, days), replaced_at in zip(editions, ends, strict=False):
        for since, until, hours, judged_from in days:
            yield Term(rulebook.county, since, until, hours, judged_from, published_at, replaced_at)


def _editions(rulebook: Rulebook) -> Iterable[tuple[datetime, _Days]]:
    """The terms by the moment of their publication, wherever it changed any."""
    before: _Days | None = None
    for moment in sorted({one.recorded_at for one in rulebook.published if isinstance(one.fact, PolicyPublished)}):
        days = _by_day(rulebook.as_of(moment))
        if days != before:
            yield moment, days
        before = days


def _by_day(rulebook: Rulebook) -> _Days:
    found: list[tuple[date, date, int, str]] = []
    published = rulebook.facts
    for since, following in pairwise([*rulebook.days, date.max]):
        rule = in_force(published, rulebook.county, since, "advance")
        if isinstance(rule, AdvanceRule) and rule.unit == "hour":
            found.append((since, following - timedelta(days=1), rule.length, rule.start))
    return found
