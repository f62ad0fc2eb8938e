"""Replay: a short fact is decoded once for those that read it one after the other; a long stream lets others work."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from events.fact import Actor, Fact, Meta
from events.upcasts import encode
from services.chassis.decider import Decider
from services.chassis.event_store import Append, Head, Stored
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.replay import known_of, recorded

MOMENT = datetime(2026, 11, 2, tzinfo=UTC)
META = Meta(actor=Actor(id="S-1", role="clerk", scope="990101"), correlation="c", causation="d")


class Told(Fact, name="test.told_at_length"):
    """So many words."""

    words: str


def nothing(*_: object) -> tuple[()]:
    return ()


def one_more(count: int, _: object) -> int:
    return count + 1


COUNTING: Decider[object, int, Fact] = Decider(initial=0, decide=nothing, evolve=one_more)


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


async def test_who_reads_a_long_stream_lets_the_others_work_in_between() -> None:
    store, stream = MemoryEventStore("test"), ("990101", "told:1")
    await store.open_logs(["990101"])
    rows = [
        stored("a" * 70_000)._replace(position=version, version=version, hash=bytes(32)) for version in range(1, 11)
    ]
    head = Head("990101", 10, bytes(32), MOMENT)
    async with store.transaction(["990101"]) as transaction:
        await transaction.write(Append(facts=rows, heads={"990101": head}))
    worked: list[int] = []

    async def others() -> None:
        while True:
            worked.append(1)
            await asyncio.sleep(0)

    working = asyncio.create_task(others())
    assert await known_of(store, stream, COUNTING) == (10, 10)
    working.cancel()
    assert len(worked) >= len(rows)
