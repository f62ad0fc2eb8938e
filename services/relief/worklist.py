"""The worker's list (今日待办): cases in which something is still to be done, page by page, most pressing first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.chassis.database import Connection
from services.relief.caseload import SQL, columns, terms
from services.relief.shelf import Policies

_PAGE = re.compile(r"([01])\.(-?[0-9]{1,18})\.(-?[0-9]{1,18})\.([A-Za-z0-9._:-]{1,64})")


class Waiting(BaseModel):
    """A case in which something is still to be done; ``due_at`` is the next deadline, of help or of papers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    case_id: str
    division: str
    county: str
    township: str
    cause: str
    urgency: str
    persons: int
    identity: str
    reports: int
    next_step: str
    reported_at: datetime
    accepted_at: datetime | None
    relieved_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    due_from_report: datetime | None
    due_from_acceptance: datetime | None
    papers_due_on: date | None
    papers_missing: int
    seconds_left: int | None
    """Until ``due_at``; below zero once it has passed."""


class Worklist(BaseModel):
    """A page of what is to be done; ``next`` asks for the page behind it."""

    model_config = ConfigDict(frozen=True)

    cases: tuple[Waiting, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """How many cases a page holds, and behind which case it begins, by what the list is ordered by."""

    limit: int
    rank: int = -1
    due_key: int = 0
    reported_key: int = 0
    case_id: str = ""

    @classmethod
    def behind(cls, text: str, limit: int) -> "Page":
        """The page behind the one that gave ``text`` as its ``next``. Raises ``ValueError``."""
        found = _PAGE.fullmatch(text)
        if found is None:
            raise ValueError("no page of this list")
        return cls(limit, int(found[1]), int(found[2]), int(found[3]), found[4])


async def worklist(connection: Connection, scope: str, policies: Policies, now: datetime, page: Page) -> Worklist:
    """A page for a scope (a division or township code, or nothing for everywhere), with the time left at ``now``."""
    logs = [row["division"] for row in await connection.fetch(SQL["logs"])]
    known = columns(terms(policies, logs), "county", "since", "until", "hours", "judged_from")
    begins = (page.rank, page.due_key, page.reported_key, page.case_id)
    rows = await connection.fetch(SQL["queue"], scope, *known, *begins, page.limit + 1)
    return Worklist(cases=tuple(_waiting(dict(row), now) for row in rows[: page.limit]), next=_next(rows, page.limit))


def _waiting(row: Mapping[str, Any], now: datetime) -> Waiting:
    due_at: datetime | None = row["due_at"]
    return Waiting(**row, seconds_left=None if due_at is None else int((due_at - now).total_seconds()))


def _next(rows: Sequence[Any], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return f"{last['rank']}.{last['due_key']}.{last['reported_key']}.{last['case_id']}"
