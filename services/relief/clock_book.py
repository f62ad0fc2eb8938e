"""What is on record of a case's clocks (时限记录): pauses that somebody authorised, breaches, and what put them right.

It has a stream of its own beside the case, so that a case is not longer for being watched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from events.fact import Recorded
from events.relief_clocks import (
    ClockBroken,
    ClockContinued,
    ClockCorrected,
    ClockExtended,
    ClockFact,
    ClockHalted,
    ClockName,
    ClockPaused,
    ClockResumed,
    ClockWarned,
    Verdict,
)
from events.rules import PauseCause
from services.chassis.decider import Circumstances, Decider, Refused
from services.relief import extensions
from services.relief.clocks import Clock
from services.relief.extensions import ExtendClock
from services.relief.halts import tell
from services.relief.pauses import latest_end

# --- commands


@dataclass(frozen=True, slots=True)
class JudgeClock:
    """Put down what has become of a clock: it is broken, or otherwise than was put down, or little time is left."""

    case_id: str
    clock: Clock
    policy_hash: str


@dataclass(frozen=True, slots=True)
class TellHalt:
    """Put down that a clock stands still by the policy's own rule, or runs on, so that those who wait hear of it."""

    case_id: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class PauseClock:
    """Let a running clock stand still, or stand still for longer, on the word of the officer who acts."""

    case_id: str
    clock: Clock
    cause: PauseCause
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ResumeClock:
    """Let a clock run on."""

    case_id: str
    clock: Clock


ClockCommand = JudgeClock | TellHalt | PauseClock | ResumeClock | ExtendClock

# --- state

Kept = TypeVar("Kept")
Key = tuple[ClockName, str]
"""A clock, and which of that name."""


@dataclass(frozen=True, slots=True)
class ClockBook:
    """By clock: the last verdict, the pause that is not ended, the deadline that was warned of.

    ``halted`` says until when a clock was told to stand still by the policy's own rule, as long as it does and no
    officer's word was heard since.
    ``extended`` are those that were put off.
    """

    verdicts: Mapping[Key, Verdict] = field(default_factory=dict[Key, Verdict])
    paused: Mapping[Key, ClockPaused] = field(default_factory=dict[Key, ClockPaused])
    warned: Mapping[Key, datetime] = field(default_factory=dict[Key, datetime])
    halted: Mapping[Key, datetime] = field(default_factory=dict[Key, datetime])
    extended: frozenset[Key] = frozenset()


def clocks_of(case_id: str) -> str:
    """The stream of a case's clocks."""
    return f"clocks:{case_id}"


# --- decide


def decide(book: ClockBook, command: ClockCommand, now: Circumstances) -> Sequence[ClockFact]:
    """What is put down. Said again it gives nothing; raises ``Refused`` for a pause that the policy does not know."""
    match command:
        case JudgeClock():
            return _judge(book, command)
        case TellHalt():
            return tell(command.case_id, command.clock, book.halted.get(_key(command.clock)))
        case PauseClock():
            return _pause(book, command, now)
        case ResumeClock():
            return _resume(book, command, now)
        case ExtendClock():
            return extensions.decide(command, now, is_extended=_key(command.clock) in book.extended)


def _judge(book: ClockBook, command: JudgeClock) -> Sequence[ClockFact]:
    clock = replace(command.clock, recorded=book.verdicts.get(_key(command.clock)))
    if not clock.is_unrecorded:
        return _warn(book, command) if clock.may_warn else ()
    if clock.recorded is not None:
        return (_corrected(command.case_id, clock, clock.recorded),)
    broken = ClockBroken(
        case_id=command.case_id,
        clock=clock.name,
        subject=clock.subject,
        verdict="breached" if clock.verdict == "breached" else "target_missed",
        started_at=clock.started_at,
        due_at=clock.due_at,
        clause=clock.term.clause,
        policy_hash=command.policy_hash,
        calendar=clock.calendar.version,
        provisional=clock.provisional,
        report_ids=clock.reports,
        unreached=clock.unreached,
    )
    return (broken, _corrected(command.case_id, clock, "met")) if clock.was_met else (broken,)


def _warn(book: ClockBook, command: JudgeClock) -> Sequence[ClockFact]:
    clock = command.clock
    if book.warned.get(_key(clock)) == clock.due_at:
        return ()
    return (
        ClockWarned(
            case_id=command.case_id,
            clock=clock.name,
            subject=clock.subject,
            started_at=clock.started_at,
            due_at=clock.due_at,
            clause=clock.term.clause,
            report_ids=clock.reports,
        ),
    )


