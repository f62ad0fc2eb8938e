"""Replaying dead letters: each record is taken in again as the service would have, in order, and once."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from events.fact import Sealed
from jiujinan.dead_letters import DeadLetters, Kept, Key
from services.chassis.decider import Refused
from services.chassis.event_store import Fenced, StoreUnavailable
from services.chassis.following import Record
from services.chassis.mount import (
    DEAD_LETTERS,
    Blueprint,
    Mounted,
    assembled,
)
from services.chassis.settings import Settings


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one letter: a reason code where it failed again, and so stays."""

    key: Key
    failed: str | None


@asynccontextmanager
async def at_hand(settings: Settings, blueprint: Blueprint) -> AsyncGenerator[Mounted]:
    """A service with its writer at work and nothing else: it follows nobody, publishes nothing and answers nobody.

    Another process of the service may be at work: the logs' heads are locked for every batch.
    """
    async with AsyncExitStack() as stack:
        mounted = await assembled(settings, blueprint, stack)
        writing = asyncio.create_task(mounted.writer.run())
        try:
            if blueprint.prepare is not None:
                await blueprint.prepare(mounted)
            yield mounted
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing


async def opened(mounted: Mounted, kept: Kept) -> bytes | None:
    """The record's bytes as they came; none where their key was destroyed. Raises ``NotAuthentic``."""
    seals = await mounted.sealer.prepare([DEAD_LETTERS])
    text = seals.open(Sealed.model_validate_json(kept.letter.body))
    return None if text is None else text.encode()


async def replay(mounted: Mounted, letter: Kept, by: str) -> Sequence[Replayed]:
    """Take a letter's subject in again, from its first open letter on, until one fails again or none is left.

    A letter that was taken in but not settled, because something came between, is known by its command and does
    nothing the second time. Raises ``StoreUnavailable``, ``Fenced``.
    """
    letters = DeadLetters(mounted.pool)
    done: list[Replayed] = []
    while first := await letters.next_of(letter.letter):
        failed = await _take_in(mounted, first)
        done.append(Replayed(first.key, failed))
        if failed is not None:
            break
        await letters.settle(first.key, "replayed", by, mounted.clock.now())
    return done


async def _take_in(mounted: Mounted, kept: Kept) -> str | None:
    """Do what the service does on hearing the record; a code for why not."""
    body = await opened(mounted, kept)
    if body is None:
        return "erased"
    headers: dict[str, str] = {"content-type": "application/json", **json.loads(kept.letter.headers)}
    record = Record("", 0, 0, headers, body)
    try:
        unit = await mounted.follower.unit(record)
        if unit.heard is not None and unit.heard.broken is not None:
            return unit.heard.broken
        digest = mounted.pseudonyms.digest(kept.letter.headers, body)
        await mounted.writer.submit(unit._replace(heard=None, digest=digest))
    except Refused as refused:
        return refused.code
    except (StoreUnavailable, Fenced):
        raise
    except Exception as failure:
        return f"failed:{type(failure).__name__}"
    return None
