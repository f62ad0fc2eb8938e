"""Durable commands through our writer, with everything on: versions, de-duplication, claims and the chain."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from uuid import UUID

import uvloop

from bench.contest import Run, Stage
from bench.grant import ACTOR, FILE, Grant
from bench.load import closed_loop
from services.chassis.clock import SystemClock
from services.chassis.database import open_pool
from services.chassis.deciding import Deciders
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Writer

COUNTY = 990_101
FACTS_KEPT = "select count(*) / {facts} from facts"


@dataclass(frozen=True, slots=True)
class Commands:
    """What is said: by how many callers at once, in how many counties, how many facts each, with a claim or without."""

    callers: int
    counties: int = 1
    facts: int = 1
    claims: bool = True


def append(commands: Commands, stage: Stage) -> Run:
    """Let callers speak to one writer. Each has a file of its own, and says at which version it expects it."""
    return uvloop.run(_append(commands, stage))


async def _append(commands: Commands, stage: Stage) -> Run:
    numbers = count()
    versions = [0] * commands.callers
    async with working_writer(stage.app_dsn, {Grant: FILE}) as writer:

        async def call(caller: int) -> None:
            unit = _unit(commands, caller, next(numbers), versions[caller])
            await writer.submit(unit)
            versions[caller] += commands.facts

        return await closed_loop(commands.callers, stage.seconds, call)


def _unit(commands: Commands, caller: int, number: int, version: int) -> Unit:
    stream = f"file:{os.getpid()}-{caller}"
    command_id = UUID(int=os.getpid() << 64 | number)
    voucher = f"voucher:{command_id.hex}" if commands.claims else None
    command = Grant(stream, number, commands.facts, voucher)
    return Unit(
        division=str(COUNTY + caller % commands.counties),
        parts=(Directed(stream, command, () if voucher is None else (voucher,), version),),
        command_id=command_id,
        actor=ACTOR,
        occurred_at=SystemClock().now(),
        digest=sha256(command_id.bytes).digest(),
    )


@asynccontextmanager
async def working_writer(dsn: str, deciders: Deciders) -> AsyncGenerator[Writer]:
    """A writer at work on a database, as in a service."""
    async with await open_pool(dsn) as pool:
        writer = Writer(PostgresEventStore(pool, "bench"), deciders, SystemClock())
        task = asyncio.create_task(writer.run())
        try:
            yield writer
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def fill(dsn: str, facts: int) -> None:
    """Put so many facts into the log of one county, ten by ten into a thousand files."""
    commands = Commands(callers=1, facts=10, claims=False)
    async with working_writer(dsn, {Grant: FILE}) as writer:
        units = [_unit(commands, n % 1_000, n * 10, n // 1_000 * 10) for n in range(facts // 10)]
        for answer in await writer.take_in(units):
            if isinstance(answer, BaseException):
                raise answer
