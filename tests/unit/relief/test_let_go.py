"""What no longer stands holds no money: decisions that gave way, were let go, or were met by a payment."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from events.ledger import PaymentInstructed
from events.relief import AdvanceLetGo, FundsReserved, ReviewRaised
from events.rules import AdvanceRule, TimeLimit
from events.shanghai import SHANGHAI
from services.chassis.memory_event_store import MemoryEventStore
from services.relief.case_commands import (
    CloseCase,
    DecideAdvance,
    LetAdvanceGo,
    Note,
    NoteInstructed,
    NoteReceived,
)
from services.relief.clocks import clocks
from services.relief.policy_cache import Policies, PolicyCache
from services.relief.signals import signals
from services.relief.subscribers import Reactions
from tests.support.given import recorded
from tests.support.saying import message_of
from tests.unit.relief.facts import (
    CASE,
    COUNTY,
    FIRST,
    FUND,
    QUILTS,
    SECOND,
    at,
    book,
    decide_advance,
    published,
    received,
    reserved,
    returned,
    short,
    voided,
)
from tests.unit.relief.told import LEADER, Told, told


def instructed(decision_id: str = FIRST) -> NoteInstructed:
    return NoteInstructed(
        PaymentInstructed(
            fund_id=FUND,
            hold_id=decision_id,
            case_id=CASE,
            payment_id="payment-1",
            amount_fen=200_000,
            method="card",
            payee_ref="y-1",
            instructed_by="S-9",
        )
    )


def let_go(reason: str, decision_id: str = FIRST, fund_id: str = FUND) -> AdvanceLetGo:
    return AdvanceLetGo(case_id=CASE, decision_id=decision_id, fund_id=fund_id, reason=reason)


def test_a_decision_that_gives_way_to_a_later_one_is_let_go_in_its_fund() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    assert case.does(decide_advance(SECOND), LEADER)[1:] == (let_go("replaced"),)
    assert case.known.decisions[FIRST].standing == "replaced"


def test_money_that_is_held_late_for_a_replaced_decision_is_let_go_and_counts_until_it_is() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    case.does(decide_advance(SECOND), LEADER)
    late = FundsReserved(case_id=CASE, decision_id=FIRST, amount_fen=200_000)
    assert case.does(reserved()) == (late, let_go("replaced"))
    assert case.does(reserved()) == ()
    assert case.known.advanced_fen == 400_000
    case.does(voided())
    assert (case.known.advanced_fen, case.known.decisions[FIRST].standing) == (200_000, "voided")


def test_money_that_is_held_late_for_a_short_decision_that_was_let_go_is_let_go_again() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    assert [fact.NAME for fact in case.does(reserved())] == ["relief.funds_reserved", "relief.advance_let_go"]


def test_the_same_fund_asked_again_is_not_told_to_let_go() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    assert len(case.does(decide_advance(), LEADER)) == 1


def test_an_advance_that_is_let_go_while_it_is_being_paid_is_too_late_and_raises_a_review() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    assert case.does(instructed()) == (ReviewRaised(case_id=CASE, about=FIRST, reason="too_late"),)
    assert case.does(instructed()) == ()


def test_an_advance_that_the_bank_sent_back_can_be_let_go_once_more() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    case.does(instructed())
    case.does(returned(was_received=False))
    assert case.does(LetAdvanceGo(FIRST, "death"), LEADER) == (let_go("death"),)


def test_a_decision_that_was_let_go_before_its_fund_turned_out_short_is_settled() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    case.does(short())
    assert case.known.decisions[FIRST].standing == "replaced"
    assert [fact.NAME for fact in case.does(CloseCase("not_relieved"))] == ["relief.case_closed"]


# --- the person's claim


@pytest.mark.parametrize("decision", [decide_advance(), decide_advance(amount_fen=0, goods=(QUILTS,))])
def test_an_advance_for_which_no_money_was_held_frees_the_person_when_it_is_let_go(decision: DecideAdvance) -> None:
    case = told()
    (decided,) = case.does(decision, LEADER)
    if decision.amount_fen:
        case.does(short())
    (gone,) = case.does(LetAdvanceGo(FIRST, "household_declined"), LEADER)
    assert gone.releases() == decided.takes()[:1]
    (closed,) = case.does(CloseCase("not_relieved"))
    assert closed.releases() == ()


def test_an_advance_that_was_let_go_before_its_fund_turned_out_short_frees_the_person() -> None:
    case = told()
    (decided,) = case.does(decide_advance(), LEADER)
    (leaving,) = case.does(LetAdvanceGo(FIRST, "household_declined"), LEADER)
    assert leaving.releases() == ()
    _, gone = case.does(short())
    assert (gone.releases(), case.known.holds_claim) == (decided.takes()[:1], False)


def test_letting_one_advance_go_does_not_free_a_person_who_keeps_another() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(decide_advance(SECOND, amount_fen=0, goods=(QUILTS,)), LEADER)
    (gone,) = case.does(LetAdvanceGo(SECOND, "household_declined"), LEADER)
    assert (gone.releases(), case.known.holds_claim) == ((), True)


# --- what is said to have come


def test_a_receipt_on_a_day_before_its_decision_is_put_down_and_raises_a_review() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    review = ReviewRaised(case_id=CASE, about=FIRST, reason="received_before_decision")
    assert case.does(received(when=at("11-01 23:59")))[-1] == review


def test_a_receipt_on_the_day_of_its_decision_raises_no_review() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(received(when=at("11-02 00:00")))
    assert case.known.reviews == ()


async def test_a_receipt_dated_before_any_policy_owes_the_papers_of_the_day_on_which_it_was_told() -> None:
    book = (recorded(published())._replace(division=COUNTY),)
    reactions = Reactions(PolicyCache(MemoryEventStore("relief"), Policies({COUNTY: book})))
    long_ago = received(when=datetime(2016, 11, 2, tzinfo=SHANGHAI)).said
    message = message_of(long_ago, "fund:fund-1")
    (told_of,) = await reactions.notes_received(long_ago, replace(message, division=COUNTY))
    assert isinstance(told_of.command, NoteReceived)
    assert told_of.command.policy.rules.make_up is not None


async def test_a_receipt_that_no_policy_asks_papers_for_is_heard_and_owes_none() -> None:
    reactions = Reactions(PolicyCache(MemoryEventStore("relief"), Policies()))
    said = received().said
    (told_of,) = await reactions.notes_received(said, replace(message_of(said, "fund:fund-1"), division=COUNTY))
    assert isinstance(told_of.command, NoteReceived)
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    assert [fact.NAME for fact in case.does(told_of.command)] == ["relief.household_relieved"]


# --- its clocks


def verdict(case: Told, name: str, **rules: Any) -> list[str]:
    said = [signal for one in case.known_as for signal in signals(one)]
    found = clocks(said, book(published().model_copy(update=rules)), at("11-30 10:00"))
    return [one.verdict for one in found if one.name == name]


def test_a_short_decision_that_is_let_go_is_not_waited_for_on_the_countys_file() -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    case.does(short())
    case.does(LetAdvanceGo(FIRST, "death"), LEADER)
    assert verdict(case, "filing", filing=TimeLimit(length=5, unit="working_day", clause="演示")) == ["lapsed"]


@pytest.mark.parametrize(("notes", "found"), [([], "met"), ([short()], "breached"), ([short(), reserved()], "met")])
def test_where_a_decision_stops_the_clock_one_without_money_does_not(notes: list[Note], found: str) -> None:
    case = told()
    case.does(decide_advance(), LEADER)
    for note in notes:
        case.does(note)
    rule = AdvanceRule(length=24, unit="hour", stop="decided", clause="演示")
    assert verdict(case, "advance_from_report", advance=rule) == [found]
