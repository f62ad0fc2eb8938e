"""The clocks beside the advance, counted in hours and days: the worked examples, pauses, and what is on record."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from events.policy import CalendarPublished, PolicyFact, PolicyPublished
from events.relief_clocks import ClockName, Verdict
from services.relief.clock_book import DECIDER, ClockBook, JudgeClock, PauseClock, ResumeClock
from services.relief.clocks import Clock, clocks
from services.relief.publishing import read_files
from services.relief.rulebook import Rulebook, rulebook
from services.relief.signal import ALL, Signal, SignalKind, Source
from services.relief.signals import signals
from tests.architecture.sources import ROOT
from tests.support.given import given, recorded
from tests.unit.relief.facts import CASE, COUNTY, at, book

CALENDARS: list[PolicyFact] = [
    one for _, one in read_files(ROOT / "policies") if isinstance(one, CalendarPublished) and one.year <= 2026
]
FIFTEEN = {"length": 15, "unit": "working_day", "pausable": ["means_check"], "clause": "一般程序15个工作日"}
HASH = "0" * 64


def rules(**found: Any) -> Rulebook:
    """A county with these rules and the holidays of 2020 to 2026."""
    head = {"set_id": "s", "division": COUNTY, "title": "测试", "effective_from": "2020-01-01"}
    return book(PolicyPublished.model_validate({**head, **found}), *CALENDARS)


def said(
    clock: ClockName,
    kind: SignalKind,
    when: str | datetime,
    *,
    subject: str = "",
    key: str = "",
    known: datetime | None = None,
    until: datetime | None = None,
    verdict: Verdict | None = None,
    position: int = 1,
    length: int | None = None,
) -> Signal:
    moment = at(when) if isinstance(when, str) else when
    source = Source(COUNTY, position, f"test.{kind}", moment, known or moment, "S-0001")
    return Signal(clock, kind, moment, source, subject, key, "means_check|S-0001", until, verdict, length=length)


def one(book: Rulebook, now: str | datetime, *signals: Signal) -> Clock:
    """The only clock of these signals."""
    (clock,) = clocks(signals, book, at(now) if isinstance(now, str) else now)
    return clock


def last_day(clock: Clock) -> str:
    """The day at whose end the clock is up."""
    return f"{clock.due_at - timedelta(microseconds=1):%m-%d}"


# --- worked example 1: the eve of National Day

REPLY = {"length": 12, "unit": "hour", "clause": "12小时答复"}
DAY = {"length": 24, "unit": "hour", "clause": "24小时"}


def test_example_1_reply_and_advance_count_nights_and_holidays() -> None:
    county = rules(reply=REPLY, advance=DAY)
    reply, advance = clocks(
        [said("reply", "start", "09-30 16:30", subject="r1"), said("advance_from_report", "start", "09-30 16:30")],
        county,
        at("09-30 17:00"),
    )
    assert (reply.due_at, advance.due_at) == (at("10-01 04:30"), at("10-01 16:30"))


@pytest.mark.parametrize(("days", "day"), [(5, "10-13"), (20, "11-03")])
def test_example_1_make_up_counts_the_saturday_that_is_worked(days: int, day: str) -> None:
    county = rules(make_up={"length": days, "unit": "working_day", "papers": ["cause"], "clause": "补齐"})
    clock = one(county, "10-01 00:00", said("make_up", "start", "09-30 21:00", subject="d1"))
    assert last_day(clock) == day
    assert not clock.provisional


def test_example_1_ten_working_days_from_the_end_of_the_emergency() -> None:
    lifted = {"anchor": "emergency_lifted", "deemed_lifted_days": 5, "papers": ["cause"]}
    county = rules(make_up={"length": 10, "unit": "working_day", "clause": "补齐", **lifted})
    assert last_day(one(county, "10-01 00:00", said("make_up", "start", "09-30 21:00"))) == "10-20"


def test_example_1_a_report_in_the_wrong_county_is_returned_in_two_working_days() -> None:
    county = rules(hotline_return={"length": 2, "unit": "working_day", "clause": "退单"})
    start = said("hotline_return", "start", "09-30 17:00", subject="o1")
    clock = one(county, "10-08 12:00", start, said("hotline_return", "stop", "10-08 11:00", subject="o1"))
    assert (last_day(clock), clock.verdict) == ("10-09", "met")


def test_example_1_the_owners_clock_runs_from_the_transfer_and_the_citizens_from_the_report() -> None:
    owner = said("advance_from_acceptance", "start", "10-08 11:00")
    citizen = said("advance_from_report", "start", "09-30 17:00")
    paid = [said(name, "stop", "10-08 18:00") for name in ("advance_from_report", "advance_from_acceptance")]
    from_report, from_owner = clocks([owner, citizen, *paid], rules(advance=DAY), at("10-09 00:00"))
    assert (from_owner.elapsed, from_owner.verdict) == (timedelta(hours=7), "met")
    assert (from_report.elapsed, from_report.verdict) == (timedelta(hours=193), "breached")
    assert from_report.due_at == at("10-01 17:00")


# --- worked example 2: a pause

ACCEPTED = said("general", "start", "09-17 10:00")
ASKED = said("general", "pause", "09-22 10:00", until=at("12-31 00:00"))
ANSWERED = said("general", "resume", "10-09 10:00")


def test_example_2_a_check_of_seven_working_days_puts_fifteen_off_by_seven() -> None:
    county = rules(general=FIFTEEN)
    assert last_day(one(county, "09-18 00:00", ACCEPTED)) == "10-14"
    clock = one(county, "10-09 12:00", ACCEPTED, ASKED, ANSWERED)
    assert last_day(clock) == "10-23"
    before, check, after = clock.segments
    assert (before.days, before.is_paused, check.days, check.is_paused) == (4, False, 7, True)
    assert (after.is_paused, clock.term.length - before.days) == (False, 11)
    assert (check.began_by, check.ended_by) == (ASKED, ANSWERED)


# --- put off, and then paused

PUT_OFF = said("hotline_finish", "extended", "09-18 12:00", subject="o1", until=at("09-29 00:00"))
"""An order of 17 September is to be finished by the 23rd; on the 18th that is put off to the end of the 28th."""
ORDER = {"length": 5, "unit": "working_day", "pausable": ["means_check"], "extension_at_most": 3, "clause": "办结"}


def ordered(*signals: Signal, **order: Any) -> Clock:
    start = said("hotline_finish", "start", "09-17 10:00", subject="o1")
    return one(rules(hotline_finish={**ORDER, **order}), "09-28 12:00", start, *signals)


def check(since: str, until: str, key: str = "") -> tuple[Signal, Signal]:
    begun = said("hotline_finish", "pause", since, subject="o1", key=key, until=at("12-31 00:00"))
    return begun, said("hotline_finish", "resume", until, subject="o1", key=key)


def test_a_pause_after_a_deadline_was_put_off_puts_it_off_further() -> None:
    assert (last_day(ordered()), last_day(ordered(PUT_OFF))) == ("09-23", "09-28")
    assert last_day(ordered(*check("09-21 10:00", "09-23 10:00"))) == "09-28"
    assert last_day(ordered(PUT_OFF, *check("09-21 10:00", "09-23 10:00"))) == "09-30"
    in_hours = {"unit": "hour", "length": 48}
    later = ordered(PUT_OFF, *check("09-21 10:00", "09-23 11:00"), **in_hours)
    assert later.due_at - ordered(PUT_OFF, **in_hours).due_at == timedelta(hours=49)


def test_what_stood_still_when_a_deadline_was_put_off_is_in_it_already() -> None:
    """On the 18th the check was foreseen to end on the 22nd."""
    begun = said("hotline_finish", "pause", "09-18 10:00", subject="o1", until=at("09-22 10:00"))
    assert last_day(ordered(begun, PUT_OFF)) == "09-28"
    assert last_day(ordered(begun, PUT_OFF, said("hotline_finish", "resume", "09-21 10:00", subject="o1"))) == "09-28"
    longer = said("hotline_finish", "pause", "09-21 10:00", subject="o1", until=at("09-23 10:00"))
    assert last_day(ordered(begun, PUT_OFF, longer)) == "09-29"
    before = check("09-17 11:00", "09-18 11:00")
    assert last_day(ordered(*before, PUT_OFF)) == "09-28"


def test_a_deadline_that_was_sent_holds_whatever_stands_still_put_off_or_not() -> None:
    county, sent = rules(hotline_finish=ORDER), said("hotline_finish", "start", "09-17 10:00", subject="o1", until=DUE)
    still = check("09-21 10:00", "09-23 10:00")
    assert one(county, "09-28 12:00", sent, *still).due_at == DUE
    assert one(county, "09-28 12:00", sent, PUT_OFF, *still).due_at == PUT_OFF.until


DUE = at("09-24 12:00")


def test_while_it_stands_still_it_is_not_broken() -> None:
    clock = one(rules(general=FIFTEEN), "12-01 00:00", ACCEPTED, ASKED)
    assert (clock.verdict, clock.is_paused) == ("running", True)


def test_a_pause_that_nobody_ends_expires() -> None:
    expiring = said("general", "pause", "09-22 10:00", until=at("09-24 10:00"))
    clock = one(rules(general=FIFTEEN), "11-30 00:00", ACCEPTED, expiring)
    assert (last_day(clock), clock.verdict) == ("10-16", "breached")
    assert [(part.is_paused, part.ends_at) for part in clock.segments[:2]] == [
        (False, at("09-22 10:00")),
        (True, at("09-24 10:00")),
    ]


def test_the_policy_says_after_how_many_days_a_pause_ends_by_itself() -> None:
    clock = one(rules(general={**FIFTEEN, "pause_days_at_most": 2}), "09-30 00:00", ACCEPTED, ASKED)
    assert clock.segments[1].ends_at == at("09-24 10:00")


def test_a_pause_after_the_time_was_up_heals_nothing() -> None:
    late = said("general", "pause", "10-15 10:00", until=at("12-31 00:00"))
    assert one(rules(general=FIFTEEN), "10-20 00:00", ACCEPTED, late).verdict == "breached"


def test_pauses_that_overlap_count_once() -> None:
    second = said("general", "pause", "09-24 10:00", until=at("09-29 10:00"))
    clock = one(rules(general=FIFTEEN), "10-09 12:00", ACCEPTED, ASKED, second, ANSWERED)
    assert last_day(clock) == "10-23"
    assert [part.is_paused for part in clock.segments] == [False, True, False]
    assert [part.joined for part in clock.segments] == [(), (second,), ()]


def test_an_hour_clock_moves_by_as_long_as_it_stood_still() -> None:
    county = rules(advance={**DAY, "pausable": ["applicant_unreachable"]})
    signals = [
        said("advance_from_report", "start", "09-30 16:00"),
        said("advance_from_report", "pause", "09-30 18:00", until=at("12-31 00:00")),
        said("advance_from_report", "resume", "09-30 21:30"),
        said("advance_from_report", "stop", "10-01 19:00", key="p1"),
    ]
    clock = one(county, "10-02 00:00", *signals)
    assert (clock.due_at, clock.verdict) == (at("10-01 19:30"), "met")
    assert clock.elapsed == timedelta(hours=23, minutes=30)


# --- worked example 4: small-fast relief

SMALL_FAST = {"percent_of_standard": 100, "inclusive": True, "days": 3, "clause": "小额快救一般不超过3天"}


@pytest.mark.parametrize(("rolls", "day"), [(False, "10-03"), (True, "10-08")])
def test_example_4_three_days_are_natural_days(rolls: bool, day: str) -> None:
    county = rules(small_fast={**SMALL_FAST, "rolls": rolls}, advance={**DAY, "modal": "may"})
    names: tuple[ClockName, ClockName] = ("small_fast", "advance_from_report")
    signals = [said(name, kind, when) for name in names for kind, when in _PAID_AFTER_TWO_DAYS]
    advance, small_fast = clocks(signals, county, at("10-04 00:00"))
    assert (advance.verdict, advance.elapsed - timedelta(hours=24)) == ("target_missed", timedelta(hours=24))
    assert (small_fast.verdict, last_day(small_fast)) == ("met", day)


_PAID_AFTER_TWO_DAYS: tuple[tuple[SignalKind, str], ...] = (("start", "09-30 09:00"), ("stop", "10-02 09:00"))

# --- worked example 6: two channels


def test_example_6_each_report_has_its_own_reply_and_an_order_its_own_deadlines() -> None:
    working = {"unit": "working_day", "clause": "山东热线"}
    county = rules(reply=REPLY, hotline_return={"length": 2, **working}, hotline_finish={"length": 5, **working})
    signals = [
        said("reply", "start", "11-02 08:10", subject="hotline"),
        said("reply", "start", "11-02 07:55", subject="village", known=at("11-02 11:30")),
        said("hotline_return", "start", "11-02 08:10", subject="hotline"),
        said("hotline_finish", "start", "11-02 08:10", subject="hotline"),
    ]
    village, hotline, returned, finished = clocks(signals, county, at("11-02 12:00"))
    assert (village.due_at, hotline.due_at) == (at("11-02 19:55"), at("11-02 20:10"))
    assert (last_day(returned), last_day(finished)) == ("11-04", "11-09")


def test_a_deadline_that_was_sent_is_kept_as_received() -> None:
    county = rules(hotline_finish={"length": 5, "unit": "working_day", "clause": "山东热线"})
    sent = said("hotline_finish", "start", "11-02 08:10", subject="o1", until=at("11-03 12:00"))
    assert one(county, "11-02 12:00", sent).due_at == at("11-03 12:00")


def test_one_answer_stops_the_replies_to_all_reports() -> None:
    starts = [said("reply", "start", "11-02 08:10", subject=name) for name in ("r1", "r2")]
    found = clocks([*starts, said("reply", "stop", "11-02 09:00", subject=ALL)], rules(reply=REPLY), at("11-05 00:00"))
    assert [clock.verdict for clock in found] == ["met", "met"]


# --- worked example 12: identity


def test_example_12_a_police_check_of_three_working_days_counts_the_sunday_that_is_worked() -> None:
    county = rules(police_check={"length": 3, "unit": "working_day", "clause": "辽宁2021"})
    assert last_day(one(county, "09-18 15:00", said("police_check", "start", "09-18 14:00"))) == "09-22"


def test_where_only_emergency_relief_is_posted_its_notice_stands_that_time() -> None:
    county = rules(publicity={"emergency": {"days": 2, "unit": "natural_day"}, "clause": "演示"})
    clock = one(county, "11-03 09:00", said("publicity", "start", "11-02 09:00", subject="n-1"))
    assert (last_day(clock), clock.verdict) == ("11-04", "running")


# --- predicted, provisional, published later


@pytest.mark.parametrize(("now", "predicted"), [("10-01 10:29", False), ("10-01 10:30", True)])
def test_with_a_quarter_of_the_time_left_a_breach_is_expected(now: str, predicted: bool) -> None:
    clock = one(rules(advance=DAY), now, said("advance_from_report", "start", "09-30 16:30"))
    assert clock.is_predicted(at(now)) == predicted


NEXT_YEAR = CalendarPublished(
    division="000000",
    year=2027,
    days_off=(date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 5)),
    days_worked=(),
    document="国务院办公厅关于2027年部分节假日安排的通知",
)
NEW_YEARS_EVE = datetime(2026, 12, 30, 10, 0, tzinfo=at("12-30 10:00").tzinfo)
FIVE = {"length": 5, "unit": "working_day", "papers": ["cause"], "clause": "补齐"}


def with_next_year(published_at: datetime, **found: Any) -> Rulebook:
    county = rules(**(found or {"make_up": FIVE}))
    later = recorded(NEXT_YEAR, 99)._replace(division="000000", recorded_at=published_at)
    return rulebook(COUNTY, [*county.published, later])


def test_a_year_that_is_not_published_is_provisional_and_counted_anew_once_it_is() -> None:
    start, now = said("make_up", "start", NEW_YEARS_EVE), at("12-31 12:00")
    before, after = one(rules(make_up=FIVE), now, start), one(with_next_year(now), now, start)
    assert (last_day(before), before.provisional) == ("01-06", True)
    assert (last_day(after), after.provisional) == ("01-11", False)


def test_a_deadline_that_was_put_off_beyond_the_published_years_is_provisional_and_counted_anew() -> None:
    """From 5 to 8 working days on the 31st: by the weekdays to 11 January, by the published holiday to the 14th."""
    start, now = said("hotline_finish", "start", NEW_YEARS_EVE, subject="o1"), at("12-31 12:00")
    to = datetime(2027, 1, 12, tzinfo=now.tzinfo)
    put_off = said("hotline_finish", "extended", "12-31 10:00", subject="o1", until=to, length=3)
    before = one(rules(hotline_finish=ORDER), now, start, put_off)
    after = one(with_next_year(now, hotline_finish=ORDER), now, start, put_off)
    assert (last_day(before), before.due_at, before.provisional) == ("01-11", to, True)
    assert (last_day(after), after.provisional) == ("01-14", False)
    untold = replace(put_off, length=None)
    assert one(with_next_year(now, hotline_finish=ORDER), now, start, untold).due_at == to


def test_what_was_judged_is_not_changed_by_a_calendar_that_is_published_later() -> None:
    start = said("make_up", "start", NEW_YEARS_EVE)
    seventh = NEW_YEARS_EVE + timedelta(days=8)
    stop = said("make_up", "stop", seventh)
    judged = said("make_up", "judged", seventh - timedelta(hours=9), verdict="breached")
    county = with_next_year(seventh + timedelta(days=1))
    now = seventh + timedelta(days=2)
    assert one(county, now, start, stop).verdict == "breached"
    assert one(county, now, start, judged).verdict == "breached"
    assert one(county, now, start).verdict == "running"


# --- what is put down


def judged(clock: Clock, *, before: ClockBook | None = None) -> list[tuple[str, str]]:
    state = DECIDER.initial if before is None else before
    facts = replace(given(DECIDER), state=state).when(JudgeClock(CASE, clock, HASH))
    return [(fact.NAME.removeprefix("relief.clock_"), getattr(fact, "verdict", "")) for fact in facts]


START = said("advance_from_report", "start", "10-09 09:00")
FIRST_SUCCESS = said("advance_from_report", "stop", "10-09 11:05", key="p1")
RETURN = said("advance_from_report", "withdraw", "10-10 15:40", key="p1")
SECOND_SUCCESS = said("advance_from_report", "stop", "10-10 16:45", key="p2")


def test_example_8_a_returned_payment_breaks_the_clock_and_what_was_met_is_corrected() -> None:
    county = rules(advance=DAY)
    assert judged(one(county, "10-10 15:39", START, FIRST_SUCCESS)) == []
    found = one(county, "10-10 15:40", START, FIRST_SUCCESS, RETURN)
    assert (found.due_at, judged(found)) == (
        at("10-10 09:00"),
        [("breached", "breached"), ("corrected", "breached")],
    )
    final = one(county, "10-11 00:00", START, FIRST_SUCCESS, RETURN, SECOND_SUCCESS)
    assert final.elapsed == timedelta(hours=31, minutes=45)
    assert final.elapsed - timedelta(hours=24) == timedelta(hours=7, minutes=45)


def test_a_breach_is_put_down_once_and_corrected_once() -> None:
    county = rules(advance=DAY)
    late = one(county, "10-10 09:01", START)
    state = given(DECIDER, *given(DECIDER).when(JudgeClock(CASE, late, HASH))).state
    assert judged(late, before=state) == []
    met = one(county, "10-10 12:00", START, FIRST_SUCCESS)
    assert judged(met, before=state) == [("corrected", "met")]
    corrected = given(DECIDER, *replace(given(DECIDER), state=state).when(JudgeClock(CASE, met, HASH))).state
    assert judged(met, before=corrected) == []
    assert judged(late, before=corrected) == [("corrected", "breached")]


def test_a_clock_that_is_only_shown_is_never_broken_on_record() -> None:
    shown = said("advance_from_acceptance", "start", "10-09 09:00")
    clock = one(rules(advance=DAY), "10-20 00:00", shown)
    assert (clock.verdict, clock.judged, judged(clock)) == ("breached", False, [])


def test_only_a_cause_that_the_policy_knows_pauses_a_clock_that_runs() -> None:
    clock = one(rules(general=FIFTEEN), "09-20 00:00", ACCEPTED)
    until, now = at("10-20 00:00"), at("09-20 10:00")
    pause = PauseClock(CASE, clock, "means_check", until)
    paused = given(DECIDER).when(pause, at=now)
    assert [fact.NAME for fact in paused] == ["relief.clock_paused"]
    assert given(DECIDER).refused(replace(pause, cause="publicity"), at=now).code == "pause_not_allowed"
    assert given(DECIDER).refused(replace(pause, expires_at=now), at=now).code == "pause_without_end"
    assert given(DECIDER).refused(pause, at=at("10-15 00:01")).code == "clock_not_running"
    standing = given(DECIDER, *paused)
    assert standing.when(pause, at=now) == []
    resumed = standing.when(ResumeClock(CASE, clock), at=now)
    assert [fact.NAME for fact in resumed] == ["relief.clock_resumed"]
    assert given(DECIDER, *paused, *resumed).when(ResumeClock(CASE, clock), at=now) == []


class Paused:
    """A clock that may stand still for five days at most, and the officer's words on it."""

    def __init__(self) -> None:
        self.book = ClockBook()
        self.said = [ACCEPTED]
        self.county = rules(general={**FIFTEEN, "pause_days_at_most": 5})

    def clock(self, now: str) -> Clock:
        return one(self.county, now, *self.said)

    def pause(self, now: str, until: str) -> list[str]:
        return self.gives(PauseClock(CASE, self.clock(now), "means_check", at(until)), now)

    def resume(self, now: str) -> list[str]:
        return self.gives(ResumeClock(CASE, self.clock(now)), now)

    def gives(self, command: PauseClock | ResumeClock, now: str) -> list[str]:
        case = replace(given(DECIDER), state=self.book)
        facts = case.when(command, at=at(now))
        for known in (recorded(fact, 9, at(now)) for fact in facts):
            self.book = DECIDER.evolve(self.book, known)
            self.said.extend(signals(known))
        return [fact.NAME for fact in facts]

    def refuses(self, now: str, until: str) -> str:
        pause = PauseClock(CASE, self.clock(now), "means_check", at(until))
        return replace(given(DECIDER), state=self.book).refused(pause, at=at(now)).code


