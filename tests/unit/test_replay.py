"""Replay: a fact is decoded once for the read models that read it one after the other, unless it is long."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from events.fact import Actor, Fact, Meta
from events.upcasts import encode
from services.chassis.event_store import Stored
from services.chassis.replay import recorded

MOMENT = datetime(2026, 11, 2, tzinfo=UTC)
META = Meta(actor=Actor(id="S-1", role="clerk", scope="990101"), correlation="c", causation="d")


class Told(Fact, name="test.told_at_length"):
    """So many words."""

    words: str


def stored(words: str) -> Stored:
    fact = Told(words=words)
    ids = (UUID(int=1), UUID(int=2))
    meta = META.model_dump_json(exclude_none=True).encode()
    return Stored("990101", 1, "told:1", 1, fact.NAME, 1, *ids, MOMENT, MOMENT, meta, encode(fact), False, b"")


@pytest.mark.parametrize(("letters", "is_kept"), [(100, True), (5_000, False)])
def test_a_short_fact_is_decoded_once_and_a_long_one_does_not_stay_in_memory(letters: int, *, is_kept: bool) -> None:
    row = stored("a" * letters)
    first, again = recorded(row).fact, recorded(row).fact
    assert first == again == Told(words="a" * letters)
    assert (first is again) == is_kept
