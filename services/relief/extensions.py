"""A deadline that may be put off once (延期): by no more than the policy says, and on whose word is on record."""

from dataclasses import dataclass

from events.relief_clocks import ClockExtended
from services.chassis.decider import Circumstances, Refused
from services.relief.clock_due import later
from services.relief.clocks import Clock


@dataclass(frozen=True, slots=True)
class ExtendClock:
    """Put a deadline off by so much in its own unit; ``reference`` names the approval."""

    case_id: str
    clock: Clock
    length: int
    reference: str


def decide(command: ExtendClock, now: Circumstances, *, is_extended: bool) -> tuple[ClockExtended, ...]:
    """The deadline as it is put off. Raises ``Refused`` for what the policy does not allow.

    The clock was looked at before the lock: whether it ``is_extended`` says what is on record.
    """
    clock = command.clock
    if is_extended:
        raise Refused("extended_already", "该时限已经延期一次,不能再次延期。")
    if clock.verdict != "running" or now.occurred_at > clock.due_at:
        raise Refused("clock_not_running", "该时限已经结束或已超时,不能暂停或延期。")
    if command.length > clock.term.extension_at_most:
        raise Refused("extension_too_long", "该时限不能延期,或延期超过了本县(市、区)政策允许的长度。")
    extended = ClockExtended(
        case_id=command.case_id,
        clock=clock.name,
        subject=clock.subject,
        due_at=later(clock.due_at, command.length, clock.term, clock.calendar).ends_at,
        reference=command.reference,
        authorised_by=now.actor.id,
        report_ids=clock.reports,
        length=command.length,
    )
    return (extended,)
