"""Behind the fence: batches are decided ahead, and what was decided on a wrong belief is decided again."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from services.chassis.decider import Refused
from services.chassis.event_store import Append, Found, Head, StoreUnavailable, Transaction, Wanted
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.unit import Outcome
from services.chassis.writer import Writer
from tests.simulation.loop import run as simulated
from tests.support.counter import COUNTY, DECIDERS, Count, Note, SteppingClock, TakeName, heard, said
from tests.support.running import running


class WatchedStore(MemoryEventStore):
    """Counts the ways in, holds appends back until they are let go, and fails them on demand."""

    def __init__(self) -> None:
        super().__init__("counting")
        self.fenced = 0
        self.open = asyncio.Event()
        self.open.set()
        self.fail_before, self.fail_after = 0, 0
        self.lock_free, self.looking = asyncio.Event(), asyncio.Event()
        self.lock_free.set()
        self.looking.set()
        self.looks_fail = False

    @asynccontextmanager
    async def transaction(self, divisions: Sequence[str]) -> AsyncGenerator[Transaction]:
        await self.lock_free.wait()
        async with super().transaction(divisions) as transaction:
            yield transaction

    async def look(self, wanted: Wanted) -> Found:
        await self.looking.wait()
        if self.looks_fail:
            raise StoreUnavailable
        return await super().look(wanted)

    async def append(self, append: Append, heads: Mapping[str, Head]) -> None:
        await self.open.wait()
        if self.fail_before:
            self.fail_before -= 1
            raise StoreUnavailable
        await super().append(append, heads)
        self.fenced += 1
        if self.fail_after:
            self.fail_after -= 1
            raise StoreUnavailable


async def all_of(writer: Writer, commands: int, start: int = 0) -> list[Outcome]:
    units = [said(Note(), f"counter:{n % 9}", key=str(n)) for n in range(start, start + commands)]
    return await asyncio.gather(*(writer.submit(unit) for unit in units))


async def positions(store: MemoryEventStore) -> list[int]:
    return [fact.position async for fact in store.read(COUNTY)]


async def test_once_a_log_is_known_batches_go_behind_the_fence() -> None:
    store = WatchedStore()
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        await all_of(writer, 1)
        await all_of(writer, 700, start=1)
    assert store.fenced >= 3
    assert await positions(store) == list(range(1, 702))


async def test_the_next_batch_is_decided_while_one_is_on_its_way() -> None:
    store = WatchedStore()
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        await writer.submit(said(TakeName("ox"), key="first"))
        store.open.clear()
        one = asyncio.create_task(all_of(writer, 256))
        await asyncio.sleep(0)
        late = [writer.submit(said(TakeName("ox"), "counter:2", key=f"late{n}")) for n in range(3)]
        two = asyncio.gather(*late, all_of(writer, 200, start=256), return_exceptions=True)
        await asyncio.sleep(0.05)
        assert store.fenced == 0
        store.open.set()
        await one
        refused = (await two)[:3]
    assert [type(each) for each in refused] == [Refused] * 3
    assert len(await positions(store)) == 457


async def test_a_repetition_behind_one_in_flight_gets_the_same_answer() -> None:
    store = WatchedStore()
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        await all_of(writer, 1)
        store.open.clear()
        first = asyncio.create_task(writer.submit(said(Count(1), key="same")))
        others = asyncio.create_task(all_of(writer, 255, 1))
        await asyncio.sleep(0.01)
        again = asyncio.create_task(writer.submit(said(Count(1), key="same")))
        more = asyncio.create_task(all_of(writer, 150, 256))
        await asyncio.sleep(0.01)
        store.open.set()
        original, repeated, _, _ = await first, await again, await others, await more
    assert (repeated.body, repeated.replayed) == (original.body, True)


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1), (2, 1)], ids=["not written", "written", "both"])
async def test_when_a_flight_fails_what_was_decided_on_it_is_decided_again(before: int, after: int) -> None:
    store = WatchedStore()
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        await all_of(writer, 1)
        store.open.clear()
        first = asyncio.create_task(all_of(writer, 256, 1))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(all_of(writer, 256, 257))
        await asyncio.sleep(0.05)
        store.fail_before, store.fail_after = before, after
        store.open.set()
        outcomes = [*await first, *await second]
    assert len({outcome.body for outcome in outcomes}) == 512
    assert await positions(store) == list(range(1, 514))


async def test_a_look_ahead_that_fails_leaves_alone_what_the_batch_before_it_leans_on() -> None:
    store = WatchedStore()
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        await all_of(writer, 9)
        store.open.clear()
        first = asyncio.create_task(all_of(writer, 64, 9))
        await asyncio.sleep(0.01)
        store.looking.clear()
        second = asyncio.create_task(all_of(writer, 130, 73))
        await asyncio.sleep(0.01)
        store.lock_free.clear()
        store.fail_before, store.looks_fail = 1, True
        store.open.set()
        await asyncio.sleep(0.01)
        store.looking.set()
        await asyncio.sleep(0.01)
        store.lock_free.set()
        await first
        await second
    assert await positions(store) == list(range(1, 204))


async def test_another_process_in_between_is_noticed() -> None:
    store = WatchedStore()
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        await writer.submit(said(Count(4), key="a"))
        async with running(Writer(store, DECIDERS, SteppingClock())) as other:
            await other.submit(said(Count(5), key="b"))
        with pytest.raises(Refused):
            await writer.submit(said(Count(2), key="c"))
        await writer.submit(said(Count(1), key="d"))
    assert await positions(store) == [1, 2, 3]


async def test_what_is_heard_twice_behind_a_flight_is_taken_in_once() -> None:
    store = WatchedStore()
    facts = [heard(Note(), n, n - 1) for n in range(1, 300)]
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        await writer.submit(said(Note(), key="first"))
        store.open.clear()
        first = asyncio.create_task(writer.take_in(facts))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(writer.take_in(facts))
        await asyncio.sleep(0.05)
        store.open.set()
        outcomes = [*await first, *await second]
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)
    assert len(await positions(store)) == 300


@pytest.mark.parametrize("order", range(60))
def test_nobody_waits_for_a_writer_that_has_stopped_in_whatever_order_things_happen(order: int) -> None:
    assert simulated(f"order {order}", stopped_amid_a_command)


async def stopped_amid_a_command() -> bool:
    writer = Writer(MemoryEventStore("counting"), DECIDERS, SteppingClock())
    working = asyncio.create_task(writer.run())
    await writer.submit(said(Note(), key="first"))
    waiting = asyncio.create_task(writer.submit(said(Note(), key="second")))
    while writer.queue.empty() and not waiting.done():  # noqa: ASYNC110  nothing tells when it is queued
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    working.cancel()
    await asyncio.wait([working, waiting], timeout=1)
    return waiting.done()
