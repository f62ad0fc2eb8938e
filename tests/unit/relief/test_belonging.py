"""Joining and parting under the lock: what was counted since somebody asked for it goes with the person."""

import asyncio
from datetime import datetime
from itertools import count
from uuid import UUID, uuid5

from events.relief_household import CountedHelp
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.relief.app import BLUEPRINT
from services.relief.household import household_of
from services.relief.household_checks import household_at
from services.relief.household_commands import CountFoundLater, JoinMember, PartMember
from services.relief.routes.belonging import joining, parting
from tests.support.given import CLERK, NOON
from tests.support.running import running
from tests.unit.relief.facts import COUNTY, PERSON, POLICY

OTHER = "p:fedcba9876543210"


class _Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def counted(household: str, decision_id: str) -> Directed:
    """Something that the other person was helped with."""
    help_ = CountedHelp(
        case_id="case-2", decision_id=decision_id, person=OTHER, cause="fire", on=NOON.date(), amount_fen=200_000
    )
    return Directed(household_of(household), CountFoundLater(household, POLICY, (help_,)))


async def test_help_that_is_counted_after_a_joining_or_a_parting_was_asked_for_goes_with_the_person() -> None:
    store = MemoryEventStore("relief")
    writer, numbers = Writer(store, BLUEPRINT.deciders, _Noon()), count()
    join = joining(JoinMember(PERSON, OTHER, "hukou_book", POLICY))
    part = parting(PartMember(PERSON, OTHER, "wrong_person", POLICY))

    async def submit(*parts: Directed) -> None:
        await writer.submit(Unit(COUNTY, parts, uuid5(UUID(int=12), str(next(numbers))), CLERK, NOON))

    async with running(writer):
        await submit(counted(OTHER, "decision-2"))
        await submit(*join)
        key, household = await household_at(store, COUNTY, OTHER)
        assert (key, list(household.helps)) == (PERSON, ["decision-2"])
        await submit(counted(PERSON, "decision-3"))
        await submit(*part)
    _, former = await household_at(store, COUNTY, PERSON)
    key, own = await household_at(store, COUNTY, OTHER)
    assert (key, list(own.helps), former.helps) == (OTHER, ["decision-2", "decision-3"], {})
