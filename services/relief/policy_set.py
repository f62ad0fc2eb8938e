"""A jurisdiction's book of policies (政策): each set and each calendar is published once and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.fact import Recorded
from events.policy import CalendarPublished, PolicyConfirmed, PolicyFact, PolicyPublished, StandardPublished
from services.chassis.decider import Circumstances, Decider, Refused
from services.relief.contradictions import contradictions

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


@dataclass(frozen=True, slots=True)
class PublishStandard:
    """Put a low-income standard into force from its day on."""

    standard: StandardPublished


@dataclass(frozen=True, slots=True)
class ConfirmPolicy:
    """Say that a set stands as it is, although a newer one above it has the same rules."""

    set_id: str
    newer_set_id: str
    reason: str


Publication = PublishPolicy | PublishCalendar | PublishStandard
PolicyCommand = Publication | ConfirmPolicy

# --- state

Book = Mapping[str, PolicyFact]
"""What is published, by what names it: a set by its id, a calendar by its year and document, and so on."""

# --- decide


def decide(book: Book, command: PolicyCommand, now: Circumstances) -> Sequence[PolicyFact]:
    """The publication. What is published already gives nothing; raises ``Refused`` where it said something else."""
    if isinstance(command, ConfirmPolicy):
        return _confirm(book, command, now)
    published = _published(command)
    known = book.get(_name(published))
    if known is None:
        return (published,)
    if known != published:
        raise Refused("published_otherwise", "同一编号的政策已经发布过不同的内容,不能更改,请用新的编号发布。")
    return ()


def _published(command: Publication) -> PolicyFact:
    match command:
        case PublishPolicy(published):
            wrong = next(contradictions(published), None)
            if wrong is not None:
                raise Refused("contradictory_policy", f"政策不成立,{'.'.join(wrong.path)}:{wrong.reason}。")
            return published
        case PublishCalendar(calendar):
            return calendar
        case PublishStandard(standard):
            return standard


def _confirm(book: Book, command: ConfirmPolicy, now: Circumstances) -> Sequence[PolicyFact]:
    own = book.get(f"set:{command.set_id}")
    if not isinstance(own, PolicyPublished):
        raise Refused("unknown_set", "没有这份政策,请核对编号。")
    confirmed = PolicyConfirmed(
        set_id=command.set_id,
        division=own.division,
        newer_set_id=command.newer_set_id,
        reason=command.reason,
        confirmed_by=now.actor.id,
    )
    return () if _name(confirmed) in book else (confirmed,)


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
        case StandardPublished():
            return f"standard:{published.residence}:{published.effective_from}"
        case PolicyConfirmed():
            return f"confirmed:{published.set_id}:{published.newer_set_id}"


_EMPTY: Book = {}
DECIDER: Decider[PolicyCommand, Book, PolicyFact] = Decider(_EMPTY, decide, evolve)
