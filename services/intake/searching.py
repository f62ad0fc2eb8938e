"""Searching all reports for those that may be of one household (查重): for all who ask at a time, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from events.intake import ReportReceived
from events.intake_later import Candidate
from services.chassis.gathering import Gathering
from services.chassis.projection import Projector
from services.intake.likeness import FEATURES, WINDOW, Other, ranked
from services.intake.report_commands import ReceiveReport
from services.intake.reports import SQL, short_keys

_SUSPECTS_AT_MOST = 10

Told = ReceiveReport | ReportReceived


@dataclass(slots=True)
class Search:
    """Finds other reports that share something with one."""

    reports: Projector
    _together: Gathering[Told, Sequence[Other]] = field(init=False)

    def __post_init__(self) -> None:
        self._together = Gathering(self._alike)

    async def suspects(self, report: Told) -> tuple[Candidate, ...]:
        """Reports that may be of the same household, the likeliest first, as far as they can be seen yet."""
        if not report.likenesses:
            return ()
        others = await self._together.answer(report)
        return tuple(
            Candidate(report_id=suspect.report_id, weight=suspect.weight, reasons=suspect.reasons)
            for suspect in ranked(others, report.cause, report.reported_at)[:_SUSPECTS_AT_MOST]
        )

    async def _alike(self, reports: Sequence[Told]) -> Sequence[Sequence[Other]]:
        async with self.reports.reading() as connection:
            rows = await connection.fetch(SQL["alike"], *zip(*map(_question, reports), strict=True))
        found: list[dict[str, Other]] = [{} for _ in reports]
        for number, report_id, cause, reported_at, *shares in rows:
            if report_id not in found[number - 1]:
                found[number - 1][report_id] = Other(report_id, tuple(shares), cause, reported_at)
        return [list(others.values()) for others in found]


def _question(report: Told) -> tuple[Any, ...]:
    keys = short_keys(report.likenesses)
    since, until = report.reported_at - WINDOW, report.reported_at + WINDOW
    return report.report_id, since, until, *map(keys.get, FEATURES)
