"""What would have been under another policy: nothing where nothing changes, and no guess where nobody was asked."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from events.fact import Actor, Recorded
from events.policy import PolicyFact, PolicyPublished, StandardPublished
from events.relief import AdvanceDecided, AdvanceDeclined, CaseFact
from events.relief_approval import ApprovalProposed, Grounds, Level, Plan, Planned, ReliefApproved
from events.relief_fast import SmallFastDecided
from events.rules import AmountFormula, HouseholdCap, MoneyLimit, RepeatRule, Residence, SmallFast, TownshipLimit
from jiujinan.whatif import supposed_books
from jiujinan.whatif_told import Found, write_book
from services.relief.policy import supposing
from services.relief.supposed_outcome import Given, Unknown
from services.relief.whatif import Comparison, Unread
from services.relief.whatif_summary import summary
from tests.support.given import recorded
from tests.unit.relief.facts import (
    ACCEPTED,
    BASIS,
    CASE,
    CONTACTED,
    COUNTY,
    FIRST,
    SECOND,
    TOWNSHIP,
    at,
    book,
    decided,
    happened,
    opened,
    published,
    relieved,
)

DAY = date(2026, 11, 20)
DECLINED = AdvanceDeclined(
    case_id=CASE, decision_id=SECOND, reason="over_limit", asked_fen=350_000, basis=BASIS, decided_by="S-0001"
)


def life(*, person: str | None = "p:0123456789abcdef") -> Sequence[Recorded[CaseFact]]:
    """A case in which 2,000 yuan were given, and 3,500 asked before that and declined."""
    facts: list[tuple[CaseFact, str]] = [
        (opened(person=person), "11-02 08:10"),
        (ACCEPTED, "11-02 09:00"),
        (DECLINED, "11-02 10:00"),
        (decided(person=person), "11-02 10:30"),
    ]
    return [happened(fact, at(when), position=number) for number, (fact, when) in enumerate(facts, start=1)]


def compared(
    *supposed: PolicyFact,
    actual: Sequence[PolicyFact] = (published(),),
    facts: Sequence[Recorded[CaseFact]] | None = None,
    until: date = date(2026, 12, 31),
) -> Comparison:
    found = Comparison(book(*actual), book(*supposed), date(2026, 1, 1), until)
    for fact in life() if facts is None else facts:
        found.hear(Unread(fact.fact.case_id, fact.fact.NAME, fact.occurred_at, partial(_itself, fact)))
    return found


def _itself(fact: Recorded[CaseFact]) -> Recorded[CaseFact]:
    return fact


def test_only_what_a_decision_hangs_on_is_read() -> None:
    """Not what came after the last decision, nothing under an unchanged policy, and nothing of a closed case."""
    read: list[str] = []

    def reading(fact: Recorded[CaseFact]) -> Recorded[CaseFact]:
        read.append(fact.fact.NAME)
        return fact

    facts = [*life(), happened(CONTACTED, at("11-02 11:00")), happened(relieved(), at("11-02 12:00"))]
    told = [Unread(CASE, one.fact.NAME, one.occurred_at, partial(reading, one)) for one in facts]
    for supposed in (published(), limited(limit_fen=100_000)):
        found = Comparison(book(published()), book(supposed), date(2026, 1, 1), date(2026, 12, 31))
        for one in told:
            found.hear(one)
        assert found.looked_at == 2
        assert read == ([] if supposed == published() else [fact.fact.NAME for fact in life()])


def test_an_unchanged_policy_gives_no_difference() -> None:
    found = compared(published())
    assert (found.looked_at, found.differences) == (2, [])


def limited(**changes: object) -> PolicyPublished:
    limit = TownshipLimit.model_validate({"inclusive": True, "clause": "推演"} | changes)
    return published().model_copy(update={"township_limit": limit})


def test_a_higher_limit_would_have_given_what_was_declined() -> None:
    (one,) = compared(published(350_000)).differences
    assert (one.decision_id, one.before, one.after) == (SECOND, Given(0, "over_limit"), Given(350_000))
    assert summary(2, [one]).more_fen == 350_000


def test_a_lower_limit_would_have_declined_what_was_given() -> None:
    (one,) = compared(published(199_999)).differences
    assert (one.decision_id, one.before, one.after) == (FIRST, Given(200_000), Given(0, "over_limit"))
    told = summary(2, [one])
    assert (told.decisions, told.households, told.less_fen, told.more_fen) == (1, 1, 200_000, 0)


def test_exactly_the_limit_differs_only_where_it_is_not_inclusive() -> None:
    assert compared(published(200_000)).differences == []
    assert len(compared(published(200_000, inclusive=False)).differences) == 1


def by_the_county() -> Sequence[Recorded[CaseFact]]:
    """A case in which the county declined 3,500 yuan and gave 2,000."""
    facts = [
        one._replace(fact=one.fact.model_copy(update={"by_county": True}))
        if isinstance(one.fact, AdvanceDecided)
        else one
        for one in life()
    ]
    bureau = Actor(id="S-3", role="county_civil_affairs", scope=COUNTY)
    return [one._replace(meta=one.meta.model_copy(update={"actor": bureau})) for one in facts]


def test_what_the_county_decided_is_decided_again_inside_its_own_limit() -> None:
    def with_county(limit_fen: int, township_fen: int) -> PolicyPublished:
        rule = MoneyLimit(limit_fen=limit_fen, inclusive=True, clause="县级")
        return published(township_fen).model_copy(update={"county_limit": rule})

    actual = [with_county(300_000, 300_000)]
    assert compared(with_county(300_000, 100), actual=actual, facts=by_the_county()).differences == []
    (less,) = compared(with_county(199_999, 300_000), actual=actual, facts=by_the_county()).differences
    assert (less.before, less.after) == (Given(200_000), Given(0, "over_limit"))
    (more,) = compared(with_county(350_000, 300_000), actual=actual, facts=by_the_county()).differences
    assert (more.before, more.after) == (Given(0, "over_limit"), Given(350_000))


def standards(urban: int, rural: int) -> list[PolicyFact]:
    return [
        StandardPublished.model_validate(
            {
                "division": COUNTY,
                "residence": residence,
                "effective_from": "2026-01-01",
                "monthly_fen": fen,
                "document": "推演",
            }
        )
        for residence, fen in (("urban", urban), ("rural", rural))
    ]


def test_where_town_and_country_would_be_told_different_things_it_cannot_be_told() -> None:
    four_times = limited(percent_of_standard=400)
    both = standards(100_000, 60_000)
    (declined,) = compared(four_times, *both, actual=[published(), *both]).differences
    assert (declined.decision_id, declined.after) == (SECOND, Unknown("residence"))
    assert summary(2, [declined]).unknown == {"residence": 1}
    assert summary(2, [declined]).decisions == 0
    alike = standards(100_000, 90_000)
    (same,) = compared(four_times, *alike, actual=[published(), *alike]).differences
    assert same.after == Given(350_000)
    named = limited(percent_of_standard=400, standard="urban")
    assert [one.after for one in compared(named, *both, actual=[published(), *both]).differences] == [Given(350_000)]


FORMULA = published().model_copy(
    update={"amount_formula": AmountFormula(kind="standard_persons_months", months_at_most=6, clause="推演")}
)
A_MONTH = standards(30_000, 30_000)
"""Three persons: 900 yuan a month."""


def an_approval(grounds: Grounds | None, *, level: Level = "county") -> Sequence[Recorded[CaseFact]]:
    """A case that has 2,000 yuan as an advance, and in which 5,000 more are approved."""
    plan = Plan(
        payer=COUNTY, ceiling_fen=500_000, instalments=(Planned(instalment_id="i", amount_fen=500_000, due_on=DAY),)
    )
    about: Any = {
        "case_id": CASE,
        "approval_id": "a-1",
        "follow_up": False,
        "level": level,
        "plan": plan,
        "basis": BASIS,
    }
    facts: list[tuple[CaseFact, str]] = [
        (ApprovalProposed(**about, signers=("county_leader",), proposed_by="S-1", grounds=grounds), "11-03 09:00"),
        (ReliefApproved(**about, county=COUNTY, township=TOWNSHIP, approved_by=("S-2",)), "11-03 10:00"),
    ]
    more = [happened(fact, at(when), position=number) for number, (fact, when) in enumerate(facts, start=5)]
    return [*life(), *more]


@pytest.mark.parametrize(
    ("grounds", "outcome"),
    [
        (Grounds(hardship_months=6), Given(340_000)),
        (Grounds(hardship_months=9), Given(340_000)),
        (Grounds(hardship_months=2), Given(0, "over_formula")),
        (Grounds(hardship_days=60), Unknown("hardship_months")),
        (None, Unknown("hardship_months")),
    ],
)
def test_an_approval_would_have_come_to_what_the_formula_leaves_beside_the_advance(
    grounds: Grounds | None, outcome: Given | Unknown
) -> None:
    (one,) = compared(FORMULA, *A_MONTH, actual=[published(), *A_MONTH], facts=an_approval(grounds)).differences
    assert (one.decision_id, one.before, one.after) == ("a-1", Given(500_000), outcome)


def test_a_formula_changes_no_advance_and_nothing_that_a_meeting_decided_or_that_fits() -> None:
    supposed, actual = (FORMULA, *A_MONTH), [published(), *A_MONTH]
    assert compared(*supposed, actual=actual).differences == []
    assert (
        compared(*supposed, actual=actual, facts=an_approval(Grounds(hardship_months=2), level="meeting")).differences
        == []
    )
    enough = [FORMULA.model_copy(update={"amount_formula": FORMULA.amount_formula}), *standards(90_000, 90_000)]
    assert compared(*enough, actual=actual, facts=an_approval(Grounds(hardship_months=6))).differences == []
    assert compared(*supposed, actual=supposed, facts=an_approval(Grounds(hardship_months=2))).differences == []


def test_a_cap_per_household_cannot_be_told_of_somebody_unknown() -> None:
    cap = HouseholdCap(times=1, window="natural_year", clause="推演")
    capped = published().model_copy(update={"household_cap": cap})
    assert {one.after for one in compared(capped, facts=life(person=None)).differences} == {Unknown("person")}


BY_THE_YEAR = TownshipLimit(
    limit_fen=300_000,
    inclusive=True,
    scope="household_year",
    window="natural_year",
    subject="household",
    clause="推演",
)


@pytest.mark.parametrize(
    "rule",
    [
        {"household_cap": HouseholdCap(times=1, window="natural_year", clause="推演")},
        {"same_cause": RepeatRule(times=1, window="rolling_year", clause="推演")},
        {"township_limit": BY_THE_YEAR},
    ],
)
def test_a_rule_about_repetition_changes_nothing_for_who_had_no_other_case(rule: dict[str, object]) -> None:
    otherwise = published().model_copy(update=rule)
    assert compared(otherwise).differences == []
    assert compared(otherwise, actual=[otherwise]).differences == []
    assert compared(published(), actual=[otherwise]).differences == []


@pytest.mark.parametrize(("until", "looked_at"), [(date(2026, 11, 2), 2), (date(2026, 11, 1), 0)])
def test_only_decisions_of_the_period_are_looked_at(until: date, looked_at: int) -> None:
    assert compared(published(1), until=until).looked_at == looked_at


def test_a_file_is_supposed_to_have_held_from_the_first_day_of_the_period() -> None:
    later = published().model_copy(update={"effective_from": date(2027, 1, 1)})
    second = published().model_copy(update={"effective_from": date(2028, 1, 1), "set_id": "second"})
    days = [one.effective_from for one in supposing([second, later], date(2026, 1, 1))]
    assert days == [date(2026, 1, 1), date(2028, 1, 1)]


def test_a_file_takes_the_place_of_all_sets_of_its_division_and_of_nothing_else() -> None:
    own = recorded(published())._replace(division=COUNTY)
    standard = recorded(standards(1, 1)[0], 2)._replace(division=COUNTY)
    nation = recorded(published().model_copy(update={"division": "000000"}), 3)._replace(division="000000")
    books = supposed_books({COUNTY: (own, standard), "000000": (nation,)}, [published(1)], date(2026, 1, 1))
    assert books["000000"] == (nation,)
    assert [one.fact for one in books[COUNTY]] == [standard.fact, published(1)]


def test_the_workbook_holds_the_summary_and_each_decision(tmp_path: Path) -> None:
    found = compared(published(199_999))
    file = tmp_path / "whatif.xlsx"
    write_book(file, [Found(COUNTY, summary(found.looked_at, found.differences), found.differences)])
    book = CalamineWorkbook.from_filelike(BytesIO(file.read_bytes()))
    whole, details = ({cell for row in book.get_sheet_by_index(at).to_python() for cell in row} for at in (0, 1))
    assert {COUNTY, "2000.00", "会不同"} <= whole
    assert {CASE, FIRST, "2000.00", "-2000.00", "未予(超出乡镇(街道)审批额度)"} <= details


# --- small-fast relief


def small_fast(amount_fen: int, decision_id: str = FIRST) -> SmallFastDecided:
    return SmallFastDecided(
        case_id=CASE,
        decision_id=decision_id,
        county=COUNTY,
        township=TOWNSHIP,
        fund_id="f",
        amount_fen=amount_fen,
        situation="burnt_down",
        persons=3,
        person=None,
        cause="fire",
        pay_by=DAY,
        handled_by="S-1",
        basis=BASIS,
    )


def quick(**rule: Any) -> PolicyPublished:
    ceiling = SmallFast.model_validate({"inclusive": True, "days": 3, "clause": "推演"} | rule)
    return published().model_copy(update={"small_fast": ceiling})


def standard(residence: Residence, monthly_fen: int) -> StandardPublished:
    day = date(2026, 1, 1)
    return StandardPublished(
        division=COUNTY, residence=residence, effective_from=day, monthly_fen=monthly_fen, document="测试"
    )


def given_quickly(*facts: CaseFact) -> Sequence[Recorded[CaseFact]]:
    told = ((opened(), "11-02 08:10"), (ACCEPTED, "11-02 09:00"), *((fact, "11-02 10:00") for fact in facts))
    return [happened(fact, at(when), position=number) for number, (fact, when) in enumerate(told, start=1)]


@pytest.mark.parametrize(
    ("supposed", "after"),
    [
        (quick(limit_fen=60_000, per="person"), None),
        (quick(limit_fen=60_000, per="household"), Given(0, "over_small_fast")),
        (quick(limit_fen=40_000, per="person"), Given(0, "over_small_fast")),
        (published(), Given(0, "no_policy")),
        (quick(percent_of_standard=100, per="person"), Unknown("residence")),
    ],
)
def test_small_fast_relief_is_given_again_inside_the_ceiling_or_not_at_all(
    supposed: PolicyPublished, after: Given | Unknown | None
) -> None:
    standards = [standard("urban", 60_000), standard("rural", 40_000)]
    found = compared(supposed, *standards, actual=(quick(limit_fen=100_000),), facts=given_quickly(small_fast(150_000)))
    assert found.looked_at == 1
    assert [one.after for one in found.differences] == ([] if after is None else [after])


def test_small_fast_relief_that_another_fund_is_asked_for_is_one_decision() -> None:
    facts = given_quickly(small_fast(80_000), small_fast(80_000))
    (one,) = compared(quick(limit_fen=20_000), actual=(quick(limit_fen=100_000),), facts=facts).differences
    assert (one.before, one.after) == (Given(80_000), Given(0, "over_small_fast"))
