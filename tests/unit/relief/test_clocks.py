from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from events.fact import Recorded
from events.relief import CaseFact
from events.relief_clocks import ClockFact
from events.rules import AdvanceRule
from services.relief.clocks import Clock, clocks, policy_of
from services.relief.rulebook import Rulebook, rulebook
from services.relief.signal import Signal
from services.relief.signals import signals
from tests.support.given import recorded
from tests.unit.relief.facts import (
    ACCEPTED,
    COUNTY,
    LONG_AGO,
    at,
    book,
    came_back,
    closed,
    decided,
    happened,
    linked,
    opened,
    published,
    relieved,
)


def told(
    now: datetime,
    *facts: Recorded[CaseFact] | Recorded[ClockFact],
    start: Literal["reported", "accepted"] = "reported",
    modal: Literal["must", "may"] = "must",
) -> list[Clock]:
    """The clocks of a case after these facts, under a policy that says must."""
    said = [signal for fact in facts for signal in signals(fact)]
    return list(clocks(said, book(published(start=start, modal=modal)), now))


# Worked example 6: the fire was at 23:40 the night before, which starts no clock.
HOTLINE = happened(opened(reported_at=at("11-02 08:10")), at("11-02 08:10"))
VILLAGE = happened(linked(reported_at=at("11-02 07:55")), at("11-02 07:55"), known=at("11-02 11:30"))
TAKEN_ON = happened(ACCEPTED, at("11-02 09:00"))
DECISION = happened(decided(), at("11-02 10:00"))
CASH = happened(relieved(when=at("11-02 13:20")), at("11-02 13:20"))


def test_an_earlier_report_that_is_learned_later_moves_the_start() -> None:
    (before,) = told(at("11-02 11:00"), HOTLINE)
    (after,) = told(at("11-02 11:30"), HOTLINE, VILLAGE)
    assert (before.due_at, after.due_at) == (at("11-03 08:10"), at("11-03 07:55"))


def test_help_is_measured_from_the_first_report_and_from_acceptance() -> None:
    from_report, from_acceptance = told(at("11-02 14:00"), HOTLINE, TAKEN_ON, DECISION, VILLAGE, CASH)
    assert (from_report.name, from_report.judged, from_report.verdict) == ("advance_from_report", True, "met")
    assert (from_report.started_at, from_report.due_at) == (at("11-02 07:55"), at("11-03 07:55"))
    assert (from_report.stopped_at, from_report.elapsed) == (at("11-02 13:20"), timedelta(hours=5, minutes=25))
    assert from_acceptance.name == "advance_from_acceptance"
    assert (from_acceptance.elapsed, from_acceptance.judged) == (timedelta(hours=4, minutes=20), False)


def test_from_the_hotlines_report_alone_the_same_help_took_less() -> None:
    (clock, *_) = told(at("11-02 14:00"), HOTLINE, TAKEN_ON, DECISION, CASH)
    assert clock.elapsed == timedelta(hours=5, minutes=10)


# Worked example 8: a payment that came back.
REPORT = happened(opened(reported_at=at("10-09 09:00")), at("10-09 09:00"))
FIRST_SUCCESS = happened(relieved(when=at("10-09 11:05")), at("10-09 11:05"))
RETURN = happened(came_back(), at("10-10 15:40"))
SECOND_SUCCESS = happened(relieved(payment_id="payment-2", when=at("10-10 16:45")), at("10-10 16:45"))


def test_a_payment_that_arrived_in_time_meets_the_clock() -> None:
    (clock,) = told(at("10-10 12:00"), REPORT, FIRST_SUCCESS)
    assert (clock.verdict, clock.elapsed) == ("met", timedelta(hours=2, minutes=5))


def test_a_returned_payment_withdraws_the_stop_and_the_clock_runs_on_from_its_first_start() -> None:
    (clock,) = told(at("10-10 16:00"), REPORT, FIRST_SUCCESS, RETURN)
    assert (clock.verdict, clock.stopped_at, clock.due_at) == ("breached", None, at("10-10 09:00"))
    assert clock.elapsed == timedelta(hours=31)


