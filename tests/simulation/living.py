"""What every simulated world has: faults drawn from its seed, a record of what happened, an end at a broken law."""

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Coroutine
from hashlib import sha256
from random import Random
from typing import Any

from tests.simulation.callers import Caller
from tests.simulation.faults import LATENCIES_SECONDS, Faults
from tests.simulation.service import Service
from tests.simulation.shape import Shape, drawn
from tests.simulation.violation import Violation

_REST_SECONDS = 600.0
"""By when all must have come to rest once the faults are over."""
_LOOK_SECONDS = 0.5
_OPERATIONS_KEPT = 60


class Living:
    """A world under one seed. Who derives from it fills it with services and callers, and tells its story."""

    services: list[Service]
    callers: list[Caller]

    def __init__(self, chance: Random, fixed: Shape | None) -> None:
        self.chance = chance
        self.shape = fixed or drawn(self.chance)
        self.faults = Faults(self.chance, dict(self.shape.rates), self.chance.choice(LATENCIES_SECONDS))
        self.operations: deque[str] = deque(maxlen=_OPERATIONS_KEPT)
        self._told = sha256()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def live(self) -> None:
        """Let it happen. Raises ``Violation`` at the first law that is broken."""
        story = task(self.story())
        story.add_done_callback(self._ended)
        await self._over

    @abstractmethod
    async def story(self) -> None:
        """From the beginning, through the faults, to the laws that hold in the end."""

    @abstractmethod
    def unsettled(self) -> str | None:
        """What is still under way when everybody has an answer."""

    def report(self, law: str, seen: str) -> None:
        """A law is broken: the first one ends the world."""
        if not self._over.done():
            self.note(f"BROKEN {law}: {seen}")
            self._over.set_exception(Violation(law, seen))

    def note(self, operation: str) -> None:
        """Something happened."""
        line = f"{asyncio.get_running_loop().time():9.4f} {operation}"
        self.operations.append(line)
        self._told.update(line.encode())

    def digest(self) -> str:
        """Of everything that happened, and of every log as it stands."""
        whole = self._told.copy()
        for service in self.services:
            whole.update(b"".join(service.auditor.end_hash(division) for division in service.auditor.divisions()))
        return whole.hexdigest()

    async def rest(self, working: "list[asyncio.Task[None]]") -> None:
        """Heal, then wait until every caller has an answer, and every log is published and followed to its end."""
        self.note("all is well from now on")
        self.faults.heal()
        latest = asyncio.get_running_loop().time() + _REST_SECONDS
        while (what := self._under_way(working)) is not None:
            if asyncio.get_running_loop().time() > latest:
                self.report("never_settled", what)
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _under_way(self, working: "list[asyncio.Task[None]]") -> str | None:
        asking = [caller.asks for caller, work in zip(self.callers, working, strict=True) if not work.done()]
        return f"{asking[0]} waits for an answer" if asking else self.unsettled()

    def _ended(self, story: "asyncio.Task[None]") -> None:
        if self._over.done() or story.cancelled():
            return
        failure = story.exception()
        if failure is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(failure)


def task(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """A task of the simulated loop."""
    return asyncio.get_running_loop().create_task(work)
