"""What the figures count of a clock."""

from datetime import datetime, timedelta

import pytest

from events.fact import Recorded
from events.relief import CaseFact
from events.relief_clocks import ClockFact
from services.relief.clock_stand import BUCKETS, NOT_ENDED, Stand, stand_of
from services.relief.clocks import clocks
from services.relief.signals import signals
from tests.unit.relief.facts import at, book, closed, happened, opened, published, relieved

REPORT = happened(opened(reported_at=at("11-02 08:10")), at("11-02 08:10"))
DUE = at("11-03 08:10")


def stood(now: datetime, *facts: Recorded[CaseFact] | Recorded[ClockFact]) -> Stand:
    """Where the advance stands that began with the report."""
    said = [signal for fact in (REPORT, *facts) for signal in signals(fact)]
    return next(stand_of(one) for one in clocks(said, book(published()), now) if one.name == "advance_from_report")


def helped(when: datetime, *, known: datetime | None = None) -> Recorded[CaseFact]:
    return happened(relieved(when=when), when, known=known or when)


def test_a_clock_that_runs_is_open_and_has_ended_nowhere() -> None:
    stand = stood(DUE)
    assert (stand.is_open, stand.met, stand.missed, stand.due_at) == (True, False, False, DUE)
    assert (stand.bucket, stand.elapsed_ppm) == (NOT_ENDED, 0)


def test_one_that_nobody_stopped_in_time_is_open_and_missed() -> None:
    stand = stood(DUE + timedelta(seconds=1))
    assert (stand.is_open, stand.met, stand.missed) == (True, False, True)


@pytest.mark.parametrize(
    ("hours", "within", "met"), [(0, 0.1, True), (2.4, 0.1, True), (24, 1.0, True), (24.01, 1.25, False)]
)
def test_its_share_of_time_lies_in_the_first_bucket_that_holds_it(hours: float, within: float, met: bool) -> None:
    when = at("11-02 08:10") + timedelta(hours=hours)
    stand = stood(when, helped(when))
    assert (BUCKETS[stand.bucket], stand.met, stand.missed) == (within, met, not met)
    assert stand.elapsed_ppm == pytest.approx(hours / 24 * 1_000_000, abs=1)


def test_what_took_longer_than_all_buckets_lies_behind_the_last() -> None:
    when = at("11-07 08:10")
    assert stood(when, helped(when)).bucket == len(BUCKETS)


def test_help_in_time_that_was_said_after_the_deadline_is_met_and_missed() -> None:
    later = DUE + timedelta(hours=3)
    stand = stood(later, helped(at("11-02 10:10"), known=later))
    assert (stand.is_open, stand.met, stand.missed) == (False, True, True)


def test_a_case_that_was_closed_without_help_is_over_and_counts_for_nothing() -> None:
    when = at("11-02 12:00")
    stand = stood(when, happened(closed(outcome="not_relieved"), when))
    assert (stand.is_open, stand.met, stand.missed, stand.bucket) == (False, False, False, NOT_ENDED)