def test_the_payment_made_anew_stops_the_clock_late() -> None:
    (clock,) = told(at("10-11 09:00"), REPORT, FIRST_SUCCESS, RETURN, SECOND_SUCCESS)
    assert (clock.verdict, clock.stopped_at) == ("breached", at("10-10 16:45"))
    assert clock.elapsed == timedelta(hours=31, minutes=45)
    assert clock.elapsed - timedelta(hours=24) == timedelta(hours=7, minutes=45)


# What a clock says


def test_nights_and_holidays_count() -> None:
    """Worked example 1: reported on the eve of National Day."""
    (clock,) = told(at("10-01 16:30"), happened(opened(reported_at=at("09-30 16:30")), at("09-30 16:30")))
    assert (clock.due_at, clock.verdict) == (at("10-01 16:30"), "running")


@pytest.mark.parametrize(("minute", "verdict"), [("16:30", "met"), ("16:31", "breached")])
def test_help_at_the_due_moment_is_in_time(minute: str, verdict: str) -> None:
    when = at(f"10-01 {minute}")
    report = happened(opened(reported_at=at("09-30 16:30")), at("09-30 16:30"))
    (clock,) = told(at("10-05 00:00"), report, happened(relieved(when=when), when))
    assert clock.verdict == verdict


@pytest.mark.parametrize(("modal", "verdict"), [("must", "breached"), ("may", "target_missed")])
def test_what_a_policy_only_allows_is_missed_and_not_breached(modal: Literal["must", "may"], verdict: str) -> None:
    (clock,) = told(at("10-10 09:01"), REPORT, modal=modal)
    assert clock.verdict == verdict


def test_the_policy_says_which_start_is_judged() -> None:
    judged = [clock.judged for clock in told(at("11-02 14:00"), HOTLINE, TAKEN_ON, start="accepted")]
    assert judged == [False, True]


def test_where_no_level_sets_hours_there_is_no_clock() -> None:
    assert clocks(signals(REPORT), book(), at("10-20 09:00")) == ()


def test_help_before_the_first_report_took_no_time() -> None:
    early = happened(relieved(when=at("11-02 07:00")), at("11-02 07:00"), known=at("11-02 09:30"))
    (clock,) = told(at("11-02 10:00"), HOTLINE, early)
    assert (clock.verdict, clock.elapsed) == ("met", timedelta())


@pytest.mark.parametrize(("day", "verdict"), [("11-03 08:00", "lapsed"), ("11-03 08:20", "breached")])
def test_closing_without_help_ends_the_clock_and_heals_no_breach(day: str, verdict: str) -> None:
    (clock,) = told(at("11-20 08:00"), HOTLINE, happened(closed("not_relieved"), at(day)))
    assert (clock.verdict, clock.stopped_at) == (verdict, at(day))


def test_the_answer_to_a_late_report_closes_nothing_anew() -> None:
    ended = [happened(closed("not_relieved"), at(day)) for day in ("11-03 08:00", "11-03 08:20")]
    (clock,) = told(at("11-20 08:00"), HOTLINE, *ended)
    assert (clock.verdict, clock.stopped_at) == ("lapsed", at("11-03 08:00"))


def test_a_payment_that_comes_back_after_the_case_was_closed_lets_the_clock_run_again() -> None:
    (clock,) = told(at("10-10 16:00"), REPORT, FIRST_SUCCESS, happened(closed(), at("10-09 12:00")), RETURN)
    assert (clock.verdict, clock.stopped_at) == ("breached", None)


@pytest.mark.parametrize(("ahead", "start"), [("08:15", "08:15"), ("08:16", "08:10"), ("18:00", "08:10")])
def test_a_report_from_the_future_counts_from_when_it_was_learned(ahead: str, start: str) -> None:
    (clock,) = told(at("11-02 12:00"), happened(opened(reported_at=at(f"11-02 {ahead}")), at("11-02 08:10")))
    assert clock.started_at == at(f"11-02 {start}")


