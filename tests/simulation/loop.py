"""An event loop of virtual time and seeded order: the same seed runs the same callbacks in the same order, at once."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, TypeVar, TypeVarTuple

Result = TypeVar("Result")
Ts = TypeVarTuple("Ts")

STEPS_AT_MOST = 3_000_000


class Stuck(AssertionError):
    """Everybody waits and no timer is set, or the callbacks never end."""


class _Call(asyncio.TimerHandle):
    """A callback that waits for its turn."""

    def run(self) -> None:
        """Run it; the loop itself may not reach into a handle."""
        self._run()


class SimulatedLoop(asyncio.BaseEventLoop):
    """Of the callbacks that are ready, chance takes the next; when none is, time jumps to the next timer.

    It has no selector, no threads and no sense of real time: whoever wants one of these fails.
    """

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.steps = 0
        self.failures: list[BaseException] = []
        """What callbacks raised."""
        self._chance = chance
        self._moment = 0.0
        self._waiting: list[_Call] = []
        self._timers: list[tuple[float, int, _Call]] = []
        self._numbers = count()

    def time(self) -> float:
        """Seconds since the loop began."""
        return self._moment

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Have the callback run at this moment, before or after any other of it."""
        call = _Call(self._moment, callback, args, self, context)
        self._waiting.append(call)
        return call

    call_soon_threadsafe = call_soon

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Have the callback run at a moment of virtual time."""
        call = _Call(when, callback, args, self, context)
        heappush(self._timers, (when, next(self._numbers), call))
        return call

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what a callback raised. What nobody came to fetch is no failure: who waited for it may have crashed."""
        failure = context.get("exception")
        if failure is not None and "never retrieved" not in context["message"]:
            self.failures.append(failure)

    def _run_once(self) -> None:
        """One turn of the endless loop that the base class runs: one callback."""
        if not self._waiting:
            self._jump()
        calls = self._waiting
        chosen = int(self._chance.random() * len(calls))
        calls[chosen], calls[-1] = calls[-1], calls[chosen]
        call = calls.pop()
        if not call.cancelled():
            self.steps += 1
            call.run()
        if self.steps > STEPS_AT_MOST:
            raise Stuck("the callbacks never end")

    def _jump(self) -> None:
        while self._timers and self._timers[0][2].cancelled():
            heappop(self._timers)
        if not self._timers:
            raise Stuck("everybody waits, and nothing will happen")
        self._moment = max(self._moment, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self._moment:
            self._waiting.append(heappop(self._timers)[2])


def run(seed: str, main: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine to its end on a loop of its own, then end all that it left behind.

    Raises what it raises, ``Stuck``, or what a callback raised meanwhile.
    """
    loop = SimulatedLoop(Random(seed))
    try:
        result = loop.run_until_complete(main())
    finally:
        _end_tasks(loop)
        loop.close()
    if loop.failures:
        raise loop.failures[0]
    return result


def _end_tasks(loop: SimulatedLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))
