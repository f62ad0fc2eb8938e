"""The writer: one task per service process that takes what is queued, has it decided and committed in groups.

Nobody is answered before the commit, refusals included. Nothing lingers: a batch is what is there. Where a backlog is
worth it, the next batch is decided while the one before it commits.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from services.chassis.committing import Ahead, Answers, Clock, Committer, Observer
from services.chassis.deciding import Deciders
from services.chassis.event_store import EventStore, Fenced, StoreRejected, StoreUnavailable
from services.chassis.unit import Outcome, Unit

UNITS_AT_MOST = 256
BYTES_AT_MOST = 4 * 1024 * 1024
QUEUE_AT_MOST = 4_096
ATTEMPTS = 8
WORTH_RUNNING_AHEAD = 64
"""A smaller batch waits for the one in flight, and grows meanwhile."""

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
    _in_flight: int = 0
    """How many units are on their way to the database, decided ahead."""

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
        sending: asyncio.Task[None] | None = None
        try:
            while True:
                sending = await self._turn(sending)
        finally:
            if sending is not None:
                sending.cancel()
                with suppress(asyncio.CancelledError):
                    await sending
            while not self.queue.empty():
                self.queue.get_nowait().answer.cancel()

    async def _turn(self, sending: "asyncio.Task[None] | None") -> "asyncio.Task[None] | None":
        """Take the next batch and start to send it, or settle it under the lock."""
        batch: list[_Waiting] = []
        try:
            await self._fill(batch)
            if sending is not None and len(batch) < WORTH_RUNNING_AHEAD:
                await asyncio.wait([sending])
                await self._fill(batch)
            ahead = await self._decide_ahead(batch)
            if sending is not None:
                await asyncio.wait([sending])
            if ahead is not None and self._committer.still_believes(ahead):
                return self._sending(batch, ahead)
            await self._settle(batch)
        except asyncio.CancelledError:
            _cancel(batch)
            raise
        return None

    async def _fill(self, batch: list[_Waiting]) -> None:
        """Add what is queued; wait only while there is nothing at all.

        Of a long backlog half is taken, counting what is in flight: one half is decided while the other commits.
        """
        if not batch:
            batch.append(await self.queue.get())
        half = (self._in_flight + len(batch) + self.queue.qsize()) // 2
        most = min(half, UNITS_AT_MOST) if half >= WORTH_RUNNING_AHEAD else UNITS_AT_MOST
        size = sum(waiting.unit.size for waiting in batch)
        while len(batch) < most and size < BYTES_AT_MOST and not self.queue.empty():
            batch.append(self.queue.get_nowait())
            size += batch[-1].unit.size

    async def _decide_ahead(self, batch: Sequence[_Waiting]) -> Ahead | None:
        """Whatever fails here is met again under the lock, where a bug fails its batch and not the writer.

        It has changed nothing of what is remembered, which the batch in flight may be leaning on at this moment.
        """
        try:
            return await self._committer.decide_ahead([waiting.unit for waiting in batch])
        except Exception:
            return None

    def _sending(self, batch: Sequence[_Waiting], ahead: Ahead) -> "asyncio.Task[None]":
        """Begin to send. However that ends, also before its first step, nobody of the batch waits any longer."""
        self._in_flight = len(batch)
        sending = asyncio.create_task(self._send(batch, ahead))
        sending.add_done_callback(lambda _: self._sent(batch))
        return sending

    def _sent(self, batch: Sequence[_Waiting]) -> None:
        self._in_flight = 0
        _cancel(batch)

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
            _give_all(batch, [rejected])
            return
        middle = len(batch) // 2
        try:
            await self._settle(batch[:middle])
            await self._settle(batch[middle:])
        except asyncio.CancelledError:
            _cancel(batch)
            raise

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
