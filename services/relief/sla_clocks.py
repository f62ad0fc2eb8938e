"""The SLA counts of counties whose terms the statements do not know: their cases are judged by the clocks themselves.

Such are terms in days, which a calendar counts, those that a decision stops, and those that may stand still.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from events.policy import PolicyPublished
from services.chassis.database import Connection
from services.relief.case_clocks import ADVANCES, Judge
from services.relief.caseload import SQL
from services.relief.clocks import Clock
from services.relief.policy_cache import Policies, PolicyCache
from services.relief.sla_count import Counts, of_clock, total
from services.relief.watch import CaseKey


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
        anew: dict[str, list[CaseKey]] = {part: [] for part in parts}
        for row in rows:
            anew[row["part"]].append((row["division"], row["case_id"]))
        for part, cases in anew.items():
            judged = await Judge(cache.store, cache.policies, now).advances(cases)
            found = [clock for of_case in judged.values() for clock in of_case]
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
