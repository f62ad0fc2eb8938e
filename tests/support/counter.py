"""A toy aggregate for tests of the chassis: a counter that never passes ten, and a name that only one may hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from events.fact import Actor, Fact, Public, Recorded
from services.chassis.decider import Circumstances, Decider, Kept, Refused
from services.chassis.unit import Directed, Heard, Unit

COUNTY = "990101"
NAMESPACE = UUID("00000000-0000-5000-8000-000000000001")
ACTOR = Actor(id="tester", role="system", scope="")
T0 = datetime(2026, 11, 2, 0, 10, tzinfo=UTC)


class Counted(Public, name="test.counted"):
    """The counter moved."""

    by: int


class Noted(Fact, name="test.noted"):
    """Something private."""

    text: str


class NameTaken(Fact, name="test.name_taken"):
    """The stream holds a name."""

    name: str

    def takes(self) -> tuple[str, ...]:
        return (self.name,)


class NameFreed(Fact, name="test.name_freed"):
    """The stream lets its name go."""

    name: str

    def releases(self) -> tuple[str, ...]:
        return (self.name,)


CounterFact = Counted | Noted | NameTaken | NameFreed


@dataclass(frozen=True, slots=True)
class Count:
    """Move the counter; refused beyond ten."""

    by: int = 1


@dataclass(frozen=True, slots=True)
class Note:
    """Note something, so many times."""

    text: str = "x"
    times: int = 1


@dataclass(frozen=True, slots=True)
class TakeName:
    """Take a name, refused when another stream holds it."""

    name: str


@dataclass(frozen=True, slots=True)
class FreeName:
    """Let a name go."""

    name: str


@dataclass(frozen=True, slots=True)
class Explode:
    """A bug."""


Command = Count | Note | TakeName | FreeName | Explode


def decide(total: int, command: Command, circumstances: Circumstances) -> Sequence[CounterFact]:
    """Decide."""
    match command:
        case Count(by):
            if total + by > 10:
                raise Refused("too_much", "超过十。")
            return [Counted(by=by)]
        case Note(text, times):
            return [Noted(text=text)] * times
        case TakeName(name):
            if name in circumstances.owners:
                raise Refused("name_held", "名称已被占用。")
            return [NameTaken(name=name)]
        case FreeName(name):
            return [NameFreed(name=name)]
        case Explode():
            raise ZeroDivisionError


def evolve(total: int, recorded: Recorded[CounterFact]) -> int:
    """Evolve."""
    match recorded.fact:
        case Counted(by=by):
            return total + by
        case Noted() | NameTaken() | NameFreed():
            return total


def answer(facts: Sequence[CounterFact]) -> dict[str, Any]:
    """The sum of what was counted."""
    return {"counted": sum(fact.by for fact in facts if isinstance(fact, Counted))}


KEPT = Kept("count.1", lambda total: str(total).encode(), int)
COUNTER: Decider[Command, int, CounterFact] = Decider(0, decide, evolve, answer, KEPT)
DECIDERS = dict.fromkeys((Count, Note, TakeName, FreeName, Explode), COUNTER)


def said(command: Command, stream: str = "counter:1", *, key: str = "1", division: str = COUNTY, **more: Any) -> Unit:
    """A caller's unit of one command. The digest is the command's own words."""
    asks = (command.name,) if isinstance(command, TakeName) else ()
    return Unit(
        division=division,
        parts=(Directed(stream, command, asks=asks, expects=more.pop("expects", None)),),
        command_id=uuid5(NAMESPACE, key),
        actor=ACTOR,
        occurred_at=T0,
        digest=repr(command).encode(),
        **more,
    )


def heard(command: Command, position: int, previous: int | None, stream: str = "counter:1", **more: Any) -> Unit:
    """A unit heard from position ``position`` of the log of a service called upstream."""
    subject = more.pop("subject", stream)
    return Unit(
        division=COUNTY,
        parts=(Directed(stream, command),),
        command_id=uuid5(NAMESPACE, f"upstream:{position}"),
        actor=ACTOR,
        occurred_at=T0,
        heard=Heard(
            source="upstream",
            division=COUNTY,
            position=position,
            previous=previous,
            subject=subject,
            name="test.upstream",
            **more,
        ),
    )


class SteppingClock:
    """A clock that tests move by hand; sleeping moves it, too."""

    def __init__(self, start: datetime = T0) -> None:
        self.moment = start

    def now(self) -> datetime:
        """The moment it was moved to."""
        return self.moment

    async def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.moment += timedelta(seconds=seconds)
