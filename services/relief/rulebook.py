"""All that binds one county (规则书): the policy of any day and the working days, as published by some moment."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeGuard

from events.fact import Fact, Recorded
from events.policy import CalendarPublished, PolicyFact, PolicyPublished, StandardPublished
from events.relief_clocks import ClockName
from services.relief.clock_rules import CLOCKS, Term
from services.relief.policy import Policy, levels, resolve
from services.relief.working_days import Calendar, calendar_of


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What was published for a county, of outer levels first. The same day is resolved once."""

    county: str
    published: tuple[Recorded[Fact], ...]
    days: Sequence[date] = field(init=False)
    """The days from which something else may hold, in order."""
    _moments: Sequence[datetime] = field(init=False, compare=False)
    """When each thing was published, in order."""
    _earlier: "dict[int, Rulebook]" = field(init=False, default_factory=dict[int, "Rulebook"], compare=False)
    _terms: dict[tuple[int, ClockName], Term | None] = field(
        init=False, default_factory=dict[tuple[int, ClockName], Term | None], compare=False
    )
    _policies: dict[int, Policy] = field(init=False, default_factory=dict[int, Policy], compare=False)
    _calendars: list[Calendar] = field(init=False, default_factory=list[Calendar], compare=False)

    def __post_init__(self) -> None:
        dated = (one for one in self.facts if isinstance(one, PolicyPublished | StandardPublished))
        object.__setattr__(self, "days", sorted({one.effective_from for one in dated}))
        object.__setattr__(self, "_moments", sorted(one.recorded_at for one in self.published))

    @property
    def facts(self) -> Sequence[PolicyFact]:
        """What was published, without when."""
        return [one.fact for one in self.published if isinstance(one.fact, PolicyFact)]

    def on(self, day: date) -> Policy:
        """What holds on a day."""
        place = bisect_right(self.days, day)
        if place not in self._policies:
            self._policies[place] = resolve(self.facts, self.county, day)
        return self._policies[place]

    def term(self, clock: ClockName, day: date) -> Term | None:
        """By what a clock runs that starts on a day, if there is a rule for it."""
        key = (bisect_right(self.days, day), clock)
        if key not in self._terms:
            self._terms[key] = CLOCKS[clock].term(self.on(day).rules)
        return self._terms[key]

    def calendar(self) -> Calendar:
        """The working days."""
        if not self._calendars:
            arranged = sorted(filter(_is_calendar, self.published), key=lambda one: one.recorded_at)
            self._calendars.append(calendar_of((one.fact for one in arranged), self.county))
        return self._calendars[0]

    def as_of(self, moment: datetime) -> "Rulebook":
        """The rulebook as it was published by a moment."""
        known = bisect_right(self._moments, moment)
        if known == len(self._moments):
            return self
        if known not in self._earlier:
            published = tuple(one for one in self.published if one.recorded_at <= moment)
            self._earlier[known] = Rulebook(self.county, published)
        return self._earlier[known]


def _is_calendar(one: Recorded[Fact]) -> TypeGuard[Recorded[CalendarPublished]]:
    return isinstance(one.fact, CalendarPublished)


def rulebook(county: str, published: Iterable[Recorded[Fact]]) -> Rulebook:
    """The rulebook of a county from everything that was published anywhere."""
    order = {division: rank for rank, division in enumerate(levels(county))}
    own = [(order[fact.division], one) for one in published if _binds(fact := one.fact, order)]
    return Rulebook(county, tuple(one for _, one in sorted(own, key=lambda found: found[0])))


def _binds(fact: Fact, order: Mapping[str, int]) -> TypeGuard[PolicyFact]:
    return isinstance(fact, PolicyFact) and fact.division in order
