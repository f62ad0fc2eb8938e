"""A person who had relief by fraud (骗取救助): until when the county takes no new application of theirs.

The case in which the fraud was found puts it down; every later case of the person in the county asks for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from events.fact import Recorded
from events.relief_household import PersonBarred
from services.chassis.decider import Circumstances, Decider

# --- commands


@dataclass(frozen=True, slots=True)
class BarPerson:
    """Put down until when no new application is taken, because of what a case has found."""

    person: str
    case_id: str
    until: date
    clause: str


# --- state


@dataclass(frozen=True, slots=True)
class Disqualification:
    """Until when, by the case that found it."""

    by_case: Mapping[str, date] = field(default_factory=dict[str, date])

    @property
    def until(self) -> date | None:
        """The last of them."""
        return max(self.by_case.values(), default=None)


def disqualification_of(person: str) -> str:
    """The stream of a person's disqualification."""
    return f"disqualification:{person}"


# --- decide


def decide(known: Disqualification, command: BarPerson, now: Circumstances) -> Sequence[PersonBarred]:
    """What is put down; a case that has said so already says nothing more."""
    if command.case_id in known.by_case:
        return ()
    barred = PersonBarred(person=command.person, case_id=command.case_id, until=command.until, clause=command.clause)
    return (barred,)


# --- evolve


def evolve(known: Disqualification, recorded: Recorded[PersonBarred]) -> Disqualification:
    """The disqualification after a fact."""
    fact = recorded.fact
    return Disqualification({**known.by_case, fact.case_id: fact.until})


def answer(facts: Sequence[PersonBarred]) -> Mapping[str, Any]:
    """The case itself has answered."""
    return {}


DECIDER: Decider[BarPerson, Disqualification, PersonBarred] = Decider(Disqualification(), decide, evolve, answer)