def test_a_pause_that_is_prolonged_lasts_until_the_later_day() -> None:
    paused = Paused()
    paused.pause("09-21 10:00", "09-22 10:00")
    paused.pause("09-22 09:00", "09-24 10:00")
    clock = paused.clock("09-25 00:00")
    assert [(part.begins_at, part.ends_at) for part in clock.segments if part.is_paused] == [
        (at("09-21 10:00"), at("09-24 10:00"))
    ]
    assert paused.refuses("09-23 10:00", "09-23 12:00") == "pause_stands_longer"


def test_a_pause_with_what_it_prolongs_lasts_no_longer_than_the_policy_allows() -> None:
    paused = Paused()
    assert paused.refuses("09-21 10:00", "09-26 10:01") == "pause_too_long"
    paused.pause("09-21 10:00", "09-26 10:00")
    assert paused.refuses("09-25 10:00", "09-27 10:00") == "pause_too_long"


def test_a_clock_whose_pause_the_policy_has_ended_can_stand_still_anew() -> None:
    paused = Paused()
    meant = PauseClock(CASE, one(rules(general=FIFTEEN), "09-21 10:00", ACCEPTED), "means_check", at("10-30 00:00"))
    paused.gives(meant, "09-21 10:00")
    assert not paused.clock("09-27 09:00").is_paused
    assert paused.resume("09-27 09:00") == []
    paused.pause("09-27 09:00", "09-29 09:00")
    assert paused.clock("09-28 09:00").is_paused


