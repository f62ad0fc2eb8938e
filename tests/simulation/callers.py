"""Callers who ask, lose patience or the connection, ask again with the same key, and compare every answer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from services.chassis.decider import Refused
from services.chassis.event_store import Fenced, StoreRejected, StoreUnavailable
from services.chassis.unit import Outcome, SaidDifferently
from services.chassis.writer import Busy
from tests.simulation.asks import Ask, Idea
from tests.simulation.faults import Faults
from tests.simulation.process import Process
from tests.simulation.service import Service
from tests.simulation.shape import Shape
from tests.simulation.violation import Report

_COMMANDS_A_SECOND = 6.0

Answer = Outcome | Exception
UNDECIDED = (StoreUnavailable, Fenced, Busy, ConnectionError, TimeoutError)
"""Answers after which a caller knows nothing: the command may have been taken, and is given again."""


@dataclass(slots=True, kw_only=True)
class Caller:
    """Gives one command after the other for as long as the day lasts."""

    name: str
    services: Mapping[str, Service]
    faults: Faults
    idea: Idea
    report: Report
    note: Callable[[str], None]
    shape: Shape
    asks: Ask | None = None
    """What this caller has asked for last."""
    accepted: dict[str, tuple[Ask, bytes]] = field(default_factory=dict[str, tuple[Ask, bytes]])
    """What this caller's commands were answered, by key."""

    async def work(self, until: float, first: Sequence[Ask]) -> None:
        """Give one command after the other, each until it is decided; now and then an old one again."""
        for ask in first:
            await self._ask(ask)
        for number in count():
            await asyncio.sleep(self.faults.chance.expovariate(_COMMANDS_A_SECOND / self.shape.burst))
            if asyncio.get_running_loop().time() > until:
                return
            await asyncio.gather(*(self._turn(f"{self.name}.{number}.{part}") for part in range(self.shape.burst)))

    async def _turn(self, key: str) -> None:
        if self.accepted and self.faults.chance.random() < 0.2:
            old, _ = self.faults.chance.choice(list(self.accepted.values()))
            await self._repeat(old)
        elif (ask := self.idea(key)) is not None:
            await self._ask(ask)

    async def _ask(self, ask: Ask) -> None:
        """Give a new command; an impatient one twice at once."""
        self.asks = ask
        hands = 2 if self.faults.chance.random() < self.shape.impatience else 1
        await asyncio.gather(*(self._insist(ask) for _ in range(hands)))

    async def _insist(self, ask: Ask) -> None:
        while True:
            answer = await self._give(ask)
            if not isinstance(answer, UNDECIDED):
                break
            await asyncio.sleep(self.faults.chance.choice([0.02, 0.2, 1.0]))
        self._judge(ask, answer)

    async def _repeat(self, ask: Ask) -> None:
        """Give an old command once more, or something else under its key."""
        if self.faults.chance.random() < 0.2:
            ask = replace(ask, words="(other words)")
        answer = await self._give(ask)
        if isinstance(answer, UNDECIDED):
            return
        if not ask.words:
            self._judge(ask, answer)
        elif not isinstance(answer, SaidDifferently):
            self.report("said_differently", f"{ask}: {answer!r}")

    async def _give(self, ask: Ask) -> Answer:
        """One attempt, at any process of the service."""
        service = self.services[ask.service]
        await self.faults.pause()
        if not service.processes:
            return ConnectionError()
        process = self.faults.chance.choice(service.processes)
        known = service.auditor.handled.get(ask.command_id)
        answer = await self._called(process, ask)
        self.note(f"{process.name} {ask}: {_told(answer)}")
        stored = service.auditor.handled.get(ask.command_id)
        if isinstance(answer, Outcome) and (stored is None or stored.outcome != answer.body):
            self.report("answered_unstored", f"{ask}: {answer.body.decode()}")
        if isinstance(answer, Refused) and known is not None:
            self.report("refused_after_acceptance", f"{ask}: {answer.code}")
        return answer

    async def _called(self, process: Process, ask: Ask) -> Answer:
        call = process.call(ask.unit(process.clock.now()))
        patience = self.faults.chance.choice([None, 30.0, self.faults.chance.uniform(0.0, 0.5)])
        await asyncio.wait([call], timeout=patience)
        if not call.done():
            return TimeoutError()
        if call.cancelled():
            return ConnectionError()
        failure = call.exception()
        assert failure is None or isinstance(failure, Exception)
        return call.result() if failure is None else failure

    def _judge(self, ask: Ask, answer: Answer) -> None:
        """A command is accepted or refused, poison is never accepted, and nothing else happens."""
        if not isinstance(answer, (StoreRejected if ask.is_poison else Outcome, Refused)):
            self.report("answered_oddly", f"{ask}: {answer!r}")
        if isinstance(answer, Outcome):
            _, first = self.accepted.setdefault(ask.key, (ask, answer.body))
            if first != answer.body:
                self.report("answer_changed", f"{ask}: {first.decode()} became {answer.body.decode()}")


def _told(answer: Answer) -> str:
    match answer:
        case Outcome():
            return f"{'again ' if answer.replayed else ''}{answer.body.decode()}"
        case Refused():
            return f"refused, {answer.code}"
        case _:
            return type(answer).__name__
