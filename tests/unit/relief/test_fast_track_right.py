"""A township's right to help first, which its county suspends and gives back."""

from events.relief_townships import FastTrackRestored, FastTrackSuspended
from events.relief_words import fast_track_claim
from services.relief.fast_track_right import DECIDER, RestoreFastTrack, SuspendFastTrack
from tests.support.given import given
from tests.unit.relief.facts import TOWNSHIP

SUSPENDED = FastTrackSuspended(township=TOWNSHIP, reason="papers_never_filed", document="")
RESTORED = FastTrackRestored(township=TOWNSHIP, reason="papers_filed", document="")
SUSPEND = SuspendFastTrack(TOWNSHIP, "papers_never_filed")
RESTORE = RestoreFastTrack(TOWNSHIP, "papers_filed")


def test_the_right_is_suspended_and_given_back_each_time_with_its_reason() -> None:
    assert given(DECIDER).when(SUSPEND) == [SUSPENDED]
    assert given(DECIDER, SUSPENDED).when(RESTORE) == [RESTORED]
    assert given(DECIDER, SUSPENDED, RESTORED).when(SUSPEND) == [SUSPENDED]


def test_only_what_is_there_is_suspended_and_only_what_is_suspended_is_given_back() -> None:
    assert given(DECIDER, SUSPENDED).refused(SUSPEND).code == "suspended_already"
    assert given(DECIDER).refused(RESTORE).code == "not_suspended"
    assert given(DECIDER, SUSPENDED, RESTORED).refused(RESTORE).code == "not_suspended"


def test_as_long_as_it_is_suspended_whoever_decides_there_sees_it() -> None:
    assert SUSPENDED.takes() == RESTORED.releases() == (fast_track_claim(TOWNSHIP),)
