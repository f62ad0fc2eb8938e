from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest

from events.policy import PolicyConfirmed, PolicyFact, PolicyPublished, StandardPublished
from events.rules import AdvanceRule, MakeUpRule, Residence, SmallFast, TownshipLimit
from services.relief.eligibility import Asked, objection
from services.relief.limits import Limit, small_fast_limit, township_limit
from services.relief.policy import NoPolicy, NoStandard, Origin, Policy, Source, levels, required, resolve
from services.relief.policy_file import BadPolicy, parse

POLICIES = Path(__file__).parents[3] / "policies"
DAY = date(2026, 11, 2)


def limit(limit_fen: int, *, inclusive: bool = True, scope: Literal["decision", "case"] = "case") -> TownshipLimit:
    return TownshipLimit(limit_fen=limit_fen, inclusive=inclusive, scope=scope, clause=f"{limit_fen}分")


HOURS = AdvanceRule(length=24, unit="hour", modal="may", start="reported", clause="24小时")
SMALL_FAST: dict[str, object] = {
    "percent_of_standard": 100,
    "inclusive": True,
    "standard": "urban",
    "days": 3,
    "rolls": True,
    "clause": "小额快救",
}
PAPERS = MakeUpRule(length=20, unit="working_day", papers=("cause",), clause="20个工作日")


def published(
    division: str,
    set_id: str = "s1",
    since: date = date(2020, 1, 1),
    *,
    advance: AdvanceRule | None = None,
    township_limit: TownshipLimit | None = None,
    make_up: MakeUpRule | None = None,
) -> PolicyPublished:
    return PolicyPublished(
        set_id=set_id,
        division=division,
        title="测试",
        effective_from=since,
        advance=advance,
        township_limit=township_limit,
        make_up=make_up,
    )


def limit_in(policy: Policy) -> int:
    found = township_limit(policy).limit_fen
    assert found is not None
    return found


def resolved(limit: TownshipLimit) -> Limit:
    return township_limit(resolve([published("320115", township_limit=limit)], "320115", DAY))


# --- the limit


FOUR_TIMES = TownshipLimit(inclusive=True, percent_of_standard=400, standard="urban", clause="4倍城市低保标准")


def standard(
    since: date, monthly_fen: int, residence: Residence = "urban", division: str = "320100"
) -> StandardPublished:
    return StandardPublished(
        division=division, residence=residence, effective_from=since, monthly_fen=monthly_fen, document="低保标准"
    )


FIRST_HALF, SECOND_HALF = standard(date(2026, 1, 1), 105_000), standard(date(2026, 7, 1), 108_000)


def asked(total_fen: int, limit: Limit, standing_fen: int = 0) -> str | None:
    return objection(Asked(asked_fen=total_fen, standing_fen=standing_fen, limit=limit, advanced_elsewhere=False))


def test_4230_yuan_against_four_times_the_standard_of_the_day_of_decision() -> None:
    """Worked example 3: the standard is 1,050 yuan to 30 June and 1,080 from 1 July."""
    book = [published("320115", township_limit=FOUR_TIMES), FIRST_HALF, SECOND_HALF]

    def on(day: date) -> Limit:
        return township_limit(resolve(book, "320115", day))

    assert (on(date(2026, 6, 30)).limit_fen, asked(423_000, on(date(2026, 6, 30)))) == (420_000, "over_limit")
    assert on(date(2026, 6, 30)).over_by(423_000) == 3_000
    assert (on(date(2026, 7, 1)).limit_fen, asked(423_000, on(date(2026, 7, 1)))) == (432_000, None)
    assert asked(343_000, on(date(2026, 6, 30)), standing_fen=80_000) == "over_limit"


@pytest.mark.parametrize(("inclusive", "reason"), [(True, None), (False, "over_limit")])
def test_a_multiple_of_half_a_yuan_is_exact(inclusive: bool, reason: str | None) -> None:
    """Worked example 3: 4 x 1,057.50 = 4,230."""
    rule = FOUR_TIMES.model_copy(update={"inclusive": inclusive})
    policy = resolve([published("320115", township_limit=rule), standard(date(2026, 1, 1), 105_750)], "320115", DAY)
    assert (township_limit(policy).limit_fen, asked(423_000, township_limit(policy))) == (423_000, reason)


