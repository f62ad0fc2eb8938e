"""The sequences of an `eventsourcing` application as streams of a log: one fact for all its events, one rule for all.

Chassis knows no other fact; this one says nothing of relief.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from events.fact import Fact, Recorded
from services.chassis.decider import Circumstances, Decider
from services.chassis.unit import VersionConflict

FIRST_NUMBERS = (0, 1)
"""An application may count its aggregates' versions from 0; the library's default is 1. A stream counts from 1."""


class LibraryEvent(Fact, name="library.event"):
    """An event of an `eventsourcing` application, as its mapper made it: ``version`` is its number in its sequence."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    originator: Literal["uuid", "text"]
    version: int
    topic: str
    state: bytes


class OutOfSequence(VersionConflict):
    """These events do not come next in their sequence."""


@dataclass(frozen=True, slots=True)
class Extend:
    """Record the next events of a sequence; there is at least one."""

    events: tuple[LibraryEvent, ...]


@dataclass(frozen=True, slots=True)
class Sequenced:
    """Where a sequence ends. ``foreign`` streams hold facts of a service, and are not the library's to extend."""

    last: int | None = None
    foreign: bool = False


def decide(current: Sequenced, command: Extend, circumstances: Circumstances) -> Sequence[LibraryEvent]:
    """Take the events as they are, if they come next. Raises ``OutOfSequence``."""
    numbers = [event.version for event in command.events]
    follows = numbers[0] in FIRST_NUMBERS if current.last is None else numbers[0] == current.last + 1
    if current.foreign or not follows or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise OutOfSequence
    return command.events


def evolve(current: Sequenced, recorded: Recorded[Fact]) -> Sequenced:
    """Where the sequence ends after this fact."""
    match recorded.fact:
        case LibraryEvent(version=version):
            return Sequenced(version, current.foreign)
        case _:
            return Sequenced(foreign=True)


SEQUENCE: Decider[Extend, Sequenced, Fact] = Decider(Sequenced(), decide, evolve)
