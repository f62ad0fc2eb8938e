"""What-if across the cases of a household: each is made again beside the others as they would have been decided."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import pytest

from events.policy import PolicyFact, PolicyPublished, StandardPublished
from events.relief import AdvanceDecided, AdvanceDeclined, AdvanceVoided, CaseFact, CaseOpened
from events.relief_fast import SmallFastDecided
from events.relief_household import (
    CountedHelp,
    HelpCounted,
    HelpSettled,
    HouseholdFact,
    HouseholdJoined,
    MemberJoined,
    RepeatAllowed,
)
from events.rules import HouseholdCap, RepeatRule, SmallFast, TownshipLimit
from services.relief.supposed_households import UnreadOfHousehold
from services.relief.supposed_outcome import Given, Unknown
from services.relief.whatif import Comparison, Unread
from tests.support.given import recorded
from tests.unit.relief.facts import ACCEPTED, BASIS, COUNTY, PERSON, TOWNSHIP, at, book, decided, opened, published

OTHER = "p:fedcba9876543210"
ONCE = RepeatRule(times=1, window="natural_year", clause="推演")
CAPPED = HouseholdCap(limit_fen=300_000, window="natural_year", clause="推演")
BY_THE_YEAR = TownshipLimit(
    limit_fen=300_000, inclusive=True, scope="household_year", window="natural_year", subject="household", clause="推演"
)


def case(number: int, *decisions: CaseFact, person: str | None = PERSON) -> list[CaseFact]:
    """A case of a person from its opening on, each fact under the case's own number."""
    own = {"case_id": f"case-{number}"}
    return [fact.model_copy(update=own) for fact in (opened(person=person), ACCEPTED, *decisions)]


def gives(number: int, fen: int = 200_000, *, person: str = PERSON) -> list[CaseFact | HouseholdFact]:
    """A case that decides an advance, which counts for its person's own household."""
    decision = decided(f"decision-{number}", fen, person=person)
    return [*case(number, decision, person=person), counted(number, fen, person=person)]


def counted(number: int, fen: int, *, person: str = PERSON) -> HelpCounted:
    return HelpCounted(household=person, help=helped(number, fen, person=person))


def helped(number: int, fen: int, *, person: str = PERSON) -> CountedHelp:
    day = date(2026, 11, 2)
    key = {"case_id": f"case-{number}", "decision_id": f"decision-{number}"}
    return CountedHelp.model_validate({**key, "person": person, "cause": "fire", "on": day, "amount_fen": fen})


def declines(number: int, fen: int, reason: str = "over_limit") -> list[CaseFact]:
    declined = AdvanceDeclined(
        case_id="any", decision_id=f"decision-{number}", reason=reason, asked_fen=fen, basis=BASIS, decided_by="S-1"
    )
    return case(number, declined)


def under(limit_fen: int = 300_000, **rules: Any) -> PolicyPublished:
    return published(limit_fen).model_copy(update=rules)


def compared(
    facts: Sequence[CaseFact | HouseholdFact],
    supposed: PolicyPublished,
    *,
    actual: PolicyPublished | None = None,
    standards: Sequence[PolicyFact] = (),
) -> list[tuple[str, Any]]:
    """The cases that would be otherwise, each with what would have come out."""
    rules = published() if actual is None else actual
    found = Comparison(book(rules, *standards), book(supposed, *standards), date(2026, 1, 1), date(2026, 12, 31))
    for position, fact in enumerate(facts, start=1):
        tell(found, recorded(fact, position, at("11-02 10:00")))
    return [(one.case_id, one.after) for one in found.differences]


def tell(found: Comparison, one: Any) -> None:
    if isinstance(one.fact, CaseFact):
        found.hear(Unread(one.fact.case_id, one.fact.NAME, one.occurred_at, partial(_itself, one)))
    else:
        found.hear_household(UnreadOfHousehold(one.fact.household, one.fact.NAME, partial(_itself, one)))


