"""Papers that are counted from the end of the emergency (紧急情况解除): debts and clocks alike are due on its day."""

from datetime import date, timedelta
from itertools import permutations

import pytest

from events.policy import CalendarPublished
from events.relief import PaperworkDebtMoved
from events.rules import MakeUpRule
from events.shanghai import day_of
from services.relief.case_commands import NoteReceived
from services.relief.clocks import Clock, clocks
from services.relief.rulebook import Rulebook
from services.relief.signals import signals
from services.relief.steps.fast_track import LiftEmergency
from tests.unit.relief.facts import (
    ACCEPTED,
    CONTACTED,
    FIRST,
    PAPERS,
    at,
    book,
    decide_advance,
    opened,
    policy,
    published,
    received,
    reserved,
    returned,
)
from tests.unit.relief.told import LEADER, Told

RULE = MakeUpRule(
    length=10, unit="working_day", anchor="emergency_lifted", deemed_lifted_days=30, papers=PAPERS, clause="演示解除"
)
HOLIDAYS = CalendarPublished(
    division="000000",
    year=2026,
    days_off=tuple(date(2026, 10, day) for day in range(1, 8)),
    days_worked=(date(2026, 10, 10),),
    document="国办",
)
BOOK: Rulebook = book(published().model_copy(update={"make_up": RULE}), HOLIDAYS)
CALENDAR = BOOK.calendar()


def helped() -> Told:
    """A household that has its advance since 30 September, 21:00."""
    case = Told(policy(make_up=RULE), at("09-30 16:30"))
    case.happens(opened(reported_at=at("09-30 16:30")), ACCEPTED, CONTACTED)
    case.does(decide_advance(policy=case.policy), LEADER)
    case.does(reserved())
    case.now = at("09-30 21:00")
    case.does(got(case))
    case.now = at("10-20 09:00")
    return case


def got(case: Told, payment_id: str = "payment-1") -> NoteReceived:
    """The money is in hand, now."""
    return NoteReceived(received(payment_id=payment_id, when=case.now).said, case.policy, CALENDAR)


def make_up(case: Told) -> Clock:
    said = [signal for one in case.known_as for signal in signals(one)]
    return next(one for one in clocks(said, BOOK, at("11-01 09:00")) if one.name == "make_up")


def last_day(clock: Clock) -> date:
    return day_of(clock.due_at - timedelta(microseconds=1))


def test_as_long_as_nobody_says_so_the_emergency_is_deemed_over_by_the_policy() -> None:
    case = helped()
    assert case.known.debts[FIRST].due_on == last_day(make_up(case)) == date(2026, 11, 13)


@pytest.mark.parametrize(
    ("lifted_on", "due_on"),
    [
        (date(2026, 10, 5), date(2026, 10, 20)),
        (date(2026, 9, 20), date(2026, 10, 20)),
        (date(2026, 10, 9), date(2026, 10, 22)),
    ],
)
def test_worked_example_1_ten_working_days_from_the_lifting_for_the_debt_and_its_clock(
    lifted_on: date, due_on: date
) -> None:
    """An emergency that was over before the help came makes nothing begin before it."""
    case = helped()
    _, moved = case.does(LiftEmergency(lifted_on, CALENDAR))
    assert isinstance(moved, PaperworkDebtMoved)
    assert moved.due_on == case.known.debts[FIRST].due_on == last_day(make_up(case)) == due_on
    assert case.does(LiftEmergency(lifted_on, CALENDAR)) == ()


def test_the_last_word_on_the_end_of_the_emergency_counts_in_whatever_order_they_are_learned() -> None:
    case = helped()
    case.does(LiftEmergency(date(2026, 10, 5), CALENDAR))
    case.now = at("10-20 10:00")
    case.does(LiftEmergency(date(2026, 10, 9), CALENDAR))
    said = [one for one in case.known_as if signals(one)]
    for order in permutations(said[-4:]):
        told = [signal for one in (*said[:-4], *order) for signal in signals(one)]
        clock = next(one for one in clocks(told, BOOK, at("11-01 09:00")) if one.name == "make_up")
        assert last_day(clock) == date(2026, 10, 22)


def test_help_after_the_end_of_the_emergency_is_counted_from_the_help() -> None:
    case = helped()
    case.does(LiftEmergency(date(2026, 10, 5), CALENDAR))
    case.does(returned())
    case.now = at("10-21 10:00")
    case.does(got(case, "payment-2"))
    assert case.known.debts[FIRST].due_on == last_day(make_up(case)) == date(2026, 11, 4)


def test_an_emergency_is_not_over_before_its_day() -> None:
    assert helped().refuses(LiftEmergency(date(2026, 10, 21), CALENDAR)) == "emergency_not_over"


def test_where_papers_are_counted_from_the_help_the_end_of_the_emergency_moves_nothing() -> None:
    case = Told(policy(), at("11-02 10:00"))
    case.happens(opened(), ACCEPTED, CONTACTED)
    case.does(decide_advance(), LEADER)
    case.does(reserved())
    case.does(received(when=at("11-02 10:00")))
    case.now = at("11-05 10:00")
    assert len(case.does(LiftEmergency(date(2026, 11, 4), CALENDAR))) == 1
