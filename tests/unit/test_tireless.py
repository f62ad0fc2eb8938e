"""A task of a service outlives a busy writer, and what goes wrong in one round."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from services.chassis.event_store import Fenced, StoreRejected, StoreUnavailable
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.tireless import tireless
from services.chassis.unit import Unit
from services.chassis.writer import Busy, Writer
from services.ledger.app import BLUEPRINT
from services.ledger.expiring import Expired, asking
from services.ledger.hold_commands import Expire
from services.ledger.looking import Looking
from tests.support.running import tasks


@dataclass(slots=True)
class Rests:
    """A clock at which nobody rests longer than it is told to."""

    rested: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        return datetime(2023, 7, 28, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        self.rested.set()
        await self.goes_on.wait()


async def due(now: datetime) -> Sequence[Unit]:
    return [asking(Expired("990101", "990101001-2023", "D1"), now)]


async def test_holds_are_let_go_at_the_next_look_where_the_writer_was_busy_at_the_first() -> None:
    rests = Rests()
    writer = Writer(MemoryEventStore("ledger"), BLUEPRINT.deciders, rests)
    async with asyncio.timeout(5), tasks(Looking("expiry", due, writer, rests).run()):
        (await writer.queue.get()).answer.set_exception(Busy())
        await rests.rested.wait()
        rests.goes_on.set()
        (part,) = (await writer.queue.get()).unit.parts
        assert part.command == Expire("D1")


@pytest.mark.parametrize("failure", [Busy, Fenced, StoreUnavailable, StoreRejected, LookupError])
async def test_a_round_that_fails_is_over_and_a_cancellation_is_heeded(failure: type[Exception]) -> None:
    with tireless("test"):
        raise failure
    with pytest.raises(asyncio.CancelledError), tireless("test"):
        raise asyncio.CancelledError
