"""The worker's list (今日待办): cases in which something is still to be done, page by page, most pressing first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from events.relief_inquiry import ReliefType
from events.shanghai import Shown
from events.words import Cause, Channel, StaffId, Urgency
from services.chassis.database import Connection
from services.chassis.routing import AskedMoment, Position
from services.relief.advance_terms import columns, day_terms, in_days, terms
from services.relief.caseload import SQL
from services.relief.policy_cache import Policies

_PAGE = re.compile(r"([01])\.(-?[0-9]{1,18})\.(-?[0-9]{1,18})\.([A-Za-z0-9._:-]{1,64})")


State = Literal["reported", "accepted", "relieved", "closed"]
"""How far a case has come."""
DueOf = Literal["advance", "papers", "step"]
"""What the next deadline of a case is of: the first help (先行救助), papers owed (补手续), another step."""


class Wanted(BaseModel):
    """Which cases a list shows, and which page of them. What is left out does not filter."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    waiting: bool = True
    """Only cases in which something is still to be done."""
    state: Annotated[tuple[State, ...], Field(max_length=4)] = ()
    """Any of these."""
    township: Annotated[str, Field(pattern=r"^[0-9]{9}$")] | None = None
    channel: Channel | None = None
    """Reported through this channel, by the first report or a later one."""
    cause: Cause | None = None
    urgency: Urgency | None = None
    relief_type: ReliefType | None = None
    handler: StaffId | None = None
    """Taken on by this officer (经办人)."""
    opened_from: date | None = None
    """Reported on this day of Asia/Shanghai or later."""
    opened_until: date | None = None
    """Reported on this day of Asia/Shanghai or earlier."""
    open_debt: bool | None = None
    """Whether papers are owed."""
    open_review: bool | None = None
    """Whether something is to be looked at again."""
    next_step: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")] | None = None
    due_of: DueOf | None = None
    overdue: bool | None = None
    """Whether the next deadline has passed."""
    as_of: AskedMoment | None = None
    """What was known at this moment."""
    after: Position | None = None
    """The ``Log-Position`` of an earlier answer: wait until it can be seen."""
    page: Annotated[str, Field(max_length=128)] | None = None
    """The ``next`` of the page before."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    @property
    def has_good_page(self) -> bool:
        """Whether the page is one that we gave, or the first."""
        return self.page is None or _PAGE.fullmatch(self.page) is not None

    @property
    def start(self) -> "Page":
        """Where the page begins. Raises ``ValueError`` for one that is none of ours."""
        return Page(self.limit) if self.page is None else Page.behind(self.page, self.limit)

    def filters(self, now: datetime) -> tuple[Any, ...]:
        """What the statement filters by, in its order."""
        return (
            self.waiting,
            *(self.township, self.channel, self.cause, self.urgency, self.relief_type, self.handler),
            *(self.opened_from, self.opened_until, self.open_debt, self.open_review),
            *(self.state or None, self.next_step, self.due_of, self.overdue),
            now,
        )


class Waiting(BaseModel):
    """A case of the list; ``due_at`` is its next deadline, and ``due_of`` what that is of."""

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
    channels: tuple[str, ...]
    handler: str | None
    """Who took it on."""
    relief_type: str | None
    state: str
    next_step: str
    reported_at: Shown
    accepted_at: Shown | None
    relieved_at: Shown | None
    closed_at: Shown | None
    due_at: Shown | None
    due_of: str | None
    due_from_report: Shown | None
    due_from_acceptance: Shown | None
    papers_due_on: date | None
    papers_missing: int
    open_review: bool
    fast_track_suspended: bool
    """Its township may not help first: the county decides, on the same clock."""
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


async def worklist(connection: Connection, scope: str, policies: Policies, now: datetime, wanted: Wanted) -> Worklist:
    """A page for a scope (a division or township code, or nothing for everywhere), with the time left at ``now``.

    Raises ``ValueError`` for a page that is none of ours.
    """
    page = wanted.start
    logs = [row["division"] for row in await connection.fetch(SQL["logs"])]
    found = terms(policies, logs)
    known = columns(found, "county", "since", "until", "hours", "judged_from")
    published = columns(found, "published_at", "replaced_at", "stops")
    begins = (page.rank, page.due_key, page.reported_key, page.case_id)
    starts = await connection.fetch(SQL["start_days"], in_days(policies, logs), scope)
    by_day = day_terms(policies, ((row["county"], row["day"]) for row in starts))
    days = columns(by_day, "county", "day", "due_at", "judged_from", "stops", "published_at", "replaced_at")
    asked = (*wanted.filters(now), *published, *days)
    rows = await connection.fetch(SQL["queue"], scope, *known, *begins, page.limit + 1, *asked)
    return Worklist(cases=tuple(_waiting(dict(row), now) for row in rows[: page.limit]), next=_next(rows, page.limit))


def _waiting(row: Mapping[str, Any], now: datetime) -> Waiting:
    due_at: datetime | None = row["due_at"]
    return Waiting(**row, seconds_left=None if due_at is None else int((due_at - now).total_seconds()))


def _next(rows: Sequence[Any], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return f"{last['rank']}.{last['due_key']}.{last['reported_key']}.{last['case_id']}"
