"""What the policy lets stand still by itself is put down, once, so that a hotline hears of it; and that it runs on."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from events.relief_clocks import ClockContinued, ClockFact, ClockHalted
from services.relief.clock_book import DECIDER, ClockBook, PauseClock, ResumeClock, TellHalt
from services.relief.halts import is_untold
from services.relief.signal import Signal
from services.relief.signals import signals
from services.relief.watch import assess
from tests.support.given import given, recorded
from tests.unit.relief.facts import CASE, at
from tests.unit.relief.test_clock_kinds import ACCEPTED, FIFTEEN, one, rules, said

CHECK = replace(said("general", "pause", "09-22 10:00", key="c-1"), cause="means_check")
ANSWER = said("general", "resume", "09-24 10:00", key="c-1")
EXPIRY = at("09-27 10:00")


class Watched:
    """A case whose clocks are looked at now and then, under rules that let a check pause one for five days."""

    def __init__(self, *happened: Signal, **general: Any) -> None:
        self.county = rules(general={**FIFTEEN, "pause_days_at_most": 5, **general})
        self.said, self.book = [ACCEPTED, *happened], ClockBook()

    def look(self, now: str) -> list[ClockFact]:
        """What is put down by then of standing still."""
        found = assess(self.said, self.county, at(now))
        commands = [TellHalt(CASE, clock) for clock in found.untold]
        return [fact for command in commands for fact in self.gives(command, at(now))]

    def pauses(self, now: str, until: str) -> None:
        clock = one(self.county, now, *self.said)
        assert len(self.gives(PauseClock(CASE, clock, "means_check", at(until)), at(now))) == 1

    def resumes(self, now: str) -> None:
        assert len(self.gives(ResumeClock(CASE, one(self.county, now, *self.said)), at(now))) == 1

    def gives(self, command: TellHalt | PauseClock | ResumeClock, now: datetime) -> list[ClockFact]:
        facts = replace(given(DECIDER), state=self.book).when(command, at=now)
        for known in (recorded(fact, 9, now) for fact in facts):
            self.book = DECIDER.evolve(self.book, known)
            self.said.extend(signals(known))
        return list(facts)

    def next_look(self, now: str) -> datetime | None:
        return assess(self.said, self.county, at(now)).look_at


def test_a_check_that_the_policy_lets_pause_a_clock_is_told_once_and_so_is_its_end() -> None:
    case = Watched(CHECK)
    (halted,) = case.look("09-22 10:01")
    assert isinstance(halted, ClockHalted)
    assert (halted.cause, halted.halted_at, halted.expires_at) == ("means_check", CHECK.at, EXPIRY)
    assert halted.clause == FIFTEEN["clause"]
    assert case.look("09-23 10:00") == []
    case.said.append(ANSWER)
    (continued,) = case.look("09-24 10:01")
    assert isinstance(continued, ClockContinued)
    assert continued.continued_at == ANSWER.at
    assert (
        continued.due_at
        == one(case.county, "09-24 10:01", *case.said).due_at
        > one(case.county, "09-22 09:00", ACCEPTED).due_at
    )
    assert case.look("09-25 10:00") == []


def test_a_pause_that_ends_by_itself_is_looked_for_when_it_ends() -> None:
    case = Watched(CHECK)
    case.look("09-22 10:01")
    again = case.next_look("09-22 10:02")
    assert again is not None
    assert 0 < (again - EXPIRY).total_seconds() < 1
    assert case.look("09-27 10:00") == []
    (continued,) = case.look("09-27 10:01")
    assert isinstance(continued, ClockContinued)
    assert continued.continued_at == EXPIRY


def test_a_pause_that_lasts_longer_than_was_told_is_told_again() -> None:
    case = Watched(CHECK)
    case.look("09-22 10:01")
    case.said.append(replace(CHECK, at=at("09-25 10:00"), key="c-2"))
    (halted,) = case.look("09-25 10:01")
    assert isinstance(halted, ClockHalted)
    assert (halted.halted_at, halted.expires_at) == (CHECK.at, at("09-30 10:00"))
    assert assess(case.said, case.county, at("09-25 10:02")).untold == []


def test_a_clock_that_is_only_shown_beside_another_is_told_of_to_nobody() -> None:
    clock = one(rules(general={**FIFTEEN, "pause_days_at_most": 5}), "09-22 10:01", ACCEPTED, CHECK)
    assert (is_untold(clock), is_untold(replace(clock, judged=False))) == (True, False)


def test_a_cause_that_the_policy_does_not_know_halts_nothing() -> None:
    assert Watched(CHECK, pausable=["objection"]).look("09-22 10:01") == []


def test_what_an_officer_lets_stand_still_is_told_by_the_officer_s_word_alone() -> None:
    case = Watched()
    pause = PauseClock(CASE, one(case.county, "09-22 10:00", *case.said), "means_check", at("09-25 10:00"))
    assert len(case.gives(pause, at("09-22 10:00"))) == 1
    assert case.look("09-22 10:01") == case.look("09-26 10:00") == []


def test_a_clock_that_is_over_is_told_nothing_more_of() -> None:
    case = Watched(CHECK)
    case.look("09-22 10:01")
    case.said.append(said("general", "stop", "09-23 10:00"))
    assert case.look("09-24 10:00") == []
    assert case.next_look("09-24 10:00") is None


def test_the_same_said_twice_or_before_anything_was_told_is_nothing() -> None:
    case = Watched(CHECK)
    told = TellHalt(CASE, one(case.county, "09-22 10:01", *case.said))
    assert len(case.gives(told, at("09-22 10:01"))) == 1
    assert case.gives(told, at("09-22 10:02")) == []
    runs = TellHalt(CASE, one(case.county, "09-20 10:00", ACCEPTED))
    assert replace(given(DECIDER), state=ClockBook()).when(runs) == []


# --- a check, and an officer's pause that overlaps it


def halts(facts: list[ClockFact]) -> list[tuple[datetime, datetime]]:
    assert all(isinstance(fact, ClockHalted) for fact in facts)
    return [(fact.halted_at, fact.expires_at) for fact in facts if isinstance(fact, ClockHalted)]


def test_an_officer_who_lets_a_clock_run_on_in_a_check_is_not_the_last_that_is_heard_of_it() -> None:
    """The officer's pause began first; the check that came into it lasts on until its answer."""
    case = Watched()
    case.pauses("09-21 10:00", "09-24 10:00")
    case.said.append(CHECK)
    assert halts(case.look("09-22 10:01")) == [(CHECK.at, EXPIRY)]
    case.resumes("09-23 10:00")
    assert halts(case.look("09-23 10:01")) == [(CHECK.at, EXPIRY)]
    assert case.look("09-23 11:00") == []
    case.said.append(ANSWER)
    (continued,) = case.look("09-24 10:01")
    assert isinstance(continued, ClockContinued)
    assert (continued.continued_at, continued.due_at) == (
        ANSWER.at,
        one(case.county, "09-24 10:01", *case.said).due_at,
    )


