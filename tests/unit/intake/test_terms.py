"""What is owed and until when: working days by the calendar, a sent deadline as it came; a caller's pace."""

from datetime import date, datetime
from pathlib import Path

import pytest

from events.intake import Order, Term
from events.intake_desk import PolicyHeard
from events.shanghai import SHANGHAI
from services.chassis.problems import Problem
from services.intake.in_force import read_sets
from services.intake.office_days import load_years
from services.intake.pace import Pace
from services.intake.terms import Terms, last_day, parse
from services.relief.policy import resolve
from services.relief.publishing import read_files

POLICIES = Path(__file__).parents[3] / "policies"
DAYS = load_years(POLICIES)
SETS = read_sets(POLICIES)
DEFAULTS = (POLICIES / "intake" / "terms.yaml").read_text(encoding="utf-8")
TERMS = parse(DEFAULTS, SETS, DAYS)
ORDER = Order(number="N1", push=1)


def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def terms_of(
    reported_at: datetime, *, order: Order | None = ORDER, sent: datetime | None = None, terms: Terms = TERMS
) -> dict[str, Term]:
    return {term.name: term for term in terms.of_report("320115", reported_at, order, sent)}


def a_set(division: str, effective_from: str = "2026-01-01", **rules: object) -> PolicyHeard:
    head = {"set_id": f"s{division}", "division": division, "title": "样例", "effective_from": effective_from}
    return PolicyHeard.model_validate(head | rules)


def a_limit(length: int, unit: str = "working_day", **more: object) -> dict[str, object]:
    return {"length": length, "unit": unit, "clause": f"{length}{unit}"} | more


def test_example_1_an_order_from_before_the_holiday_may_be_given_back_until_the_ninth() -> None:
    term = terms_of(on(9, 30, 17))["order_return"]
    assert last_day(term) == date(2026, 10, 9)
    assert on(10, 8, 11) <= term.due_at


def test_example_1_the_reply_runs_through_night_and_holiday() -> None:
    assert terms_of(on(9, 30, 16, 30))["reply"].due_at == on(10, 1, 4, 30)


def test_example_6_each_report_has_its_own_reply_and_the_order_its_own_terms() -> None:
    hotline, village = terms_of(on(11, 2, 8, 10)), terms_of(on(11, 2, 7, 55), order=None)
    assert hotline["reply"].due_at == on(11, 2, 20, 10)
    assert village["reply"].due_at == on(11, 2, 19, 55)
    assert set(village) == {"reply"}
    assert last_day(hotline["order_return"]) == date(2026, 11, 4)
    assert last_day(hotline["order_finish"]) == date(2026, 11, 9)


def test_a_deadline_that_was_sent_is_kept_as_it_came() -> None:
    sent = on(11, 3, 9)
    assert terms_of(on(11, 2, 8), sent=sent)["order_finish"].due_at == sent


def test_a_published_rule_of_a_nearer_level_takes_the_place_and_the_desk_s_default_stands_back() -> None:
    sets = (
        a_set("000000", hotline_return=a_limit(2)),
        a_set("320000", reply=a_limit(8, "hour")),
        a_set("320100", hotline_return=a_limit(3)),
        a_set("341800", hotline_return=a_limit(1)),
    )
    found = terms_of(on(11, 2, 8), terms=parse(DEFAULTS, sets, DAYS))
    assert (found["reply"].due_at, found["reply"].basis) == (on(11, 2, 16), "8hour")
    assert (last_day(found["order_return"]), found["order_return"].basis) == (date(2026, 11, 5), "3working_day")
    assert "order_finish" not in found


def test_the_desk_s_default_reply_is_that_of_the_nearest_level() -> None:
    text = """
    "000000": {reply: {hours: 12, clause: 全国}}
    "320100": {reply: {hours: 4, clause: 市}}
    "341800": {reply: {hours: 1, clause: 别处}}
    """
    found = terms_of(on(11, 2, 8), terms=parse(text, (), DAYS))
    assert (found["reply"].due_at, found["reply"].basis) == (on(11, 2, 12), "市")
    assert set(found) == {"reply"}


def test_a_set_binds_from_its_day_on_and_inside_the_ceiling_above_it() -> None:
    sets = (
        a_set("320000", hotline_return=a_limit(3, binds="ceiling")),
        a_set("320115", "2026-11-03", hotline_return=a_limit(5)),
    )
    terms = parse(DEFAULTS, sets, DAYS)
    before, after = terms_of(on(11, 2, 8), terms=terms), terms_of(on(11, 3, 8), terms=terms)
    assert [last_day(found["order_return"]) for found in (before, after)] == [date(2026, 11, 5), date(2026, 11, 6)]
    assert after["order_return"].basis == "5working_day"


def test_natural_days_end_where_they_end_or_roll_to_a_day_that_is_worked() -> None:
    for rolls, last in ((False, date(2026, 11, 7)), (True, date(2026, 11, 9))):
        sets = (a_set("320115", hotline_return=a_limit(5, "natural_day", rolls=rolls)),)
        assert last_day(terms_of(on(11, 2, 8), terms=parse(DEFAULTS, sets, DAYS))["order_return"]) == last


def test_the_desk_and_the_clocks_read_one_rule_for_an_order_that_is_given_back() -> None:
    on_day = date(2026, 11, 2)
    counties = ("320115", "341825", "350581", "371681", "632301", "990101")
    published = [one for _, one in read_files(POLICIES)]
    for county in counties:
        rules = resolve(published, county, on_day).rules
        found = {term.name: term.basis for term in TERMS.of_report(county, on(11, 2, 8), ORDER, None)}
        assert rules.hotline_return is not None
        assert rules.hotline_finish is not None
        clauses = (rules.hotline_return.clause, rules.hotline_finish.clause)
        assert (found["order_return"], found["order_finish"]) == clauses


def test_a_make_up_saturday_is_worked_and_a_holiday_friday_is_not() -> None:
    assert DAYS.is_worked(date(2026, 10, 10))
    assert not DAYS.is_worked(date(2026, 10, 2))


# --- the pace of one caller


def test_a_caller_who_is_too_fast_is_stopped_and_let_in_again_and_no_other_is() -> None:
    now = [0.0]
    pace = Pace(burst=2, per_second=1.0, clock=lambda: now[0])
    pace.take("a")
    pace.take("a")
    with pytest.raises(Problem, match="too_fast"):
        pace.take("a")
    pace.take("b")
    now[0] = 1.0
    pace.take("a")


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    now = [1000.0]
    pace = Pace(burst=2, per_second=1.0, clock=lambda: now[0])
    pace.take("a")
    now[0] -= 60
    pace.take("a")
    now[0] += 1
    pace.take("a")