def test_without_an_end_every_amount_is_inside() -> None:
    limit = resolved(TownshipLimit(inclusive=True, unlimited=True, clause="审核确认权限下放"))
    assert (limit.limit_fen, asked(10**12, limit), limit.over_by(10**12)) == (None, None, 0)


def test_a_multiple_without_a_standard_is_refused() -> None:
    with pytest.raises(NoStandard):
        resolved(FOUR_TIMES)


def test_the_nearest_standard_of_the_kind_counts() -> None:
    book = [
        standard(date(2026, 1, 1), 90_000, division="320115"),
        SECOND_HALF,
        standard(date(2026, 1, 1), 70_000, "rural"),
        standard(date(2027, 1, 1), 99_000, division="320115"),
    ]
    policy = resolve(book, "320115", DAY)
    assert (policy.standard_fen("urban"), policy.standard_fen("rural")) == (90_000, 70_000)


@pytest.mark.parametrize(("per", "ceiling"), [("person", 239_400), ("household", 79_800)])
def test_small_fast_relief_of_three_persons(per: str, ceiling: int) -> None:
    """Worked example 4: the standard is 798 yuan, 2,000 are asked."""
    rule = SMALL_FAST | {"per": per}
    found = published("000000").model_copy(update={"small_fast": SmallFast.model_validate(rule)})
    limit = small_fast_limit(resolve([found, standard(date(2026, 1, 1), 79_800)], "320115", DAY), persons=3)
    assert (limit.limit_fen, limit.allows(200_000)) == (ceiling, per == "person")


@pytest.mark.parametrize(("inclusive", "reason"), [(True, None), (False, "over_limit")])
def test_exactly_the_limit_is_inside_only_where_it_is_inclusive(inclusive: bool, reason: str | None) -> None:
    assert asked(423_000, resolved(limit(423_000, inclusive=inclusive))) == reason


@pytest.mark.parametrize(("scope", "reason"), [("case", "over_limit"), ("decision", None)])
def test_what_the_case_has_had_counts_only_by_case(scope: Literal["decision", "case"], reason: str | None) -> None:
    assert asked(343_000, resolved(limit(420_000, scope=scope)), standing_fen=80_000) == reason


def test_an_officer_is_told_of_the_other_advance_first() -> None:
    assert objection(Asked(9_999_999, 0, resolved(limit(1)), advanced_elsewhere=True)) == "already_advanced"


# --- inheritance


def test_nation_province_city_and_county_bind_in_this_order() -> None:
    assert levels("320115") == ("000000", "320000", "320100", "320115")
    assert levels("441900") == ("000000", "440000", "441900")


def test_a_lower_level_stands_before_a_higher_one_rule_by_rule() -> None:
    policy = resolve(
        [
            published("320115", "county", township_limit=limit(300_000)),
            published("320100", "city", advance=HOURS, township_limit=limit(200_000)),
            published("000000", "nation", make_up=PAPERS, township_limit=limit(100_000)),
            published("341825", "elsewhere", make_up=PAPERS, advance=HOURS, township_limit=limit(900_000)),
        ],
        "320115",
        DAY,
    )
    assert (policy.rules.township_limit, policy.rules.advance, policy.rules.make_up) == (limit(300_000), HOURS, PAPERS)
    since = date(2020, 1, 1)
    nation, city = Source("nation", "000000", since), Source("city", "320100", since)
    assert policy.origins == {
        "township_limit": Origin(Source("county", "320115", since), overrides=(nation, city)),
        "advance": Origin(city),
        "make_up": Origin(nation),
    }


def capped(hours: int, binds: Literal["value", "floor", "ceiling"]) -> AdvanceRule:
    return HOURS.model_copy(update={"length": hours, "binds": binds})


