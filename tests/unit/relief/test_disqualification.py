"""Fraud that one case has found: until when no application of the person is taken, for every later case to ask."""

from datetime import date

from events.relief_household import PersonBarred
from services.relief.disqualification import DECIDER, BarPerson
from tests.support.given import given
from tests.unit.relief.facts import PERSON


def barred(case_id: str, until: date) -> PersonBarred:
    return PersonBarred(person=PERSON, case_id=case_id, until=until, clause="第二十条")


def test_a_case_puts_it_down_once() -> None:
    bar = BarPerson(PERSON, "case-1", date(2028, 11, 2), "第二十条")
    assert given(DECIDER).when(bar) == [barred("case-1", date(2028, 11, 2))]
    assert given(DECIDER, barred("case-1", date(2028, 11, 2))).when(bar) == []


def test_of_several_the_last_day_counts() -> None:
    assert given(DECIDER).state.until is None
    both = given(DECIDER, barred("case-1", date(2028, 11, 2)), barred("case-2", date(2027, 5, 1)))
    assert both.state.until == date(2028, 11, 2)
