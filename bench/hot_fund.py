"""One fund that everybody draws on at once: our writer, and the row lock that a user would pick instead."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import count
from uuid import UUID

import asyncpg
import uvloop

from bench.appending import working_writer
from bench.contest import Run, Stage
from bench.grant import ACTOR
from bench.load import closed_loop
from services.chassis.clock import SystemClock
from services.chassis.database import Pool
from services.chassis.deciding import Deciders
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer
from services.ledger.fund import DECIDER
from services.ledger.fund_commands import Command, OpenFund, ReceiveAppropriation, Reserve

FUND = "990101-2026"
COUNTY = "990101"
APPROPRIATED_FEN = 10**12
RESERVED_FEN = 200_000
ROW_LOCK_POOL = 16
RESERVED_KEPT = "select count(*) from facts where name = 'ledger.reserved'"
HOLDS_KEPT = "select count(*) from holds"
_DECIDERS: Deciders = dict.fromkeys((OpenFund, ReceiveAppropriation, Reserve), DECIDER)
_TABLES = f"""
create table funds (fund_id text primary key, book_fen bigint not null, reserved_fen bigint not null default 0);
create table holds (hold_id text primary key, fund_id text not null references funds, case_id text not null,
                    amount_fen bigint not null, decided_by text not null, at timestamptz not null default now());
insert into funds values ('{FUND}', {APPROPRIATED_FEN});
"""


def reserve(callers: int, stage: Stage) -> Run:
    """Reserve through our writer: one stream, every hold a fact of its own."""
    return uvloop.run(_reserve(callers, stage))


async def _reserve(callers: int, stage: Stage) -> Run:
    numbers = count()
    async with working_writer(stage.app_dsn, _DECIDERS) as writer:
        await _open(writer, numbers)

        async def call(caller: int) -> None:
            number = next(numbers)
            hold = Reserve(f"hold-{number}", f"case-{number}", RESERVED_FEN, "S-0001", fund_id=FUND)
            await writer.submit(_unit(hold, number))

        return await closed_loop(callers, stage.seconds, call)


async def _open(writer: Writer, numbers: "count[int]") -> None:
    await writer.submit(_unit(OpenFund(FUND, COUNTY, None, 2026), next(numbers)))
    money = ReceiveAppropriation("appropriation-1", APPROPRIATED_FEN, "province", "县财社〔2026〕1号")
    await writer.submit(_unit(money, next(numbers)))


def _unit(command: Command, number: int) -> Unit:
    command_id = UUID(int=os.getpid() << 64 | number)
    return Unit(
        division=COUNTY,
        parts=(Directed(f"fund:{FUND}", command),),
        command_id=command_id,
        actor=ACTOR,
        occurred_at=SystemClock().now(),
        digest=sha256(command_id.bytes).digest(),
    )


def lock_and_reserve(callers: int, stage: Stage) -> Run:
    """Reserve with ``select ... for update`` and a check in Python, one transaction for each."""
    return uvloop.run(_lock_and_reserve(callers, stage))


async def _lock_and_reserve(callers: int, stage: Stage) -> Run:
    numbers = count()
    async with _fund_tables(stage.owner_dsn) as pool:

        async def call(caller: int) -> None:
            await _hold(pool, next(numbers))

        return await closed_loop(callers, stage.seconds, call)


async def _hold(pool: Pool, number: int) -> None:
    async with pool.acquire() as connection, connection.transaction():
        fund = await connection.fetchrow("select * from funds where fund_id = $1 for update", FUND)
        assert fund is not None
        assert fund["book_fen"] - fund["reserved_fen"] >= RESERVED_FEN
        hold = (f"hold-{number}", FUND, f"case-{number}", RESERVED_FEN, "S-0001")
        await connection.execute("insert into holds values ($1, $2, $3, $4, $5)", *hold)
        await connection.execute(
            "update funds set reserved_fen = reserved_fen + $2 where fund_id = $1", FUND, RESERVED_FEN
        )


@asynccontextmanager
async def _fund_tables(dsn: str) -> AsyncGenerator[Pool]:
    async with asyncpg.create_pool(dsn, min_size=ROW_LOCK_POOL, max_size=ROW_LOCK_POOL) as pool:
        await pool.execute(_TABLES)
        yield pool