@pytest.mark.parametrize(
    ("own", "above", "binds", "hours"),
    [
        (48, 24, "value", 48),
        (48, 24, "ceiling", 24),
        (12, 24, "ceiling", 12),
        (12, 24, "floor", 24),
        (48, 24, "floor", 48),
    ],
)
def test_a_floor_or_ceiling_of_a_higher_level_bounds_the_number(
    own: int, above: int, binds: Literal["value", "floor", "ceiling"], hours: int
) -> None:
    province = published("320000", "province", advance=capped(above, binds))
    policy = resolve([published("320115", "county", advance=capped(own, "value")), province], "320115", DAY)
    assert required(policy.rules.advance, "advance").length == hours
    bounded_by = policy.origins["advance"].bounded_by
    assert (bounded_by is None) == (own == hours)


def test_numbers_in_different_units_are_not_compared() -> None:
    days = HOURS.model_copy(update={"length": 2, "unit": "working_day"})
    sets = [published("320000", "province", advance=capped(24, "floor")), published("320115", advance=days)]
    assert resolve(sets, "320115", DAY).rules.advance == days


def test_a_rule_older_than_one_above_it_waits_for_a_persons_word() -> None:
    county = published("320115", "county", date(2020, 1, 1), township_limit=limit(300_000))
    province = published("320000", "province", date(2024, 1, 1), township_limit=limit(500_000))
    confirmed = PolicyConfirmed(
        set_id="county", division="320115", newer_set_id="province", reason="沿用", confirmed_by="S-0001"
    )

    def unconfirmed(*book: PolicyFact, on: date = DAY) -> bool:
        return resolve(book, "320115", on).unconfirmed

    assert not unconfirmed(county, province, on=date(2023, 12, 31))
    assert unconfirmed(county, province)
    assert not unconfirmed(county, province, confirmed)
    assert unconfirmed(county, province, confirmed.model_copy(update={"newer_set_id": "another"}))
    assert limit_in(resolve([county, province], "320115", DAY)) == 300_000
    assert not unconfirmed(county, published("320000", "first", township_limit=limit(500_000)), province)
    assert not unconfirmed(county, published("320000", "province", date(2024, 1, 1), make_up=PAPERS))


def test_of_one_level_the_latest_effective_set_counts_whole() -> None:
    sets = [
        published("320115", "new", DAY, township_limit=limit(500_000)),
        published("320115", "old", township_limit=limit(300_000), advance=HOURS),
    ]
    assert limit_in(resolve(sets, "320115", DAY)) == 500_000
    assert resolve(sets, "320115", DAY).rules.advance is None
    assert limit_in(resolve(sets, "320115", DAY - timedelta(days=1))) == 300_000


def test_of_one_day_the_set_published_later_counts() -> None:
    sets = [published("320115", name, township_limit=limit(fen)) for name, fen in (("a", 300_000), ("b", 200_000))]
    assert limit_in(resolve(sets, "320115", DAY)) == 200_000


@pytest.mark.parametrize("name", ["advance", "township_limit", "make_up"])
def test_a_missing_rule_is_named(name: str) -> None:
    with pytest.raises(NoPolicy) as missing:
        required(getattr(resolve([], "320115", DAY).rules, name), name)
    assert (missing.value.code, missing.value.rule) == ("no_policy", name)


def test_the_hash_names_the_rules_and_where_they_come_from() -> None:
    def hashed(*sets: PolicyPublished) -> str:
        return resolve(sets, "320115", DAY).policy_hash

    one = published("320115", township_limit=limit(300_000))
    elsewhere = published("320000", township_limit=limit(300_000))
    assert hashed(one) == hashed(published("000000", "other", township_limit=limit(1)), one)
    assert len({hashed(one), hashed(elsewhere), hashed(one.model_copy(update={"set_id": "s2"})), hashed()}) == 4
    assert hashed(one) != hashed(published("320115", township_limit=limit(300_001)))
    assert len(hashed(one)) == 64


# --- the files


GOOD = """\
policy:
  set_id: s1
  division: "320115"
  title: 测试
  effective_from: 2026-01-01
  township_limit:
    limit_fen: 300000
    inclusive: true
    scope: case
    clause: 3000元以下
---
calendar:
  division: "000000"
  year: 2027
  days_off: [2027-01-01]
  days_worked:
    - 2027-01-02
    - 2027-01-03
  document: 放假安排
"""


