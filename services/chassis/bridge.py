"""A bridge for synchronous callers: one log's store and writer, on an event loop in a thread of their own."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from threading import Event, RLock, Thread, current_thread
from typing import TYPE_CHECKING, Any, TypeVar

from services.chassis.clock import SystemClock
from services.chassis.database import open_pool, translated
from services.chassis.deciding import Deciders
from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.sql import statements
from services.chassis.unit import Outcome, Unit
from services.chassis.writer import Writer

if TYPE_CHECKING:
    import asyncpg

WATCH_SECONDS = 0.2
"""How soon a listener hears of what another process has written."""

_SQL = statements("services.chassis", "recorder.sql")

Answer = TypeVar("Answer")


class BridgeClosed(Exception):
    """The bridge was closed, or its writer has died; what was under way may or may not have been committed."""


class Bridge:
    """Runs coroutines for callers without a loop. Opening raises ``StoreUnavailable`` or ``StoreRejected``."""

    def __init__(self, dsn: str, service: str, log: str, deciders: Deciders) -> None:
        self.log = log
        self.clock = SystemClock()
        self._service, self._deciders = service, deciders
        self._listeners: set[Event] = set()
        self._closed = False
        # Reentrant, because an owner that is collected while this thread is in here closes the bridge.
        self._lock = RLock()
        self._opened: Future[None] = Future()
        self._leaving = asyncio.Event()
        runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = runner.get_loop()
        self._thread = Thread(target=self._run, args=(runner, dsn), name=f"bridge to {service} {log}", daemon=True)
        self._thread.start()
        try:
            self._opened.result()
        except BaseException:
            self._thread.join()
            raise

    def call(self, coroutine: Coroutine[Any, Any, Answer]) -> Answer:
        """Run a coroutine on the bridge's loop and wait for its answer. Raises ``BridgeClosed``."""
        with self._lock:
            if self._closed:
                coroutine.close()
                raise BridgeClosed
            answer = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return answer.result()
        except CancelledError:
            raise BridgeClosed from None

    async def submit(self, unit: Unit) -> Outcome:
        """Queue a unit, waiting for room, and wait until it is committed."""
        [answer] = await self._writer.take_in([unit])
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def fetch(self, statement: str, *arguments: object) -> "list[asyncpg.Record]":
        """The rows of a named statement about the log."""
        with translated():
            return await self._pool.fetch(_SQL[statement], self.log, *arguments)

    def listen(self, listener: Event) -> None:
        """Set this event now, and whenever the log may have grown."""
        self._listeners.add(listener)
        listener.set()

    def unlisten(self, listener: Event) -> None:
        """Leave this event alone."""
        self._listeners.discard(listener)

    def committed(self, units: int, facts: int, seconds: float) -> None:
        """The writer has committed a batch."""
        self._wake()

    def close(self) -> None:
        """Stop the writer and close the pool; whoever still waits for an answer gets ``BridgeClosed``."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._loop.call_soon_threadsafe(self._leaving.set)
        if current_thread() is not self._thread:
            self._thread.join()

    def _run(self, runner: asyncio.Runner, dsn: str) -> None:
        with runner:
            runner.run(self._open(dsn))

    async def _open(self, dsn: str) -> None:
        try:
            with translated():
                self._pool = await open_pool(dsn)
        except Exception as failure:
            self._opened.set_exception(failure)
            return
        try:
            await self._work()
        finally:
            # While the loop still turns: what was let in before this is cancelled when the runner ends.
            with self._lock:
                self._closed = True

    async def _work(self) -> None:
        async with self._pool, asyncio.TaskGroup() as tasks:
            store = PostgresEventStore(self._pool, self._service)
            self._writer = Writer(store, self._deciders, self.clock, observers=(self,))
            work = [tasks.create_task(self._writer.run()), tasks.create_task(self._watch())]
            self._opened.set_result(None)
            await self._leaving.wait()
            for task in work:
                task.cancel()

    async def _watch(self) -> None:
        """Tell the listeners of what other processes write."""
        seen: int | None = None
        while True:
            await self.clock.sleep(WATCH_SECONDS)
            if not self._listeners:
                continue
            with suppress(StoreUnavailable, StoreRejected):
                position = next((row["position"] for row in await self.fetch("position")), None)
                if position != seen:
                    seen = position
                    self._wake()

    def _wake(self) -> None:
        for listener in tuple(self._listeners):
            listener.set()
