"""What every event store must keep, told through the writer; run on the memory store and on PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import NAMESPACE_OID, uuid5

import pytest

from events.fact import _registry  # pyright: ignore[reportPrivateUsage]  to play an older release
from events.upcasts import decode
from services.chassis import replay
from services.chassis.chain import genesis, link
from services.chassis.committing import Committer
from services.chassis.decider import Refused
from services.chassis.event_store import EventStore, Snapshot, Stored
from services.chassis.memory_event_store import MemoryEventStore
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.unit import (
    Directed,
    Gap,
    MessageId,
    NonceReused,
    Outcome,
    SaidDifferently,
    StreamUnreadable,
    TakenOver,
    Unit,
    VersionConflict,
)
from services.chassis.writer import Writer
from tests.support.counter import (
    COUNTY,
    DECIDERS,
    T0,
    Count,
    Explode,
    FreeName,
    Note,
    Noted,
    SteppingClock,
    TakeName,
    heard,
    said,
)
from tests.support.databases import ServiceDatabase
from tests.support.running import running

NONCE = uuid5(NAMESPACE_OID, "a message")


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> EventStore:
    if request.param == "memory":
        return MemoryEventStore("counting")
    database: ServiceDatabase = request.getfixturevalue("service_database")
    return PostgresEventStore(database.pool, "counting")


@pytest.fixture
async def writer(store: EventStore) -> AsyncIterator[Writer]:
    async with running(Writer(store, DECIDERS, SteppingClock())) as started:
        yield started


async def log(store: EventStore, division: str = COUNTY) -> list[Stored]:
    return [fact async for fact in store.read(division)]


async def take_in(writer: Writer, *units: Unit) -> list[Outcome | BaseException]:
    return await writer.take_in(units)


async def test_a_command_becomes_a_fact_at_the_next_position(writer: Writer, store: EventStore) -> None:
    first = await writer.submit(said(Count(3), key="a"))
    second = await writer.submit(said(Count(4), key="b"))
    assert (first.position, second.position) == (1, 2)
    assert [(f.position, f.version, f.name) for f in await log(store)] == [
        (1, 1, "test.counted"),
        (2, 2, "test.counted"),
    ]
    assert [(h.division, h.position) for h in await store.heads()] == [(COUNTY, 2)]


async def test_a_fact_s_id_follows_from_its_command_and_its_place_there(writer: Writer, store: EventStore) -> None:
    unit = said(Note(), key="a")
    await writer.submit(unit._replace(parts=unit.parts * 12))
    expected = [(unit.command_id, uuid5(unit.command_id, str(number))) for number in range(12)]
    assert [(fact.command_id, fact.fact_id) for fact in await log(store)] == expected


async def test_many_at_once_leave_no_gap_and_every_stream_in_order(writer: Writer, store: EventStore) -> None:
    units = [said(Note(), f"counter:{n % 7}", key=str(n), division=f"99010{n % 3}") for n in range(300)]
    await asyncio.gather(*(writer.submit(unit) for unit in units))
    for division in ("990100", "990101", "990102"):
        facts = await log(store, division)
        assert [f.position for f in facts] == list(range(1, len(facts) + 1))
        for stream in {f.stream for f in facts}:
            versions = [f.version for f in facts if f.stream == stream]
            assert versions == list(range(1, len(versions) + 1))


async def test_the_chain_ties_every_fact_to_the_one_before(writer: Writer, store: EventStore) -> None:
    for n in range(5):
        await writer.submit(said(Note(str(n)), key=str(n)))
    previous = genesis("counting", COUNTY)
    for fact in await log(store):
        assert fact.hash == link(previous, fact)
        assert fact.hash != link(previous, fact._replace(data=fact.data + b" "))
        previous = fact.hash


async def test_the_same_command_again_gives_the_same_answer_and_no_new_fact(writer: Writer, store: EventStore) -> None:
    first = await writer.submit(said(Count(3), key="a"))
    again = await writer.submit(said(Count(3), key="a"))
    assert (again.body, again.position, again.replayed) == (first.body, first.position, True)
    assert json.loads(first.body)["counted"] == 3
    assert len(await log(store)) == 1


async def test_the_same_command_twice_in_one_batch_is_one(writer: Writer, store: EventStore) -> None:
    outcomes = await asyncio.gather(*(writer.submit(said(Count(3), key="a")) for _ in range(5)))
    assert len({outcome.body for outcome in outcomes}) == 1
    assert len(await log(store)) == 1


async def test_the_same_command_id_with_other_words_is_refused(writer: Writer, store: EventStore) -> None:
    await writer.submit(said(Count(3), key="a"))
    with pytest.raises(SaidDifferently):
        await writer.submit(said(Count(4), key="a"))
    assert len(await log(store)) == 1


def in_message(number: int, *, key: str = "a") -> Unit:
    """A command in a message that may come again with the same words."""
    unit = said(Count(number), key=key)
    assert unit.digest is not None
    return unit._replace(nonce=MessageId(NONCE, unit.digest))


def in_sending(sending: bytes) -> Unit:
    """The same command in one sending of a message that may be sent once."""
    return said(Count(3), key="a", nonce=MessageId(NONCE, sending))


async def test_a_message_id_comes_again_with_the_same_words_only(writer: Writer, store: EventStore) -> None:
    first = await writer.submit(in_message(3))
    assert (await writer.submit(in_message(3))).body == first.body
    with pytest.raises(NonceReused):
        await writer.submit(in_message(4, key="b"))
    assert len(await log(store)) == 1


async def test_a_message_that_is_sent_once_is_refused_with_the_same_words_by_a_process_that_starts_later(
    writer: Writer, store: EventStore
) -> None:
    await writer.submit(in_sending(b"first"))
    async with running(Writer(store, DECIDERS, SteppingClock())) as later:
        with pytest.raises(NonceReused):
            await later.submit(in_sending(b"again"))
    assert len(await log(store)) == 1


async def test_one_sending_that_is_tried_again_after_an_unknown_commit_is_no_replay(
    writer: Writer, store: EventStore
) -> None:
    first = await writer.submit(in_sending(b"first"))
    assert (await writer.submit(in_sending(b"first"))).body == first.body
    assert len(await log(store)) == 1


async def test_a_message_id_that_repeats_an_earlier_command_is_kept_too(writer: Writer, store: EventStore) -> None:
    first = await writer.submit(said(Count(3), key="a"))
    assert (await writer.submit(in_message(3))).body == first.body
    with pytest.raises(NonceReused):
        await writer.submit(in_message(4, key="b"))


async def test_of_two_commands_at_once_under_one_message_id_one_is_refused(writer: Writer, store: EventStore) -> None:
    units = [in_message(n, key=str(n)) for n in (1, 2)]
    outcomes = await asyncio.gather(*(writer.submit(unit) for unit in units), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Outcome, NonceReused]


async def test_a_repeat_is_known_to_a_process_that_starts_later(writer: Writer, store: EventStore) -> None:
    first = await writer.submit(said(Count(3), key="a"))
    async with running(Writer(store, DECIDERS, SteppingClock())) as later:
        assert (await later.submit(said(Count(3), key="a"))).body == first.body


async def test_a_refusal_leaves_no_trace_and_may_be_tried_again(writer: Writer, store: EventStore) -> None:
    await writer.submit(said(Count(9), key="a"))
    with pytest.raises(Refused) as refusal:
        await writer.submit(said(Count(2), key="b"))
    assert refusal.value.code == "too_much"
    assert (await writer.submit(said(Count(1), key="b"))).position == 2


async def test_one_command_that_fails_fails_alone(writer: Writer, store: EventStore) -> None:
    units = [said(Count(1), key="a"), said(Explode(), key="b"), said(Count(99), key="c"), said(Count(1), key="d")]
    outcomes = await asyncio.gather(*(writer.submit(unit) for unit in units), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Outcome, ZeroDivisionError, Refused, Outcome]
    assert len(await log(store)) == 2


async def test_two_processes_on_one_log_see_each_other(writer: Writer, store: EventStore) -> None:
    async with running(Writer(store, DECIDERS, SteppingClock())) as other:
        for n in range(5):
            await writer.submit(said(Count(1), key=f"a{n}"))
            await other.submit(said(Count(1), key=f"b{n}"))
        with pytest.raises(Refused):
            await writer.submit(said(Count(1), key="c"))
    assert [f.version for f in await log(store)] == list(range(1, 11))


async def test_two_processes_racing_never_pass_the_limit(writer: Writer, store: EventStore) -> None:
    async with running(Writer(store, DECIDERS, SteppingClock())) as other:
        attempts = [w.submit(said(Count(1), key=f"{n}{w is other}")) for n in range(20) for w in (writer, other)]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(outcome, Outcome) for outcome in outcomes) == 10
    assert len(await log(store)) == 10


async def test_a_claim_belongs_to_one_stream_until_it_is_freed(writer: Writer, store: EventStore) -> None:
    await writer.submit(said(TakeName("ox"), "counter:1", key="a"))
    with pytest.raises(Refused):
        await writer.submit(said(TakeName("ox"), "counter:2", key="b"))
    await writer.submit(said(FreeName("ox"), "counter:1", key="c"))
    await writer.submit(said(TakeName("ox"), "counter:2", key="d"))


async def test_a_stream_cannot_free_what_another_holds(writer: Writer, store: EventStore) -> None:
    await writer.submit(said(TakeName("ox"), "counter:1", key="a"))
    await writer.submit(said(FreeName("ox"), "counter:2", key="b"))
    with pytest.raises(Refused):
        await writer.submit(said(TakeName("ox"), "counter:3", key="c"))


async def test_of_many_who_want_one_name_in_one_batch_one_gets_it(writer: Writer, store: EventStore) -> None:
    units = [said(TakeName("ox"), f"counter:{n}", key=str(n)) for n in range(30)]
    outcomes = await asyncio.gather(*(writer.submit(unit) for unit in units), return_exceptions=True)
    assert sum(isinstance(outcome, Outcome) for outcome in outcomes) == 1


def _counting_as_many(command: Count, total: int) -> Count:
    return Count(command.by + total)


async def test_a_command_takes_over_what_the_part_before_it_has_made_of_its_stream(
    writer: Writer, store: EventStore
) -> None:
    await writer.submit(said(Count(3), key="a"))
    seen = TakenOver("counter:1", _counting_as_many)
    unit = said(Count(2), key="b")
    copying = unit._replace(parts=(*unit.parts, Directed("counter:2", Count(1), takes=seen)))
    assert json.loads((await writer.submit(copying)).body)["counted"] == 1 + 3 + 2
    with pytest.raises(Refused):
        await writer.submit(said(Count(5), "counter:2", key="c"))


async def test_the_same_name_is_free_in_another_county(writer: Writer, store: EventStore) -> None:
    await writer.submit(said(TakeName("ox"), key="a"))
    await writer.submit(said(TakeName("ox"), key="b", division="990102"))


async def test_what_was_heard_is_taken_in_once_and_in_order(writer: Writer, store: EventStore) -> None:
    await take_in(writer, heard(Count(1), 3, 0), heard(Count(1), 7, 3))
    replayed = await take_in(writer, heard(Count(1), 3, 0), heard(Count(1), 7, 3), heard(Count(1), 8, 7))
    assert [isinstance(o, Outcome) and o.replayed for o in replayed] == [True, True, False]
    assert len(await log(store)) == 3


async def test_a_gap_stops_the_log_until_it_is_filled(writer: Writer, store: EventStore) -> None:
    await take_in(writer, heard(Count(1), 3, 0))
    [gap] = await take_in(writer, heard(Count(1), 9, 7))
    assert isinstance(gap, Gap)
    assert (gap.followed, gap.previous) == (3, 7)
    outcomes = await take_in(writer, heard(Count(1), 7, 3), heard(Count(1), 9, 7))
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)
    assert len(await log(store)) == 3


async def test_a_gap_is_kept_for_the_next_process_until_all_that_was_let_go_is_followed(
    writer: Writer, store: EventStore
) -> None:
    await take_in(writer, heard(Count(1), 3, 0), heard(Count(1), 9, 7), heard(Count(1), 12, 9), heard(Count(1), 9, 7))
    [gap] = await store.gaps()
    assert (gap.followed, gap.lacks) == (3, 9)
    async with running(Writer(store, DECIDERS, SteppingClock())) as next_process:
        await take_in(next_process, heard(Count(1), 7, 3), heard(Count(1), 9, 7))
        assert await store.gaps() == [gap._replace(followed=9)]
        await take_in(next_process, heard(Count(1), 12, 9))
    assert await store.gaps() == []


async def test_what_was_never_followed_may_begin_with_a_gap(writer: Writer, store: EventStore) -> None:
    [gap] = await take_in(writer, heard(Count(1), 9, 7))
    assert isinstance(gap, Gap)
    assert [(missing.followed, missing.lacks) for missing in await store.gaps()] == [(0, 7)]


async def test_what_cannot_be_taken_in_is_buried_and_its_subject_waits_behind_it(
    writer: Writer, store: EventStore
) -> None:
    outcomes = await take_in(
        writer,
        heard(Count(99), 1, 0, subject="s"),
        heard(Count(1), 2, 1, subject="s"),
        heard(Count(1), 3, 2, subject="other"),
        heard(Explode(), 4, 3, subject="third"),
        heard(Count(1), 5, 4, subject="fourth", broken="malformed"),
    )
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)
    assert len(await log(store)) == 1
    [late] = await take_in(writer, heard(Count(1), 6, 5, subject="s"))
    assert isinstance(late, Outcome)
    assert len(await log(store)) == 1


async def test_two_processes_that_hear_the_same_facts_take_them_in_once(writer: Writer, store: EventStore) -> None:
    facts = [heard(Note(), n, n - 1) for n in range(1, 60)]
    async with running(Writer(store, DECIDERS, SteppingClock())) as other:
        await asyncio.gather(take_in(writer, *facts), take_in(other, *facts))
    assert len(await log(store)) == 59


async def test_an_expected_version_that_is_not_there_is_a_conflict(writer: Writer, store: EventStore) -> None:
    await writer.submit(said(Note(), key="a", expects=0))
    with pytest.raises(VersionConflict):
        await writer.submit(said(Note(), key="b", expects=0))


async def test_a_stream_that_a_newer_release_has_written_to_is_left_alone_and_never_skipped(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(Writer(store, DECIDERS, SteppingClock())) as newer:
        await newer.submit(said(Note(), "counter:1", key="a"))
    monkeypatch.delitem(_registry, Noted.NAME)
    monkeypatch.setattr(replay, "_decoded", decode)  # the older process has read nothing before
    async with running(Writer(store, DECIDERS, SteppingClock())) as older:
        with pytest.raises(StreamUnreadable):
            await older.submit(said(Count(1), "counter:1", key="b"))
        [stopped] = await take_in(older, heard(Count(1), 1, 0, "counter:1"))
        assert isinstance(stopped, StreamUnreadable)
        assert (await older.submit(said(Count(1), "counter:2", key="c"))).position == 2


async def test_recorded_time_never_goes_back_when_the_clock_does(store: EventStore) -> None:
    clock = SteppingClock()
    async with running(Writer(store, DECIDERS, clock)) as writer:
        await writer.submit(said(Note(), key="a"))
        clock.moment = T0.replace(year=2020)
        await writer.submit(said(Note(), key="b"))
    assert [f.recorded_at for f in await log(store)] == [T0, T0]


async def test_a_command_of_more_than_a_thousand_facts_is_refused(writer: Writer, store: EventStore) -> None:
    with pytest.raises(Refused):
        await writer.submit(said(Note(times=1001), key="a"))
    await writer.submit(said(Note(times=1000), key="b"))
    assert len(await log(store)) == 1000


async def test_a_log_is_read_from_and_to_any_position(writer: Writer, store: EventStore) -> None:
    await writer.submit(said(Note(times=10), key="a"))
    assert [f.position async for f in store.read(COUNTY, after=3, upto=6)] == [4, 5, 6]


async def test_what_was_written_between_two_positions_is_told_by_stream_and_name(
    writer: Writer, store: EventStore
) -> None:
    await writer.submit(said(Note(times=3), key="a"))
    await writer.submit(said(Note(times=2), key="b"))
    told = [await store.written(COUNTY, after, upto) for after, upto in ((0, 3), (2, 5), (5, 9))]
    streams = {fact.position: fact.stream for fact in await log(store)}
    assert [sorted(one) for one in told] == [[(streams[3], Noted.NAME)], [(streams[3], Noted.NAME)], []]


async def test_a_long_stream_is_folded_once_and_then_read_from_where_it_was_kept(
    writer: Writer, store: EventStore
) -> None:
    for n in range(9):
        await writer.submit(said(Count(1), key=str(n)))
    later = Committer(store, DECIDERS, SteppingClock(), keep_after=5)
    await later.commit([said(Note(), key="a")])
    [kept] = await store.snapshots([(COUNTY, "counter:1")])
    assert (kept.version, kept.shape, kept.state) == (9, "count.1", b"9")
    [refused] = await Committer(store, DECIDERS, SteppingClock()).commit([said(Count(2), key="b")])
    assert isinstance(refused, Refused)


@pytest.mark.parametrize(("shape", "total"), [("count.1", 2), ("count.0", 9)])
async def test_only_what_is_kept_in_todays_shape_is_believed(
    writer: Writer, store: EventStore, shape: str, total: int
) -> None:
    for n in range(9):
        await writer.submit(said(Count(1), key=str(n)))
    await store.keep(Snapshot(COUNTY, "counter:1", 9, shape, b"2"))
    [outcome] = await Committer(store, DECIDERS, SteppingClock()).commit([said(Count(10 - total), key="b")])
    assert isinstance(outcome, Outcome)


async def test_an_older_state_never_takes_a_newer_ones_place(store: EventStore) -> None:
    for version in (7, 5):
        await store.keep(Snapshot(COUNTY, "counter:1", version, "count.1", str(version).encode()))
    assert [kept.version for kept in await store.snapshots([(COUNTY, "counter:1")])] == [7]
