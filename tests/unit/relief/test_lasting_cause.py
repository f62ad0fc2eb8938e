"""Help for a cause that lasts (同一事由持续较长) is given, and the household is referred to another scheme."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from events.relief import CaseFact
from events.relief_approval import Plan, Planned
from events.relief_persons import LastingCauseFound
from events.relief_referral import Partner
from events.rules import MoneyLimit, SmallFast
from services.relief.steps.approval import ProposeApproval
from services.relief.steps.fast_track import GiveSmallFast
from services.relief.steps.identity import EstablishIdentity, WithdrawIdentity
from services.relief.steps.referral import AnswerReferral, SendReferral
from tests.unit.relief.facts import CALENDAR, CASE, FIRST, FUND, PERSON, SECOND, TOWNSHIP, decide_advance, policy
from tests.unit.relief.told import LEADER, A, Told, told

FOUND = LastingCauseFound(case_id=CASE, decision_id=FIRST, since=date(2026, 1, 20), clause="六安")
RULES = policy(
    900_000,
    small_fast=SmallFast(limit_fen=100_000, inclusive=True, per="household", days=3, clause="快救"),
    county_limit=MoneyLimit(limit_fen=9_000_000, inclusive=True, clause="县级"),
)


PLANNED = Planned(instalment_id=f"{A}-1", amount_fen=100_000, due_on=date(2026, 11, 20))
PROPOSED = ProposeApproval(
    A, False, Plan(payer=TOWNSHIP, ceiling_fen=100_000, instalments=(PLANNED,)), RULES, lasting=FOUND
)
SMALL = GiveSmallFast(SECOND, FUND, 50_000, "fire", RULES, CALENDAR, lasting=FOUND)
ADVANCE = replace(decide_advance(policy=RULES), lasting=FOUND)


def referral(partner: Partner = "department", number: int = 1) -> SendReferral:
    return SendReferral(f"referral-{number}", partner, "dibao_office", "dibao", date(2026, 11, 9), consented=True)


def lasts(facts: Sequence[CaseFact]) -> bool:
    return FOUND.NAME in [fact.NAME for fact in facts]


def step(case: Told) -> str | None:
    return case.next_steps().get("lasting_cause")


def test_the_advance_is_decided_and_the_referral_is_to_do_until_a_department_is_asked() -> None:
    case = told(RULES)
    assert [fact.NAME for fact in case.does(ADVANCE, LEADER)] == ["relief.advance_decided", FOUND.NAME]
    assert step(case) == "refer"
    case.does(referral("charity"))
    assert step(case) == "refer"
    case.does(referral(number=2))
    assert step(case) is None


def test_small_fast_relief_and_a_proposal_say_it_too_and_it_is_said_once_in_a_case() -> None:
    assert lasts(told(RULES).does(SMALL))
    assert lasts(told(RULES).does(PROPOSED))
    case = told(RULES)
    assert [lasts(case.does(one, LEADER)) for one in (ADVANCE, SMALL, PROPOSED)] == [True, False, False]


@pytest.mark.parametrize("refused", [False, True])
def test_a_department_that_was_asked_before_is_not_to_be_asked_again_unless_it_has_refused(refused: bool) -> None:
    case = told(RULES)
    case.does(referral())
    if refused:
        case.does(AnswerReferral("referral-1", False, "not_eligible"))
    assert lasts(case.does(ADVANCE, LEADER)) == refused


def test_an_advance_that_is_declined_says_nothing_of_it() -> None:
    assert not lasts(told(RULES).does(replace(ADVANCE, amount_fen=900_001), LEADER))


def test_who_it_is_may_show_later_that_the_cause_has_lasted_and_may_turn_out_otherwise() -> None:
    case = told(RULES, person=None)
    case.does(replace(ADVANCE, lasting=None), LEADER)
    assert [lasts(case.does(EstablishIdentity(PERSON, FOUND))) for _ in range(2)] == [True, False]
    assert step(case) == "refer"
    case.does(WithdrawIdentity(PERSON, "wrong_person"))
    assert step(case) is None
    assert lasts(case.does(EstablishIdentity(PERSON, FOUND)))
