"""The scheduler on the memory store, in a time of its own: each breach once, on time, whatever happens to it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid5

import pytest

from events.fact import Recorded
from events.intake import HelpNeeded
from events.ledger import PaymentReceived
from events.relief import CaseFact
from events.relief_clocks import ClockBroken, ClockContinued, ClockFact, ClockHalted, ClockWarned
from events.rules import TimeLimit
from events.upcasts import decode
from services.chassis.event_store import Fenced, Stored, StoreRejected, StoreUnavailable, StreamKey
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.replay import recorded
from services.chassis.unit import Directed, StreamUnreadable, Unit
from services.chassis.writer import Writer
from services.relief.app import BLUEPRINT
from services.relief.case_commands import AcceptCase, NoteLateEntry, NoteReceived, OpenCase
from services.relief.clock_book import PauseClock, clocks_of
from services.relief.clocks import clocks
from services.relief.policy_cache import PolicyCache
from services.relief.policy_set import STREAM, PublishPolicy
from services.relief.scheduler import Scheduler
from services.relief.signals import SILENT, signals
from services.relief.steps.case_file import stream_of
from services.relief.steps.inquiry import AnswerCheck, JudgeType, RequestCheck
from tests.support.agendas import MemoryAgenda
from tests.support.given import CLERK
from tests.support.given import recorded as recorded_of
from tests.support.golden import SAMPLES
from tests.support.running import tasks
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


class WatchedStore(MemoryEventStore):
    """A store that knows which cases were looked at, and from where on a log was heard."""

    def __init__(self) -> None:
        super().__init__("relief")
        self.is_away = False
        self.fails_once: Exception | None = None
        self.looked_at: list[str] = []
        self.heard_from: list[int] = []
        self.meanwhile: Coroutine[Any, Any, None] | None = None
        """What happens once a case was read, and before it is judged."""

    async def load(self, streams: Mapping[StreamKey, int]) -> Sequence[Stored]:
        if self.is_away:
            raise StoreUnavailable
        if (failure := self.fails_once) is not None:
            self.fails_once = None
            raise failure
        self.looked_at += [stream.partition(":")[2] for _, stream in streams if stream.startswith("clocks:")]
        found = await super().load(streams)
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            await meanwhile
        return found

    async def written(self, division: str, after: int, upto: int) -> Sequence[tuple[str, str]]:
        self.heard_from.append(after)
        return await super().written(division, after, upto)


@dataclass(slots=True)
class World:
    """Relief's log with a writer, and any number of schedulers over it."""

    store: WatchedStore
    writer: Writer
    cache: PolicyCache
    time: ItsTime
    agenda: MemoryAgenda = field(default_factory=MemoryAgenda)

    def scheduler(self) -> Scheduler:
        return Scheduler(self.store, self.writer, self.cache, self.time, self.agenda)

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

    async def book(self, case_id: str = "case-1") -> list[ClockFact]:
        rows = await self.store.load({(COUNTY, clocks_of(case_id)): 0})
        return [fact for row in rows if isinstance(fact := recorded(row).fact, ClockFact)]

    async def on_record(self, case_id: str = "case-1") -> list[ClockFact]:
        return [fact for fact in await self.book(case_id) if not isinstance(fact, ClockWarned)]

    async def warnings(self, case_id: str = "case-1") -> list[ClockWarned]:
        return [fact for fact in await self.book(case_id) if isinstance(fact, ClockWarned)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    time = ItsTime()
    store = WatchedStore()
    writer = Writer(store, BLUEPRINT.deciders, time)
    working = asyncio.create_task(writer.run())
    found = World(store, writer, PolicyCache(store), time)
    await found.gives(STREAM, PublishPolicy(published()))
    await found.cache.refresh()
    yield found
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def test_a_deadline_is_warned_of_once_when_three_quarters_of_its_time_are_used(world: World) -> None:
    """24 hours from 08:10 are used to three quarters at 02:10."""
    await world.opens("case-1", need(person=None))
    scheduler = world.scheduler()
    for when, warned in (("11-03 02:09", 0), ("11-03 02:10", 1), ("11-03 08:00", 1)):
        world.time.moment = at(when)
        await scheduler.turn()
        await scheduler.turn()
        assert len(await world.warnings()) == warned
    (warning,) = await world.warnings()
    assert (warning.clock, warning.due_at, warning.report_ids) == ("advance_from_report", DUE, ("report-1",))
    assert await world.on_record() == []


async def test_a_second_scheduler_warns_of_nothing_again(world: World) -> None:
    await world.opens("case-1", need(person=None))
    world.time.moment = at("11-03 02:10")
    for _ in range(2):
        await world.scheduler().turn()
    assert len(await world.warnings()) == 1


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
    for _ in range(2):
        world.time.moment += timedelta(seconds=1)
        await scheduler.turn()
    assert [fact.NAME.removeprefix("relief.clock_") for fact in await world.on_record()] == ["breached", "corrected"]


async def test_help_in_time_puts_nothing_down(world: World) -> None:
    await world.opens("case-1", need(person=None))
    await _paid_in_time(world)
    world.time.moment = DUE + timedelta(days=1)
    await world.scheduler().turn()
    assert await world.on_record() == []


async def test_a_case_that_changed_since_it_was_read_is_not_judged_by_what_it_was(world: World) -> None:
    await world.opens("case-1", need(person=None))
    world.time.moment = DUE + timedelta(minutes=1)
    world.store.meanwhile = _paid_in_time(world)
    scheduler = world.scheduler()
    for _ in range(3):
        await scheduler.turn()
        world.time.moment += timedelta(seconds=1)
    assert world.store.meanwhile is None
    assert await world.on_record() == []


async def _paid_in_time(world: World) -> None:
    book = world.cache.policies
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
    await world.cache.refresh()
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


async def test_facts_of_a_case_in_quick_succession_are_judged_once(world: World) -> None:
    scheduler = world.scheduler()
    await scheduler.turn()
    await world.opens("case-1", need(person=None))
    for command in (AcceptCase(), decide_advance()):
        await scheduler.turn()
        world.time.moment += timedelta(seconds=0.2)
        await world.gives(stream_of("case-1"), command)
    world.store.looked_at.clear()
    for _ in range(8):
        await scheduler.turn()
        world.time.moment += timedelta(seconds=0.1)
    assert world.store.looked_at == ["case-1"]


async def test_what_says_nothing_to_a_clock_has_nobody_look_at_the_case(world: World) -> None:
    await world.opens("case-1", need(person=None))
    for command in (AcceptCase(), decide_advance()):
        await world.gives(stream_of("case-1"), command)
    scheduler = world.scheduler()
    world.time.moment += timedelta(seconds=1)
    await scheduler.turn()
    world.store.looked_at.clear()
    await world.gives(stream_of("case-1"), NoteLateEntry("a" * 64))
    world.time.moment += timedelta(seconds=1)
    await scheduler.turn()
    assert world.store.looked_at == []


async def test_a_clock_that_is_late_already_when_it_is_heard_of_is_put_down_within_a_second(world: World) -> None:
    running = asyncio.create_task(world.scheduler().run())
    world.time.moment = DUE + timedelta(hours=5)
    await asyncio.sleep(0)
    heard_at = world.time.now()
    await world.opens("case-1", need(person=None))
    while not await world.on_record():  # noqa: ASYNC110  time itself is what moves on here
        await asyncio.sleep(0)
    assert world.time.now() - heard_at <= timedelta(seconds=1)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_later_start_takes_up_the_agenda_and_not_the_whole_log(world: World) -> None:
    for number in range(3):
        await world.opens(f"case-{number}", need(f"report-{number}", person=None))
    world.time.moment += timedelta(seconds=1)
    await world.scheduler().turn()
    (head,) = await world.store.heads()
    await world.opens("case-3", need("report-3", person=None))
    world.store.heard_from.clear()
    world.store.looked_at.clear()
    world.time.moment += timedelta(seconds=1)
    later = world.scheduler()
    await later.turn()
    assert (world.store.heard_from, world.store.looked_at) == ([head.position], ["case-3"])
    world.time.moment = DUE + timedelta(minutes=1)
    await later.turn()
    assert all([len(await world.on_record(f"case-{number}")) == 1 for number in range(4)])


async def test_what_was_heard_but_not_yet_judged_is_judged_by_a_later_start(world: World) -> None:
    """The agenda was noted before the case had settled, and the process ended there."""
    await world.opens("case-1", need(person=None))
    await world.scheduler().turn()
    assert world.store.looked_at == []
    world.time.moment = DUE + timedelta(minutes=1)
    await world.scheduler().turn()
    assert len(await world.on_record()) == 1


@pytest.mark.parametrize("failure", [StoreRejected(), Fenced(), StreamUnreadable(), LookupError()])
async def test_the_scheduler_outlives_what_goes_wrong_in_a_turn(world: World, failure: Exception) -> None:
    await world.opens("case-1", need(person=None))
    world.time.moment = DUE + timedelta(minutes=1)
    world.store.fails_once = failure
    async with asyncio.timeout(5), tasks(world.scheduler().run()):
        while world.store.fails_once == failure or not await world.on_record():  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert len(await world.on_record()) == 1


async def test_a_case_is_not_forgotten_when_the_database_is_away_while_it_is_judged(world: World) -> None:
    await world.opens("case-1", need(person=None))
    scheduler = world.scheduler()
    world.time.moment = DUE + timedelta(minutes=1)
    world.store.is_away = True
    with pytest.raises(StoreUnavailable):
        await scheduler.turn()
    world.store.is_away = False
    await scheduler.turn()
    assert len(await world.on_record()) == 1


async def test_what_is_due_comes_before_what_was_only_heard_of(world: World) -> None:
    await world.opens("late", need("report-0", person=None))
    scheduler = world.scheduler()
    world.time.moment = DUE - timedelta(seconds=1)
    await scheduler.turn()
    for number in range(120):
        await world.opens(f"case-{number}", need(f"report-{number + 1}", person=None))
    world.time.moment = DUE + timedelta(seconds=1)
    world.store.looked_at.clear()
    await scheduler.turn()
    assert world.store.looked_at[0] == "late"
    assert len(world.store.looked_at) < 120


async def test_a_check_that_lets_a_clock_stand_still_is_told_once_and_so_is_its_answer(
    world: World,
) -> None:
    """The check is asked for on the 2nd and answered on the 4th: each is told once."""
    general = TimeLimit(length=15, unit="working_day", pausable=("means_check",), clause="演示五")
    await world.gives(STREAM, PublishPolicy(published().model_copy(update={"set_id": "checks", "general": general})))
    await world.cache.refresh()
    await world.opens("case-1", need(person=None))
    scheduler, case = world.scheduler(), stream_of("case-1")
    for command in (AcceptCase(), JudgeType("expenditure", None), RequestCheck("c-1", date(2026, 11, 2))):
        await world.gives(case, command)
    world.time.moment = at("11-04 15:00")
    for _ in range(3):
        await scheduler.turn()
    await world.gives(case, AnswerCheck("c-1", "within", "0" * 64))
    world.time.moment = at("11-04 15:10")
    for _ in range(3):
        await scheduler.turn()
    told = [fact for fact in await world.book() if isinstance(fact, ClockHalted | ClockContinued)]
    assert [(fact.NAME, fact.clock, fact.report_ids) for fact in told] == [
        ("relief.clock_halted", "general", ("report-1",)),
        ("relief.clock_continued", "general", ("report-1",)),
    ]
    halted, continued = told
    assert isinstance(halted, ClockHalted)
    assert isinstance(continued, ClockContinued)
    assert (halted.halted_at, continued.continued_at) == (REPORTED, at("11-04 15:00"))
    occurred = await _occurred(world)
    assert (occurred[halted.NAME], occurred[continued.NAME]) == (REPORTED, at("11-04 15:00"))


async def test_a_check_that_began_in_an_officers_pause_is_told_of_when_it_began(world: World) -> None:
    general = TimeLimit(length=15, unit="working_day", pausable=("means_check",), clause="演示五")
    await world.gives(STREAM, PublishPolicy(published().model_copy(update={"set_id": "checks", "general": general})))
    await world.cache.refresh()
    await world.opens("case-1", need(person=None))
    case = stream_of("case-1")
    for command in (AcceptCase(), JudgeType("expenditure", None)):
        await world.gives(case, command)
    world.time.moment = at("11-02 09:00")
    rows = await world.store.load({(COUNTY, case): 0})
    said = [signal for row in rows for signal in signals(cast("Recorded[CaseFact]", recorded(row)))]
    rulebook = world.cache.policies.rulebook(COUNTY)
    (clock,) = [one for one in clocks(said, rulebook, world.time.now()) if one.name == "general"]
    await world.gives(clocks_of("case-1"), PauseClock("case-1", clock, "means_check", at("11-05 09:00")))
    world.time.moment = at("11-03 09:00")
    await world.gives(case, RequestCheck("c-1", date(2026, 11, 2)))
    world.time.moment = at("11-04 15:00")
    await world.scheduler().turn()
    assert (await _occurred(world))["relief.clock_halted"] == at("11-03 09:00")


async def _occurred(world: World) -> dict[str, datetime]:
    """When what is on record of the clocks happened, by its name."""
    return {row.name: row.occurred_at for row in await world.store.load({(COUNTY, clocks_of("case-1")): 0})}


def test_facts_that_are_called_silent_say_nothing() -> None:
    for name in sorted(SILENT):
        fact = cast(CaseFact, decode(name, 1, SAMPLES[name, 1]))
        assert signals(recorded_of(fact)) == ()