# --- laws

MINUTES = st.integers(0, 60 * 24 * 60)
BEGINNING = at("09-01 08:00")
UNITS = st.sampled_from(["hour", "natural_day", "working_day"])


@st.composite
def lives(draw: st.DrawFn) -> list[Signal]:
    """A clock's signals: starts, stops, stops taken back, pauses and resumptions, at any times."""

    def moment() -> datetime:
        return BEGINNING + timedelta(minutes=draw(MINUTES))

    kinds: list[SignalKind] = draw(
        st.lists(st.sampled_from(["start", "stop", "withdraw", "give_up", "pause", "resume"]), max_size=8)
    )
    found = [said("general", "start", moment())]
    for number, kind in enumerate(kinds):
        until = moment() if kind == "pause" else None
        found.append(said("general", kind, moment(), key=str(number % 2), until=until, position=number))
    return found


LENGTHS = st.integers(1, 30)


@for_all(lives(), UNITS, LENGTHS, st.booleans(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_and_any_repetition_gives_the_same_clock(
    life: list[Signal], unit: str, length: int, rolls: bool, chance: Random
) -> None:
    county = rules(general={"length": length, "unit": unit, "rolls": rolls, "clause": "测试"})
    now = at("12-31 00:00")
    twice = life + life
    chance.shuffle(twice)
    assert clocks(life, county, now) == clocks(twice, county, now)


@for_all(lives(), UNITS, LENGTHS, MINUTES)
def test_the_segments_of_a_clock_sum_to_its_whole(life: list[Signal], unit: str, length: int, later: int) -> None:
    county = rules(general={"length": length, "unit": unit, "clause": "测试"})
    now = BEGINNING + timedelta(minutes=later)
    for clock in clocks(life, county, now):
        first, last = clock.segments[0], clock.segments[-1]
        assert first.begins_at == clock.started_at
        assert last.ends_at == max(clock.started_at, clock.stopped_at or now)
        assert sum((part.length for part in clock.segments), timedelta()) == last.ends_at - first.begins_at
        running = [part.length for part in clock.segments if not part.is_paused]
        assert clock.elapsed == sum(running, timedelta())
        if unit != "hour":
            days = clock.calendar.between(_day(first.begins_at), _day(last.ends_at), "natural_day")
            if unit == "natural_day":
                assert sum(part.days for part in clock.segments) == days


@for_all(lives(), UNITS, LENGTHS)
def test_a_clock_is_late_exactly_when_it_ended_after_it_was_due(life: list[Signal], unit: str, length: int) -> None:
    now = at("12-31 00:00")
    county = rules(general={"length": length, "unit": unit, "clause": "测试"})
    for clock in clocks(life, county, now):
        assert clock.is_broken == (clock.segments[-1].ends_at > clock.due_at)
        assert clock.due_at > clock.started_at


def _day(moment: datetime) -> date:
    return moment.astimezone(at("09-01 00:00").tzinfo).date()
