"""That a clock stands still by the policy's own rule (依政策暂停), and runs on: told to those who wait, once each."""

from collections.abc import Sequence
from datetime import datetime

from events.relief_clocks import ClockContinued, ClockFact, ClockHalted
from services.relief.clocks import Clock


def halted_until(clock: Clock) -> datetime | None:
    """Until when a clock stands still now, where what has happened and nobody's word is a part of why; or none."""
    last = clock.segments[-1]
    return last.until if clock.is_paused and last.halt is not None else None


def told_at(clock: Clock) -> datetime:
    """Since when that what is told of a clock is so: the policy's own pause may begin inside an officer's."""
    last = clock.segments[-1]
    return last.begins_at if last.halt is None else max(last.begins_at, last.halt.at)


def is_untold(clock: Clock) -> bool:
    """Whether those who wait think otherwise of a clock that is not over."""
    return clock.judged and clock.verdict == "running" and halted_until(clock) != clock.halted_until


def tell(case_id: str, clock: Clock, told_until: datetime | None) -> Sequence[ClockFact]:
    """What is put down, where it was told to stand still until a moment, or to run. Said again it gives nothing."""
    until = halted_until(clock)
    if until == told_until:
        return ()
    return (_continued(case_id, clock) if until is None else _halted(case_id, clock, until),)


def _halted(case_id: str, clock: Clock, until: datetime) -> ClockHalted:
    halt = clock.segments[-1].halt
    assert halt is not None
    assert halt.cause is not None
    return ClockHalted(
        case_id=case_id,
        clock=clock.name,
        subject=clock.subject,
        cause=halt.cause,
        clause=clock.term.clause,
        halted_at=told_at(clock),
        expires_at=until,
        report_ids=clock.reports,
    )


def _continued(case_id: str, clock: Clock) -> ClockContinued:
    return ClockContinued(
        case_id=case_id,
        clock=clock.name,
        subject=clock.subject,
        continued_at=told_at(clock),
        due_at=clock.due_at,
        report_ids=clock.reports,
    )
