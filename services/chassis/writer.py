"""The writer: one task per service process that decides under the lock and commits in groups.

Units queue; the writer takes what is there, without waiting for more, and answers nobody before the commit.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from events.fact import UnknownFact
from services.chassis.decider import Decider
from services.chassis.deciding import Batch, Deciders
from services.chassis.event_store import (
    EventStore,
    Fenced,
    Stored,
    StoreRejected,
    StoreUnavailable,
    StreamKey,
    Wanted,
)
from services.chassis.replay import Known, fold
from services.chassis.states import StateCache
from services.chassis.unit import Outcome, Unit

UNITS_AT_MOST = 256
BYTES_AT_MOST = 4 * 1024 * 1024
QUEUE_AT_MOST = 4_096
CACHED_STREAMS = 50_000
ATTEMPTS = 8

log = logging.getLogger(__name__)

Streams = Mapping[StreamKey, Decider[Any, Any, Any]]


class Busy(Exception):
    """The queue is full: try again shortly (HTTP 503 with Retry-After)."""


class Clock(Protocol):
    """Where time enters."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Observer(Protocol):
    """Who wants to know of each commit: metrics, and the relay."""

    def committed(self, units: int, facts: int, seconds: float) -> None:
        """A batch has been committed; ``seconds`` is how long it took from the lock to the answer."""
        ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    unit: Unit
    answer: "asyncio.Future[Outcome]"


