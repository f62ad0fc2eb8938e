"""A payment comes back from the bank after some of it was ordered back: the household owes no more than it has."""

import pytest

from events.relief import ReviewRaised
from events.relief_after import RecoveryOrdered, RecoverySettled
from services.relief.steps.county import Override
from services.relief.steps.recovery import OrderRecovery
from services.relief.story import sentence
from tests.unit.relief.facts import (
    ACCEPTED,
    CASE,
    CONTACTED,
    FIRST,
    at,
    decided,
    given_back,
    opened,
    policy,
    received,
    returned,
)
from tests.unit.relief.told import BUREAU, HEAD, Told


@pytest.fixture
def case() -> Told:
    """Two thousand were paid, and the county left five hundred of them."""
    told = Told(policy(), now=at("11-02 12:00"))
    told.happens(opened(), ACCEPTED, CONTACTED, decided())
    told.does(received())
    told.does(Override("o1", FIRST, 50_000, "too_much"), HEAD)
    return told


def owed(case: Told) -> int:
    return sum(one.open_fen for one in case.known.recoveries.values())


def test_what_was_ordered_back_of_a_payment_that_the_bank_sends_back_is_owed_no_more(case: Told) -> None:
    assert owed(case) == 150_000
    (void,) = [fact for fact in case.does(returned()) if isinstance(fact, RecoverySettled)]
    assert (void.how, void.amount_fen, void.settlement_id) == ("returned", 150_000, "payment-1")
    assert (owed(case), case.known.received_fen(FIRST), case.known.reviews) == (0, 0, ())
    assert sentence(void).endswith("退汇冲销 1500元,尚欠 0元。")
    assert not case.does(returned())


def test_what_is_paid_anew_in_full_is_ordered_back_anew(case: Told) -> None:
    case.does(returned())
    ordered = [fact for fact in case.does(received(payment_id="payment-2")) if isinstance(fact, RecoveryOrdered)]
    assert [fact.amount_fen for fact in ordered] == [150_000]
    assert owed(case) == 150_000


def test_what_the_household_had_given_back_before_is_looked_at(case: Told) -> None:
    case.does(given_back("o1-r", "s-1", 100_000))
    facts = case.does(returned())
    assert [fact.amount_fen for fact in facts if isinstance(fact, RecoverySettled)] == [50_000]
    assert facts[-1] == ReviewRaised(case_id=CASE, about=FIRST, reason="returned_after_recovery")


def test_an_order_for_what_another_payment_still_covers_stands() -> None:
    case = Told(policy(), now=at("11-02 12:00"))
    case.happens(opened(), ACCEPTED, CONTACTED, decided())
    case.does(received())
    case.does(received(payment_id="payment-2"))
    case.does(OrderRecovery("r-1", FIRST, 200_000, "paid_twice"), BUREAU)
    assert not [fact for fact in case.does(returned()) if isinstance(fact, RecoverySettled | ReviewRaised)]
    assert owed(case) == 200_000
