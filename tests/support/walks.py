"""Many walks at once, as their callers drive them: whoever gets no answer asks again, with the same words and key."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from jiujinan.api import Answer
from tests.support.people import Cashier, County, Hotline, Leader, Officer
from tests.support.system import System

_DAY = "2022-09-05"
_numbers = count(1)


@dataclass(slots=True)
class Walk:
    """One household's."""

    order: Answer
    report: str = ""
    case: str = ""


@dataclass(slots=True)
class Walks:
    """Households of some townships, as many in each, each in need of 2,000 yuan. They walk side by side."""

    system: System
    townships: Sequence[str]
    each: int = 4
    walks: Sequence[Walk] = ()
    _people: "_People" = field(init=False)

    def __post_init__(self) -> None:
        self.walks = [Walk(_order(township)) for township in self.townships for _ in range(self.each)]
        self._people = _People(self.system)

    def stories(self) -> set[str]:
        """What the facts of these walks name as the story that they belong to."""
        return {name for walk in self.walks for name in (walk.report, walk.case)}

    async def call(self) -> None:
        """All of them call the hotline."""
        await asyncio.gather(*(self._people.report(walk) for walk in self.walks))

    async def to_the_leader(self) -> None:
        """From the call to a decision that the funds are too short for: they are not even open."""
        await asyncio.gather(*(self._people.bring_to_the_leader(walk) for walk in self.walks))

    async def to_the_leader_in_step(self) -> None:
        """The same, but nobody goes on before all have come as far."""
        for step in (self._people.report, self._people.accept, self._people.contact, self._people.decide):
            await asyncio.gather(*(step(walk) for walk in self.walks))

    async def to_the_end(self) -> None:
        """Money for all of them; decided again, paid, closed, and the hotline has heard."""
        for township in self.townships:
            document = f"样例拨款〔2022〕{township}号"
            await self._people.county.allocates(self.each * 2_000 + 1_000, township, document, 2022)
        await asyncio.gather(*(self._people.bring_to_the_end(walk) for walk in self.walks))
        for township in self.townships:
            await self._people.county.sees_fund(township, book=1_000, reserved=0, year=2022)


class _People:
    def __init__(self, system: System) -> None:
        self.hotline = Hotline(system.api, system.mailbox.messages)
        self.officer = Officer(system.api, "officer")
        self.leader = Leader(system.api, "leader")
        self.cashier = Cashier(system.api, "cashier")
        self.county = County(system.api, "county")
        self.sent = system.sent

    async def report(self, walk: Walk) -> None:
        if not walk.report:
            walk.report = await self.hotline.reports(walk.order)
            self.sent.append(walk.report)

    async def accept(self, walk: Walk) -> None:
        walk.case = await self.officer.accepts(walk.report, f"{_DAY} 09:00")

    async def contact(self, walk: Walk) -> None:
        await self.officer.reaches_household(walk.case, f"{_DAY} 09:10")

    async def decide(self, walk: Walk) -> None:
        decision = await self.leader.decides(walk.case, 2_000, f"{_DAY} 09:20")
        await self.leader.sees_case(walk.case, lambda case: _standings(case) == {decision: "short"})

    async def bring_to_the_leader(self, walk: Walk) -> None:
        for step in (self.report, self.accept, self.contact, self.decide):
            await step(walk)

    async def bring_to_the_end(self, walk: Walk) -> None:
        decision = await self.leader.decides(walk.case, 2_000, f"{_DAY} 10:00")
        await self.leader.sees_case(walk.case, lambda case: _standings(case)[decision] == "held")
        await self.cashier.pays(walk.case, decision, f"{_DAY} 11:00")
        await self.leader.sees_case(walk.case, lambda case: case["relieved_at"] is not None)
        await self.leader.closes(walk.case, f"{_DAY} 12:00")
        await self.hotline.hears(walk.report, "case.closed")


def _standings(case: Answer) -> dict[str, str]:
    return {decision["decision_id"]: decision["standing"] for decision in case["decisions"]}


def _order(township: str) -> Answer:
    number = next(_numbers)
    return {
        "orderNum": f"NJ2022{number:08d}",
        "callTime": f"{_DAY} 08:00:00",
        "callerType": "1",
        "callerName": "陶样山",
        "callerPhone": f"1990001{number:04d}",
        "questionCode": "0704",
        "areaCode": township,
        "description": "来电人家中突遭变故,急需救助。",
    }
