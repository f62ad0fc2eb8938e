"""What of a case counts for its household: what stands and what was had, as the case is at the moment of deciding."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid5

import pytest

from events.intake import ReportReturned
from events.ledger import Voided
from events.relief_words import advance_claim, decision_claim
from events.rules import HouseholdCap, TownshipLimit
from services.chassis.decider import Circumstances
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.relief.app import BLUEPRINT
from services.relief.case_commands import AcceptCase, CaseCommand, CloseCase, LetAdvanceGo, RecordContact
from services.relief.counting import as_decided, as_found, as_it_stands
from services.relief.household import DECIDER, household_of
from services.relief.household_checks import household_at
from services.relief.household_commands import CountFoundLater, CountHelp, HouseholdCommand, SettleHelp
from services.relief.household_state import Household
from services.relief.policy import Policy
from services.relief.policy_cache import PolicyCache
from services.relief.steps.case_file import stream_of
from services.relief.steps.ending import EndEarly
from services.relief.steps.identity import EstablishIdentity
from services.relief.subscribers import Reactions, case_id_of
from tests.support.counter import SteppingClock
from tests.support.given import CLERK, NAMESPACE, NOON, recorded
from tests.support.running import running
from tests.support.saying import message_of
from tests.unit.relief.facts import (
    CASE,
    COUNTY,
    FIRST,
    PERSON,
    SECOND,
    at,
    decide_advance,
    need,
    opened,
    policy,
    received,
    reserved,
    short,
    voided,
)
from tests.unit.relief.test_household import helped
from tests.unit.relief.told import OFFICER, Told

TODAY = date(2026, 11, 2)
CAPPED = policy(household_cap=HouseholdCap(limit_fen=300_000, window="natural_year", clause="限额"))


@dataclass(slots=True)
class Counted:
    """A case and the household of its person, told in the same breath."""

    policy: Policy = CAPPED
    person: str | None = PERSON
    case: Told = field(init=False)
    household: Household = DECIDER.initial

    def __post_init__(self) -> None:
        self.case = Told(self.policy, now=at("11-02 09:00"))
        self.case.happens(opened(person=self.person))
        self.does(AcceptCase(), RecordContact(reached=True))

    def does(self, *commands: CaseCommand) -> None:
        """The case is told, and what it has become settles what counts."""
        for command in commands:
            self.case.does(command)
            self.tells(as_it_stands(PERSON, TODAY, SettleHelp(PERSON, CASE), self.case.case))

    def decides(self, decision_id: str, amount_fen: int) -> None:
        self.does(decide_advance(decision_id, amount_fen, policy=self.policy))
        asked = helped(1, fen=0).model_copy(update={"decision_id": decision_id})
        self.tells(as_decided(CountHelp(PERSON, asked, self.policy), self.case.case))

    def tells(self, command: HouseholdCommand) -> None:
        claims = {decision_claim(key): stream_of(CASE) for key in (FIRST, SECOND)}
        for fact in DECIDER.decide(self.household, command, Circumstances(OFFICER, NOON, NOON, claims)):
            self.household = DECIDER.evolve(self.household, recorded(fact))

    @property
    def counts(self) -> Mapping[str, int]:
        return {key: one.amount_fen for key, one in self.household.helps.items()}


def test_what_a_fund_was_short_of_counts_no_more_once_another_decision_takes_its_place() -> None:
    told = Counted()
    told.decides(FIRST, 200_000)
    told.does(short(FIRST))
    assert told.counts == {FIRST: 200_000}
    told.decides(SECOND, 120_000)
    assert told.counts == {SECOND: 120_000}


def test_what_was_decided_counts_and_not_what_was_asked_for() -> None:
    limit = TownshipLimit(limit_fen=300_000, inclusive=True, scope="case", advance_up_to_limit=True, clause="先行")
    told = Counted(policy(township_limit=limit))
    told.decides(FIRST, 423_000)
    assert told.counts == {FIRST: 300_000}


@pytest.mark.parametrize("ends", [EndEarly("withdrawn"), LetAdvanceGo(FIRST, "household_declined")])
def test_what_is_let_go_counts_no_more_unless_it_is_paid_all_the_same(ends: CaseCommand) -> None:
    told = Counted()
    told.decides(FIRST, 200_000)
    told.does(reserved(FIRST), ends)
    assert told.counts == {}
    told.does(received(FIRST))
    assert told.counts == {FIRST: 200_000}


def test_money_that_its_fund_let_go_counts_no_more() -> None:
    told = Counted()
    told.decides(FIRST, 200_000)
    told.does(reserved(FIRST), voided(FIRST))
    assert told.counts == {}


def test_a_case_that_is_closed_counts_with_what_it_gave_and_for_its_own_person_only() -> None:
    told = Counted()
    told.decides(FIRST, 200_000)
    told.does(reserved(FIRST), received(FIRST), CloseCase("relieved"))
    assert told.counts == {FIRST: 200_000}
    of_another = as_it_stands("p:fedcba9876543210", TODAY, SettleHelp(PERSON, CASE), told.case.case)
    told.tells(of_another)
    assert told.counts == {}


def test_all_that_was_given_before_anybody_knew_to_whom_counts_from_the_day_of_its_decision() -> None:
    told = Counted(person=None)
    told.case.does(decide_advance(policy=CAPPED))
    assert told.counts == {}
    told.case.does(EstablishIdentity(PERSON))
    told.tells(as_found(date(2027, 1, 5), CountFoundLater(PERSON, CAPPED), told.case.case))
    assert told.counts == {FIRST: 200_000}
    assert told.household.helps[FIRST].on == TODAY


# --- what others say


async def _says(writer: Writer, number: int, *parts: Directed) -> None:
    await writer.submit(Unit(COUNTY, parts, uuid5(NAMESPACE, str(number)), CLERK, NOON))


async def _has_decided(writer: Writer, reactions: Reactions) -> str:
    """A case whose advance counts for the household."""
    case_id, claims = case_id_of("report-1"), (advance_claim(PERSON, "fire"), decision_claim(FIRST))
    one = helped(1).model_copy(update={"case_id": case_id, "decision_id": FIRST})
    counting = Directed(household_of(PERSON), CountHelp(PERSON, one, CAPPED), claims)
    await _says(writer, 1, *await reactions.opens_case(need(), message_of(need(), "report:report-1")))
    await _says(writer, 2, Directed(stream_of(case_id), AcceptCase()))
    await _says(writer, 3, Directed(stream_of(case_id), decide_advance(policy=CAPPED), claims), counting)
    return case_id


GIVEN_BACK = ReportReturned(
    report_id="report-1",
    reason="not_here",
    basis="八条",
    number=1,
    due_on=TODAY,
    returned_by="S-1",
    frees=(),
    cause="fire",
)


@pytest.mark.parametrize("said", [GIVEN_BACK, voided().said])
async def test_a_report_that_leaves_and_money_that_is_let_go_free_the_households_year(
    said: ReportReturned | Voided,
) -> None:
    store = MemoryEventStore("relief")
    reactions = Reactions(PolicyCache(store))
    async with running(Writer(store, BLUEPRINT.deciders, SteppingClock())) as writer:
        case_id = await _has_decided(writer, reactions)
        assert [*(await household_at(store, COUNTY, PERSON))[1].helps] == [FIRST]
        if isinstance(said, Voided):
            said = said.model_copy(update={"case_id": case_id})
        _, reaction = reactions.table()[said.NAME]
        await _says(writer, 4, *await reaction(said, message_of(said, "report:report-1")))
    assert [*(await household_at(store, COUNTY, PERSON))[1].helps] == []
