from datetime import date

from events.policy import AdvanceRule, CalendarPublished, PolicyPublished
from services.relief.policy_set import DECIDER, PublishCalendar, PublishPolicy
from tests.support.given import given

SET = PolicyPublished(
    set_id="demo",
    division="990101",
    title="演示",
    effective_from=date(2026, 1, 1),
    advance=AdvanceRule(hours=24, modal="must", start="reported", clause="演示"),
)
CALENDAR = CalendarPublished(
    division="000000", year=2026, days_off=(date(2026, 1, 1),), days_worked=(), document="通知"
)


def test_a_set_and_a_calendar_are_published() -> None:
    assert given(DECIDER).when(PublishPolicy(SET)) == [SET]
    assert given(DECIDER, SET).when(PublishCalendar(CALENDAR)) == [CALENDAR]


def test_what_is_published_already_is_not_published_again() -> None:
    book = given(DECIDER, SET, CALENDAR)
    assert book.when(PublishPolicy(SET)) == []
    assert book.when(PublishCalendar(CALENDAR)) == []


def test_a_published_set_is_never_changed() -> None:
    changed = SET.model_copy(update={"title": "改动"})
    assert given(DECIDER, SET).refused(PublishPolicy(changed)).code == "published_otherwise"
    assert given(DECIDER, SET).when(PublishPolicy(changed.model_copy(update={"set_id": "new"})))


def test_a_later_document_about_the_same_year_is_another_publication() -> None:
    longer = CALENDAR.model_copy(update={"days_off": (date(2026, 1, 1), date(2026, 1, 2))})
    book = given(DECIDER, CALENDAR)
    assert book.refused(PublishCalendar(longer)).code == "published_otherwise"
    later = longer.model_copy(update={"document": "补充通知"})
    assert book.when(PublishCalendar(later)) == [later]