def test_a_check_that_lasts_longer_than_the_officers_pause_is_told_to_its_own_end() -> None:
    case = Watched(CHECK)
    assert halts(case.look("09-22 10:01")) == [(CHECK.at, EXPIRY)]
    case.pauses("09-23 10:00", "09-25 10:00")
    assert halts(case.look("09-23 10:01")) == [(CHECK.at, EXPIRY)]
    assert case.look("09-25 10:01") == []
    (continued,) = case.look("09-27 10:01")
    assert isinstance(continued, ClockContinued)
    assert continued.continued_at == EXPIRY


def test_a_check_that_is_answered_inside_an_officers_pause_ends_with_that() -> None:
    case = Watched(CHECK)
    case.look("09-22 10:01")
    case.pauses("09-23 10:00", "09-25 10:00")
    case.look("09-23 10:01")
    case.said.append(ANSWER)
    assert halts(case.look("09-24 10:01")) == [(CHECK.at, at("09-25 10:00"))]
    (continued,) = case.look("09-25 10:01")
    assert isinstance(continued, ClockContinued)
    assert continued.continued_at == at("09-25 10:00")


def test_an_officers_pause_that_begins_when_the_check_is_answered_is_told_by_the_officer_alone() -> None:
    case = Watched(CHECK)
    case.look("09-22 10:01")
    case.said.append(ANSWER)
    case.pauses("09-24 10:30", "09-26 10:00")
    assert case.look("09-24 10:31") == case.look("09-26 10:01") == []
