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
from services.relief.advance_deadlines import Judged, deadlines, judged, paused_running
from services.relief.case_clocks import Judge
from services.relief.caseload import SQL

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
    paused: bool = False
    """Its clock stands still: ``due_at`` is when its time will be up if it does so as long as it may."""
    provisional: bool
    """``due_at`` is counted by working days that are not published yet."""
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


async def worklist(connection: Connection, scope: str, judge: Judge, wanted: Wanted) -> Worklist:
    """A page for a scope (a division or township code, or nothing for everywhere), with the time left at that moment.

    Raises ``ValueError`` for a page that is none of ours.
    """
    page = wanted.start
    running = await paused_running(connection, scope, judge)
    due = await deadlines(connection, scope, judge.policies, running)
    begins = (page.rank, page.due_key, page.reported_key, page.case_id)
    asked = (*wanted.filters(judge.now), *due.others)
    rows = await connection.fetch(SQL["queue"], scope, *due.hours, *begins, page.limit + 1, *asked)
    shown = [dict(row) for row in rows[: page.limit]]
    over = [row for row in shown if row["was_paused"] and row["case_id"] not in running]
    by_clocks = {**running, **await judged(judge, over)}
    return Worklist(cases=tuple(_waiting(row, by_clocks, judge.now) for row in shown), next=_next(rows, page.limit))


def _waiting(row: Mapping[str, Any], by_clocks: Mapping[str, Judged], now: datetime) -> Waiting:
    due_at: datetime | None = row["due_at"]
    known = by_clocks.get(row["case_id"])
    told = row if known is None else {**row, **known.shown}
    return Waiting(**told, seconds_left=None if due_at is None else int((due_at - now).total_seconds()))


def _next(rows: Sequence[Any], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return f"{last['rank']}.{last['due_key']}.{last['reported_key']}.{last['case_id']}"
