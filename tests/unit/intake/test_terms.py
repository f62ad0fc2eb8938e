"""What is owed and until when: working days by the calendar, a sent deadline as it came; a caller's pace."""

from datetime import date, datetime
from pathlib import Path

import pytest

from events.intake import Order, Term
from events.shanghai import SHANGHAI
from services.chassis.problems import Problem
from services.intake.office_days import load_years
from services.intake.pace import Pace
from services.intake.terms import Terms, last_day, parse

POLICIES = Path(__file__).parents[3] / "policies"
DAYS = load_years(POLICIES)
TERMS = parse((POLICIES / "intake" / "terms.yaml").read_text(encoding="utf-8"), DAYS)
ORDER = Order(number="N1", push=1)


def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def terms_of(
    reported_at: datetime, *, order: Order | None = ORDER, sent: datetime | None = None, terms: Terms = TERMS
) -> dict[str, Term]:
    return {term.name: term for term in terms.of_report("320115", reported_at, order, sent)}


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


def test_a_lower_division_s_length_takes_the_place_of_a_higher_one_s_and_leaves_the_rest() -> None:
    text = """
    "000000":
      reply: {hours: 12, clause: 全国}
      order_return: {working_days: 2, clause: 全国}
    "320000": {reply: {hours: 8, clause: 省}}
    "320100": {reply: {hours: 4, clause: 市}}
    "341800": {reply: {hours: 1, clause: 别处}}
    """
    found = terms_of(on(11, 2, 8), terms=parse(text, DAYS))
    assert (found["reply"].due_at, found["reply"].basis) == (on(11, 2, 12), "市")
    assert found["order_return"].basis == "全国"


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
