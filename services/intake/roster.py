"""A division's duty roster (值班表): who is called at 03:00, and who is called if they do not answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.fact import Recorded, Sealed
from events.intake_desk import DutyFact, ShiftAssigned, ShiftCancelled
from services.chassis.decider import Circumstances, Decider, Refused
from services.intake.filed import repeated

# --- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignShift:
    """Put somebody on duty."""

    shift_id: str
    division: str
    starts_at: datetime
    ends_at: datetime
    staff_id: str
    phone: Sealed
    rank: int
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True)
class CancelShift:
    """Take a shift off the roster."""

    shift_id: str


RosterCommand = AssignShift | CancelShift


def stream_of(division: str) -> str:
    """The stream of a division's roster."""
    return f"roster:{division}"


# --- state

Roster = Mapping[str, ShiftAssigned]
"""The shifts that stand, by their ids."""


def on_duty(roster: Roster, at: datetime) -> Sequence[ShiftAssigned]:
    """Who is on duty at a moment, in the order in which they are called."""
    there = (shift for shift in roster.values() if shift.starts_at <= at < shift.ends_at)
    return sorted(there, key=lambda shift: (shift.rank, shift.staff_id))


# --- decide


def decide(roster: Roster, command: RosterCommand, now: Circumstances) -> Sequence[DutyFact]:
    """What happens to the roster. Raises ``Refused`` for a shift that ends before it starts."""
    match command:
        case AssignShift():
            if command.ends_at <= command.starts_at:
                raise Refused("shift_ends_early", "值班结束时间应在开始之后。")
            known = roster.get(command.shift_id)
            if known is not None:
                return repeated(command.said, known.said)
            return (ShiftAssigned.model_validate(command, from_attributes=True),)
        case CancelShift(shift_id):
            return (ShiftCancelled(shift_id=shift_id),) if shift_id in roster else ()


# --- evolve


def evolve(roster: Roster, recorded: Recorded[DutyFact]) -> Roster:
    """The roster with one more line, or one fewer."""
    match recorded.fact:
        case ShiftAssigned() as shift:
            return {**roster, shift.shift_id: shift}
        case ShiftCancelled(shift_id=gone):
            return {name: shift for name, shift in roster.items() if name != gone}


_EMPTY: Roster = {}
DECIDER: Decider[RosterCommand, Roster, DutyFact] = Decider(_EMPTY, decide, evolve)
