"""Dead letters are listed, shown, replayed with those parked behind them, and discarded; a replay happens once."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

import asyncpg
import pytest
from click.testing import Result
from fastapi import APIRouter

from events.cloudevents import Message
from events.fact import Public
from events.ledger import Voided
from events.relief import CaseOpened, ReportLinked
from events.upcasts import decode
from jiujinan.dead_letters import DeadLetters, Key
from jiujinan.replaying import Replayed, at_hand, opened, replay
from services.chassis.database import Pool
from services.chassis.following import Reaction, Record, on
from services.chassis.keyring import Erasure
from services.chassis.mount import DEAD_LETTERS, Blueprint, Mounted
from services.chassis.unit import Directed
from services.intake.app import BLUEPRINT as INTAKE
from tests.support.command_line import environment_of, jiujinan
from tests.support.counter import COUNTY, DECIDERS, T0, Count, Counted, Explode
from tests.support.golden import SAMPLES
from tests.support.neighbours import Neighbour
from tests.support.services import RunningService, RunService

WAITING = """
select exists (select from pg_locks l join pg_stat_activity a using (pid)
               where a.datname = current_database() and not l.granted)
"""
BAD, GOOD = "counter:bad", "counter:good"
Frees = Callable[[Voided, Message], Awaitable[Sequence[Directed]]]
Copies = Callable[[Counted, Message], Awaitable[Sequence[Directed]]]


async def copies_with_a_bug(fact: Counted, message: Message) -> Sequence[Directed]:
    """Count what was counted upstream; a bug on 5."""
    return [Directed(f"copy:{message.stream}", Explode() if fact.by == 5 else Count(fact.by))]


async def copies(fact: Counted, message: Message) -> Sequence[Directed]:
    """The same, as released once the bug was found."""
    return [Directed(f"copy:{message.stream}", Count(fact.by))]


def copying(reaction: Copies) -> Blueprint:
    """A service that counts what a service called upstream counts."""
    return Blueprint(
        name="copies",
        schema=("services.chassis.migrations.service",),
        deciders=DECIDERS,
        follows=("jiujinan.upstream.v1",),
        router=APIRouter(),
        reactions=lambda mounted: dict([on(Counted, reaction)]),
    )


class Copying:
    """The service with the bug at work, and its upstream."""

    def __init__(self, service: RunningService) -> None:
        self.settings = service.mounted.settings
        self.pool: Pool = service.mounted.pool
        self.keyring = service.mounted.keyring
        self.follower = service.mounted.follower
        self.letters = DeadLetters(self.pool)
        self._store = service.mounted.store
        self._upstream = Neighbour("upstream", COUNTY, service.mounted.follower)

    async def hears(self, by: int, stream: str = BAD) -> None:
        """Upstream counts."""
        await self._upstream.says(Counted(by=by), stream, T0)

    async def counted(self) -> list[tuple[str, int]]:
        """What it has counted, in that order."""
        facts = [(row.stream, json.loads(row.data)["by"]) async for row in self._store.read(COUNTY)]
        return [(stream.removeprefix("copy:"), by) for stream, by in facts]

    async def open(self) -> list[tuple[int, str]]:
        """The positions and reasons of the letters that wait."""
        return [(kept.letter.position, kept.letter.reason) for kept in await self.letters.all()]

    async def replays(self, position: int, reaction: Copies = copies) -> Sequence[Replayed]:
        """Replay the letter of a position with this release, beside the service."""
        letter = await self.letters.one(Key("upstream", COUNTY, position))
        assert letter is not None
        async with at_hand(self.settings, copying(reaction)) as mounted:
            return await replay(mounted, letter, "S-1")


@pytest.fixture
async def service(run_service: RunService) -> AsyncIterator[Copying]:
    """Two letters of the bad counter wait; the good one has counted on."""
    async with run_service(copying(copies_with_a_bug)) as running:
        started = Copying(running)
        await started.hears(5)
        await started.hears(1)
        await started.hears(2, GOOD)
        yield started


async def test_a_fixed_release_takes_in_a_letter_and_those_parked_behind_it_in_their_order(service: Copying) -> None:
    assert await service.open() == [(1, "failed:ZeroDivisionError"), (2, "parked")]
    replayed = await service.replays(2)
    assert [(one.key.position, one.failed) for one in replayed] == [(1, None), (2, None)]
    assert await service.counted() == [(GOOD, 2), (BAD, 5), (BAD, 1)]
    assert await service.open() == []
    await service.hears(3)
    assert (await service.counted())[-1] == (BAD, 3)


async def test_a_letter_that_was_taken_in_but_not_settled_does_nothing_the_second_time(service: Copying) -> None:
    await service.replays(1)
    counted = await service.counted()
    await service.pool.execute("update dead_letters set settled = null, settled_by = null, settled_at = null")
    assert [one.failed for one in await service.replays(1)] == [None, None]
    assert await service.counted() == counted
    assert await service.open() == []


async def test_a_letter_that_fails_again_stays_with_those_behind_it(service: Copying) -> None:
    replayed = await service.replays(1, copies_with_a_bug)
    assert [(str(one.key), one.failed) for one in replayed] == [("upstream:990101:1", "failed:ZeroDivisionError")]
    assert await service.open() == [(1, "failed:ZeroDivisionError"), (2, "parked")]
    await service.hears(9)
    assert [one.failed for one in await service.replays(1)] == [None, None, "too_much"]
    assert await service.open() == [(4, "parked")]


async def test_what_a_replayed_letter_gives_names_the_fact_that_was_heard(service: Copying) -> None:
    await service.replays(1)
    meta = await service.pool.fetchval("select meta from facts_readable where position = 2")
    told = json.loads(meta)
    assert (told["causation"], told["actor"]["rule"]) == ("upstream:990101:1", "copies")


async def test_settling_waits_for_a_writer_who_may_park_something_behind_the_letter(service: Copying) -> None:
    first = Key("upstream", COUNTY, 1)
    writer = await asyncpg.connect(service.settings.database_url)
    async with writer.transaction():
        await writer.execute("select from log_heads where division = $1 for update", COUNTY)
        settling = asyncio.create_task(service.letters.settle(first, "replayed", "S-1", T0))
        async with asyncio.timeout(30):
            while not await writer.fetchval(WAITING):  # noqa: ASYNC110  the other side is a database
                await asyncio.sleep(0.01)
        assert not settling.done()
    await writer.close()
    assert await settling
    assert not await service.letters.settle(first, "replayed", "S-1", T0)


async def test_a_letter_whose_key_is_destroyed_cannot_be_replayed(service: Copying) -> None:
    assert await service.keyring.destroy(Erasure(DEAD_LETTERS, T0, "test", "S-1"))
    assert [one.failed for one in await service.replays(1)] == ["erased"]


async def test_a_record_that_nobody_can_read_is_kept_as_it_came_and_stays(service: Copying) -> None:
    await service.follower.take_in([Record("topic", 0, 4, {"ce_id": "?"}, b"no fact")])
    letter = Key("topic/0", "000000", 5)
    kept = await service.letters.one(letter)
    assert kept is not None
    async with at_hand(service.settings, copying(copies)) as mounted:
        assert await opened(mounted, kept) == b"no fact"
        assert await replay(mounted, kept, "S-1") == [Replayed(letter, "missing_header:ce_specversion")]
    assert letter in [kept.key for kept in await service.letters.all()]


@pytest.fixture
async def commands(run_service: RunService) -> AsyncIterator[Callable[..., Awaitable[Result]]]:
    """The commands about the dead letters of an intake that has heard of a case for a report it does not know."""
    async with run_service(INTAKE) as intake:
        relief = Neighbour("relief", COUNTY, intake.mounted.follower)
        for fact_type in (CaseOpened, ReportLinked):
            fact = decode(fact_type.NAME, fact_type.VERSION, SAMPLES[fact_type.NAME, fact_type.VERSION])
            assert isinstance(fact, Public)
            await relief.says(fact, "case:C-0001", T0)
        environment = environment_of(intake.mounted.settings, "INTAKE_URL")

        async def dlq(*arguments: str) -> Result:
            return await jiujinan("dlq", *arguments, "--service", "intake", **environment)

        yield dlq


async def test_letters_are_listed_with_their_reasons(commands: Callable[..., Awaitable[Result]]) -> None:
    listed = json.loads((await commands("list", "--json")).stdout)["dead_letters"]
    assert [(one["letter"], one["name"], one["reason"]) for one in listed] == [
        ("relief:990101:1", "relief.case_opened", "no_such_report"),
        ("relief:990101:2", "relief.report_linked", "parked"),
    ]
    assert len((await commands("list")).stdout.splitlines()) == 2


async def test_a_letter_shows_its_envelope_and_its_content_only_when_it_is_opened(
    commands: Callable[..., Awaitable[Result]],
) -> None:
    closed = json.loads((await commands("show", "relief:990101:1", "--json")).stdout)
    assert closed["headers"]["ce_type"] == "relief.case_opened"
    assert "body" not in closed
    shown = json.loads((await commands("show", "relief:990101:1", "--open", "--json")).stdout)
    assert shown["body"].encode() == SAMPLES["relief.case_opened", 1]
    assert (await commands("show", "relief:990101:9")).exit_code == 1


async def test_a_replay_that_fails_again_exits_with_1(commands: Callable[..., Awaitable[Result]]) -> None:
    replayed = await commands("replay", "--by", "S-1", "--json")
    assert replayed.exit_code == 1
    assert json.loads(replayed.stdout)["replayed"] == [{"letter": "relief:990101:1", "failed": "no_such_report"}]


async def test_a_letter_is_discarded_once_with_a_reason_and_those_behind_it_are_not(
    commands: Callable[..., Awaitable[Result]],
) -> None:
    words = ("discard", "relief:990101:1", "--reason", "test_record", "--by", "S-1")
    assert (await commands(*words)).stdout == "relief:990101:1  已丢弃;其后 relief:990101:2 待重放\n"
    assert (await commands(*words)).exit_code == 1
    told = json.loads((await commands("list", "--all", "--json")).stdout)["dead_letters"]
    assert [(one["settled"], one["settled_by"]) for one in told] == [("discarded", "S-1:test_record"), (None, None)]
    assert len(json.loads((await commands("list", "--json")).stdout)["dead_letters"]) == 1


async def frees_with_a_bug(fact: Voided, message: Message) -> Sequence[Directed]:
    """Count what was let go for a case; a bug on the case C-1."""
    return [Directed(f"copy:{fact.case_id}", Explode() if fact.case_id == "C-1" else Count(fact.amount_fen))]


async def cannot_free(fact: Voided, message: Message) -> Sequence[Directed]:
    """A bug on the first hold, before anything is asked of the writer."""
    return [Directed(f"copy:{fact.case_id}", Count(fact.amount_fen // (fact.hold_id != "h-1")))]


async def frees(fact: Voided, message: Message) -> Sequence[Directed]:
    """The same, as released once the bug was found."""
    return [Directed(f"copy:{fact.case_id}", Count(fact.amount_fen))]


def freeing(reaction: Frees) -> Blueprint:
    """A service that heeds what funds let go."""

    def reactions(mounted: Mounted) -> Mapping[str, tuple[str, Reaction]]:
        return dict([on(Voided, reaction)])

    return replace(copying(copies), reactions=reactions)


@pytest.mark.parametrize("broken", [frees_with_a_bug, cannot_free])
async def test_a_case_that_breaks_our_code_holds_up_no_other_case_of_its_fund(
    run_service: RunService, broken: Frees
) -> None:
    async with run_service(freeing(broken)) as running:
        service = Copying(running)
        funds = Neighbour("upstream", COUNTY, running.mounted.follower)
        for number, (case_id, fund) in enumerate((("C-1", "A"), ("C-2", "A"), ("C-1", "B"), ("C-3", "A")), start=1):
            let_go = Voided(fund_id=fund, hold_id=f"h-{number}", case_id=case_id, amount_fen=number, reason="expired")
            await funds.says(let_go, f"fund:{fund}", T0)
        assert await service.counted() == [("C-2", 2), ("C-3", 4)]
        assert await service.open() == [(1, "failed:ZeroDivisionError"), (3, "parked")]
        letter = await service.letters.one(Key("upstream", COUNTY, 3))
        assert letter is not None
        assert letter.letter.subject == "case:C-1"
        async with at_hand(service.settings, freeing(frees)) as mended:
            assert [one.failed for one in await replay(mended, letter, "S-1")] == [None, None]
        assert (await service.counted())[2:] == [("C-1", 1), ("C-1", 3)]
        assert await service.open() == []
