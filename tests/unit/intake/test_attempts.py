"""Attempts follow the schedule, each reply a little aside from the others, and the same after a restart."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.intake.attempts import JITTER_PERCENT, SCHEDULE, begun, moments

IDS = st.text(min_size=1, max_size=40)


@given(IDS)
def test_the_first_attempt_is_at_once_and_every_wait_is_near_the_schedule_s(reply_id: str) -> None:
    due = moments(reply_id)
    assert due[0] == timedelta()
    for wait, (before, after) in zip(SCHEDULE[1:], pairwise(due), strict=True):
        assert abs(after - before - wait) <= wait * JITTER_PERCENT / 100 + timedelta(microseconds=1)


def test_the_attempts_of_a_reply_end_after_about_76_hours() -> None:
    lasts = [moments(f"r-{number}")[-1] for number in range(50)]
    assert all(timedelta(hours=71) < last < timedelta(hours=80) for last in lasts)


def test_replies_that_were_owed_together_are_not_tried_together() -> None:
    assert len({moments(f"r-{number}")[4] for number in range(200)}) == 200


@given(IDS, st.integers(min_value=0, max_value=100 * 3600))
def test_an_attempt_has_begun_exactly_when_its_moment_has_come(reply_id: str, seconds: int) -> None:
    number = begun(reply_id, timedelta(seconds=seconds))
    due = moments(reply_id)
    assert due[number - 1] <= timedelta(seconds=seconds)
    assert number == len(due) or timedelta(seconds=seconds) < due[number]
    assert moments(reply_id) == due