def test_money_from_the_future_counts_from_when_it_was_learned() -> None:
    ahead = happened(relieved(when=at("11-02 20:00")), at("11-02 20:00"), known=at("11-02 10:00"))
    (clock,) = told(at("11-02 12:00"), HOTLINE, ahead)
    assert clock.stopped_at == at("11-02 10:00")


# The law

LEARNED = at("11-20 12:00")
MINUTES = st.integers(0, 3 * 24 * 60)


@st.composite
def reported(draw: st.DrawFn) -> list[Recorded[CaseFact]]:
    """Reports, an acceptance, payments and returns, in the order in which they happened to be learned."""

    def moment() -> datetime:
        return at("11-02 00:00") + timedelta(minutes=draw(MINUTES))

    reports = [linked(f"report-{number}", moment()) for number in range(2, 2 + draw(st.integers(0, 3)))]
    found: list[CaseFact] = [*reports, ACCEPTED]
    for number in range(draw(st.integers(0, 3))):
        found.append(relieved(payment_id=f"payment-{number}", when=moment()))
        if draw(st.booleans()):
            found.append(came_back(f"payment-{number}"))
    accepted_at = moment()
    return [happened(fact, accepted_at, known=LEARNED) for fact in found]


@for_all(reported(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_learned_makes_no_difference_to_the_clocks(
    facts: list[Recorded[CaseFact]], chance: Random
) -> None:
    first = happened(opened(reported_at=at("11-02 12:00")), at("11-02 12:00"))
    learned = [fact._replace(position=position) for position, fact in enumerate(facts, start=2)]
    shuffled = facts.copy()
    chance.shuffle(shuffled)
    in_other_order = [fact._replace(position=position) for position, fact in enumerate(shuffled, start=2)]
    now = at("11-20 12:00")
    assert told(now, first, *learned) == told(now, first, *in_other_order)


@for_all(st.lists(MINUTES, min_size=2, max_size=5, unique=True), st.data())
def test_any_report_may_be_the_one_that_opens_the_case(minutes: list[int], data: st.DataObject) -> None:
    moments = [at("11-02 00:00") + timedelta(minutes=minute) for minute in minutes]

    def learned(order: list[datetime]) -> list[tuple[object, ...]]:
        first, *others = order
        links = [linked(f"report-{number}", moment) for number, moment in enumerate(others, start=2)]
        facts = [opened(reported_at=first), *links]
        found = told(LEARNED, *(happened(fact, LEARNED, position=n) for n, fact in enumerate(facts, start=1)))
        return [(one.name, one.started_at, one.due_at, one.elapsed, one.verdict) for one in found]

    assert learned(moments) == learned(data.draw(st.permutations(moments)))


RULE = AdvanceRule(length=24, unit="hour", modal="must", start="reported", clause="演示一")


def _book_with_a_later_set(published_at: datetime, rule: AdvanceRule | None) -> Rulebook:
    """Another rule instead of the twenty-four hours, from a day before the report on, published at some moment."""
    later = published().model_copy(update={"set_id": "later", "effective_from": date(2026, 11, 1), "advance": rule})
    known = [(published(), LONG_AGO), (later, published_at)]
    return rulebook(COUNTY, [recorded(fact)._replace(division=COUNTY, recorded_at=when) for fact, when in known])


def _book_with_a_shorter_term(published_at: datetime) -> Rulebook:
    return _book_with_a_later_set(published_at, RULE.model_copy(update={"length": 12}))


@pytest.mark.parametrize(
    ("published_at", "verdict"), [("11-02 22:05", "breached"), ("11-02 22:06", "met"), ("11-20 08:00", "met")]
)
def test_a_set_that_is_published_after_a_clock_was_stopped_does_not_bind_it(published_at: str, verdict: str) -> None:
    helped = happened(relieved(when=at("11-02 22:00")), at("11-02 22:05"), position=2)
    said = [signal for fact in (happened(opened(), at("11-02 08:15")), helped) for signal in signals(fact)]
    book = _book_with_a_shorter_term(at(published_at))
    clock = next(one for one in clocks(said, book, at("11-20 09:00")) if one.name == "advance_from_report")
    assert (clock.verdict, clock.is_unrecorded) == (verdict, verdict == "breached")
    assert policy_of(clock, book) == book.as_of(at("11-02 22:05")).on(date(2026, 11, 2))


def test_a_breach_that_is_on_record_keeps_the_deadline_that_it_was_judged_by() -> None:
    start = happened(opened(), at("11-02 08:15"))
    judged = Signal("advance_from_report", "judged", at("11-03 08:10"), signals(start)[0].source, verdict="breached")
    said = [*signals(start), replace(judged, source=replace(judged.source, recorded_at=at("11-03 08:11")))]
    book = _book_with_a_shorter_term(at("11-20 08:00"))
    clock = next(one for one in clocks(said, book, at("11-20 09:00")) if one.name == "advance_from_report")
    assert (clock.verdict, clock.due_at) == ("breached", at("11-03 08:10"))


def test_a_longer_term_that_is_published_between_a_breach_and_the_help_does_not_make_it_good() -> None:
    start = happened(opened(), at("11-02 08:15"))
    helped = happened(relieved(when=at("11-04 10:00")), at("11-04 10:05"), position=3)
    judged = Signal("advance_from_report", "judged", at("11-03 08:10"), signals(start)[0].source, verdict="breached")
    judged = replace(judged, source=replace(judged.source, recorded_at=at("11-03 08:11")))
    book = _book_with_a_later_set(at("11-03 12:00"), RULE.model_copy(update={"length": 100}))
    said = [*signals(start), judged, *signals(helped)]
    clock = next(one for one in clocks(said, book, at("11-20 09:00")) if one.name == "advance_from_report")
    assert (clock.verdict, clock.due_at) == ("breached", at("11-03 08:10"))


OTHER_RULES = [
    None,
    RULE.model_copy(update={"length": 1}),
    RULE.model_copy(update={"length": 100}),
    RULE.model_copy(update={"start": "accepted"}),
    RULE.model_copy(update={"stop": "decided", "length": 1}),
    RULE.model_copy(update={"modal": "may"}),
]


@pytest.mark.parametrize("rule", OTHER_RULES)
@pytest.mark.parametrize("stop", ["received", "decided"])
def test_a_later_set_changes_nothing_of_a_clock_that_was_over_by_the_rules_of_its_time(
    rule: AdvanceRule | None, stop: str
) -> None:
    facts = happened(opened(), at("11-02 08:15")), happened(decided(), at("11-02 10:00"), position=2)
    helped = happened(relieved(when=at("11-02 22:00")), at("11-02 22:05"), position=3)
    said = [signal for fact in (*facts, helped) for signal in signals(fact)]
    first = published().model_copy(update={"advance": RULE.model_copy(update={"stop": stop})})
    later = published().model_copy(update={"set_id": "later", "effective_from": date(2026, 11, 1), "advance": rule})
    known = [(first, LONG_AGO), (later, at("11-03 12:00"))]
    both = rulebook(COUNTY, [recorded(fact)._replace(division=COUNTY, recorded_at=when) for fact, when in known])
    before = clocks(said, both.as_of(at("11-03 11:00")), at("11-20 09:00"))
    after = clocks(said, both, at("11-20 09:00"))
    assert [one for one in after if one.name == "advance_from_report"] == [
        one for one in before if one.name == "advance_from_report"
    ]
    assert [one.verdict for one in before if one.name == "advance_from_report"] == ["met"]


def test_a_later_set_binds_what_still_ran_although_it_says_that_it_was_over_before() -> None:
    facts = happened(opened(), at("11-02 08:15")), happened(decided(), at("11-02 10:00"), position=2)
    said = [signal for fact in facts for signal in signals(fact)]
    book = _book_with_a_later_set(at("11-02 12:00"), RULE.model_copy(update={"stop": "decided"}))
    (clock,) = (one for one in clocks(said, book, at("11-20 09:00")) if one.name == "advance_from_report")
    assert (clock.verdict, clock.stopped_at) == ("met", at("11-02 10:00"))
    assert policy_of(clock, book).rules.advance == RULE.model_copy(update={"stop": "decided"})