@dataclass(slots=True)
class Writer:
    """Takes units of work, and gives each its outcome once it is on disk.

    ``submit`` raises what the decision raised (``Refused``, ``SaidDifferently``, ``Gap``, ``VersionConflict``),
    ``Busy`` when the queue is full, ``StoreUnavailable`` when the database stays away, ``StoreRejected`` when
    the database refuses the unit.
    """

    store: EventStore
    deciders: Deciders
    clock: Clock
    observers: Sequence[Observer] = ()
    queue: "asyncio.Queue[_Waiting]" = field(default_factory=lambda: asyncio.Queue(QUEUE_AT_MOST))
    _states: StateCache = field(default_factory=lambda: StateCache(CACHED_STREAMS))

    async def submit(self, unit: Unit) -> Outcome:
        """Queue a caller's unit and wait until it is committed."""
        waiting = _Waiting(unit, asyncio.get_running_loop().create_future())
        try:
            self.queue.put_nowait(waiting)
        except asyncio.QueueFull:
            raise Busy from None
        return await waiting.answer

    async def take_in(self, units: Iterable[Unit]) -> list[Outcome | BaseException]:
        """Queue what was heard, in order, waiting for room; give each unit's outcome or exception."""
        answers: list[asyncio.Future[Outcome]] = []
        for unit in units:
            answers.append(asyncio.get_running_loop().create_future())
            await self.queue.put(_Waiting(unit, answers[-1]))
        return await asyncio.gather(*answers, return_exceptions=True)

    async def run(self) -> None:
        """Work until cancelled. What is queued at that moment is answered with the cancellation."""
        try:
            while True:
                await self._settle(await self._next())
        finally:
            while not self.queue.empty():
                self.queue.get_nowait().answer.cancel()

    async def _next(self) -> list[_Waiting]:
        batch = [await self.queue.get()]
        size = batch[0].unit.size
        while len(batch) < UNITS_AT_MOST and size < BYTES_AT_MOST and not self.queue.empty():
            batch.append(self.queue.get_nowait())
            size += batch[-1].unit.size
        return batch

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        try:
            for waiting, answer in zip(batch, await self._outcomes(batch), strict=True):
                _give(waiting, answer)
        except StoreRejected as rejected:
            await self._bisect(batch, rejected)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.answer.cancel()
            raise

    async def _outcomes(self, batch: Sequence[_Waiting]) -> list[Outcome | Exception]:
        """What to answer. A bug outside of a decision fails its batch, and the writer lives on."""
        try:
            return await self._persist([waiting.unit for waiting in batch])
        except StoreRejected:
            raise
        except (StoreUnavailable, Fenced) as failure:
            return [failure] * len(batch)
        except Exception as bug:
            log.exception("batch_failed")
            return [bug] * len(batch)

    async def _bisect(self, batch: Sequence[_Waiting], rejected: StoreRejected) -> None:
        """Only the unit that the database refuses may fail: halve until it stands alone."""
        if len(batch) == 1:
            _give(batch[0], rejected)
            return
        middle = len(batch) // 2
        await self._settle(batch[:middle])
        await self._settle(batch[middle:])

    async def _persist(self, units: Sequence[Unit]) -> list[Outcome | Exception]:
        """Commit, and try again after a failure that may pass; a unit that was committed after all is found again."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._commit(units)
            except BaseException as failure:
                self._states.forget()
                if not isinstance(failure, StoreUnavailable | Fenced) or attempt == ATTEMPTS - 1:
                    raise
            await self.clock.sleep(min(2.0, 0.02 * 2**attempt))
        raise StoreUnavailable

    async def _commit(self, units: Sequence[Unit]) -> list[Outcome | Exception]:
        began = asyncio.get_running_loop().time()
        deciders = self._streams(units)
        unreadable = await self._prepare(units, deciders)
        async with self.store.transaction(sorted({unit.division for unit in units})) as transaction:
            self._states.locked(transaction.heads)
            readable = [key for key in deciders if key not in unreadable]
            found = await transaction.look(wanted(units, self._states.doubtful(readable)))
            unreadable |= self._bring_forward(found.tails, deciders)
            states = {key: self._states.get(key) for key in readable if key not in unreadable}
            batch = Batch(self.deciders, transaction.heads, found, states, self.clock.now())
            answers = [batch.settle(unit) for unit in units]
            if not batch.append.is_empty():
                await transaction.write(batch.append)
        heads = {**transaction.heads, **batch.append.heads}
        self._states.left({division: head.position for division, head in heads.items()})
        self._states.put(batch.states)
        for observer in self.observers:
            observer.committed(len(units), len(batch.append.facts), asyncio.get_running_loop().time() - began)
        return answers

    def _streams(self, units: Sequence[Unit]) -> dict[StreamKey, Decider[Any, Any, Any]]:
        """Every stream that the units are for, with its decider."""
        return {
            (unit.division, part.stream): self.deciders[type(part.command)] for unit in units for part in unit.parts
        }

    async def _prepare(self, units: Sequence[Unit], deciders: Streams) -> set[StreamKey]:
        """Before the lock: create logs that are new, and load states that are not at hand."""
        new = {unit.division for unit in units} - self._states.logs()
        if new:
            await self.store.open_logs(sorted(new))
        missing = self._states.missing(deciders)
        if not missing:
            return set()
        self._states.put({key: Known(0, deciders[key].initial) for key in missing})
        return self._bring_forward(await self.store.load(dict.fromkeys(missing, 0)), deciders)

    def _bring_forward(self, tails: Sequence[Stored], deciders: Streams) -> set[StreamKey]:
        """Fold stored facts into the states at hand; give the streams that this release cannot read."""
        unreadable: set[StreamKey] = set()
        for key, rows in groupby(tails, key=lambda row: (row.division, row.stream)):
            try:
                self._states.put({key: fold(self._states.get(key), deciders[key], list(rows))})
            except UnknownFact:
                self._states.drop(key)
                unreadable.add(key)
        return unreadable


def wanted(units: Sequence[Unit], streams: Mapping[StreamKey, int]) -> Wanted:
    """What the store must be asked for these units."""
    heard = [unit.heard for unit in units if unit.heard is not None]
    return Wanted(
        commands=[unit.command_id for unit in units if unit.digest is not None],
        claims=list({(unit.division, key) for unit in units for part in unit.parts for key in part.asks}),
        streams=streams,
        sources=list({(h.source, h.division) for h in heard}),
        subjects=list({(h.source, h.division, h.subject) for h in heard}),
    )


def _give(waiting: _Waiting, answer: Outcome | Exception) -> None:
    if waiting.answer.done():
        return
    if isinstance(answer, Exception):
        waiting.answer.set_exception(answer)
    else:
        waiting.answer.set_result(answer)
