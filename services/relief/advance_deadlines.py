"""When the advances of the list are due (先行救助到期): by the terms in a statement, or as the clocks themselves say.

A clock that somebody let stand still is judged with its pauses; those cases are few. The others' deadlines need nothing
but the day of their start.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.database import Connection
from services.relief.advance_terms import columns, day_terms, in_days, terms
from services.relief.case_clocks import Judge
from services.relief.caseload import SQL
from services.relief.clocks import Clock
from services.relief.policy_cache import Policies
from services.relief.watch import CaseKey


@dataclass(frozen=True, slots=True)
class Judged:
    """What the clocks say of a case: when its advance is due from both starts, and whether it stands still."""

    due_from_report: datetime | None
    due_from_acceptance: datetime | None
    report_provisional: bool
    acceptance_provisional: bool
    paused: bool

    @property
    def shown(self) -> Mapping[str, Any]:
        """What of it a list shows."""
        return {
            "due_from_report": self.due_from_report,
            "due_from_acceptance": self.due_from_acceptance,
            "paused": self.paused,
        }


async def judged(judge: Judge, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Judged]:
    """The cases of some rows by their ids, as the clocks have them. Raises ``StoreUnavailable``."""
    cases: list[CaseKey] = [(row["division"], row["case_id"]) for row in rows]
    return {case_id: _judged(found) for (_, case_id), found in (await judge.advances(cases)).items()}


def _judged(found: Sequence[Clock]) -> Judged:
    by_name = {clock.name: clock for clock in found}
    report, acceptance = by_name.get("advance_from_report"), by_name.get("advance_from_acceptance")
    return Judged(
        due_from_report=None if report is None else report.due_at,
        due_from_acceptance=None if acceptance is None else acceptance.due_at,
        report_provisional=report is not None and report.provisional,
        acceptance_provisional=acceptance is not None and acceptance.provisional,
        paused=any(clock.judged and clock.is_paused for clock in found),
    )


async def paused_running(connection: Connection, scope: str, judge: Judge) -> Mapping[str, Judged]:
    """The cases of a scope that wait for help, and whose clock somebody let stand still."""
    return await judged(judge, map(dict, await connection.fetch(SQL["paused_running"], scope)))


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The deadlines as arrays, as the statement of the list takes them: the terms in hours first, then all else."""

    hours: Sequence[list[Any]]
    others: Sequence[list[Any]]


async def deadlines(
    connection: Connection, scope: str, policies: Policies, by_clocks: Mapping[str, Judged]
) -> Deadlines:
    """By the published terms, and for some cases as the clocks have judged them."""
    logs = [row["division"] for row in await connection.fetch(SQL["logs"])]
    known = terms(policies, logs)
    starts = await connection.fetch(SQL["start_days"], in_days(policies, logs), scope)
    by_day = day_terms(policies, ((row["county"], row["day"]) for row in starts))
    days = columns(by_day, "county", "day", "due_at", "judged_from", "stops", "published_at", "replaced_at")
    dues = ("due_from_report", "due_from_acceptance", "report_provisional", "acceptance_provisional")
    moved = [[getattr(one, name) for one in by_clocks.values()] for name in dues]
    return Deadlines(
        hours=columns(known, "county", "since", "until", "hours", "judged_from"),
        others=[
            *columns(known, "published_at", "replaced_at", "stops"),
            *days,
            *columns(by_day, "provisional"),
            list(by_clocks),
            *moved,
        ],
    )
