"""The simulated world: three services, the bus between them, callers and mishaps, and the end; all from one seed."""

import asyncio
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
from tests.simulation.fund_ideas import FundIdeas
from tests.simulation.living import Living, task
from tests.simulation.mishaps import Mishaps
from tests.simulation.report_ideas import ReportIdeas
from tests.simulation.service import Parts, Service
from tests.simulation.shape import Shape
from tests.simulation.wiring import reactions

DAY_SECONDS = 4.0
"""How long faults go on, in virtual time; nobody begins anything new after that."""


class World(Living):
    """Everything that happens under one seed."""

    def __init__(self, seed: int, parts: Parts, fixed: Shape | None) -> None:
        super().__init__(Random(f"world {seed}"), fixed)
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

    def followers(self, source: str) -> list[Service]:
        """Who follows a service."""
        return [service for service in self.services if topic_of(source) in service.follows]

    async def story(self) -> None:
        """A day of faults, then rest, then what must hold."""
        mishaps, *_ = [task(w) for w in (self.mishaps.happen(), self.mishaps.supervise(), self.mishaps.operate())]
        for service in self.services * (2 if self.shape.has_two_pods else 1):
            service.start()
        first = [*self.fund_ideas.first(), *self.report_ideas.first()]
        shared = [first[number :: len(self.callers)] for number in range(len(self.callers))]
        working = [task(one.work(DAY_SECONDS, share)) for one, share in zip(self.callers, shared, strict=True)]
        await asyncio.sleep(DAY_SECONDS)
        mishaps.cancel()
        await self.rest(working)
        endings.check(self)

    def unsettled(self) -> str | None:
        """What is still under way when everybody has an answer."""
        return endings.unsettled(self)

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
