"""Following: a log that lacks a fact stops, and its alarm lasts until all that was let go behind it has come again."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from events.cloudevents import Message, headers
from events.ledger import Voided
from events.topics import topic_of
from services.chassis.event_store import Missing
from services.chassis.following import Follower, Record, on
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.unit import Directed
from services.chassis.writer import Writer
from tests.support.counter import COUNTY, DECIDERS, SteppingClock
from tests.support.running import running
from tests.support.saying import message

SOURCE = ("relief", COUNTY)


@pytest.fixture
def store() -> MemoryEventStore:
    return MemoryEventStore("ledger")


@pytest.fixture
async def follower(store: MemoryEventStore) -> AsyncIterator[Follower]:
    async with running(Writer(store, DECIDERS, SteppingClock())) as writer:
        yield Follower("ledger", writer, {}, lambda body: b"sealed")


def record(position: int) -> Record:
    """Every fact of the log is public, so each names the one before it."""
    said = replace(message("relief.case_accepted", b"{}", "case:1", position=position), division=COUNTY)
    return Record(topic_of("relief"), 0, position, headers(said), said.data)


async def test_a_gap_is_known_until_the_last_fact_that_was_let_go_has_come_again(
    follower: Follower, store: MemoryEventStore
) -> None:
    await follower.take_in([record(1), record(3), record(4)])
    assert store.stopped() == [Missing(*SOURCE, followed=1, lacks=3)]
    for position in (2, 3):
        await follower.take_in([record(position)])
        assert store.stopped() == [Missing(*SOURCE, position, 3)], f"forgotten at {position}, though 4 was let go"
    await follower.take_in([record(4)])
    assert store.stopped() == []


async def test_what_was_taken_in_already_does_not_end_an_alarm(follower: Follower, store: MemoryEventStore) -> None:
    await follower.take_in([record(1), record(3), record(1)])
    assert store.stopped() == [Missing(*SOURCE, 1, 2)]


async def test_a_gap_is_told_of_once_for_all_that_is_let_go_behind_it_at_a_time(
    follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    await follower.take_in([record(1), *map(record, range(3, 30))])
    [told] = [vars(line) for line in caplog.records if line.message == "gap"]
    assert (told["source"], told["division"], told["followed"]) == (*SOURCE, 1)


@pytest.mark.parametrize(
    ("data", "subject"),
    [
        (b'{"case_id": "C-1", "unheard": 1}', "case:C-1"),
        (b'{"case_id": 1}', "fund:1"),
        (b"[]", "fund:1"),
        (b"no fact", "fund:1"),
    ],
)
async def test_what_cannot_be_read_holds_up_the_case_that_it_names_or_else_its_stream(
    follower: Follower, data: bytes, subject: str
) -> None:
    async def heeds(fact: Voided, message: Message) -> Sequence[Directed]:
        return []

    follower.reactions = dict([on(Voided, heeds)])
    said = message(Voided.NAME, data, "fund:1")
    unit = await follower.unit(Record(topic_of("ledger"), 0, 1, headers(said), said.data))
    assert unit.heard is not None
    assert (unit.heard.broken, unit.heard.subject) == ("unreadable", subject)
