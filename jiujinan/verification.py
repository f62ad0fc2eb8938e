"""Verification (核验): every log is hashed again, fact by fact, from its genesis to its head.

A log that was cut off together with its head is whole in itself; whoever has read further tells.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

import click

from jiujinan.environment import SERVICES, Environment, with_environment
from jiujinan.printing import bar, echo_json, with_json
from services.chassis.chain import EPOCH, genesis
from services.chassis.database import Pool, open_pool, translated
from services.chassis.event_store import Head
from services.chassis.framing import framed
from services.chassis.sql import statements

_SQL = statements("jiujinan", "verification.sql")
_PAGE = 2_000

Reason = Literal["missing", "changed", "version", "cut_off", "beyond_head", "head_changed"]
_SENTENCES: Mapping[Reason, str] = {
    "missing": "缺失",
    "changed": "内容或哈希与记录时不同",
    "version": "在其事项流中的序号不连续",
    "cut_off": "及以后被截去",
    "beyond_head": "在日志头之后",
    "head_changed": "与日志头的哈希不符",
}


@dataclass(frozen=True, slots=True)
class Break:
    """The first position of a log that is not as it was written, and why."""

    division: str
    position: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verification of one service came to. ``facts`` counts those that are whole."""

    service: str
    logs: int
    facts: int
    breaks: Sequence[Break]


@dataclass(slots=True)
class _Walk:
    """A log on the way from its genesis to its head."""

    division: str
    hash: bytes
    position: int = 0
    versions: dict[str, int] = field(default_factory=dict[str, int])

    def through(self, page: Sequence[Any]) -> Break | None:
        """Take the next facts; stop at the first that does not fit."""
        for position, stream, version, rest, stored in page:
            if position != self.position + 1:
                return self._next("missing")
            self.hash = sha256(framed(self.hash) + rest).digest()
            if self.hash != stored:
                return self._next("changed")
            if version != self.versions.get(stream, 0) + 1:
                return self._next("version")
            self.versions[stream] = version
            self.position = position
        return None

    def at(self, head: Head, seen: int) -> Break | None:
        """The log is through: does it end where its head says, and not before what others have seen?"""
        if self.position < max(head.position, seen):
            return self._next("cut_off")
        if self.position > head.position:
            return Break(self.division, head.position + 1, "beyond_head")
        return None if self.hash == head.hash else Break(self.division, head.position, "head_changed")

    def _next(self, reason: Reason) -> Break:
        return Break(self.division, self.position + 1, reason)


async def verify_service(
    pool: Pool, service: str, others: Sequence[Pool] = (), progress: Callable[[int], None] = lambda facts: None
) -> Verdict:
    """Verify all logs of a service. ``others`` are databases of services that may have followed it.

    Raises ``StoreUnavailable``.
    """
    with translated():
        seen = await _seen(pool, service, others)  # before the heads: what is seen later may be newer than they
        divisions = {row["division"] for row in await pool.fetch(_SQL["logs"])} | seen.keys()
        walks = [await _walk(pool, service, (one, seen.get(one, 0)), progress) for one in sorted(divisions)]
    return Verdict(service, len(walks), sum(facts for facts, _ in walks), [found for _, found in walks if found])


async def _seen(pool: Pool, service: str, others: Sequence[Pool]) -> dict[str, int]:
    told = [await pool.fetch(_SQL["seen"]), *[await other.fetch(_SQL["followed"], service) for other in others]]
    seen: dict[str, int] = {}
    for row in (row for rows in told for row in rows):
        seen[row["division"]] = max(row["position"], seen.get(row["division"], 0))
    return seen


async def _walk(
    pool: Pool, service: str, log: tuple[str, int], progress: Callable[[int], None]
) -> tuple[int, Break | None]:
    """Walk through one log, as it stands at this moment."""
    division, seen = log
    walk = _Walk(division, genesis(service, division))
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        row = await connection.fetchrow(_SQL["head"], division)
        facts = await connection.cursor(_SQL["walk"], division)
        while page := await facts.fetch(_PAGE):
            if found := walk.through(page):
                return walk.position, found
            progress(len(page))
    head = Head(*row) if row else Head(division, 0, walk.hash, EPOCH)
    return walk.position, walk.at(head, seen)


@click.command()
@click.option("--service", type=click.Choice(SERVICES), help="只核验这一个;不给则核验给出了地址的全部服务。")
@with_environment
@with_json
@click.pass_context
def verify(ctx: click.Context, environment: Environment, service: str | None, as_json: bool) -> None:
    """逐条重算各服务全部日志的哈希链;发现断裂则指出第一处,并以 1 退出。"""
    verdicts = asyncio.run(_verify(environment, [service] if service else environment.services()))
    if as_json:
        echo_json({"services": [_as_json(verdict) for verdict in verdicts]})
    else:
        for verdict in verdicts:
            _tell(verdict)
    ctx.exit(int(any(verdict.breaks for verdict in verdicts)))


async def _verify(environment: Environment, services: Sequence[str]) -> list[Verdict]:
    async with AsyncExitStack() as stack:
        pools = {
            service: await stack.enter_async_context(await _opened(environment.database(service)))
            for service in sorted({*environment.services(), *services})
        }
        return [await _verify_shown(service, pools) for service in services]


async def _opened(url: str) -> Pool:
    with translated():
        return await open_pool(url, size=1)


async def _verify_shown(service: str, pools: Mapping[str, Pool]) -> Verdict:
    pool = pools[service]
    with translated():
        total = sum(row["position"] for row in await pool.fetch(_SQL["logs"]))
    others = [other for name, other in pools.items() if name != service]
    with bar(f"核验 {service}", total) as progress:
        return await verify_service(pool, service, others, progress)


def _as_json(verdict: Verdict) -> Mapping[str, object]:
    broken = [{"division": one.division, "position": one.position, "reason": one.reason} for one in verdict.breaks]
    return {"service": verdict.service, "logs": verdict.logs, "facts": verdict.facts, "broken": broken}


def _tell(verdict: Verdict) -> None:
    outcome = f"断裂 {len(verdict.breaks)} 处" if verdict.breaks else "完好"
    click.echo(f"{verdict.service}  {verdict.logs} 个日志,{verdict.facts} 条事实:{outcome}")
    for found in verdict.breaks:
        click.echo(f"  {found.division} 第 {found.position} 条{_SENTENCES[found.reason]}")
