"""Money that goes back when its case is closed already: the household keeps only what it has in hand."""

import asyncio
from datetime import datetime
from itertools import count
from uuid import UUID, uuid5

import pytest

from events.relief import advance_claim
from events.relief_household import CountedHelp
from events.relief_words import decision_claim
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.relief.app import BLUEPRINT
from services.relief.case_commands import AcceptCase, CloseCase, OpenCase, RecordContact
from services.relief.household import household_of
from services.relief.household_checks import household_at
from services.relief.household_commands import CountHelp
from services.relief.policy_cache import Policies, PolicyCache
from services.relief.steps.case_file import stream_of
from services.relief.subscribers import Reactions
from tests.support.given import CLERK, NOON
from tests.support.running import running
from tests.support.saying import message_of
from tests.unit.relief.facts import (
    CASE,
    COUNTY,
    FIRST,
    PERSON,
    POLICY,
    decide_advance,
    need,
    received,
    reserved,
    returned,
    voided,
)

HELP = CountedHelp(case_id=CASE, decision_id=FIRST, person=PERSON, cause="fire", on=NOON.date(), amount_fen=200_000)
COUNTED = Directed(household_of(PERSON), CountHelp(PERSON, HELP, POLICY), (decision_claim(FIRST),))
CLAIMS = (advance_claim(PERSON, "fire"), decision_claim(FIRST))
PAID = (OpenCase(CASE, need()), AcceptCase(), RecordContact(reached=True), decide_advance(), reserved(), received())


class _Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def unit(number: int, *parts: Directed) -> Unit:
    return Unit(COUNTY, parts, uuid5(UUID(int=11), str(number)), CLERK, NOON)


@pytest.mark.parametrize("closes", [True, False])
async def test_a_void_leaves_the_household_what_it_has_before_the_closing_and_after(closes: bool) -> None:
    store = MemoryEventStore("relief")
    writer, numbers = Writer(store, BLUEPRINT.deciders, _Noon()), count()
    reactions = Reactions(PolicyCache(store, Policies()))
    async with running(writer):
        for command in (*PAID, *([CloseCase()] if closes else [])):
            counted = (COUNTED,) if command is PAID[3] else ()
            await writer.submit(unit(next(numbers), Directed(stream_of(CASE), command, CLAIMS), *counted))
        back, void = returned().said, voided().said
        at_once = [
            *await reactions.notes_returned(back, message_of(back, "fund:fund-1")),
            *await reactions.notes_voided(void, message_of(void, "fund:fund-1")),
        ]
        await writer.submit(unit(next(numbers), *at_once))
    _, household = await household_at(store, COUNTY, PERSON)
    assert household.helps == {}
