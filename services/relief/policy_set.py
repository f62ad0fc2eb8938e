"""A jurisdiction's book of policies (政策): each set and each calendar is published once and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.fact import Recorded
from events.policy import CalendarPublished, PolicyFact, PolicyPublished
from services.chassis.decider import Circumstances, Decider, Refused

STREAM = "policy"
"""The stream of a division's book, in that division's own log."""

# --- commands


@dataclass(frozen=True, slots=True)
class PublishPolicy:
    """Put a set into force from its day on."""

    policy: PolicyPublished


@dataclass(frozen=True, slots=True)
class PublishCalendar:
    """Put a year's holidays into force. A later document about the same year takes the place of an earlier one."""

    calendar: CalendarPublished


PolicyCommand = PublishPolicy | PublishCalendar

# --- state

Book = Mapping[str, PolicyFact]
"""What is published, by what names it: a set by its id, a calendar by its year and document."""

# --- decide


def decide(book: Book, command: PolicyCommand, now: Circumstances) -> Sequence[PolicyFact]:
    """The publication. What is published already gives nothing; raises ``Refused`` where it said something else."""
    match command:
        case PublishPolicy(published) | PublishCalendar(published):
            known = book.get(_name(published))
    if known is None:
        return (published,)
    if known != published:
        raise Refused("published_otherwise", "同一编号的政策已经发布过不同的内容,不能更改,请用新的编号发布。")
    return ()


# --- evolve


def evolve(book: Book, recorded: Recorded[PolicyFact]) -> Book:
    """The book with one more entry."""
    return {**book, _name(recorded.fact): recorded.fact}


def _name(published: PolicyFact) -> str:
    match published:
        case PolicyPublished():
            return f"set:{published.set_id}"
        case CalendarPublished():
            return f"calendar:{published.year}:{published.document}"


_EMPTY: Book = {}
DECIDER: Decider[PolicyCommand, Book, PolicyFact] = Decider(_EMPTY, decide, evolve)
