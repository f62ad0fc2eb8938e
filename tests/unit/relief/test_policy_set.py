from datetime import date

from events.policy import CalendarPublished, PolicyConfirmed, PolicyPublished, StandardPublished
from events.rules import AdvanceRule, TownshipLimit
from services.relief.policy_set import DECIDER, ConfirmPolicy, PublishCalendar, PublishPolicy, PublishStandard
from tests.support.given import given

SET = PolicyPublished(
    set_id="demo",
    division="990101",
    title="演示",
    effective_from=date(2026, 1, 1),
    advance=AdvanceRule(length=24, unit="hour", modal="must", start="reported", clause="演示"),
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


STANDARD = StandardPublished(
    division="990101", residence="urban", effective_from=date(2026, 7, 1), monthly_fen=108_000, document="演示"
)


def test_a_standard_is_published_once_for_its_day() -> None:
    assert given(DECIDER).when(PublishStandard(STANDARD)) == [STANDARD]
    assert given(DECIDER, STANDARD).when(PublishStandard(STANDARD)) == []
    more = STANDARD.model_copy(update={"monthly_fen": 110_000})
    assert given(DECIDER, STANDARD).refused(PublishStandard(more)).code == "published_otherwise"
    assert given(DECIDER, STANDARD).when(PublishStandard(STANDARD.model_copy(update={"residence": "rural"})))


def test_a_person_confirms_a_set_against_a_newer_one_once() -> None:
    command = ConfirmPolicy("demo", "province_2027", "沿用原标准")
    confirmed = PolicyConfirmed(
        set_id="demo", division="990101", newer_set_id="province_2027", reason="沿用原标准", confirmed_by="S-0001"
    )
    assert given(DECIDER, SET).when(command) == [confirmed]
    assert given(DECIDER, SET, confirmed).when(command) == []
    assert given(DECIDER).refused(command).code == "unknown_set"


def test_a_set_that_contradicts_itself_is_not_published() -> None:
    limit = TownshipLimit(inclusive=True, clause="演示")
    refusal = given(DECIDER).refused(PublishPolicy(SET.model_copy(update={"township_limit": limit})))
    assert (refusal.code, refusal.sentence) == (
        "contradictory_policy",
        "政策不成立,township_limit:金额、标准倍数、不设上限三者应当且只能写一项。",
    )