def _itself(one: Any) -> Any:
    return one


# --- repetition


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"same_cause": ONCE}, "repeat_in_window"),
        ({"household_cap": CAPPED}, "over_household_cap"),
        ({"township_limit": BY_THE_YEAR}, "over_limit"),
    ],
)
def test_a_rule_about_repetition_would_have_refused_the_second_case_and_not_the_first(
    rule: dict[str, Any], reason: str
) -> None:
    both = [*gives(1), *gives(2)]
    assert compared(both, under(**rule)) == [("case-2", Given(0, reason))]
    assert compared(gives(1), under(**rule)) == []
    assert compared(both, under(**rule), actual=under(**rule)) == []
    assert compared(both, under(), actual=under(**rule)) == []


@pytest.mark.parametrize("rule", [{"same_cause": ONCE}, {"household_cap": CAPPED}])
def test_where_the_first_case_would_have_had_nothing_the_second_is_the_first(rule: dict[str, Any]) -> None:
    facts = [*gives(1, 250_000), *gives(2, 150_000), *gives(3, 160_000)]
    found = compared(facts, under(200_000, **rule))
    refused = Given(0, "repeat_in_window" if "same_cause" in rule else "over_household_cap")
    assert found == [("case-1", Given(0, "over_limit")), ("case-3", refused)]


def test_under_a_rule_that_stays_what_was_declined_and_would_be_given_leaves_nothing_for_the_next_case() -> None:
    second = [
        fact.model_copy(update={"cause": "illness"}) if isinstance(fact, CaseOpened | AdvanceDecided) else fact
        for fact in gives(2)
    ]
    cap = HouseholdCap(times=1, window="natural_year", clause="推演")
    actual, supposed = under(300_000, household_cap=cap), under(400_000, household_cap=cap)
    found = compared([*declines(1, 350_000), *second], supposed, actual=actual)
    assert found == [("case-1", Given(350_000)), ("case-2", Given(0, "over_household_cap"))]


def test_where_of_the_first_case_it_cannot_be_told_it_cannot_be_told_of_the_second() -> None:
    standards = [
        StandardPublished.model_validate(
            {
                "division": COUNTY,
                "residence": residence,
                "effective_from": "2026-01-01",
                "monthly_fen": fen,
                "document": "推演",
            }
        )
        for residence, fen in (("urban", 100_000), ("rural", 60_000))
    ]
    limit = TownshipLimit(percent_of_standard=300, inclusive=True, clause="推演")
    supposed = under(township_limit=limit, same_cause=ONCE)
    found = compared([*gives(1, 250_000), *gives(2, 100_000)], supposed, standards=standards)
    assert found == [("case-1", Unknown("residence")), ("case-2", Unknown("other_cases"))]


def test_who_was_allowed_to_repeat_is_not_refused_and_what_was_let_go_does_not_count() -> None:
    allowed = RepeatAllowed(household=PERSON, case_id="case-2", reason="special", clause="x", allowed_by="B-1")
    assert compared([*gives(1), allowed, *gives(2)], under(same_cause=ONCE)) == []
    gone = HelpSettled(household=PERSON, case_id="case-1", kept=())
    assert compared([*gives(1), gone, *gives(2)], under(same_cause=ONCE)) == []


def test_who_was_joined_to_a_household_is_judged_with_all_that_it_had() -> None:
    joining: list[HouseholdFact] = [
        HouseholdJoined(household=OTHER, into=PERSON),
        MemberJoined(household=PERSON, member=OTHER, helps=(), reason="family", joined_by="S-1"),
    ]
    second = [*case(2, decided("decision-2", person=OTHER), person=OTHER)]
    rule = RepeatRule(times=1, window="natural_year", subject="household", clause="推演")
    facts = [*gives(1, 250_000), *joining, *second]
    assert compared(facts, under(same_cause=rule)) == [("case-2", Given(0, "repeat_in_window"))]
    assert compared(facts, under(200_000, same_cause=rule)) == [("case-1", Given(0, "over_limit"))]
    assert compared([*gives(1), *second], under(same_cause=rule)) == []


