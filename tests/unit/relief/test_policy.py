from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest

from events.policy import AdvanceRule, MakeUpRule, PolicyPublished, TownshipLimit
from services.relief.eligibility import Asked, objection
from services.relief.policy import InForce, NoPolicy, Policy, RuleName, levels, required, resolve
from services.relief.policy_file import BadPolicy, parse

POLICIES = Path(__file__).parents[3] / "policies"
DAY = date(2026, 11, 2)


def limit(limit_fen: int, *, inclusive: bool = True, scope: Literal["decision", "case"] = "case") -> TownshipLimit:
    return TownshipLimit(limit_fen=limit_fen, inclusive=inclusive, scope=scope, clause=f"{limit_fen}分")


HOURS = AdvanceRule(hours=24, modal="may", start="reported", clause="24小时")
PAPERS = MakeUpRule(days=20, unit="working_day", papers=("cause",), clause="20个工作日")


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
    return required(policy.township_limit, "township_limit").limit_fen


# --- the limit


def test_4230_yuan_against_the_limit_of_the_day_of_decision() -> None:
    """Worked example 3, the multiples of the standard taken as amounts: 4,200 to 30 June, 4,320 from 1 July."""
    sets = [
        published("320115", "first_half", date(2026, 1, 1), township_limit=limit(420_000)),
        published("320115", "second_half", date(2026, 7, 1), township_limit=limit(432_000)),
    ]

    def asked_on(day: date) -> str | None:
        in_force = required(resolve(sets, "320115", day).township_limit, "township_limit")
        return objection(Asked(asked_fen=423_000, standing_fen=0, limit=in_force, advanced_elsewhere=False))

    assert asked_on(date(2026, 6, 30)) == "over_limit"
    assert asked_on(date(2026, 7, 1)) is None


@pytest.mark.parametrize(("inclusive", "reason"), [(True, None), (False, "over_limit")])
def test_exactly_the_limit_is_inside_only_where_it_is_inclusive(inclusive: bool, reason: str | None) -> None:
    asked = Asked(423_000, standing_fen=0, limit=limit(423_000, inclusive=inclusive), advanced_elsewhere=False)
    assert objection(asked) == reason


@pytest.mark.parametrize(("scope", "reason"), [("case", "over_limit"), ("decision", None)])
def test_what_the_case_has_had_counts_only_by_case(scope: Literal["decision", "case"], reason: str | None) -> None:
    asked = Asked(343_000, standing_fen=80_000, limit=limit(420_000, scope=scope), advanced_elsewhere=False)
    assert objection(asked) == reason


def test_an_officer_is_told_of_the_other_advance_first() -> None:
    assert objection(Asked(9_999_999, 0, limit(1), advanced_elsewhere=True)) == "already_advanced"


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
    assert policy.township_limit == InForce(limit(300_000), "county", "320115")
    assert policy.advance == InForce(HOURS, "city", "320100")
    assert policy.make_up == InForce(PAPERS, "nation", "000000")


def test_of_one_level_the_latest_effective_set_counts_whole() -> None:
    sets = [
        published("320115", "new", DAY, township_limit=limit(500_000)),
        published("320115", "old", township_limit=limit(300_000), advance=HOURS),
    ]
    assert limit_in(resolve(sets, "320115", DAY)) == 500_000
    assert resolve(sets, "320115", DAY).advance is None
    assert limit_in(resolve(sets, "320115", DAY - timedelta(days=1))) == 300_000


def test_of_one_day_the_set_published_later_counts() -> None:
    sets = [published("320115", name, township_limit=limit(fen)) for name, fen in (("a", 300_000), ("b", 200_000))]
    assert limit_in(resolve(sets, "320115", DAY)) == 200_000


@pytest.mark.parametrize("name", ["advance", "township_limit", "make_up"])
def test_a_missing_rule_is_named(name: RuleName) -> None:
    with pytest.raises(NoPolicy) as missing:
        required(getattr(resolve([], "320115", DAY), name), name)
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
        ("    inclusive: true\n", "", 7, "policy.township_limit.inclusive 缺少这一项"),
        ("  title: 测试", "  titel: 测试\n  title: 测试", 4, "没有这一项"),
        ("    scope: case", "    scope: case\n    scope: decision", 10, "重复"),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-30", 5, "值不合要求"),
        ("  set_id: s1", "  set_id: [s1", 3, "YAML"),
        ("  set_id: s1", "  set_id: s\x07", 2, "字符"),
        ("  set_id: s1", "  set_id: &a s1\n  title: *a", 3, "引用"),
        ("policy:", "politics:", 1, "policy 或 calendar"),
        ("2027-01-03", "2028-01-03", 18, "2028-01-03"),
        ("2027-01-03", "2027-01-01", 18, "2027-01-01"),
        ("calendar:", "- calendar", 12, "policy 或 calendar"),
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
    make_up = required(policy.make_up, "make_up")
    assert required(policy.advance, "advance").hours == 24
    assert (limit_in(policy), make_up.days) == COUNTIES[county]
    assert set(make_up.papers) == {"relief_object", "cause", "amount", "handler_signature"}


def test_the_nation_sets_papers_but_no_hours_and_no_limit() -> None:
    (nation,) = parse((POLICIES / "000000-national.yaml").read_text(encoding="utf-8"))
    assert isinstance(nation, PolicyPublished)
    assert nation.make_up is not None
    assert (nation.advance, nation.township_limit) == (None, None)
