"""That a clock stands still by the policy's own rule (依政策暂停), and runs on: told to those who wait, once each."""

from collections.abc import Sequence
from datetime import datetime

from events.relief_clocks import ClockContinued, ClockFact, ClockHalted
from services.relief.clocks import Clock


def halted_until(clock: Clock) -> datetime | None:
    """Until when a clock stands still now for what has happened, on nobody's word; none where it does not."""
    last = clock.segments[-1]
    return last.until if clock.is_paused and last.began_by.cause is not None else None


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
    halt = clock.segments[-1]
    assert halt.began_by.cause is not None
    return ClockHalted(
        case_id=case_id,
        clock=clock.name,
        subject=clock.subject,
        cause=halt.began_by.cause,
        clause=clock.term.clause,
        halted_at=halt.begins_at,
        expires_at=until,
        report_ids=clock.reports,
    )


def _continued(case_id: str, clock: Clock) -> ClockContinued:
    return ClockContinued(
        case_id=case_id,
        clock=clock.name,
        subject=clock.subject,
        continued_at=clock.segments[-1].begins_at,
        due_at=clock.due_at,
        report_ids=clock.reports,
    )
