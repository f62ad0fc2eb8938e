"""The shipped policy sets say what was observed (policies/observed.json), and each value names its clause."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from events.policy import CalendarPublished, PolicyPublished, StandardPublished
from services.relief.limits import small_fast_limit, township_limit
from services.relief.policy import RULES, levels, resolve
from services.relief.publishing import read_files
from services.relief.working_days import calendar_of
from tests.architecture.sources import ROOT

POLICIES = ROOT / "policies"
OBSERVED: dict[str, dict[str, Any]] = {
    profile["id"]: profile
    for profile in json.loads((POLICIES / "observed.json").read_text(encoding="utf-8"))["profiles"]
}


@cache
def shipped() -> list[PolicyPublished | StandardPublished | CalendarPublished]:
    return [published for _, published in read_files(POLICIES)]


@cache
def sets() -> dict[str, PolicyPublished]:
    return {one.set_id: one for one in shipped() if isinstance(one, PolicyPublished)}


def has_a_limit(profile: dict[str, Any]) -> bool:
    """An hour limit or a township limit makes a profile complete enough to be shipped."""
    hours = profile.get("advance", {}).get("hours") or profile.get("relief_hours") or profile.get("emergency_days")
    return bool(hours or profile.get("township_limit"))


LIMITED = [name for name, profile in OBSERVED.items() if has_a_limit(profile)]
SHIPPED = [name for name in OBSERVED if name.replace("-", "_") in sets()]
UNITS = {"工作日": "working_day", "日 (5个工作日 in 济宁/邹平)": "working_day"}
ANCHORS = {"自救助之日起": "relieved", "紧急情况解除之后": "emergency_lifted"}


def test_every_profile_with_an_hour_or_a_township_limit_is_shipped() -> None:
    assert len(LIMITED) == 11
    assert set(LIMITED) <= set(SHIPPED)


def test_the_five_source_texts_are_shipped() -> None:
    assert [sum(f"seed00{number}" in name for name in sets()) for number in range(5)] == [1, 1, 1, 1, 1]


def _township_limit(value: dict[str, Any]) -> dict[str, Any]:
    if "yuan" in value:
        return {"limit_fen": value["yuan"] * 100, "percent_of_standard": None, "inclusive": True}
    urban = "urban" if value["base"].endswith(("城市低保标准", "城市月低保标准")) else None
    return {"limit_fen": None, "percent_of_standard": value["multiple"] * 100, "standard": urban, "inclusive": True}


def _term(value: dict[str, Any]) -> dict[str, Any]:
    return {"length": value["n"], "unit": UNITS[value["unit"]]}


def _advance(value: dict[str, Any]) -> dict[str, Any]:
    may = {"modal": "may"} if value.get("modal") == "可实行" else {}
    return {"length": value["hours"], "unit": "hour"} | may


def _make_up(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "length": value["days"],
        "unit": UNITS[value["unit"]],
        "anchor": ANCHORS[value.get("anchor", "自救助之日起")],
    }


def _small_fast(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "days": value["limit_days"],
        "percent_of_standard": 100,
        "means_check": value["means_check"],
        "publicity": value["publicity"],
    }


EXPECTED: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    "township_limit": ("township_limit", _township_limit),
    "emergency_days": ("advance", _term),
    "reply_hours": ("reply", lambda hours: {"length": hours, "unit": "hour"}),
    "relief_hours": ("advance", lambda hours: {"length": hours, "unit": "hour"}),
    "general_days": ("general", _term),
    "county_days": ("general_county", _term),
    "small_fast": ("small_fast", _small_fast),
    "min_single": ("minimum_relief", lambda yuan: {"limit_fen": yuan * 100}),
    "max_months": ("amount_formula", lambda months: {"months_at_most": months}),
    "small_amount_max": ("township_limit", lambda yuan: {"limit_fen": yuan * 100}),
    "county_sampling_pct": ("sampling", lambda percent: {"percent": percent}),
    "residence_months": ("residence", lambda months: {"months": months}),
    "same_person_same_cause": ("same_cause", lambda times: {"times": times}),
    "same_cause_per_natural_year": ("same_cause", lambda times: {"times": times, "window": "natural_year"}),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_set_says_what_was_observed(name: str) -> None:
    found, profile = sets()[name.replace("-", "_")], OBSERVED[name]
    expected = [(rule, says(profile[key])) for key, (rule, says) in EXPECTED.items() if key in profile]
    advance = profile.get("advance", {})
    if advance.get("hours"):
        expected.append(("advance", _advance(advance)))
    if advance.get("make_up", {}).get("days"):
        expected.append(("make_up", _make_up(advance["make_up"])))
    for level, term in profile.get("general", {}).items():
        expected.append((f"general_{level}", _term(term)))
    if "publicity_days" in profile:
        assert found.publicity is not None
        assert found.publicity.expenditure is not None
        assert found.publicity.expenditure.days == profile["publicity_days"]
    for rule, values in expected:
        said = getattr(found, rule).model_dump()
        assert {key: said[key] for key in values} == values, rule


@pytest.mark.parametrize("name", sorted(sets()))
def test_every_rule_that_is_shipped_names_its_clause(name: str) -> None:
    rules = [rule for rule in RULES if getattr(sets()[name], rule) is not None]
    assert rules
    clauses = [getattr(sets()[name], rule).clause for rule in rules]
    assert all(len(clause) >= 6 for clause in clauses)


def test_a_default_of_ours_says_so() -> None:
    """The hours of the clock's start are nowhere written, so whoever ships them says it is a default."""
    for found in sets().values():
        if found.advance is not None and "虚构" not in found.title:
            assert "默认参数" in found.advance.clause


