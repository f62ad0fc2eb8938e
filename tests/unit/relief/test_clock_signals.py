"""What the facts of a case say to its clocks: the track, a notice, a filing, an order, a check by the police."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from events.relief import AdvanceVoided, CaseFact, PolicyBasis
from events.relief_approval import Plan, Planned
from events.relief_clocks import ClockBroken, ClockExtended, ClockName
from events.relief_fast import SmallFastDecided
from services.relief.case_commands import AcceptCase, CloseCase, RecordContact
from services.relief.certificate import cited
from services.relief.clock_book import DECIDER as CLOCKS
from services.relief.clocks import Clock, clocks
from services.relief.extensions import ExtendClock
from services.relief.signals import signals
from services.relief.steps.approval import SendBackApproval
from services.relief.steps.county import ReceiveFiling
from services.relief.steps.ending import RefuseRelief
from services.relief.steps.fast_track import CallEmergency, DivertCase
from services.relief.steps.identity import AskPolice, EstablishIdentity, NotePoliceAnswer
from services.relief.steps.inquiry import AnswerCheck, JudgeType, RecordVisit, RequestCheck, TellMissing
from services.relief.steps.publicity import AnswerObjection, EndNotice, ObjectToNotice, PostNotice
from services.relief.story import sentence, story
from services.relief.working_days import Calendar
from tests.support.given import given, recorded
from tests.unit.relief.facts import (
    ACCEPTED,
    CASE,
    CONTACTED,
    COUNTY,
    FIRST,
    PERSON,
    TOWNSHIP,
    at,
    decided,
    linked,
    opened,
    policy,
    relieved,
)
from tests.unit.relief.test_clock_kinds import CALENDARS, last_day, rules
from tests.unit.relief.told import BUREAU, HEAD, LEADER, OFFICER, A, Told

CHECKED = Calendar(
    years=frozenset({2026}),
    days_off=frozenset(day for one in CALENDARS for day in getattr(one, "days_off", ())),
    days_worked=frozenset(day for one in CALENDARS for day in getattr(one, "days_worked", ())),
)
DIGEST = "0" * 64
DAYS = {"unit": "working_day", "clause": "演示"}
TRACK: dict[str, Any] = {
    "general": {"length": 15, "pausable": ["means_check", "publicity", "objection"], **DAYS},
    "general_township": {"length": 10, **DAYS},
    "general_county": {"length": 5, **DAYS},
    "filing": {"length": 3, **DAYS},
    "publicity": {"expenditure": {"days": 5, "unit": "natural_day"}, "clause": "演示"},
    "hotline_return": {"length": 2, **DAYS},
    "hotline_finish": {"length": 5, **DAYS},
    "police_check": {"length": 3, **DAYS},
    "means_check_report": {"length": 4, **DAYS},
    "means_check_start": {"length": 2, **DAYS},
    "acceptance_notice": {"length": 2, **DAYS},
    "severe_measures": {"length": 3, **DAYS},
    "payment": {"length": 3, **DAYS},
    "small_fast": {"percent_of_standard": 100, "inclusive": True, "days": 3, "clause": "演示"},
}


@dataclass(slots=True)
class Watched:
    """A case that is told at given times, and its clocks."""

    told: Told

    def when(self, time: str) -> "Watched":
        self.told.now = at(time)
        return self

    def clock(self, name: ClockName, now: str, subject: str | None = None, **more: Any) -> Clock:
        """The clock of a name, as it stands at a moment."""
        (found,) = [one for one in self.clocks(name, now, **more) if subject in (None, one.subject)]
        return found

    def clocks(self, name: ClockName, now: str, **more: Any) -> list[Clock]:
        said = [signal for one in self.told.known_as for signal in signals(one)]
        return [one for one in clocks(said, rules(**{**TRACK, **more}), at(now)) if one.name == name]


@pytest.fixture
def case() -> Watched:
    """Reported on Thursday 17 September at nine, accepted at ten."""
    watched = Watched(Told(policy(200_000, publicity=_publicity()), at("09-17 10:00")))
    watched.told.happens(opened(reported_at=at("09-17 09:00")), ACCEPTED, CONTACTED)
    return watched


def _publicity() -> Any:
    return rules(**TRACK).on(date(2026, 9, 17)).rules.publicity


def plan(fen: int = 100_000) -> Plan:
    planned = Planned(instalment_id=f"{A}-1", amount_fen=fen, due_on=date(2026, 9, 20))
    return Plan(payer=TOWNSHIP, ceiling_fen=fen, instalments=(planned,))


# --- who reports the same need later


def test_a_reply_is_not_met_by_what_was_said_before_its_report_but_by_being_told_on_joining(case: Watched) -> None:
    reply = {"reply": {"length": 12, "unit": "hour", "clause": "演示"}}
    case.when("09-18 10:00").told.happens(linked(reported_at=at("09-18 09:50")))
    untold = case.clock("reply", "09-18 11:00", "report-2", **reply)
    assert (untold.verdict, untold.stopped_at) == ("running", None)
    again = linked("report-3", at("09-18 09:55")).model_copy(
        update={"channel": "hotline", "accepted_at": at("09-17 10:00")}
    )
    case.told.happens(again)
    told = case.clock("reply", "09-18 11:00", "report-3", **reply)
    assert (told.verdict, told.stopped_at) == ("met", at("09-18 10:00"))
    assert case.clock("hotline_return", "09-18 11:00", "report-3", **reply).stopped_at == at("09-18 10:00")


def test_a_sender_whose_clock_is_some_minutes_ahead_was_answered(case: Watched) -> None:
    case.when("09-17 10:01").told.happens(linked(reported_at=at("09-17 10:04")))
    reply = case.clock("reply", "09-18 11:00", "report-2", reply={"length": 12, "unit": "hour", "clause": "演示"})
    assert reply.verdict == "met"


# --- the general track


def test_an_urgent_case_has_no_general_clock_until_it_goes_that_way(case: Watched) -> None:
    assert case.clocks("general", "09-18 00:00") == []
    case.when("09-18 10:00").told.does(JudgeType("expenditure", None))
    clock = case.clock("general", "09-18 12:00")
    assert (clock.started_at, last_day(clock)) == (at("09-17 10:00"), "10-14")
    case.when("09-19 10:00").told.does(JudgeType("emergency", None))
    assert case.clocks("general", "09-20 00:00") == []


def test_a_case_that_is_not_urgent_is_on_the_general_track_from_its_acceptance() -> None:
    watched = Watched(Told(policy(), at("09-17 10:00")))
    watched.told.happens(opened(reported_at=at("09-17 09:00")).model_copy(update={"urgency": "normal"}))
    assert watched.clocks("general", "09-17 11:00") == []
    watched.told.does(AcceptCase())
    assert watched.clock("general", "09-17 11:00").verdict == "running"


def test_an_application_at_the_window_counts_from_its_receipt_unless_it_was_told_what_is_missing() -> None:
    watched = Watched(Told(policy(), at("09-17 10:00")))
    handed_in = {"urgency": "normal", "channel": "window"}
    watched.told.happens(opened(reported_at=at("09-14 09:00")).model_copy(update=handed_in))
    assert watched.clock("general", "09-17 09:00").started_at == at("09-14 09:00")
    watched.told.does(AcceptCase())
    assert watched.clock("general", "09-17 11:00").started_at == at("09-14 09:00")
    watched.told.does(TellMissing(("cause",), policy()))
    assert watched.clock("general", "09-17 11:00").started_at == at("09-17 10:00")


def test_worked_example_2_a_check_that_was_asked_and_answered_puts_the_general_track_off(case: Watched) -> None:
    case.told.does(JudgeType("expenditure", None))
    case.when("09-22 10:00").told.does(RequestCheck("check-1", date(2026, 9, 21)))
    asked = case.clock("general", "09-23 12:00")
    assert (asked.is_paused, asked.segments[0].days) == (True, 4)
    case.when("10-09 10:00").told.does(AnswerCheck("check-1", "within", DIGEST))
    clock = case.clock("general", "10-10 12:00")
    assert (last_day(clock), clock.segments[1].days) == ("10-23", 7)
    assert case.clock("means_check", "10-10 12:00").verdict == "breached"


def test_a_check_is_asked_for_within_two_working_days_of_the_signed_authorisation(case: Watched) -> None:
    case.told.does(JudgeType("expenditure", None))
    case.when("09-22 10:00").told.does(RequestCheck("in-time", date(2026, 9, 20)))
    case.when("09-23 10:00").told.does(RequestCheck("late", date(2026, 9, 18)))
    in_time, late = sorted(case.clocks("means_check_start", "09-24 10:00"), key=lambda one: one.subject)
    assert (in_time.verdict, last_day(in_time)) == ("met", "09-22")
    assert (late.verdict, late.started_at) == ("breached", at("09-18 00:00"))


def test_two_checks_side_by_side_pause_until_the_later_answer(case: Watched) -> None:
    case.told.does(JudgeType("expenditure", None))
    for name in ("check-1", "check-2"):
        case.when("09-22 10:00").told.does(RequestCheck(name, date(2026, 9, 21)))
    case.when("09-23 10:00").told.does(AnswerCheck("check-1", "within", DIGEST))
    assert case.clock("general", "09-24 12:00").is_paused
    case.when("10-09 10:00").told.does(AnswerCheck("check-2", "within", DIGEST))
    assert last_day(case.clock("general", "10-10 12:00")) == "10-23"


def test_what_the_policy_does_not_name_pauses_nothing(case: Watched) -> None:
    case.told.does(JudgeType("expenditure", None))
    case.when("09-22 10:00").told.does(RequestCheck("check-1", date(2026, 9, 21)))
    assert not case.clock("general", "09-23 12:00", general={"length": 15, **DAYS}).is_paused


def test_the_township_signs_in_its_time_and_the_county_in_its_own(case: Watched) -> None:
    case.told.policy = policy(200_000)
    case.told.proposes(plan(300_000))
    case.when("09-21 10:00").told.signs(OFFICER, LEADER)
    assert case.clock("general_township", "09-21 12:00").stopped_at == at("09-21 10:00")
    county = case.clock("general_county", "09-21 12:00")
    assert (county.subject, last_day(county)) == (A, "09-29")
    case.when("09-28 10:00").told.signs(BUREAU, HEAD)
    assert case.clock("general_county", "10-30 00:00").verdict == "met"
    assert case.clock("general", "10-30 00:00").verdict == "met"


def test_what_the_county_sends_back_is_the_townships_again(case: Watched) -> None:
    case.told.policy = policy(200_000)
    case.told.proposes(plan(300_000))
    case.when("09-21 10:00").told.signs(OFFICER, LEADER)
    case.when("09-22 10:00").told.does(SendBackApproval(A, "papers"), BUREAU)
    assert case.clock("general_county", "10-30 00:00").verdict == "met"
    assert case.clock("general_township", "09-23 00:00").verdict == "running"
    assert case.clock("general_township", "10-30 00:00").verdict == "breached"


def test_a_refusal_is_a_decision_and_meets_the_general_track(case: Watched) -> None:
    case.told.does(JudgeType("expenditure", None))
    case.when("09-25 10:00").told.does(RefuseRelief("not_in_need", DIGEST, policy()))
    assert case.clock("general", "10-30 00:00").verdict == "met"


# --- publicity


def posted(case: Watched) -> None:
    case.told.does(JudgeType("expenditure", None))
    case.when("09-18 10:00").told.does(PostNotice("notice-1", case.told.policy, CHECKED))


def test_a_notice_stands_its_time_and_is_never_late(case: Watched) -> None:
    posted(case)
    clock = case.clock("publicity", "09-19 00:00")
    assert (last_day(clock), clock.verdict) == ("09-23", "running")
    assert case.clock("general", "09-19 00:00").is_paused
    case.when("09-24 09:00").told.does(EndNotice("notice-1"))
    clock = case.clock("publicity", "09-25 00:00")
    assert (clock.verdict, clock.is_unrecorded) == ("met", False)
    assert not case.clock("general", "09-24 10:00").is_paused
    assert last_day(case.clock("payment", "09-24 10:00")) == "09-30"


def test_a_notice_that_was_objected_to_stands_anew(case: Watched) -> None:
    posted(case)
    case.when("09-20 10:00").told.does(ObjectToNotice("notice-1", "objection-1", "income"))
    assert case.clock("publicity", "09-25 00:00").is_paused
    visit = RecordVisit("visit-1", ("S-1", "S-2"), True, True, DIGEST, case.told.policy)
    case.when("09-25 10:00").told.does(visit)
    answer = AnswerObjection("notice-1", "objection-1", "visit-1", False, case.told.policy, CHECKED)
    case.told.does(answer)
    assert last_day(case.clock("publicity", "09-26 00:00")) == "09-30"
    assert case.told.known.inquiry.notices["notice-1"].ends_on == date(2026, 9, 30)


BOTH_POSTED: dict[str, Any] = {
    "expenditure": {"days": 5, "unit": "natural_day"},
    "emergency": {"days": 2, "unit": "working_day"},
    "clause": "演示",
}


def test_each_notice_stands_the_time_of_its_own_type_before_and_after_an_objection(case: Watched) -> None:
    """Posted on Friday the 18th for two working days, of which the Sunday is one; looked into on the 25th."""
    case.told.policy = policy(200_000, publicity=rules(publicity=BOTH_POSTED).on(date(2026, 9, 17)).rules.publicity)
    case.told.does(JudgeType("emergency", None))
    case.when("09-18 10:00").told.does(PostNotice("notice-1", case.told.policy, CHECKED))
    assert last_day(case.clock("publicity", "09-19 00:00", publicity=BOTH_POSTED)) == "09-21"
    assert case.told.known.inquiry.notices["notice-1"].ends_on == date(2026, 9, 21)
    case.when("09-19 10:00").told.does(ObjectToNotice("notice-1", "objection-1", "income"))
    case.when("09-22 10:00").told.does(RecordVisit("visit-1", ("S-1",), True, True, DIGEST, case.told.policy))
    case.told.does(AnswerObjection("notice-1", "objection-1", "visit-1", False, case.told.policy, CHECKED))
    assert last_day(case.clock("publicity", "09-23 00:00", publicity=BOTH_POSTED)) == "09-24"


def test_a_notice_that_is_taken_down_lapses_and_the_track_runs_on(case: Watched) -> None:
    posted(case)
    case.when("09-20 10:00").told.does(ObjectToNotice("notice-1", "objection-1", "income"))
    case.told.does(RecordVisit("visit-1", ("S-1",), True, True, DIGEST, case.told.policy))
    case.when("09-21 10:00").told.does(
        AnswerObjection("notice-1", "objection-1", "visit-1", True, case.told.policy, CHECKED)
    )
    assert case.clock("publicity", "10-30 00:00").verdict == "lapsed"
    assert not case.clock("general", "09-22 00:00").is_paused


# --- filing, small-fast relief


def test_a_delegated_decision_is_filed_in_time_or_breached(case: Watched) -> None:
    case.told.happens(decided())
    assert last_day(case.clock("filing", "09-18 00:00", FIRST)) == "09-21"
    assert case.clock("filing", "09-22 00:01", FIRST).verdict == "breached"
    case.when("09-18 10:00").told.does(ReceiveFiling(FIRST), BUREAU)
    assert case.clock("filing", "10-30 00:00", FIRST).verdict == "met"


def test_what_the_county_decided_or_nobody_pays_is_not_filed(case: Watched) -> None:
    case.told.happens(decided().model_copy(update={"by_county": True}))
    assert case.clocks("filing", "10-30 00:00") == []
    case.told.happens(decided("decision-2"))
    voided = AdvanceVoided(
        case_id=CASE, decision_id="decision-2", amount_fen=1, reason="changed", person=None, cause="fire"
    )
    case.told.happens(voided)
    assert case.clock("filing", "10-30 00:00").verdict == "lapsed"


def small_fast() -> SmallFastDecided:
    return SmallFastDecided(
        case_id=CASE,
        decision_id=FIRST,
        county=COUNTY,
        township=TOWNSHIP,
        fund_id="f",
        amount_fen=200_000,
        situation="fire",
        persons=3,
        person=PERSON,
        cause="fire",
        pay_by=date(2026, 9, 20),
        handled_by="S-1",
        basis=PolicyBasis(policy_hash=DIGEST, clause="演示", limit_fen=None),
    )


def test_small_fast_relief_has_its_outer_line_from_the_first_report(case: Watched) -> None:
    assert case.clocks("small_fast", "09-18 00:00") == []
    case.told.happens(small_fast())
    clock = case.clock("small_fast", "09-18 00:00")
    assert (clock.started_at, last_day(clock)) == (at("09-17 09:00"), "09-20")
    case.told.happens(relieved(when=at("09-19 09:00")))
    assert case.clock("small_fast", "10-01 00:00").verdict == "met"


# --- a hotline's order, danger, the police


def test_an_order_has_two_clocks_and_a_village_report_none() -> None:
    watched = Watched(Told(policy(), at("11-02 09:00")))
    watched.told.happens(opened(), linked())
    assert last_day(watched.clock("hotline_return", "11-02 10:00")) == "11-04"
    assert last_day(watched.clock("hotline_finish", "11-02 10:00")) == "11-09"
    watched.told.does(AcceptCase())
    assert watched.clock("hotline_return", "11-20 00:00").verdict == "met"
    assert watched.clock("acceptance", "11-20 00:00").verdict == "met"


def test_an_orders_own_deadline_holds_and_closing_the_case_finishes_it(case: Watched) -> None:
    sent = at("09-18 12:00")
    hurried = opened(reported_at=at("09-17 09:00")).model_copy(update={"due_at": sent})
    watched = Watched(Told(policy(), at("09-17 10:00")))
    watched.told.happens(hurried)
    assert watched.clock("hotline_finish", "09-17 10:00").due_at == sent
    watched.told.does(RecordContact(True))
    watched.told.does(CloseCase("not_relieved"))
    assert watched.clock("hotline_finish", "09-30 00:00").verdict == "met"


def test_an_order_is_put_off_once_and_no_further_than_the_policy_says() -> None:
    """Shandong: finished in 5 working days, put off by 10 at most."""
    finish: dict[str, Any] = {"hotline_finish": {"length": 5, "extension_at_most": 10, **DAYS}}
    watched = Watched(Told(policy(), at("11-02 09:00")))
    watched.told.happens(opened())
    clock = watched.clock("hotline_finish", "11-03 09:00", **finish)
    late, now = ExtendClock(CASE, clock, 11, ""), at("11-03 09:00")
    assert given(CLOCKS).refused(late, at=now).code == "extension_too_long"
    assert given(CLOCKS).refused(replace(late, length=10), at=at("11-10 00:01")).code == "clock_not_running"
    (fact,) = given(CLOCKS).when(replace(late, length=10, reference="〔2026〕3号"), at=now)
    known = recorded(fact, 9, now)
    assert "延期至 2026-11-24 00:00" in sentence(fact)
    said = [signal for one in (*watched.told.known_as, known) for signal in signals(one)]
    (longer,) = [one for one in clocks(said, rules(**{**TRACK, **finish}), now) if one.name == "hotline_finish"]
    assert (last_day(clock), last_day(longer)) == ("11-09", "11-23")
    assert known.position in {position for _, position in cited(longer)}
    assert given(CLOCKS, known).refused(ExtendClock(CASE, longer, 1, ""), at=now).code == "extended_already"
    advance = watched.clock("advance_from_report", "11-02 10:00", advance=DAY)
    none = ExtendClock(CASE, advance, 1, "")
    assert given(CLOCKS).refused(none, at=at("11-02 10:00")).code == "extension_too_long"


def test_an_order_that_counts_in_hours_is_put_off_by_hours() -> None:
    finish: dict[str, Any] = {
        "hotline_finish": {"length": 48, "unit": "hour", "clause": "演示", "extension_at_most": 24}
    }
    watched, now = Watched(Told(policy(), at("11-02 09:00"))), at("11-03 09:00")
    watched.told.happens(opened())
    clock = watched.clock("hotline_finish", "11-03 09:00", **finish)
    (fact,) = given(CLOCKS).when(ExtendClock(CASE, clock, 24, ""), at=now)
    assert isinstance(fact, ClockExtended)
    assert fact.due_at - clock.due_at == timedelta(hours=24)


def test_two_who_put_off_one_order_at_once_put_it_off_once() -> None:
    """Both have looked at the clock before either was heard; another order of the case is not put off by it."""
    finish: dict[str, Any] = {"hotline_finish": {"length": 5, "extension_at_most": 10, **DAYS}}
    watched, now = Watched(Told(policy(), at("11-02 09:00"))), at("11-03 09:00")
    watched.told.happens(opened())
    clock = watched.clock("hotline_finish", "11-03 09:00", **finish)
    (fact,) = given(CLOCKS).when(ExtendClock(CASE, clock, 3, "〔2026〕3号"), at=now)
    after = given(CLOCKS, recorded(fact, 9, now))
    assert after.refused(ExtendClock(CASE, clock, 5, "〔2026〕4号"), at=now).code == "extended_already"
    other = replace(clock, subject="r-9")
    assert len(after.when(ExtendClock(CASE, other, 5, "〔2026〕4号"), at=now)) == 1


DAY = {"length": 24, "unit": "hour", "clause": "演示"}


def test_a_case_of_another_scheme_is_given_back_and_owes_no_advance(case: Watched) -> None:
    watched = Watched(Told(policy(), at("09-17 10:00")))
    watched.told.happens(opened(reported_at=at("09-17 09:00")))
    watched.told.does(DivertCase("vagrant_rescue", False, ""))
    advance = {"length": 24, "unit": "hour", "clause": "演示"}
    assert watched.clock("advance_from_report", "09-30 00:00", advance=advance).verdict == "lapsed"
    assert watched.clock("hotline_return", "09-30 00:00").verdict == "met"


def test_danger_to_life_asks_for_measures_in_three_working_days() -> None:
    watched = Watched(Told(policy(), at("09-18 10:00")))
    danger = opened(reported_at=at("09-17 09:00")).model_copy(update={"urgency": "life_danger"})
    watched.told.happens(danger)
    assert last_day(watched.clock("severe_measures", "09-18 00:00")) == "09-21"
    watched.told.does(CallEmergency("ambulance_120", ""))
    assert watched.clock("severe_measures", "10-30 00:00").verdict == "met"


def test_worked_example_12_the_police_are_asked_and_have_three_working_days() -> None:
    watched = Watched(Told(policy(), at("09-18 14:00")))
    watched.told.happens(opened(person=None), ACCEPTED)
    watched.told.does(AskPolice("police-1", ""))
    assert not watched.told.does(AskPolice("police-1", ""))
    assert last_day(watched.clock("police_check", "09-18 15:00")) == "09-22"
    watched.when("09-22 10:00").told.does(NotePoliceAnswer("police-1", "found"))
    assert not watched.told.does(NotePoliceAnswer("police-1", "found"))
    assert watched.clock("police_check", "10-30 00:00").verdict == "met"
    assert watched.told.refuses(NotePoliceAnswer("police-9", "found")) == "unknown_check"
    watched.told.does(EstablishIdentity(PERSON))
    assert watched.told.refuses(AskPolice("police-2", "")) == "identity_known"


# --- told


def test_a_breach_is_told_in_the_story_of_its_case(case: Watched) -> None:
    breach = ClockBroken(
        case_id=CASE,
        clock="filing",
        subject=FIRST,
        verdict="breached",
        started_at=at("09-17 10:00"),
        due_at=at("09-23 00:00"),
        clause="演示",
        policy_hash=DIGEST,
        calendar="c",
    )
    facts: list[CaseFact] = [opened(reported_at=at("09-17 09:00"))]
    known = [recorded(facts[0], 1, at("09-17 09:00")), recorded(breach, 2, at("09-23 00:00") + timedelta(seconds=1))]
    told = story(known)
    assert told[-1].sentence == "“备案”时限超时:应于 2026-09-23 00:00 前完成(依据:演示)。"
