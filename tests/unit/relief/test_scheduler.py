"""The scheduler on the memory store, in a time of its own: each breach once, on time, whatever happens to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import pytest

from events.intake import HelpNeeded
from events.ledger import PaymentReceived
from events.relief_clocks import ClockBroken, ClockFact
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.replay import recorded
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.relief.app import BLUEPRINT
from services.relief.case_commands import AcceptCase, NoteReceived, OpenCase
from services.relief.clock_book import clocks_of
from services.relief.policy_set import STREAM, PublishPolicy
from services.relief.scheduler import Scheduler
from services.relief.shelf import Shelf
from services.relief.steps.case_file import stream_of
from tests.support.given import CLERK
from tests.unit.relief.facts import COUNTY, at, decide_advance, need, published

REPORTED = at("11-02 08:10")
DUE = at("11-03 08:10")


@dataclass(slots=True)
class ItsTime:
    """A clock that stands still until it is moved on; sleeping moves it on."""

    moment: datetime = REPORTED
    naps: list[float] = field(default_factory=list[float])

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass(slots=True)
class World:
    """Relief's log with a writer, and any number of schedulers over it."""

    store: MemoryEventStore
    writer: Writer
    shelf: Shelf
    time: ItsTime

    def scheduler(self) -> Scheduler:
        return Scheduler(self.store, self.writer, self.shelf, self.time)

    async def gives(self, stream: str, command: object, when: datetime | None = None) -> None:
        unit = Unit(
            division=COUNTY,
            parts=(Directed(stream, command),),
            command_id=uuid5(UUID(int=1), f"{stream}{command}"),
            actor=CLERK,
            occurred_at=when or self.time.now(),
        )
        await self.writer.submit(unit)

    async def opens(self, case_id: str, told: HelpNeeded) -> None:
        await self.gives(stream_of(case_id), OpenCase(case_id, told))

    async def on_record(self, case_id: str = "case-1") -> list[ClockFact]:
        rows = await self.store.load({(COUNTY, clocks_of(case_id)): 0})
        return [fact for row in rows if isinstance(fact := recorded(row).fact, ClockFact)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    time = ItsTime()
    store = MemoryEventStore("relief")
    writer = Writer(store, BLUEPRINT.deciders, time)
    working = asyncio.create_task(writer.run())
    found = World(store, writer, Shelf(store), time)
    await found.gives(STREAM, PublishPolicy(published()))
    await found.shelf.refresh()
    yield found
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def test_a_breach_is_put_down_when_its_moment_has_passed_and_not_before(world: World) -> None:
    await world.opens("case-1", need(person=None))
    scheduler = world.scheduler()
    world.time.moment = DUE
    await scheduler.turn()
    assert await world.on_record() == []
    world.time.moment = DUE + timedelta(milliseconds=1)
    await scheduler.turn()
    (broken,) = await world.on_record()
    assert isinstance(broken, ClockBroken)
    assert (broken.verdict, broken.due_at, broken.clock) == ("breached", DUE, "advance_from_report")


async def test_it_wakes_within_a_second_of_the_due_moment(world: World) -> None:
    await world.opens("case-1", need(person=None))
    world.time.moment = DUE - timedelta(seconds=3.2)
    running = asyncio.create_task(world.scheduler().run())
    while not await world.on_record():  # noqa: ASYNC110  time itself is what moves on here
        await asyncio.sleep(0)
    assert DUE < world.time.now() <= DUE + timedelta(seconds=1)
    assert max(world.time.naps) <= 0.5
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_breach_occurred_when_the_time_was_up_however_late_it_is_learned(world: World) -> None:
    """Nobody watched for a week; the case was even closed in the meantime."""
    await world.opens("case-1", need(person=None))
    world.time.moment = DUE + timedelta(days=7)
    await world.scheduler().turn()
    (row,) = await world.store.load({(COUNTY, clocks_of("case-1")): 0})
    assert (row.occurred_at, row.recorded_at) == (DUE, world.time.now())


async def test_two_schedulers_and_any_number_of_turns_put_a_breach_down_once(world: World) -> None:
    await world.opens("case-1", need(person=None))
    one, other = world.scheduler(), world.scheduler()
    world.time.moment = DUE + timedelta(minutes=1)
    await asyncio.gather(one.turn(), other.turn())
    await asyncio.gather(one.turn(), world.scheduler().turn())
    assert len(await world.on_record()) == 1


async def test_help_in_time_that_is_learned_late_corrects_the_breach(world: World) -> None:
    await world.opens("case-1", need(person=None))
    world.time.moment = DUE + timedelta(minutes=1)
    scheduler = world.scheduler()
    await scheduler.turn()
    await _paid_in_time(world)
    await scheduler.turn()
    await scheduler.turn()
    assert [fact.NAME.removeprefix("relief.clock_") for fact in await world.on_record()] == ["breached", "corrected"]


async def test_help_in_time_puts_nothing_down(world: World) -> None:
    await world.opens("case-1", need(person=None))
    await _paid_in_time(world)
    world.time.moment = DUE + timedelta(days=1)
    await world.scheduler().turn()
    assert await world.on_record() == []


async def _paid_in_time(world: World) -> None:
    book = world.shelf.policies
    paid_at = REPORTED + timedelta(hours=3)
    paid = PaymentReceived(
        fund_id="fund-1",
        hold_id="decision-1",
        case_id="case-1",
        payment_id="payment-1",
        amount_fen=200_000,
        received_at=paid_at,
        evidence="slip-1",
    )
    received = NoteReceived(paid, book.policy(COUNTY, paid_at.date()), book.calendar(COUNTY))
    for command in (AcceptCase(), decide_advance(), received):
        await world.gives(stream_of("case-1"), command, paid_at)


async def test_a_policy_that_is_published_later_binds_the_clocks_of_its_days(world: World) -> None:
    await world.opens("case-1", need(person=None))
    scheduler = world.scheduler()
    await scheduler.turn()
    rule = published().advance
    assert rule is not None
    changes = {
        "set_id": "shorter",
        "effective_from": REPORTED.date(),
        "advance": rule.model_copy(update={"length": 12}),
    }
    await world.gives(STREAM, PublishPolicy(published().model_copy(update=changes)))
    await world.shelf.refresh()
    world.time.moment = REPORTED + timedelta(hours=12, minutes=1)
    await scheduler.turn()
    (broken,) = await world.on_record()
    assert isinstance(broken, ClockBroken)
    assert broken.due_at == REPORTED + timedelta(hours=12)


async def test_many_cases_that_are_due_at_once_are_all_put_down(world: World) -> None:
    for number in range(30):
        await world.opens(f"case-{number}", need(f"report-{number}", person=None))
    world.time.moment = DUE + timedelta(minutes=1)
    scheduler = world.scheduler()
    await scheduler.turn()
    assert all([len(await world.on_record(f"case-{number}")) == 1 for number in range(30)])
    assert len(scheduler.due) == 0
