"""A further help first for an incident (同一急难再次先行救助): it takes nothing from the case that helped first."""

from dataclasses import replace

from events.relief import AdvanceDecided, CaseClosed, advance_claim
from events.relief_fast import SmallFastDecided
from events.relief_words import decision_claim
from events.rules import RemedyOrder, SmallFast
from services.relief.case_commands import CloseCase, DecideAdvance
from services.relief.steps.fast_track import ChooseRemedy, GiveSmallFast
from services.relief.story import story
from tests.unit.relief.facts import CALENDAR, FIRST, FUND, PERSON, decide_advance, policy, received, reserved, short
from tests.unit.relief.told import BUREAU, LEADER, Told, told

CLAIM = advance_claim(PERSON, "fire")
RULES = policy(
    remedies=RemedyOrder(order=("county_pays",), clause="演示顺序"),
    small_fast=SmallFast(limit_fen=100_000, inclusive=True, days=3, clause="小额快救"),
)
ALLOWED: DecideAdvance = replace(decide_advance(policy=RULES), allowed=True)


def helped_elsewhere() -> Told:
    case = told(RULES)
    case.owners = {CLAIM: "case:case-7"}
    return case


def test_an_allowed_second_advance_takes_its_own_number_and_leaves_the_person_to_the_other_case() -> None:
    case = helped_elsewhere()
    (decided,) = case.does(ALLOWED, LEADER)
    assert isinstance(decided, AdvanceDecided)
    assert decided.takes() == (decision_claim(FIRST),)
    case.does(reserved())
    case.does(received())
    (closed,) = case.does(CloseCase())
    assert isinstance(closed, CaseClosed)
    assert closed.releases() == ()
    assert "经批准再次先行救助" in "".join(one.sentence for one in story(case.known_as))


def test_where_nobody_holds_the_person_any_more_an_allowed_case_is_the_first_again() -> None:
    case = told(RULES)
    (decided,) = case.does(ALLOWED, LEADER)
    assert decided.takes() == (CLAIM, decision_claim(FIRST))


def test_an_allowed_case_whose_fund_is_short_is_paid_by_the_county_without_taking_the_person() -> None:
    case = helped_elsewhere()
    case.does(ALLOWED, LEADER)
    case.does(short())
    facts = case.does(ChooseRemedy(FIRST, "county_pays", RULES), BUREAU)
    assert [fact.takes() for fact in facts if isinstance(fact, AdvanceDecided)] == [(decision_claim(FIRST),)]


def test_small_fast_relief_may_be_allowed_a_second_time_too() -> None:
    ask = GiveSmallFast(FIRST, FUND, 100_000, "burnt_down", RULES, CALENDAR)
    assert helped_elsewhere().refuses(ask) == "already_helped"
    (decided,) = helped_elsewhere().does(replace(ask, allowed=True))
    assert isinstance(decided, SmallFastDecided)
    assert decided.takes() == (decision_claim(FIRST),)
