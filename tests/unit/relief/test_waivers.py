"""Money that was ordered back is waived or offset by two officers, and received by the fund that paid it."""

import pytest

from events.fact import Actor
from events.ledger import RecoveryDeclined
from events.relief import ReviewRaised
from events.relief_after import RecoveryOrdered, RecoverySettled, WaiverProposed
from services.relief.steps.county import Override
from services.relief.steps.recovery import AnswerWaiver, NoteUnclaimed, OrderRecovery, SettleRecovery
from services.relief.story import sentence
from tests.unit.relief.facts import ACCEPTED, CASE, CONTACTED, FIRST, FUND, at, decided, given_back, opened, policy
from tests.unit.relief.facts import received as paid
from tests.unit.relief.told import BUREAU, HEAD, Told


@pytest.fixture
def case() -> Told:
    """Two thousand were paid, and all of it ordered back."""
    told = Told(policy(), now=at("11-02 12:00"))
    told.happens(opened(), ACCEPTED, CONTACTED, decided())
    told.does(paid())
    told.does(OrderRecovery("r-1", FIRST, 200_000, "ineligible", "国发〔2014〕47号"), BUREAU)
    return told


def proposed(case: Told, fen: int = 150_000) -> None:
    (fact,) = case.does(SettleRecovery("r-1", "w-1", "waived", fen, "hardship"), BUREAU)
    assert isinstance(fact, WaiverProposed)
    assert not case.does(SettleRecovery("r-1", "w-1", "waived", fen, "hardship"), BUREAU)


def open_fen(case: Told) -> int:
    return case.known.recoveries["r-1"].open_fen


def test_what_is_ordered_back_names_the_payment_its_fund_and_what_it_stands_on(case: Told) -> None:
    (ordered,) = [fact for fact in case.facts if isinstance(fact, RecoveryOrdered)]
    assert (ordered.fund_id, ordered.payment_id, ordered.basis) == (FUND, "payment-1", "国发〔2014〕47号")


def test_nobody_waives_alone(case: Told) -> None:
    proposed(case)
    assert open_fen(case) == 200_000
    assert case.next_steps()["w-1"] == "confirm_waiver"
    assert case.refuses(AnswerWaiver("r-1", "w-1", True, case.policy), BUREAU) == "same_person"


def test_who_confirms_has_the_role_that_the_policy_names(case: Told) -> None:
    proposed(case)
    other = Actor(id="S-9", role="county_civil_affairs", scope="")
    assert case.refuses(AnswerWaiver("r-1", "w-1", True, case.policy), other) == "waiver_not_yours"
    assert case.refuses(AnswerWaiver("r-1", "w-1", True, policy(recovery_waiver=None)), HEAD) == "no_policy"


def test_what_another_officer_confirms_is_waived_and_tells_the_fund(case: Told) -> None:
    proposed(case)
    (waived,) = case.does(AnswerWaiver("r-1", "w-1", True, case.policy), HEAD)
    assert isinstance(waived, RecoverySettled)
    assert (waived.how, waived.proposed_by, waived.settled_by) == ("waived", BUREAU.id, HEAD.id)
    assert (waived.fund_id, waived.left_fen, open_fen(case)) == (FUND, 50_000, 50_000)
    assert sentence(waived) == "免予追回 1500元,尚欠 500元。"
    assert not case.does(AnswerWaiver("r-1", "w-1", True, case.policy), HEAD)
    assert case.next_steps()["r-1"] == "settle_recovery"
    case.does(given_back("r-1", "receipt-1", 50_000))
    assert not {"r-1", "w-1"} & case.next_steps().keys()


def test_what_another_officer_does_not_confirm_stays_owed(case: Told) -> None:
    proposed(case)
    case.does(AnswerWaiver("r-1", "w-1", False, case.policy), HEAD)
    assert open_fen(case) == 200_000
    assert "w-1" not in case.next_steps()
    assert case.refuses(AnswerWaiver("r-1", "w-1", True, case.policy), HEAD) == "no_such_waiver"


def test_what_came_back_before_the_confirmation_is_not_waived(case: Told) -> None:
    proposed(case)
    case.does(given_back("r-1", "receipt-1", 60_000))
    assert case.refuses(AnswerWaiver("r-1", "w-1", True, case.policy), HEAD) == "recovery_over_owed"


def test_money_comes_back_to_the_fund_and_not_by_an_officers_word(case: Told) -> None:
    assert case.refuses(SettleRecovery("r-1", "s-1", "received", 1, "cash"), BUREAU) == "received_in_ledger"
    case.does(given_back("r-1", "receipt-1", 200_000))
    assert not case.does(given_back("r-1", "receipt-1", 200_000))
    assert open_fen(case) == 0


def test_what_the_fund_cannot_claim_is_owed_no_more_and_is_looked_at(case: Told) -> None:
    said = RecoveryDeclined(
        fund_id=FUND, recovery_id="r-1", case_id=CASE, payment_id="payment-1", amount_fen=80_000, reason="not_received"
    )
    declined, review = case.does(NoteUnclaimed(said))
    assert isinstance(declined, RecoverySettled)
    assert (declined.amount_fen, open_fen(case)) == (80_000, 120_000)
    assert review == ReviewRaised(case_id=CASE, about=FIRST, reason="recovery_declined")
    assert not case.does(NoteUnclaimed(said))


def test_what_was_waived_may_be_ordered_back_by_a_new_decision(case: Told) -> None:
    proposed(case, 200_000)
    assert case.refuses(OrderRecovery("r-2", FIRST, 1, "fraud"), BUREAU) == "recovery_over_paid"
    case.does(AnswerWaiver("r-1", "w-1", True, case.policy), HEAD)
    (again,) = case.does(OrderRecovery("r-2", FIRST, 200_000, "fraud"), BUREAU)
    assert isinstance(again, RecoveryOrdered)
    assert again.payment_id == "payment-1"


def test_an_order_over_two_payments_is_a_claim_on_each_the_last_first() -> None:
    told = Told(policy(), now=at("11-02 12:00"))
    told.happens(opened(), ACCEPTED, CONTACTED, decided())
    told.does(paid())
    told.does(paid(payment_id="payment-2"))
    facts = told.does(Override("o-1", FIRST, 50_000, "too_much"), HEAD)
    ordered = [fact for fact in facts if isinstance(fact, RecoveryOrdered)]
    assert [(fact.payment_id, fact.amount_fen) for fact in ordered] == [("payment-2", 200_000), ("payment-1", 150_000)]
    assert len({fact.recovery_id for fact in ordered}) == 2
