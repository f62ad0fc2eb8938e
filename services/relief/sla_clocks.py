"""The SLA counts of counties whose terms the statements do not know: their cases are judged by the clocks themselves.

Such are terms in days, which a calendar counts, those that a decision stops, and those that may stand still.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from events.policy import PolicyPublished
from events.relief_clocks import ClockName
from services.chassis.database import Connection
from services.chassis.event_store import EventStore
from services.relief.caseload import SQL
from services.relief.clock_book import clocks_of
from services.relief.clocks import Clock, clocks
from services.relief.policy_cache import Policies, PolicyCache
from services.relief.said import said
from services.relief.sla_count import Counts, of_clock, total
from services.relief.steps.case_file import stream_of

ADVANCES: tuple[ClockName, ...] = ("advance_from_report", "advance_from_acceptance")
"""The clocks that are counted."""

_CASES_AT_ONCE = 50

_Case = tuple[str, str]
"""A case: the division of its log, and its id."""


def judged_counties(policies: Policies, counties: Iterable[str]) -> Sequence[str]:
    """Those of some counties whose advances only the clocks can judge."""
    return [county for county in counties if _needs_clocks(policies, county)]


def _needs_clocks(policies: Policies, county: str) -> bool:
    published = (one for one in policies.rulebook(county).facts if isinstance(one, PolicyPublished))
    rules = [one.advance for one in published if one.advance is not None]
    return any(rule.unit != "hour" or rule.stop != "received" or rule.pausable for rule in rules)


@dataclass(slots=True)
class ClockCounts:
    """Keeps by part of the cases what was counted of those that are over, and the clocks that run."""

    _over: dict[str, Mapping[str, Counts]] = field(default_factory=dict[str, Mapping[str, Counts]])
    _running: dict[str, Sequence[Clock]] = field(default_factory=dict[str, Sequence[Clock]])

    async def judge(
        self, connection: Connection, cache: PolicyCache, counties: Sequence[str], parts: Sequence[str], now: datetime
    ) -> None:
        """Judge anew the cases of some parts, of some counties."""
        rows = await connection.fetch(SQL["cases_of"], parts, counties)
        anew: dict[str, list[_Case]] = {part: [] for part in parts}
        for row in rows:
            anew[row["part"]].append((row["division"], row["case_id"]))
        for part, cases in anew.items():
            found = await _judged(cache.store, cache.policies, cases, now)
            self._running[part] = [clock for clock in found if clock.stopped_at is None]
            over = [(clock.name, of_clock(clock, now)) for clock in found if clock.stopped_at is not None]
            self._over[part] = {name: total(counts for own, counts in over if own == name) for name in ADVANCES}

    def counted(self, now: datetime) -> Mapping[str, Counts]:
        """The counts by clock."""
        running = [clock for of_part in self._running.values() for clock in of_part]
        return {
            name: total(
                [
                    *(counts[name] for counts in self._over.values()),
                    *(of_clock(clock, now) for clock in running if clock.name == name),
                ]
            )
            for name in ADVANCES
        }


async def _judged(store: EventStore, policies: Policies, cases: Sequence[_Case], now: datetime) -> Sequence[Clock]:
    found: list[Clock] = []
    for begin in range(0, len(cases), _CASES_AT_ONCE):
        found += await _of_some(store, policies, cases[begin : begin + _CASES_AT_ONCE], now)
    return found


async def _of_some(store: EventStore, policies: Policies, cases: Sequence[_Case], now: datetime) -> Sequence[Clock]:
    streams = {(division, stream): 0 for division, one in cases for stream in (stream_of(one), clocks_of(one))}
    rows = await store.load(streams)
    found: list[Clock] = []
    for division, case_id in cases:
        own = [row for row in rows if (row.division, row.stream.partition(":")[2]) == (division, case_id)]
        heard = [signal for signal in said(own) if signal.clock in ADVANCES]
        found += clocks(heard, policies.rulebook(division), now)
    return found