def test_of_somebody_who_was_known_later_the_earlier_help_counts_as_it_would_have_been() -> None:
    unknown = case(1, decided("decision-1", 250_000, person=None), person=None)
    facts = [*unknown, counted(1, 250_000), *gives(2, 150_000)]
    rules = under(300_000, same_cause=ONCE)
    assert compared(facts, under(200_000, same_cause=ONCE), actual=rules) == [("case-1", Given(0, "over_limit"))]


def test_what_says_nothing_to_a_decision_changes_none_whatever_the_household_had() -> None:
    rules = under(same_cause=ONCE, household_cap=CAPPED)
    allowed = RepeatAllowed(household=PERSON, case_id="case-3", reason="special", clause="x", allowed_by="B-1")
    facts = [*gives(1), *declines(2, 150_000, "already_advanced"), allowed, *gives(3, 80_000), *declines(4, 350_000)]
    assert compared(facts, rules.model_copy(update={"make_up": None}), actual=rules) == []


# --- the first help for an incident


def test_who_was_declined_for_another_cases_help_would_have_had_it_where_that_would_have_had_nothing() -> None:
    facts = [*gives(1, 250_000), *declines(2, 150_000, "already_advanced")]
    assert compared(facts, under(200_000)) == [("case-1", Given(0, "over_limit")), ("case-2", Given(150_000))]
    assert compared(facts, under(250_000)) == []


def test_it_is_not_free_while_the_first_case_would_have_had_something_else_that_stands() -> None:
    again = decided("decision-1b", 100_000).model_copy(update={"case_id": "case-1"})
    facts = [*gives(1, 150_000), again, *declines(2, 150_000, "already_advanced")]
    assert [one for one, _ in compared(facts, under(200_000))] == ["case-1"]


def test_nor_is_it_of_a_first_case_that_had_lost_it_when_a_third_had_it() -> None:
    voided = AdvanceVoided(
        case_id="case-1", decision_id="decision-1", amount_fen=250_000, reason="expired", person=PERSON, cause="fire"
    )
    facts = [*gives(1, 250_000), voided, *gives(3, 100_000), *declines(2, 150_000, "already_advanced")]
    assert compared(facts, under(200_000)) == [("case-1", Given(0, "over_limit"))]


@pytest.mark.parametrize("is_small", [False, True])
def test_where_another_case_would_have_had_it_first_the_next_would_have_been_declined(is_small: bool) -> None:
    quick = SmallFast.model_validate({"limit_fen": 100_000, "inclusive": True, "days": 3, "clause": "推演"})
    later: AdvanceDecided | SmallFastDecided = small() if is_small else decided("decision-2", 80_000)
    facts = [*declines(1, 350_000), *case(2, later)]
    found = compared(facts, under(400_000, small_fast=quick), actual=under(300_000, small_fast=quick))
    reason = "already_helped" if is_small else "already_advanced"
    assert found == [("case-1", Given(350_000)), ("case-2", Given(0, reason))]


def test_who_was_allowed_to_be_helped_first_all_the_same_still_is() -> None:
    later = decided("decision-2", 80_000).model_copy(update={"although_helped": True})
    assert compared([*declines(1, 350_000), *case(2, later)], under(400_000)) == [("case-1", Given(350_000))]


def small() -> SmallFastDecided:
    return SmallFastDecided(
        case_id="any",
        decision_id="decision-2",
        county=COUNTY,
        township=TOWNSHIP,
        fund_id="f",
        amount_fen=80_000,
        situation="burnt_down",
        persons=3,
        person=PERSON,
        cause="fire",
        pay_by=date(2026, 11, 5),
        handled_by="S-1",
        basis=BASIS,
    )
