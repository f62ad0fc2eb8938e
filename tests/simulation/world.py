"""The simulated world: three services, the bus between them, callers and mishaps, and the end; all from one seed."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from hashlib import sha256
from random import Random
from typing import Any

from events.cloudevents import Message
from events.fact import Fact, Recorded
from events.ledger import PaymentReceived, PaymentReturned
from events.topics import topic_of
from services.chassis.mount import Blueprint
from services.intake.app import BLUEPRINT as INTAKE
from services.intake.report_state import Report
from services.ledger.app import BLUEPRINT as LEDGER
from services.relief.app import BLUEPRINT as RELIEF
from services.relief.case_state import Case
from tests.simulation import endings
from tests.simulation.asks import COUNTIES, Idea
from tests.simulation.auditor import Auditor
from tests.simulation.books import Books
from tests.simulation.bus import Bus
from tests.simulation.callers import Caller
from tests.simulation.case_ideas import CaseIdeas
from tests.simulation.faults import LATENCIES_SECONDS, Faults
from tests.simulation.fund_ideas import FundIdeas
from tests.simulation.mishaps import Mishaps
from tests.simulation.report_ideas import ReportIdeas
from tests.simulation.service import Parts, Service
from tests.simulation.shape import Shape, drawn
from tests.simulation.violation import Violation
from tests.simulation.wiring import reactions

DAY_SECONDS = 4.0
"""How long faults go on, in virtual time; nobody begins anything new after that."""
_REST_SECONDS = 600.0
"""By when all must have come to rest once the faults are over."""
_LOOK_SECONDS = 0.5
_OPERATIONS_KEPT = 60


class World:
    """Everything that happens under one seed."""

    def __init__(self, seed: int, parts: Parts, fixed: Shape | None) -> None:
        self.chance = Random(f"world {seed}")
        self.shape = fixed or drawn(self.chance)
        self.faults = Faults(self.chance, dict(self.shape.rates), self.chance.choice(LATENCIES_SECONDS))
        self.operations: deque[str] = deque(maxlen=_OPERATIONS_KEPT)
        self._told = sha256()
        self.books = Books(self.report)
        self.reports: dict[str, dict[str, Report]] = {county: {} for county in COUNTIES}
        self.cases: dict[str, dict[str, Case]] = {county: {} for county in COUNTIES}
        self.paid: list[PaymentReceived | PaymentReturned] = []
        self.bus = Bus(self.faults, self._published, self._followed)
        self.intake, self.relief, self.ledger = (self._service(it, parts) for it in (INTAKE, RELIEF, LEDGER))
        self.services = [self.intake, self.relief, self.ledger]
        self.intake.auditor.heard = self._hear_intake
        self.relief.auditor.heard = self._hear_relief
        self.ledger.auditor.heard = self._hear_ledger
        self.mishaps = Mishaps(services=self.services, faults=self.faults, bus=self.bus, note=self.note)
        self.fund_ideas = FundIdeas(self.chance, self.books)
        self.report_ideas = ReportIdeas(self.chance, self.reports)
        self.callers = [self._caller(number) for number in range(self.shape.callers)]
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def live(self) -> None:
        """Let it happen. Raises ``Violation`` at the first law that is broken."""
        story = _task(self._story())
        story.add_done_callback(self._ended)
        await self._over

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

    def followers(self, source: str) -> list[Service]:
        """Who follows a service."""
        return [service for service in self.services if topic_of(source) in service.follows]

    async def _story(self) -> None:
        mishaps, *_ = [_task(w) for w in (self.mishaps.happen(), self.mishaps.supervise(), self.mishaps.operate())]
        for service in self.services * (2 if self.shape.has_two_pods else 1):
            service.start()
        first = [*self.fund_ideas.first(), *self.report_ideas.first()]
        shared = [first[number :: len(self.callers)] for number in range(len(self.callers))]
        working = [_task(one.work(DAY_SECONDS, share)) for one, share in zip(self.callers, shared, strict=True)]
        await asyncio.sleep(DAY_SECONDS)
        mishaps.cancel()
        self.note("all is well from now on")
        self.faults.heal()
        await self._rest(working)
        endings.check(self)

    async def _rest(self, working: "list[asyncio.Task[None]]") -> None:
        """Wait until every caller has an answer, and every log is published and followed to its end."""
        latest = asyncio.get_running_loop().time() + _REST_SECONDS
        while (what := self._unsettled(working)) is not None:
            if asyncio.get_running_loop().time() > latest:
                self.report("never_settled", what)
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _unsettled(self, working: "list[asyncio.Task[None]]") -> str | None:
        asking = [caller.asks for caller, work in zip(self.callers, working, strict=True) if not work.done()]
        return f"{asking[0]} waits for an answer" if asking else endings.unsettled(self)

    def _ended(self, story: "asyncio.Task[None]") -> None:
        if self._over.done() or story.cancelled():
            return
        failure = story.exception()
        if failure is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(failure)

    def _service(self, blueprint: Blueprint, parts: Parts) -> Service:
        auditor = Auditor(blueprint.name, blueprint.deciders, self.report)
        store = parts.store(blueprint.name, self.faults, auditor.committed)
        return Service(
            name=blueprint.name,
            follows=blueprint.follows,
            deciders=parts.deciders(blueprint.deciders),
            reactions=reactions(blueprint.name, store),
            parts=parts,
            faults=self.faults,
            bus=self.bus,
            store=store,
            auditor=auditor,
            report=self.report,
            note=self.note,
            two_relays=self.chance.random() < 0.3,
        )

    def _caller(self, number: int) -> Caller:
        ideas: list[Idea] = [
            self.report_ideas.next,
            CaseIdeas(self.chance, self.cases, self.books).next,
            self.fund_ideas.next,
        ]
        nothing_new: list[Idea] = [self.fund_ideas.nothing_new, self.report_ideas.nothing_new]
        return Caller(
            name=f"caller-{number}",
            services={service.name: service for service in self.services},
            faults=self.faults,
            idea=lambda key: self.chance.choices([*ideas, self.chance.choice(nothing_new)], self.shape.shares)[0](key),
            report=self.report,
            note=self.note,
            shape=self.shape,
        )

    def _published(self, message: Message) -> None:
        (source,) = (service for service in self.services if service.name == message.service)
        source.auditor.published(message)

    def _followed(self, source: str, division: str) -> int:
        followed = (follower.auditor.followed.get((source, division), 0) for follower in self.followers(source))
        return min(followed, default=0)

    def _hear_intake(self, known: Recorded[Fact], state: Any) -> None:
        if isinstance(state, Report):
            self.reports[known.division][state.received.report_id] = state

    def _hear_relief(self, known: Recorded[Fact], state: Any) -> None:
        if isinstance(state, Case):
            self.cases[known.division][state.case_id] = state

    def _hear_ledger(self, known: Recorded[Fact], state: Any) -> None:
        self.books.enter(known)
        if isinstance(known.fact, PaymentReceived | PaymentReturned):
            self.paid.append(known.fact)


def _task(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    return asyncio.get_running_loop().create_task(work)
