"""However many approve at once, and in whatever order, a fund never promises what it does not have."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from random import Random
from uuid import UUID, uuid5

import pytest

from events.fact import Actor, Fact
from events.ledger import RefusedShort, Reserved
from services.chassis.clock import SystemClock
from services.chassis.database import open_pool
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.replay import recorded
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.ledger.app import BLUEPRINT
from services.ledger.fund_commands import Command, OpenFund, ReceiveAppropriation, Reserve
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment, Void
from services.ledger.ids import fund_stream
from tests.integration.ledger.given import COUNTY, COUNTY_FUND, T0, audit
from tests.support.databases import ServiceDatabase
from tests.support.running import running

NAMESPACE = UUID("00000000-0000-5000-8000-000000000003")
BOOK_FEN = 1_000_000
CLERK = Actor(id="S-0002", role="township_finance", scope="")


@dataclass(slots=True)
class Office:
    """A fund that several processes write to at once; chance decides which of them is asked."""

    stores: list[PostgresEventStore]
    writers: list[Writer]
    chance: Random = field(default_factory=Random)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def say(self, *commands: Command) -> list[str]:
        """Give commands as one unit of work to any of the writers; the names of the facts that it gave."""
        unit = Unit(
            division=COUNTY,
            parts=tuple(Directed(fund_stream(COUNTY_FUND), command) for command in commands),
            command_id=uuid5(NAMESPACE, str(next(self.numbers))),
            actor=CLERK,
            occurred_at=T0,
            digest=repr(commands).encode(),
        )
        return json.loads((await self.chance.choice(self.writers).submit(unit)).body)["facts"]

    async def approves(self, name: str, decisions: int) -> None:
        """An approver's day: some decisions, each left alone, let go or paid."""
        for number in range(decisions):
            hold = f"{name}-{number}"
            amount_fen = self.chance.choice([1, 33_333, 100_000, self.chance.randint(1, 300_000)])
            if await self.say(Reserve(hold, f"C-{hold}", amount_fen, name, COUNTY_FUND)) == [Reserved.NAME]:
                await self.goes_on(hold)

    async def goes_on(self, hold: str) -> None:
        """Let a hold go, pay it, pay it in vain, or leave it."""
        payment = f"P-{hold}"
        match self.chance.randrange(4):
            case 0:
                await self.say(Void(hold, "not_needed"))
            case 1:
                await self.say(Instruct(hold, payment, "bank_transfer", "Y"))
                await self.say(ConfirmReceived(payment, T0, "R"))
            case 2:
                await self.say(Instruct(hold, payment, "bank_transfer", "Y"), ConfirmReceived(payment, T0, "R"))
                await self.say(ReturnPayment(payment, "account_closed"))
            case _:
                pass

    async def facts(self) -> list[Fact]:
        """The county's log."""
        return [recorded(row).fact async for row in self.chance.choice(self.stores).read(COUNTY)]


@pytest.fixture
async def office(service_database: ServiceDatabase) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        pools = [await stack.enter_async_context(await open_pool(service_database.app_dsn)) for _ in range(2)]
        stores = [PostgresEventStore(pool, "ledger") for pool in pools]
        writers = [Writer(store, BLUEPRINT.deciders, SystemClock()) for store in stores]
        for writer in writers:
            await stack.enter_async_context(running(writer))
        office = Office(stores, writers)
        await office.say(
            OpenFund(COUNTY_FUND, COUNTY, None, 2023), ReceiveAppropriation("A1", BOOK_FEN, "province", "省拨1号")
        )
        yield office


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("approvers", "decisions", "writers"), [(16, 6, 2), (300, 2, 1), (300, 2, 2)])
async def test_concurrent_approvers_never_overdraw_a_fund(
    office: Office, approvers: int, decisions: int, writers: int, seed: int
) -> None:
    office.chance, office.writers = Random(seed), office.writers[:writers]
    await asyncio.gather(*(office.approves(f"T-{number}", decisions) for number in range(approvers)))
    facts = await office.facts()
    answers = [fact for fact in facts if isinstance(fact, Reserved | RefusedShort)]
    assert len(answers) == len({fact.hold_id for fact in answers}) == approvers * decisions
    assert {type(fact) for fact in answers} == {Reserved, RefusedShort}
    told = audit(facts, COUNTY_FUND)
    assert told.lowest_fen == 0
    assert told.posted_fen == told.book_fen
