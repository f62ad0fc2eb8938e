"""The ledger alone: one county's funds, officers who do everything that can be done, and mishaps; all from one seed."""

import asyncio
from random import Random

from events.cloudevents import Message
from services.ledger.app import BLUEPRINT
from tests.simulation import endings
from tests.simulation.auditor import Auditor
from tests.simulation.bus import Bus
from tests.simulation.callers import Caller
from tests.simulation.fund.ideas import SOURCES, LifeIdeas
from tests.simulation.fund.laws import Laws
from tests.simulation.living import Living, task
from tests.simulation.mishaps import Mishaps
from tests.simulation.service import Parts, Service
from tests.simulation.shape import Shape
from tests.simulation.wiring import reactions

DAY_SECONDS = 1.0
"""How long faults go on, in virtual time."""
_CALLERS = 3


class FundWorld(Living):
    """Everything that happens to the funds under one seed."""

    def __init__(self, seed: int, parts: Parts, fixed: Shape | None) -> None:
        super().__init__(Random(f"funds {seed}"), fixed)
        self.bus = Bus(self.faults, self._published, lambda source, division: 0)
        self.laws = Laws(self.report)
        self.ledger = self._service(parts)
        self.services = [self.ledger]
        self.ledger.auditor.heard = self.laws.enter
        self.mishaps = Mishaps(services=self.services, faults=self.faults, bus=self.bus, note=self.note)
        self.ideas = LifeIdeas(self.chance, self.laws, self.chance.choice(SOURCES))
        self.callers = [self._caller(number) for number in range(_CALLERS)]

    async def story(self) -> None:
        """Faults amid work, then rest, then what must hold."""
        mishaps, *_ = [task(work) for work in (self.mishaps.happen(), self.mishaps.supervise(), self.mishaps.operate())]
        for _ in range(2 if self.shape.has_two_pods else 1):
            self.ledger.start()
        await self.callers[0].work(0.0, self.ideas.first())
        working = [task(one.work(asyncio.get_running_loop().time() + DAY_SECONDS, ())) for one in self.callers]
        await asyncio.sleep(DAY_SECONDS)
        mishaps.cancel()
        await self.rest(working)
        self.laws.check()
        endings.caches_are_what_the_facts_fold_to(self.report, self.ledger)

    def unsettled(self) -> str | None:
        """What is still under way when everybody has an answer."""
        return endings.unpublished(self.ledger)

    def _service(self, parts: Parts) -> Service:
        deciders = parts.deciders(BLUEPRINT.deciders)
        auditor = Auditor("ledger", deciders, self.report)
        store = parts.store("ledger", self.faults, auditor.committed)
        return Service(
            name="ledger",
            follows=(),
            deciders=deciders,
            reactions=reactions("ledger", store),
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
        return Caller(
            name=f"officer-{number}",
            services={"ledger": self.ledger},
            faults=self.faults,
            idea=self.ideas.next,
            report=self.report,
            note=self.note,
            shape=self.shape,
        )

    def _published(self, message: Message) -> None:
        self.ledger.auditor.published(message)
