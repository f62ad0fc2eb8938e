"""A list of households that were visited door to door or handed over: whoever was not included, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from events.fact import Recorded, Sealed
from events.intake_desk import NotIncluded
from services.chassis.decider import Circumstances, Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOut:
    """Note that the household of a line was not included."""

    list_id: str
    line: int
    kind: str
    person: str | None
    reason: Sealed


def stream_of(list_id: str) -> str:
    """The stream of a list."""
    return f"list:{list_id}"


def decide(lines: frozenset[int], command: LeaveOut, now: Circumstances) -> Sequence[NotIncluded]:
    """The note; a line is noted once."""
    noted = NotIncluded(
        list_id=command.list_id,
        line=command.line,
        kind=command.kind,
        person=command.person,
        reason=command.reason,
        noted_by=now.actor.id,
    )
    return () if command.line in lines else (noted,)


def evolve(lines: frozenset[int], recorded: Recorded[NotIncluded]) -> frozenset[int]:
    """The lines that are noted."""
    return lines | {recorded.fact.line}


DECIDER: Decider[LeaveOut, frozenset[int], NotIncluded] = Decider(frozenset(), decide, evolve)
