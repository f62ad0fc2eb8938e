"""The clocks of many cases, judged on what their logs hold of them (时限)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.relief_clocks import ClockName
from services.chassis.event_store import EventStore
from services.relief.clock_book import clocks_of
from services.relief.clocks import Clock, clocks
from services.relief.policy_cache import Policies
from services.relief.said import said
from services.relief.steps.case_file import stream_of
from services.relief.watch import CaseKey

ADVANCES: tuple[ClockName, ...] = ("advance_from_report", "advance_from_acceptance")
"""The clocks of the advance that lists and figures show."""

_CASES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges clocks by the logs, the policies, and the moment that counts as now.

    ``as_of`` is the moment up to which facts were known; nothing: all that there are.
    """

    store: EventStore
    policies: Policies
    now: datetime
    as_of: datetime | None = None

    async def advances(self, cases: Sequence[CaseKey]) -> Mapping[CaseKey, Sequence[Clock]]:
        """The clocks of the advance of some cases. Raises ``StoreUnavailable``."""
        found = await self.clocks(cases)
        return {key: [clock for clock in of_case if clock.name in ADVANCES] for key, of_case in found.items()}

    async def clocks(self, cases: Sequence[CaseKey]) -> Mapping[CaseKey, Sequence[Clock]]:
        """All clocks of some cases. Raises ``StoreUnavailable``."""
        found: dict[CaseKey, Sequence[Clock]] = {}
        for begin in range(0, len(cases), _CASES_AT_ONCE):
            found |= await self._of_some(cases[begin : begin + _CASES_AT_ONCE])
        return found

    async def _of_some(self, cases: Collection[CaseKey]) -> Mapping[CaseKey, Sequence[Clock]]:
        streams = {(division, stream): 0 for division, one in cases for stream in (stream_of(one), clocks_of(one))}
        known = [row for row in await self.store.load(streams) if self.as_of is None or row.recorded_at <= self.as_of]
        found: dict[CaseKey, Sequence[Clock]] = {}
        for division, case_id in cases:
            own = [row for row in known if (row.division, row.stream.partition(":")[2]) == (division, case_id)]
            found[division, case_id] = clocks(said(own), self.policies.rulebook(division), self.now)
        return found