def _corrected(case_id: str, clock: Clock, was: Verdict) -> ClockCorrected:
    return ClockCorrected(
        case_id=case_id,
        clock=clock.name,
        subject=clock.subject,
        was=was,
        verdict=clock.verdict,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        report_ids=clock.reports,
    )


def _pause(book: ClockBook, command: PauseClock, now: Circumstances) -> Sequence[ClockFact]:
    clock, stands_until = command.clock, _stands_until(book, command.clock, now.occurred_at)
    if stands_until == command.expires_at:
        return ()
    _must_be_pausable(command, now.occurred_at)
    if stands_until is not None and command.expires_at < stands_until:
        raise Refused("pause_stands_longer", "该时限已经暂停至更晚的时间;需要提前恢复的,请恢复计时。")
    return (
        ClockPaused(
            case_id=command.case_id,
            clock=clock.name,
            subject=clock.subject,
            cause=command.cause,
            authorised_by=now.actor.id,
            paused_at=now.occurred_at,
            expires_at=command.expires_at,
            report_ids=clock.reports,
        ),
    )


def _must_be_pausable(command: PauseClock, at: datetime) -> None:
    clock = command.clock
    if clock.verdict != "running" or at > clock.due_at:
        raise Refused("clock_not_running", "该时限已经结束或已超时,不能暂停。")
    if command.cause not in clock.term.pausable:
        raise Refused("pause_not_allowed", "本县(市、区)政策不允许以这一原因暂停该时限。")
    if command.expires_at <= at:
        raise Refused("pause_without_end", "暂停的截止时间应晚于开始时间。")
    begins_at = clock.segments[-1].begins_at if clock.is_paused else at
    if command.expires_at > latest_end(begins_at, clock.term):
        raise Refused("pause_too_long", "暂停的截止时间超过了本县(市、区)政策允许的最长天数,请缩短后再办理。")


def _resume(book: ClockBook, command: ResumeClock, now: Circumstances) -> Sequence[ClockFact]:
    clock = command.clock
    if _stands_until(book, clock, now.occurred_at) is None:
        return ()
    return (
        ClockResumed(
            case_id=command.case_id,
            clock=clock.name,
            subject=clock.subject,
            resumed_by=now.actor.id,
            resumed_at=now.occurred_at,
            report_ids=clock.reports,
        ),
    )


def _stands_until(book: ClockBook, clock: Clock, at: datetime) -> datetime | None:
    """Until when an officer's pause lets it stand still: the policy ends a pause that was meant to last longer."""
    paused = book.paused.get(_key(clock))
    if paused is None:
        return None
    ends_at = min(paused.expires_at, latest_end(paused.paused_at, clock.term))
    return ends_at if at < ends_at else None


def _key(clock: Clock) -> Key:
    return clock.name, clock.subject


# --- evolve


def evolve(book: ClockBook, recorded: Recorded[ClockFact]) -> ClockBook:
    """The book after a fact."""
    fact = recorded.fact
    key = (fact.clock, fact.subject)
    match fact:
        case ClockPaused() | ClockResumed():
            pauses = {} if isinstance(fact, ClockResumed) else {key: fact}
            return replace(book, paused={**_without(book.paused, key), **pauses}, halted=_without(book.halted, key))
        case ClockHalted() | ClockContinued():
            halts = {} if isinstance(fact, ClockContinued) else {key: fact.expires_at}
            return replace(book, halted={**_without(book.halted, key), **halts})
        case ClockExtended():
            return replace(book, extended=book.extended | {key})
        case ClockWarned():
            return replace(book, warned={**book.warned, key: fact.due_at})
        case ClockBroken() | ClockCorrected():
            return replace(book, verdicts={**book.verdicts, key: fact.verdict})


def _without(kept: Mapping[Key, Kept], key: Key) -> Mapping[Key, Kept]:
    return {one: value for one, value in kept.items() if one != key}


def answer(facts: Sequence[ClockFact]) -> Mapping[str, Any]:
    """What a caller is told: which clock, and what came of it."""
    return {"clock": facts[0].clock, "outcome": facts[0].NAME.removeprefix("relief.")} if facts else {}


DECIDER: Decider[ClockCommand, ClockBook, ClockFact] = Decider(ClockBook(), decide, evolve, answer)
