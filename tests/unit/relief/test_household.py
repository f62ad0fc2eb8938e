"""A household: what counts for repetition, who may allow more, and how joined households are judged again."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from events.fact import Actor
from events.relief_household import (
    CountedHelp,
    HelpCounted,
    HelpElsewhere,
    HelpElsewhereNoted,
    HouseholdFact,
    MemberJoined,
    RepeatAllowed,
    RepeatReported,
)
from events.relief_persons import LastingCauseFound
from events.relief_words import advance_claim, decision_claim
from events.rules import HouseholdCap, LastingCause, RepeatRule, SecondAdvance
from services.relief.household import DECIDER
from services.relief.household_commands import (
    AllowRepeat,
    ComeOut,
    CountFoundLater,
    CountHelp,
    GoInto,
    HouseholdCommand,
    JoinMember,
    NoteElsewhere,
    PartMember,
    SettleHelp,
)
from services.relief.household_state import Household
from services.relief.policy import Policy
from services.relief.repetition import lasting, repetitions, told_elsewhere_fen, used_up
from tests.support.given import CLERK, NOON, Given, given
from tests.unit.relief.facts import PERSON, policy

OTHER = "p:fedcba9876543210"
BUREAU = Actor(id="B-1", role="county_civil_affairs", scope="")
YEAR = RepeatRule(times=1, window="natural_year", override_roles=("county_civil_affairs",), clause="喀什")
ROLLING = RepeatRule(times=1, window="rolling_year", clause="滚动")
CAP = HouseholdCap(limit_fen=500_000, window="natural_year", override_roles=("county_leader",), clause="限额")


def helped(
    case: int, on: date = date(2026, 11, 2), *, fen: int = 200_000, person: str = PERSON, cause: Any = "fire"
) -> CountedHelp:
    return CountedHelp(
        case_id=f"case-{case}", decision_id=f"decision-{case}", person=person, cause=cause, on=on, amount_fen=fen
    )


def under(**rules: Any) -> Policy:
    return policy(**rules)


def counting(one: CountedHelp, policy: Policy, **more: Any) -> CountHelp:
    return CountHelp(PERSON, one, policy, **more)


def made(*helps: CountedHelp) -> dict[str, str]:
    """The claims of decisions that were made in the same breath."""
    return {decision_claim(one.decision_id): f"case:{one.case_id}" for one in helps}


def had(*helps: CountedHelp) -> Given[HouseholdCommand, Household, HouseholdFact]:
    return given(DECIDER, *(HelpCounted(household=PERSON, help=one) for one in helps))


# --- counting


def test_a_decision_that_was_made_counts_once_and_one_that_was_declined_does_not() -> None:
    first = helped(1)
    assert had().when(counting(first, under()), owners=made(first)) == [HelpCounted(household=PERSON, help=first)]
    assert had().when(counting(first, under())) == []
    assert had(first).when(counting(first, under()), owners=made(first)) == []


@pytest.mark.parametrize(
    ("rule", "earlier", "later", "repeats"),
    [
        (YEAR, date(2026, 1, 1), date(2026, 12, 31), True),
        (YEAR, date(2025, 12, 31), date(2026, 1, 1), False),
        (ROLLING, date(2025, 12, 31), date(2026, 1, 1), True),
        (ROLLING, date(2025, 11, 3), date(2026, 11, 2), True),
        (ROLLING, date(2025, 11, 2), date(2026, 11, 2), False),
    ],
)
def test_a_natural_year_ends_with_december_and_a_rolling_one_after_twelve_months(
    rule: RepeatRule, earlier: date, later: date, repeats: bool
) -> None:
    second = helped(2, later)
    ask = counting(second, under(same_cause=rule))
    if repeats:
        assert had(helped(1, earlier)).refused(ask, owners=made(second)).code == "repeat_in_window"
    else:
        assert len(had(helped(1, earlier)).when(ask, owners=made(second))) == 1


def test_more_help_in_the_same_case_or_for_another_cause_is_no_repetition() -> None:
    again = helped(1).model_copy(update={"decision_id": "decision-9"})
    illness = helped(2, cause="illness")
    for one in (again, illness):
        assert len(had(helped(1)).when(counting(one, under(same_cause=YEAR)), owners=made(one))) == 1


def test_a_rule_for_persons_lets_another_member_be_helped_and_one_for_households_does_not() -> None:
    other = helped(2, person=OTHER)
    by_person = counting(other, under(same_cause=YEAR))
    assert len(had(helped(1)).when(by_person, owners=made(other))) == 1
    by_household = counting(other, under(same_cause=YEAR.model_copy(update={"subject": "household"})))
    assert had(helped(1)).refused(by_household, owners=made(other)).code == "repeat_in_window"


@pytest.mark.parametrize(("fen", "code"), [(299_999, None), (300_000, None), (300_001, "over_household_cap")])
def test_the_households_year_is_inside_just_at_its_limit(fen: int, code: str | None) -> None:
    second = helped(2, fen=fen, cause="illness")
    ask = counting(second, under(household_cap=CAP))
    if code is None:
        assert len(had(helped(1)).when(ask, owners=made(second))) == 1
    else:
        assert had(helped(1)).refused(ask, owners=made(second)).code == code


@pytest.mark.parametrize(("times", "code"), [(1, "over_household_cap"), (2, None)])
def test_a_household_is_helped_so_many_times_a_year_whatever_the_causes(times: int, code: str | None) -> None:
    cap = HouseholdCap(times=times, window="natural_year", clause="一年几次")
    second = helped(2, cause="illness")
    ask = counting(second, under(household_cap=cap))
    if code is None:
        assert len(had(helped(1)).when(ask, owners=made(second))) == 1
    else:
        assert had(helped(1)).refused(ask, owners=made(second)).code == code


# --- allowed, settled


def test_whom_the_policy_names_allows_a_case_more_and_why_is_on_record() -> None:
    allow = AllowRepeat(PERSON, "case-2", "second_operation", under(same_cause=YEAR))
    assert had(helped(1)).refused(allow).code == "override_not_yours"
    (allowed,) = had(helped(1)).when(allow, actor=BUREAU)
    assert isinstance(allowed, RepeatAllowed)
    assert (allowed.allowed_by, allowed.reason) == ("B-1", "second_operation")
    second = helped(2)
    state = given(DECIDER, HelpCounted(household=PERSON, help=helped(1)), allowed)
    assert state.when(allow, actor=BUREAU) == []
    assert len(state.when(counting(second, under(same_cause=YEAR)), owners=made(second))) == 1
    third = helped(3)
    assert state.refused(counting(third, under(same_cause=YEAR)), owners=made(third)).code == "repeat_in_window"


def test_both_rules_have_to_let_an_officer_allow_more_and_without_a_rule_there_is_nothing_to_allow() -> None:
    both = AllowRepeat(PERSON, "case-2", "x", under(same_cause=YEAR, household_cap=CAP))
    assert had().refused(both, actor=BUREAU).code == "override_not_yours"
    assert had().refused(AllowRepeat(PERSON, "case-2", "x", under()), actor=BUREAU).code == "nothing_to_allow"


def test_a_further_help_first_for_an_incident_is_allowed_by_whom_its_own_rule_names() -> None:
    claim = advance_claim(PERSON, "fire")
    held = {claim: "case:case-1"}
    without = AllowRepeat(PERSON, "case-2", "second_fire", under(same_cause=YEAR), claim)
    assert had().refused(without, actor=BUREAU, owners=held).code == "override_not_yours"
    rule = SecondAdvance(override_roles=("county_civil_affairs",), clause="正当理由")
    allow = replace(without, policy=under(second_advance=rule))
    assert had().refused(allow, owners=held).code == "override_not_yours"
    assert had().refused(allow, actor=BUREAU).code == "nothing_to_allow"
    (allowed,) = had().when(allow, actor=BUREAU, owners=held)
    assert isinstance(allowed, RepeatAllowed)
    assert (allowed.despite, allowed.allowed_by, allowed.reason) == ("case-1", "B-1", "second_fire")
    assert given(DECIDER, allowed).when(allow, actor=BUREAU, owners=held) == []


def test_that_a_rule_was_waived_before_does_not_yet_allow_a_second_first_help() -> None:
    claim = advance_claim(PERSON, "fire")
    rule = SecondAdvance(override_roles=("county_civil_affairs",), clause="正当理由")
    allow = AllowRepeat(PERSON, "case-2", "x", under(same_cause=YEAR, second_advance=rule), claim)
    (waived,) = had().when(allow, actor=BUREAU)
    state = given(DECIDER, waived)
    assert state.state.also_first == frozenset()
    (allowed,) = state.when(allow, actor=BUREAU, owners={claim: "case:case-1"})
    assert given(DECIDER, waived, allowed).state.also_first == {"case-2"}


def test_when_a_case_is_done_only_what_was_kept_of_it_counts() -> None:
    kept = SettleHelp(PERSON, "case-1", {"decision-1": 50_000})
    assert had(helped(1)).when(SettleHelp(PERSON, "case-1", {"decision-1": 200_000})) == []
    assert had().when(kept) == []
    less = given(DECIDER, HelpCounted(household=PERSON, help=helped(1)), *had(helped(1)).when(kept))
    assert [one.amount_fen for one in less.state.helps.values()] == [50_000]
    nothing = given(
        DECIDER,
        HelpCounted(household=PERSON, help=helped(1)),
        *had(helped(1)).when(SettleHelp(PERSON, "case-1", {"decision-1": 0})),
    )
    again = helped(2)
    assert len(nothing.when(counting(again, under(same_cause=YEAR)), owners=made(again))) == 1


# --- known later, joined, parted


def test_what_is_known_later_is_counted_and_reported_and_never_refused() -> None:
    later = CountFoundLater(PERSON, under(same_cause=YEAR), (helped(2),))
    counted, reported = had(helped(1)).when(later)
    assert isinstance(counted, HelpCounted)
    assert reported == RepeatReported(household=PERSON, rule="same_cause", cases=("case-1", "case-2"), clause="喀什")


def joined(*own: CountedHelp, member: tuple[CountedHelp, ...]) -> list[HouseholdFact]:
    before: list[HouseholdFact] = [HelpCounted(household=PERSON, help=one) for one in own]
    rule = under(same_cause=YEAR.model_copy(update={"subject": "household"}))
    join = JoinMember(PERSON, OTHER, "hukou_book", rule, member)
    return [*before, *given(DECIDER, *before).when(join)]


def test_joined_households_are_judged_again_and_parting_takes_the_report_back() -> None:
    facts = joined(helped(1), member=(helped(2, person=OTHER),))
    assert [fact.NAME.removeprefix("relief.") for fact in facts[1:]] == ["member_joined", "repeat_reported"]
    rule = under(same_cause=YEAR.model_copy(update={"subject": "household"}))
    part = PartMember(PERSON, OTHER, "wrong_person", rule)
    parted = given(DECIDER, *facts).when(part)
    assert [fact.NAME.removeprefix("relief.") for fact in parted] == ["member_left", "repeat_lifted"]
    after = given(DECIDER, *facts, *parted).state
    assert (list(after.helps.values()), after.members, after.reported) == ([helped(1)], frozenset(), {})
    assert given(DECIDER, *facts, *parted).refused(part).code == "not_a_member"


def test_worked_example_12_a_chain_of_1800_is_1500_again_once_the_identity_is_withdrawn() -> None:
    first, second = helped(1, fen=150_000, cause="accident"), helped(2, fen=30_000, cause="accident")
    found = had(first).when(CountFoundLater(PERSON, under(same_cause=YEAR), (second,)))
    chain = given(DECIDER, HelpCounted(household=PERSON, help=first), *found)
    assert sum(one.amount_fen for one in chain.state.helps.values()) == 180_000
    back = chain.when(SettleHelp(PERSON, "case-2", {}))
    after = given(DECIDER, HelpCounted(household=PERSON, help=first), *found, *back).state
    assert sum(one.amount_fen for one in after.helps.values()) == 150_000


def test_a_household_that_was_joined_to_another_is_judged_there_only() -> None:
    into = given(DECIDER, *had().when(GoInto(OTHER, PERSON)))
    second = helped(2, person=OTHER)
    assert into.refused(counting(second, under()), owners=made(second)).code == "joined_elsewhere"
    assert into.refused(JoinMember(OTHER, "p:1111111111111111", "x", under())).code == "joined_elsewhere"
    assert into.when(GoInto(OTHER, PERSON)) == []
    out = given(DECIDER, *had().when(GoInto(OTHER, PERSON)), *into.when(ComeOut(OTHER, (second,))))
    assert (out.state.into, list(out.state.helps.values())) == (None, [second])
    assert had().when(ComeOut(OTHER)) == []


def test_a_household_with_members_goes_into_no_other() -> None:
    head = given(DECIDER, MemberJoined(household=PERSON, member=OTHER, helps=(), reason="x", joined_by="B-1"))
    assert head.refused(GoInto(PERSON, "p:1111111111111111")).code == "has_members"


# --- laws


@st.composite
def some_help(draw: st.DrawFn) -> CountedHelp:
    on = date(2026, draw(st.integers(1, 12)), draw(st.integers(1, 28)))
    cause = draw(st.sampled_from(["fire", "illness"]))
    return helped(draw(st.integers(1, 6)), on, fen=draw(st.integers(1, 300_000)), cause=cause)


HELPS = some_help()


@for_all(st.lists(HELPS, max_size=8), HELPS)
def test_what_is_refused_is_exactly_what_would_be_reported(before: list[CountedHelp], asked: CountedHelp) -> None:
    """Beside helps that break no rule, help is too much exactly when it would break one afterwards."""
    rules = under(same_cause=ROLLING, household_cap=CAP)
    kept: dict[str, CountedHelp] = {}
    for one in sorted(before, key=lambda one: one.on):
        if not repetitions(kept.values(), one, rules):
            kept[one.decision_id] = one
    last = asked.model_copy(update={"on": date(2026, 12, 31), "decision_id": "asked", "case_id": "asked"})
    assert bool(repetitions(kept.values(), last, rules)) == bool(used_up([*kept.values(), last], rules))


@for_all(st.lists(HELPS, max_size=6), st.lists(HELPS, max_size=6))
def test_joining_and_parting_again_leaves_everything_as_it_was(
    own: list[CountedHelp], others: list[CountedHelp]
) -> None:
    mine = {one.decision_id: one for one in own}
    theirs = {
        f"o-{one.decision_id}": one.model_copy(
            update={"person": OTHER, "decision_id": f"o-{one.decision_id}", "case_id": f"o-{one.case_id}"}
        )
        for one in others
    }
    rules = under(same_cause=ROLLING, household_cap=CAP)
    before: list[HouseholdFact] = [HelpCounted(household=PERSON, help=one) for one in mine.values()]
    facts = [*before, *given(DECIDER, *before).when(JoinMember(PERSON, OTHER, "x", rules, tuple(theirs.values())))]
    facts += given(DECIDER, *facts).when(PartMember(PERSON, OTHER, "y", rules))
    after = given(DECIDER, *facts).state
    assert after.helps == given(DECIDER, *before).state.helps
    assert dict(after.reported.items()) == {
        rule: one.cases for rule, one in used_up(list(mine.values()), rules).items()
    }


# --- a cause that lasts

LONG = LastingCause(months=6, apart_at_most_months=4, clause="六安")


@pytest.mark.parametrize(
    ("earlier", "since"),
    [
        ([], None),
        ([date(2026, 9, 2)], None),
        ([date(2026, 5, 2), date(2026, 8, 1)], None),
        ([date(2026, 5, 1), date(2026, 8, 1)], date(2026, 5, 1)),
        ([date(2026, 5, 1)], None),
        ([date(2026, 5, 1), date(2026, 7, 2)], date(2026, 5, 1)),
        ([date(2026, 5, 1), date(2026, 7, 1)], None),
        ([date(2026, 5, 1), date(2026, 8, 1), date(2026, 12, 1)], date(2026, 5, 1)),
    ],
)
def test_a_cause_lasts_for_which_help_lies_more_than_the_policys_months_back_without_a_gap(
    earlier: list[date], since: date | None
) -> None:
    had_before = [helped(number, on) for number, on in enumerate(earlier, start=2)]
    found = lasting(had_before, helped(1), under(lasting_cause=LONG))
    assert (None if found is None else found.since) == since
    assert found is None or (found.case_id, found.clause) == ("case-1", "六安")


def test_another_cause_lasts_by_itself_and_another_member_only_where_the_household_is_asked() -> None:
    before = [helped(2, date(2026, 3, 1), person=OTHER)]
    by_household = LONG.model_copy(update={"subject": "household", "apart_at_most_months": 12})
    of_persons = by_household.model_copy(update={"subject": "person"})
    assert lasting(before, helped(1), under(lasting_cause=of_persons)) is None
    assert lasting(before, helped(1, cause="illness"), under(lasting_cause=by_household)) is None
    assert lasting(before, helped(1), under()) is None
    found = LastingCauseFound(case_id="case-1", decision_id="decision-1", since=date(2026, 3, 1), clause="六安")
    assert lasting(before, helped(1), under(lasting_cause=by_household)) == found


# --- what others gave


def told(on: date, *, fen: int | None = 80_000, person: str = PERSON, cause: Any = "fire") -> HelpElsewhere:
    return HelpElsewhere(
        grant_id=f"g-{on}",
        person=person,
        scheme="disaster_relief",
        organisation="emergency_bureau",
        cause=cause,
        on=on,
        amount_fen=fen,
    )


def test_what_others_gave_is_noted_once_and_refuses_nothing() -> None:
    one = told(date(2026, 10, 20))
    noted = HelpElsewhereNoted(household=PERSON, help=one, noted_by=CLERK.id)
    assert had().when(NoteElsewhere(PERSON, one)) == [noted]
    after = given(DECIDER, noted)
    assert after.when(NoteElsewhere(PERSON, one)) == []
    first = helped(1)
    counted = after.when(counting(first, under(same_cause=YEAR, household_cap=CAP)), owners=made(first))
    assert counted == [HelpCounted(household=PERSON, help=first)]


def test_what_others_are_still_to_give_is_not_noted_as_given() -> None:
    today, tomorrow = told(date(2026, 11, 2)), told(date(2026, 11, 3))
    assert had().refused(NoteElsewhere(PERSON, tomorrow), at=NOON).code == "not_given_yet"
    assert len(had().when(NoteElsewhere(PERSON, today), at=NOON)) == 1


def test_others_help_counts_for_the_same_person_and_cause_in_the_twelve_months_before() -> None:
    days = [date(2025, 11, 2), date(2025, 11, 3), date(2026, 11, 2), date(2026, 11, 3)]
    asked = helped(1)
    assert [told_elsewhere_fen([told(day)], asked) for day in days] == [0, 80_000, 80_000, 0]
    others = [told(days[2], fen=None), told(days[2], person=OTHER), told(days[2], cause="illness")]
    assert told_elsewhere_fen(others, asked) == 0
