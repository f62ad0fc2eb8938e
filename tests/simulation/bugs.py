"""Planted bugs, each a broken part in the place of a whole one: a simulation that misses them is worth nothing."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from copy import copy
from dataclasses import replace
from typing import Any

from services.chassis.chain import EPOCH
from services.chassis.committing import Ahead, Answers, Committer, Looked
from services.chassis.decider import Circumstances, Decider
from services.chassis.deciding import Batch, Deciders
from services.chassis.event_store import (
    Append,
    Fenced,
    Found,
    Head,
    StoreRejected,
    StoreUnavailable,
    StreamKey,
    Transaction,
    Wanted,
)
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.relay import Cursor, PublishFailed, publish
from services.chassis.unit import Outcome, Unit
from services.ledger import fund
from services.ledger.fund_commands import Command as FundCommand
from services.ledger.fund_state import Fund
from tests.simulation.faulty_store import FaultyStore
from tests.simulation.process import OpenWriter, Process

# --- stores


class ForgetsAnswers(FaultyStore):
    """Nobody finds out whether a command was handled."""

    def known(self, wanted: Wanted) -> Found:
        return replace(super().known(wanted), handled={})


class ForgetsClaims(FaultyStore):
    """Nobody finds out who holds a claim."""

    def known(self, wanted: Wanted) -> Found:
        return replace(super().known(wanted), owners={})


class DoesNotLock(FaultyStore):
    """Two transactions hold the same head, and what they write is not compared with it."""

    @asynccontextmanager
    async def transaction(self, divisions: Sequence[str]) -> AsyncGenerator[Transaction]:
        self._locks.clear()
        async with super().transaction(divisions) as transaction:
            yield transaction

    def check(self, append: Append, heads: Mapping[str, Head]) -> None:
        pass


class DoesNotFence(FaultyStore):
    """What was decided ahead is written wherever the heads stand."""

    async def _append(self, append: Append, heads: Mapping[str, Head], counts: bool) -> None:
        if counts:
            self._commit(append)


class LooksBeforeTheLock(FaultyStore):
    """Lock and read in one statement: the heads are fresh, everything else is from before the wait."""

    @asynccontextmanager
    async def transaction(self, divisions: Sequence[str]) -> AsyncGenerator[Transaction]:
        before = copy(self)
        before._handled, before._claims, before._followed = {**self._handled}, {**self._claims}, {**self._followed}
        before._streams = copy(self._streams)
        before._streams |= {key: list(facts) for key, facts in self._streams.items()}
        async with super().transaction(divisions) as transaction:
            yield _Stale(transaction, before)


class _Stale:
    def __init__(self, transaction: Transaction, before: MemoryEventStore) -> None:
        self.heads = transaction.heads
        self.write = transaction.write
        self._before = before

    async def look(self, wanted: Wanted) -> Found:
        return self._before.known(wanted)


class AnswersBeforeTheCommit(FaultyStore):
    """The commit is on its way, and taken for done."""

    async def _served(self, work: Callable[[bool], Awaitable[None]]) -> None:
        counts = not self.faults.strikes("rolled_back")
        self._server.add(asyncio.get_running_loop().create_task(self._serve(work, counts)))


# --- deciding and committing


class TrustsTheClock(Committer):
    """Time is what this machine says, even if the log has seen a later one."""

    def _batch(self, heads: Mapping[str, Head], found: Found, readable: set[StreamKey]) -> Batch:
        return super()._batch({d: h._replace(recorded_at=EPOCH) for d, h in heads.items()}, found, readable)


class KeepsCaches(Committer):
    """After a failed append everything is remembered as if it had succeeded."""

    def forget(self) -> None:
        pass


class ForgetsTheFlight(Committer):
    """What is decided ahead does not see what the batch in flight will leave."""

    async def look_ahead(self, units: Sequence[Unit]) -> Looked | None:
        self._flight = Append()
        return await super().look_ahead(units)


class PublishesFirst(Committer):
    """What is about to be committed is on the bus already."""

    async def send(self, ahead: Ahead) -> Answers:
        for process in self.observers:
            assert isinstance(process, Hasty)
            await process.publish(ahead.append)
        return await super().send(ahead)


class FollowsBlindly(Committer):
    """What was heard before is taken in again."""

    def _batch(self, heads: Mapping[str, Head], found: Found, readable: set[StreamKey]) -> Batch:
        return _Blind(self.deciders, heads, found, {k: self._states.get(k) for k in readable}, self.clock.now())


class _Blind(Batch):
    def _repeated(self, unit: Unit) -> Outcome | None:
        return None if unit.heard is not None else super()._repeated(unit)


class SkipsGaps(Committer):
    """What was never heard is not missed."""

    def _batch(self, heads: Mapping[str, Head], found: Found, readable: set[StreamKey]) -> Batch:
        return _Skipping(self.deciders, heads, found, {k: self._states.get(k) for k in readable}, self.clock.now())


class _Skipping(Batch):
    def _repeated(self, unit: Unit) -> Outcome | None:
        heard = None if unit.heard is None else unit.heard._replace(previous=None)
        return super()._repeated(unit._replace(heard=heard))


class BlamesTheBatch(OpenWriter):
    """One command that the database refuses fails all that came with it."""

    async def _bisect(self, batch: Sequence[Any], rejected: StoreRejected) -> None:
        for waiting in batch:
            await super()._bisect([waiting], rejected)


class LeavesCallersWaiting(OpenWriter):
    """Stopped, it does not turn to those whose commands are still in the queue."""

    async def run(self) -> None:
        while True:
            await self._turn()


def counting_no_holds(deciders: Deciders) -> Deciders:
    """The funds check looks at the book balance alone."""

    def decide(state: Fund | None, command: FundCommand, now: Circumstances) -> Sequence[Any]:
        return fund.decide(None if state is None else replace(state, held={}), command, now)

    careless = Decider(fund.DECIDER.initial, decide, fund.DECIDER.evolve, fund.DECIDER.answer)
    return {command: careless if decider is fund.DECIDER else decider for command, decider in deciders.items()}


# --- following and publishing


class ForgetsGaps(FaultyStore):
    """The alarm about a gap is over as soon as anything of the log is heard."""

    def _commit(self, append: Append) -> None:
        super()._commit(append)
        for source in append.followed:
            self._gaps.pop(source, None)


class AcknowledgesFirst(Process):
    """The offset is kept before the work is done."""

    async def take_in(self) -> None:
        fetched, behind = self.member.fetch()
        self.acknowledge(behind)
        with suppress(StoreUnavailable, Fenced):
            await self.follower.take_in([entry.record for entry in fetched])


class SwallowsFailures(Process):
    """The offset is kept although the work has failed."""

    async def take_in(self) -> None:
        fetched, behind = self.member.fetch()
        with suppress(StoreUnavailable, Fenced):
            await self.follower.take_in([entry.record for entry in fetched])
        self.acknowledge(behind)


class MovesTheCursorFirst(Process):
    """The outbox's cursor moves before the broker has acknowledged."""

    async def publish_log(self, cursor: Cursor) -> None:
        rows = [row async for row in self.service.store.read(cursor.division, after=cursor.position) if row.public]
        sent = rows[-1].position if rows else cursor.sent
        await self.service.save(cursor, max([cursor.head, *(row.position for row in rows)]), sent)
        await publish(self.service.bus, self.service.name, rows, cursor.sent)


class Hasty(Process):
    """Its relay does not wait for the commit."""

    async def publish(self, append: Append) -> None:
        for row in append.facts:
            before = max(self.service.auditor.public(row.division), default=0)
            with suppress(PublishFailed):
                await publish(self.service.bus, self.service.name, [row] if row.public else [], before)


def never(*_: object) -> bool:
    """No batch has anything in it that does not move a head."""
    return False
