"""The counts behind the SLA figures, over all cases, at a cost that does not grow with them.

Cases that wait for help are read each time. The others lie in some four thousand parts by their ids' first signs; a
part's counts are kept, and read anew when a fact has come to one of its cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.chassis.database import Connection
from services.relief.advance_terms import Term, columns, terms
from services.relief.case_clocks import ADVANCES
from services.relief.caseload import CASELOAD, SQL
from services.relief.policy_cache import Policies, PolicyCache
from services.relief.sla_clocks import ClockCounts, judged_counties
from services.relief.sla_count import BUCKETS, NONE, Counts, total

_WAITING = ""
"""The part of the cases that wait for help."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """What the kept counts were read on."""

    slot: str
    terms: Sequence[Term]
    by_clocks: Sequence[str]
    """The counties whose cases the clocks themselves judge."""
    edition: int
    positions: Mapping[str, int]


@dataclass(slots=True)
class SlaCounts:
    """Keeps the counts from one reading to the next."""

    _stand: _Stand | None = None
    _kept: dict[tuple[str, str], Counts] = field(default_factory=dict[tuple[str, str], Counts])
    """By part and clock, without the cases that wait."""
    _clocks: ClockCounts = field(default_factory=ClockCounts)

    async def read(self, connection: Connection, cache: PolicyCache, now: datetime) -> Mapping[str, Counts]:
        """The counts by clock, as the live read model has the cases at this moment."""
        stand = await _stand(connection, cache.policies)
        parts = await self._changed(connection, stand)
        await self._clocks.judge(connection, cache, stand.by_clocks, parts, now)
        known = columns(stand.terms, "county", "since", "until", "hours", "published_at", "replaced_at")
        rows = await connection.fetch(SQL["sla"], *known, BUCKETS, now, parts)
        counted = {(row["part"], row["sla"]): _counts(dict(row)) for row in rows}
        anew = set(parts)
        self._kept = {key: counts for key, counts in self._kept.items() if key[0] not in anew}
        self._kept |= {key: counts for key, counts in counted.items() if key[0] != _WAITING}
        self._stand = stand
        waiting = {sla: counts for (part, sla), counts in counted.items() if part == _WAITING}
        by_clocks = self._clocks.counted(now)
        return {sla: total([*self._of(sla), waiting.get(sla, NONE), by_clocks[sla]]) for sla in ADVANCES}

    async def _changed(self, connection: Connection, stand: _Stand) -> Sequence[str]:
        """The parts to be read anew: all of them where what they were read on is there no longer."""
        before = self._stand
        if before is None or _basis(before) != _basis(stand):
            return [row["part"] for row in await connection.fetch(SQL["all_parts"])]
        moved = [
            (division, before.positions.get(division, 0), position)
            for division, position in stand.positions.items()
            if position > before.positions.get(division, 0)
        ]
        spans = [list(column) for column in zip(*moved, strict=True)] or [[], [], []]
        return [row["part"] for row in await connection.fetch(SQL["changed_parts"], *spans)]

    def _of(self, sla: str) -> Sequence[Counts]:
        return [counts for (_, name), counts in self._kept.items() if name == sla]


async def _stand(connection: Connection, policies: Policies) -> _Stand:
    rows = await connection.fetch(SQL["stands_at"], CASELOAD.name)
    logs = [row["division"] for row in await connection.fetch(SQL["logs"])]
    positions = {row["division"]: row["position"] for row in rows}
    by_clocks = judged_counties(policies, logs)
    known = terms(policies, [county for county in logs if county not in by_clocks])
    edition = policies.edition if by_clocks else 0
    return _Stand("".join({row["slot"] for row in rows}), known, by_clocks, edition, positions)


def _basis(stand: _Stand) -> tuple[object, ...]:
    """What was counted on; when any of it changes, all is read anew."""
    return stand.slot, stand.terms, stand.by_clocks, stand.edition


def _counts(row: Mapping[str, Any]) -> Counts:
    return Counts(
        open=row["open"],
        overdue=row["overdue"],
        earliest=row["earliest"],
        met=row["met"],
        missed=row["missed"],
        learned_late=row["learned_late"],
        within=tuple(row["within"]),
        ended=row["ended"],
        ratios=row["ratios"],
    )
