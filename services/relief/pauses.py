"""Where a clock stood still (暂停): from each pause to what ended it, those that overlap taken as one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.relief.clock_rules import Term
from services.relief.signal import Signal


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a clock stands still. ``ended_by`` is nothing where it expires.

    ``halt`` is the first thing in it that pauses the clock by the policy's own rule; none where officers alone do.
    """

    begins_at: datetime
    ends_at: datetime
    began_by: Signal
    ended_by: Signal | None
    halt: Signal | None
    joined: tuple[Signal, ...] = ()
    """What would have paused it, too, while it stood still."""


def pauses(said: Sequence[Signal], term: Term) -> Sequence[Pause]:
    """The stretches in order. ``said`` is sorted by when it happened, so who told what first makes no difference.

    What a person has paused was allowed then; what happened pauses a clock only where the policy says so.
    """
    found: list[Pause] = []
    for one in (one for one in said if one.kind == "pause" and (one.cause is None or one.cause in term.pausable)):
        pause = _pause(one, said, term)
        if pause.ends_at <= pause.begins_at:
            continue
        if found and pause.begins_at <= found[-1].ends_at:
            found[-1] = _joined(found[-1], pause)
        else:
            found.append(pause)
    return found


def _joined(first: Pause, other: Pause) -> Pause:
    last = max(first, other, key=lambda pause: pause.ends_at)
    joined = first.joined if other.began_by in _causes(first) else (*first.joined, other.began_by)
    return replace(first, ends_at=last.ends_at, ended_by=last.ended_by, halt=first.halt or other.halt, joined=joined)


def _causes(pause: Pause) -> tuple[Signal, ...]:
    return pause.began_by, *pause.joined


def _pause(one: Signal, said: Sequence[Signal], term: Term) -> Pause:
    expires_at, halt = _expiry(one, term), one if one.cause is not None else None
    resumed = next(
        (other for other in said if other.kind == "resume" and other.key == one.key and other.at >= one.at), None
    )
    if resumed is not None and resumed.at <= expires_at:
        return Pause(one.at, resumed.at, one, resumed, halt)
    return Pause(one.at, expires_at, one, None, halt)


def latest_end(begins_at: datetime, term: Term) -> datetime:
    """When a pause ends by itself, where nobody names an earlier moment."""
    return begins_at + timedelta(days=term.pause_days_at_most or 366)


def _expiry(one: Signal, term: Term) -> datetime:
    latest = latest_end(one.at, term)
    return latest if one.until is None else min(one.until, latest)