def test_zouping_is_older_than_its_province_and_waits_for_a_persons_word() -> None:
    policy = resolve(shipped(), "371681", date(2026, 11, 2))
    assert township_limit(policy).limit_fen == 200_000
    assert policy.unconfirmed
    assert [one.set_id for one in policy.origins["township_limit"].overrides][-1] == "shandong_2019"
    assert policy.origins["hotline_finish"].source.set_id == "shandong_2019"


def test_linyi_may_where_its_province_must() -> None:
    policy = resolve(shipped(), "371302", date(2026, 11, 2))
    assert policy.rules.advance is not None
    assert (policy.rules.advance.modal, policy.unconfirmed) == ("may", False)
    assert resolve(shipped(), "371302", date(2024, 8, 2)).origins["advance"].source.set_id == "shandong_2019"


def test_small_fast_relief_exists_from_its_day_on() -> None:
    assert resolve(shipped(), "110101", date(2026, 1, 28)).rules.small_fast is None
    assert small_fast_limit(resolve(shipped(), "110101", date(2026, 1, 29)), persons=3).limit_fen == 239_430


def test_a_multiple_is_of_the_standard_of_the_day() -> None:
    assert township_limit(resolve(shipped(), "420102", date(2026, 1, 5))).limit_fen == 4 * 79_810
    assert township_limit(resolve(shipped(), "420102", date(2023, 1, 5))).limit_fen == 4 * 72_200


# --- every day of 2024 to 2026

HOLIDAYS = {
    2024: "01-01 02-10/02-17 04-04/04-06 05-01/05-05 06-10 09-15/09-17 10-01/10-07",
    2025: "01-01 01-28/02-04 04-04/04-06 05-01/05-05 05-31/06-02 10-01/10-08",
    2026: "01-01/01-03 02-15/02-23 04-04/04-06 05-01/05-05 06-19/06-21 09-25/09-27 10-01/10-07",
}
WORKED = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
WORKING_DAYS = {2024: 251, 2025: 248, 2026: 248}
"""Days of the year without 104 days of weekends and the 11 (from 2025 on 13) days of statutory holidays."""


def _days(year: int, table: str) -> set[date]:
    found: set[date] = set()
    for part in table.split():
        first, _, last = part.partition("/")
        start, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
        found |= {start + timedelta(days=n) for n in range((end - start).days + 1)}
    return found


@pytest.mark.parametrize("year", HOLIDAYS)
def test_every_day_of_the_year_is_what_the_state_council_arranged(year: int) -> None:
    calendar = calendar_of((one for one in shipped() if isinstance(one, CalendarPublished)), "320115")
    off, worked = _days(year, HOLIDAYS[year]), _days(year, WORKED[year])
    every = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    expected = {day for day in every if day in worked or (day.isoweekday() <= 5 and day not in off)}
    assert {day for day in every if calendar.is_working_day(day)} == expected
    assert len(expected) == WORKING_DAYS[year]


def test_the_files_name_the_division_they_are_of() -> None:
    for file, published in read_files(POLICIES):
        assert file.name.startswith(f"{published.division}-") or isinstance(published, CalendarPublished)
        assert published.division in levels(published.division)
