"""The writer: one task per service process that takes what is queued, has it decided and committed in groups.

Nobody is answered before the commit, refusals included. Nothing lingers: a batch is what is there. Where a backlog is
worth it, the next batch is decided while the one before it commits.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from services.chassis.committing import Ahead, Answers, Clock, Committer, Looked, Observer
from services.chassis.deciding import Deciders
from services.chassis.event_store import Doubled, EventStore, Fenced, StoreRejected, StoreUnavailable
from services.chassis.unit import Outcome, Unit

UNITS_AT_MOST = 256
BYTES_AT_MOST = 4 * 1024 * 1024
QUEUE_AT_MOST = 4_096
ATTEMPTS = 8
WORTH_RUNNING_AHEAD = 32
"""A smaller batch waits for the one in flight, and grows meanwhile."""
WORTH_HALVING = 64
"""Below this, a second round trip costs more than it saves."""

log = logging.getLogger(__name__)


class Busy(Exception):
    """The queue is full: try again shortly (HTTP 503 with Retry-After)."""


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
    _committer: Committer = field(init=False)
    _flight: "asyncio.Task[None] | None" = None
    """The batch on its way to the database, decided ahead."""

    def __post_init__(self) -> None:
        self._committer = Committer(self.store, self.deciders, self.clock, self.observers)

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
        """Work until cancelled. Whoever waits at that moment is answered with the cancellation."""
        try:
            while True:
                await self._turn()
        finally:
            if self._flight is not None:
                self._flight.cancel()
                with suppress(asyncio.CancelledError):
                    await self._flight
            while not self.queue.empty():
                self.queue.get_nowait().answer.cancel()

    async def _turn(self) -> None:
        """Take the next batch and begin to send it, or settle it under the lock."""
        batch: list[_Waiting] = []
        try:
            await self._fill(batch)
            if self._flight is not None and len(batch) < WORTH_RUNNING_AHEAD:
                await self._landed()
                await self._fill(batch)
            await self._dispatch(batch)
        except asyncio.CancelledError:
            _cancel(batch)
            raise

    async def _fill(self, batch: list[_Waiting]) -> None:
        """Add what is queued; wait only while there is nothing at all."""
        if not batch:
            batch.append(await self.queue.get())
        size = sum(waiting.unit.size for waiting in batch)
        while len(batch) < UNITS_AT_MOST and size < BYTES_AT_MOST and not self.queue.empty():
            batch.append(self.queue.get_nowait())
            size += batch[-1].unit.size

    async def _dispatch(self, batch: Sequence[_Waiting]) -> None:
        looked = await self._look_ahead(batch)
        for part in [batch] if looked is None else self._parts(batch):
            ahead = None if looked is None else self._decide_ahead(part, looked)
            await self._landed()
            if looked is not None and ahead is not None and self._committer.still_believes(ahead):
                looked = looked.over(ahead.append)
                self._take_off(part, ahead)
            else:
                looked = None
                await self._settle(part)

    def _parts(self, batch: Sequence[_Waiting]) -> Sequence[Sequence[_Waiting]]:
        """Halves of a batch that nothing flies ahead of: one is decided while the other commits."""
        flies = self._flight is not None and not self._flight.done()
        if flies or len(batch) < WORTH_HALVING:
            return [batch]
        return [batch[: len(batch) // 2], batch[len(batch) // 2 :]]

    async def _look_ahead(self, batch: Sequence[_Waiting]) -> Looked | None:
        """Whatever fails here is met again under the lock, where a bug fails its batch and not the writer.

        It has changed nothing of what is remembered, which the batch in flight may be leaning on at this moment.
        """
        try:
            return await self._committer.look_ahead([waiting.unit for waiting in batch])
        except Exception:
            return None

    def _decide_ahead(self, batch: Sequence[_Waiting], looked: Looked) -> Ahead | None:
        try:
            return self._committer.decide_ahead([waiting.unit for waiting in batch], looked)
        except Exception:
            return None

    async def _landed(self) -> None:
        """Wait until nothing is in flight."""
        if self._flight is not None:
            await asyncio.wait([self._flight])
            self._flight = None

    def _take_off(self, batch: Sequence[_Waiting], ahead: Ahead) -> None:
        """Begin to send. However that ends, also before its first step, nobody of the batch waits any longer."""
        self._flight = asyncio.create_task(self._send(batch, ahead))
        self._flight.add_done_callback(lambda _: _cancel(batch))

    async def _send(self, batch: Sequence[_Waiting], ahead: Ahead) -> None:
        """Commit what was decided ahead; whatever fails is decided again under the lock."""
        try:
            answers = await self._committer.send(ahead)
        except Exception:
            self._committer.forget()
            await self._settle(batch)
        else:
            _give_all(batch, answers)

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        try:
            _give_all(batch, await self._outcomes(batch))
        except StoreRejected as rejected:
            await self._bisect(batch, rejected)
        except asyncio.CancelledError:
            _cancel(batch)
            raise

    async def _outcomes(self, batch: Sequence[_Waiting]) -> Answers:
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
            _give_all(batch, await self._met(batch) if isinstance(rejected, Doubled) else [rejected])
            return
        middle = len(batch) // 2
        try:
            await self._settle(batch[:middle])
            await self._settle(batch[middle:])
        except asyncio.CancelledError:
            _cancel(batch)
            raise

    async def _met(self, batch: Sequence[_Waiting]) -> Answers:
        """Who came second to another process meets now what that one has written: the answer to its own words first."""
        try:
            return await self._outcomes(batch)
        except StoreRejected as again:
            return [again]

    async def _persist(self, units: Sequence[Unit]) -> Answers:
        """Commit, and try again after a failure that may pass; a unit that was committed after all is found again."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._committer.commit(units)
            except BaseException as failure:
                self._committer.forget()
                if not isinstance(failure, StoreUnavailable | Fenced) or attempt == ATTEMPTS - 1:
                    raise
            await self.clock.sleep(min(2.0, 0.02 * 2**attempt))
        raise StoreUnavailable


def _give_all(batch: Sequence[_Waiting], answers: Answers) -> None:
    for waiting, answer in zip(batch, answers, strict=True):
        if waiting.answer.done():
            continue
        if isinstance(answer, Exception):
            waiting.answer.set_exception(answer)
        else:
            waiting.answer.set_result(answer)


def _cancel(batch: Sequence[_Waiting]) -> None:
    for waiting in batch:
        waiting.answer.cancel()
