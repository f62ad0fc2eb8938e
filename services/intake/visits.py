"""A list of households that were visited door to door or handed over: whoever was not included, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.fact import Recorded, Sealed
from events.intake_desk import NotIncluded
from services.chassis.decider import Circumstances, Decider, Refused
from services.intake.report_state import differs


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOut:
    """Note that the household of a line was not included."""

    list_id: str
    line: int
    kind: str
    person: str | None
    reason: Sealed
    name: Sealed | None = None
    said: str | None = None
    """A keyed digest of the whole line."""


LeftOut = Mapping[int, NotIncluded]
"""The households that were left out, by the line on which each stood."""


def stream_of(list_id: str) -> str:
    """The stream of a list."""
    return f"list:{list_id}"


def decide(left_out: LeftOut, command: LeaveOut, now: Circumstances) -> Sequence[NotIncluded]:
    """The note; a line is noted once. Another household under its number is refused, not lost."""
    before = left_out.get(command.line)
    if before is None:
        noted = NotIncluded(
            list_id=command.list_id,
            line=command.line,
            kind=command.kind,
            person=command.person,
            reason=command.reason,
            noted_by=now.actor.id,
            name=command.name,
            said=command.said,
        )
        return (noted,)
    if differs(command.said, before.said):
        raise Refused("line_known", "该名单编号的这一行此前已登记另一户,请更换名单编号后重新提交。")
    return ()


def evolve(left_out: LeftOut, recorded: Recorded[NotIncluded]) -> LeftOut:
    """The lines that are noted."""
    return {**left_out, recorded.fact.line: recorded.fact}


DECIDER: Decider[LeaveOut, LeftOut, NotIncluded] = Decider({}, decide, evolve)
