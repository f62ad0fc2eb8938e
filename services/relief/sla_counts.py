"""The counts behind the SLA figures, over all cases, at a cost that does not grow with them.

Cases that wait for help are read each time. The others lie in some four thousand parts by their ids' first signs; a
part's counts are kept, and read anew when a fact has come to one of its cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import fsum
from typing import Any

from services.chassis.database import Connection
from services.relief.advance_terms import Term, columns, terms
from services.relief.caseload import CASELOAD, SQL
from services.relief.policy_cache import Policies

BUCKETS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0, 4.0)
"""Elapsed of allowed time; 1.0 is the deadline."""

_WAITING = ""
"""The part of the cases that wait for help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted of one clock. ``ratios`` is the sum of elapsed over allowed time, of the ``ended`` ones.

    ``learned_late`` are counted as met and as missed: help came in time, and was said after the deadline.
    """

    open: int = 0
    overdue: int = 0
    earliest: datetime | None = None
    met: int = 0
    missed: int = 0
    learned_late: int = 0
    within: tuple[int, ...] = (0,) * len(BUCKETS)
    ended: int = 0
    ratios: float = 0.0


NONE = Counts()


@dataclass(frozen=True, slots=True)
class _Stand:
    """What the kept counts were read on."""

    slot: str
    terms: Sequence[Term]
    positions: Mapping[str, int]


@dataclass(slots=True)
class SlaCounts:
    """Keeps the counts from one reading to the next."""

    _stand: _Stand | None = None
    _kept: dict[tuple[str, str], Counts] = field(default_factory=dict[tuple[str, str], Counts])
    """By part and clock, without the cases that wait."""

    async def read(self, connection: Connection, policies: Policies, now: datetime) -> Mapping[str, Counts]:
        """The counts by clock, as the live read model has the cases at this moment."""
        stand = await _stand(connection, policies)
        parts = await self._changed(connection, stand)
        known = columns(stand.terms, "county", "since", "until", "hours", "published_at", "replaced_at")
        rows = await connection.fetch(SQL["sla"], *known, BUCKETS, now, parts)
        counted = {(row["part"], row["sla"]): _counts(dict(row)) for row in rows}
        anew = set(parts)
        self._kept = {key: counts for key, counts in self._kept.items() if key[0] not in anew}
        self._kept |= {key: counts for key, counts in counted.items() if key[0] != _WAITING}
        self._stand = stand
        waiting = {sla: counts for (part, sla), counts in counted.items() if part == _WAITING}
        return {sla: _sum(self._of(sla), waiting.get(sla, NONE)) for sla in {sla for _, sla in {*self._kept, *counted}}}

    async def _changed(self, connection: Connection, stand: _Stand) -> Sequence[str]:
        """The parts to be read anew: all of them where what they were read on is there no longer."""
        before = self._stand
        if before is None or (before.slot, before.terms) != (stand.slot, stand.terms):
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
    return _Stand("".join({row["slot"] for row in rows}), terms(policies, logs), positions)


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


def _sum(kept: Sequence[Counts], waiting: Counts) -> Counts:
    every = [*kept, waiting]
    return Counts(
        open=waiting.open,
        overdue=waiting.overdue,
        earliest=waiting.earliest,
        met=sum(counts.met for counts in every),
        missed=sum(counts.missed for counts in every),
        learned_late=sum(counts.learned_late for counts in every),
        within=tuple(map(sum, zip(*(counts.within for counts in every), strict=True))),
        ended=sum(counts.ended for counts in every),
        ratios=fsum(counts.ratios for counts in every),
    )
