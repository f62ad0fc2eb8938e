"""The clocks' story (时限): one is paused and resumed by somebody, one is broken, and what was judged is put right."""

from typing import Literal

from pydantic import AwareDatetime, Field

from events.fact import Public
from events.rules import PauseCause
from events.words import Id, Sha256, StaffId

ClockName = Literal[
    "advance_from_report",
    "advance_from_acceptance",
    "advance_from_transfer",
    "reply",
    "make_up",
    "small_fast",
    "general",
    "general_township",
    "general_county",
    "publicity",
    "filing",
    "hotline_return",
    "hotline_finish",
    "police_check",
    "means_check",
    "means_check_start",
    "acceptance",
    "severe_measures",
    "payment",
]
"""先行救助 (from the report, from acceptance, from the county's receipt of a transfer), 答复, 补手续, 小额快救,
一般程序 (in all, 乡镇, 县级), 公示, 备案, 热线退单, 热线办结, 身份核查, 家庭经济状况核对 (its answer, its
beginning), 受理通知, 重大急难措施, 公示后发放."""

Verdict = Literal["running", "met", "target_missed", "breached", "lapsed"]
"""Once overdue, a clock is ``target_missed`` where the policy says may (可), ``breached`` where it says must (应当).

``lapsed`` is one whose case was closed in time, without help.
"""


class ClockPaused(Public, name="relief.clock_paused"):
    """A clock stands still (暂停) for a cause, on somebody's authority, until it is resumed or the pause expires."""

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    cause: PauseCause
    authorised_by: StaffId
    paused_at: AwareDatetime
    expires_at: AwareDatetime
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""


class ClockResumed(Public, name="relief.clock_resumed"):
    """A clock that stood still runs on (恢复)."""

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    resumed_by: StaffId
    resumed_at: AwareDatetime
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""


class ClockExtended(Public, name="relief.clock_extended"):
    """A deadline is put off (延期), once, on somebody's authority; it is ``due_at`` from now on."""

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    due_at: AwareDatetime
    reference: str = Field(pattern=r"^[A-Za-z0-9〔〕号._-]{0,40}$")
    authorised_by: StaffId
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""
    length: int | None = Field(default=None, ge=1, le=366)
    """By how much in the clock's own unit; without it ``due_at`` stands, whatever calendar is published later."""


class ClockHalted(Public, name="relief.clock_halted"):
    """A clock stands still by the policy's own rule, for what has happened and on nobody's word (依政策暂停).

    It pauses nothing: what has happened does. It is put down so that those who wait hear of it.
    """

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    cause: PauseCause
    clause: str = Field(max_length=200)
    halted_at: AwareDatetime
    expires_at: AwareDatetime
    """When it runs on by itself at the latest."""
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""


class ClockContinued(Public, name="relief.clock_continued"):
    """A clock that stood still by the policy's own rule runs on (依政策恢复), to a deadline that is later now."""

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    continued_at: AwareDatetime
    due_at: AwareDatetime
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""


class ClockBroken(Public, name="relief.clock_breached"):
    """A deadline has passed (超时). It stays on record, whatever is learned later."""

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    verdict: Literal["target_missed", "breached"]
    started_at: AwareDatetime
    due_at: AwareDatetime
    clause: str = Field(max_length=200)
    policy_hash: Sha256
    calendar: str = Field(max_length=64)
    provisional: bool = False
    """The working days of a year that it counted in were not published yet."""
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""
    unreached: bool = False
    """Nobody could be reached when it was last tried (联系不上): the clock was not stopped for that."""


class ClockWarned(Public, name="relief.clock_warned"):
    """Most of a deadline's time is used (预警): from the share on that the policy says. It is warned of once."""

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    started_at: AwareDatetime
    due_at: AwareDatetime
    clause: str = Field(max_length=200)
    report_ids: tuple[Id, ...] = ()


class ClockCorrected(Public, name="relief.clock_corrected"):
    """What was judged of a clock is another thing by what was learned since (更正). The breach stays on record."""

    case_id: Id
    clock: ClockName
    subject: str = Field(max_length=64)
    was: Verdict
    verdict: Verdict
    due_at: AwareDatetime
    stopped_at: AwareDatetime | None
    report_ids: tuple[Id, ...] = ()
    """Who is to be told."""


ClockFact = (
    ClockPaused
    | ClockResumed
    | ClockExtended
    | ClockHalted
    | ClockContinued
    | ClockWarned
    | ClockBroken
    | ClockCorrected
)