def test_a_file_holds_sets_and_calendars() -> None:
    policy, calendar = parse(GOOD)
    assert policy == published(
        "320115",
        "s1",
        date(2026, 1, 1),
        township_limit=TownshipLimit(limit_fen=300_000, inclusive=True, scope="case", clause="3000元以下"),
    )
    assert calendar.NAME == "policy.calendar_published"


@pytest.mark.parametrize(
    ("good", "bad", "line", "reason"),
    [
        ("limit_fen: 300000", "limit_fen: 3000.5", 7, "应为整数"),
        ("limit_fen: 300000", "limit_fen: 0", 7, "值不合要求"),
        ('division: "320115"', "division: 320115", 3, "引号"),
        ("scope: case", "scope: household", 9, "可选的值"),
        ("    limit_fen: 300000\n", "", 7, "policy.township_limit 金额、标准倍数、不设上限"),
        ("scope: case", "unlimited: true", 7, "三者应当且只能写一项"),
        ("scope: case", "binds: most", 9, "可选的值"),
        ("clause: 3000元以下", 'clause: ""', 10, "policy.township_limit.clause 应写明依据"),
        ("clause: 3000元以下", 'clause: " "', 10, "应写明依据"),
        ("document: 放假安排", 'document: ""', 19, "calendar.document 应写明依据"),
        ("    inclusive: true\n", "", 7, "policy.township_limit.inclusive 缺少这一项"),
        ("  title: 测试", "  titel: 测试\n  title: 测试", 4, "没有这一项"),
        ("    scope: case", "    scope: case\n    scope: decision", 10, "重复"),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-30", 5, "值不合要求"),
        ("  set_id: s1", "  set_id: [s1", 3, "YAML"),
        ("  set_id: s1", "  set_id: s\x07", 2, "字符"),
        ("  set_id: s1", "  set_id: &a s1\n  title: *a", 3, "引用"),
        ("policy:", "politics:", 1, "policy、standard 或 calendar"),
        ("2027-01-03", "2028-01-03", 18, "2028-01-03"),
        ("2027-01-03", "2027-01-01", 18, "2027-01-01"),
        ("calendar:", "- calendar", 12, "policy、standard 或 calendar"),
    ],
)
def test_a_faulty_file_is_refused_whole_with_line_and_reason(good: str, bad: str, line: int, reason: str) -> None:
    text = GOOD.replace(good, bad, 1)
    if bad == "- calendar":
        text = text[: text.index(bad)] + bad
    with pytest.raises(BadPolicy) as refused:
        parse(text)
    assert refused.value.line == line
    assert reason in refused.value.reason
    assert refused.value.code == "bad_policy"
    assert refused.value.sentence.startswith(f"第{line}行:")


COUNTIES = {"320115": (300_000, 5), "341825": (300_000, 20), "350581": (500_000, 10), "990101": (300_000, 5)}


@pytest.mark.parametrize("county", COUNTIES)
def test_the_shipped_counties_have_hours_a_limit_and_papers(county: str) -> None:
    sets = [fact for file in sorted(POLICIES.glob("[0-9]*.yaml")) for fact in parse(file.read_text(encoding="utf-8"))]
    policy = resolve([fact for fact in sets if isinstance(fact, PolicyPublished)], county, date(2020, 9, 1))
    make_up = required(policy.rules.make_up, "make_up")
    assert required(policy.rules.advance, "advance").length == 24
    assert (limit_in(policy), make_up.length) == COUNTIES[county]
    assert set(make_up.papers) == {"relief_object", "cause", "amount", "handler_signature"}


def test_the_nation_sets_papers_but_no_hours_and_its_limit_is_a_default_that_says_so() -> None:
    published = parse((POLICIES / "000000-national.yaml").read_text(encoding="utf-8"))
    nation = [one for one in published if isinstance(one, PolicyPublished)]
    assert all(one.make_up is not None for one in nation)
    assert all(one.advance is None for one in nation)
    assert all(one.township_limit and one.township_limit.clause.startswith("默认参数") for one in nation)
