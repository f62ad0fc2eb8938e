"""A township's limit by the year (按户年度): what other cases gave counts too, for the person or for the household."""

from datetime import date
from typing import Any

import pytest

from events.fact import Actor
from events.relief import AdvanceDecided, AdvanceDeclined
from events.relief_approval import ApprovalProposed
from events.relief_fast import RestReferred
from events.relief_household import RepeatAllowed
from events.rules import TownshipLimit
from services.relief.case_commands import DecideAdvance
from services.relief.household_commands import AllowRepeat
from services.relief.repetition import elsewhere_fen
from services.relief.steps.approval import ProposeApproval
from tests.support.given import recorded
from tests.unit.relief.facts import FIRST, FUND, PERSON
from tests.unit.relief.test_exceptional_paths import plan, told
from tests.unit.relief.test_household import OTHER, counting, had, helped, made, under
from tests.unit.relief.told import LEADER, A

MAYOR = Actor(id="L-1", role="county_leader", scope="")


def limit(**more: Any) -> TownshipLimit:
    """5,000 yuan in a natural year for the household, all its cases together."""
    document = {"limit_fen": 500_000, "inclusive": True, "scope": "household_year", "clause": "户年度"}
    years = {"window": "natural_year", "subject": "household", "override_roles": ("county_leader",)}
    return TownshipLimit.model_validate(document | years | more)


LIMITED = under(township_limit=limit())


@pytest.mark.parametrize(
    ("rule", "counts_fen"),
    [
        (limit(), 300_000),
        (limit(window="rolling_year"), 700_000),
        (limit(subject="person"), 200_000),
        (limit(subject="person", window="rolling_year"), 600_000),
        (TownshipLimit(limit_fen=500_000, inclusive=True, clause="个案"), 0),
    ],
)
def test_what_other_cases_gave_in_the_natural_or_the_rolling_year_counts_for_the_person_or_the_household(
    rule: TownshipLimit, counts_fen: int
) -> None:
    helps = [
        helped(1, date(2026, 3, 1)),
        helped(2, date(2025, 12, 1), fen=400_000),
        helped(3, date(2026, 4, 1), fen=100_000, person=OTHER),
        helped(9, date(2026, 11, 1), fen=50_000),
        helped(4, date(2025, 11, 2)),
    ]
    assert elsewhere_fen(helps, helped(9), under(township_limit=rule)) == counts_fen


@pytest.mark.parametrize(("fen", "code"), [(300_000, None), (300_001, "over_household_limit")])
def test_under_the_households_lock_a_township_stays_inside_the_year_just_at_its_limit(
    fen: int, code: str | None
) -> None:
    second = helped(2, fen=fen, cause="illness")
    ask = counting(second, LIMITED, by_township=True)
    if code is None:
        assert len(had(helped(1)).when(ask, owners=made(second))) == 1
    else:
        assert had(helped(1)).refused(ask, owners=made(second)).code == code


def test_what_the_county_decides_and_what_a_case_gives_alone_is_not_the_households_year() -> None:
    second = helped(2, fen=900_000)
    assert len(had(helped(1)).when(counting(second, LIMITED), owners=made(second))) == 1
    assert len(had().when(counting(second, LIMITED, by_township=True), owners=made(second))) == 1


def test_whom_the_policy_names_lets_the_township_decide_beyond_the_year_and_why_is_on_record() -> None:
    allow = AllowRepeat(PERSON, "case-2", "second_fire", LIMITED)
    assert had(helped(1)).refused(allow).code == "override_not_yours"
    (allowed,) = had(helped(1)).when(allow, actor=MAYOR)
    assert isinstance(allowed, RepeatAllowed)
    assert (allowed.allowed_by, allowed.reason, allowed.clause) == ("L-1", "second_fire", "户年度")
    second = helped(2, fen=400_000)
    state = had(helped(1))
    after = type(state)(state.decider, state.decider.evolve(state.state, recorded(allowed)))
    assert len(after.when(counting(second, LIMITED, by_township=True), owners=made(second))) == 1


@pytest.mark.parametrize(("fen", "given"), [(200_000, AdvanceDecided), (200_001, AdvanceDeclined)])
def test_an_advance_is_judged_with_what_other_cases_gave(fen: int, given: type) -> None:
    case = told(LIMITED)
    (fact,) = case.does(DecideAdvance(FIRST, FUND, fen, (), LIMITED, elsewhere_fen=300_000), LEADER)
    assert isinstance(fact, given)
    assert getattr(fact, "reason", "over_limit") == "over_limit"


def test_over_the_year_the_township_advances_what_is_left_of_it_and_the_county_decides_the_rest() -> None:
    up_to = under(township_limit=limit(advance_up_to_limit=True))
    facts = told(up_to).does(DecideAdvance(FIRST, FUND, 300_000, (), up_to, elsewhere_fen=350_000), LEADER)
    advanced, rest = facts
    assert isinstance(advanced, AdvanceDecided)
    assert isinstance(rest, RestReferred)
    assert (advanced.amount_fen, rest.rest_fen) == (150_000, 150_000)


@pytest.mark.parametrize(("elsewhere", "level"), [(300_000, "township"), (300_001, "county")])
def test_an_approval_goes_to_the_county_when_the_year_is_used_up_by_other_cases(elsewhere: int, level: str) -> None:
    case = told(LIMITED)
    (proposed,) = case.does(ProposeApproval(A, False, plan(200_000), LIMITED, elsewhere_fen=elsewhere))
    assert isinstance(proposed, ApprovalProposed)
    assert proposed.level == level
