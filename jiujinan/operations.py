"""What operators do to a running system: build a read model anew, publish logs again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import click

from events.cloudevents import Message
from jiujinan.environment import Environment, Target, with_target
from jiujinan.moments import MOMENT
from jiujinan.printing import bar, echo_json, with_json
from services.chassis.broker import Bus
from services.chassis.chain import EPOCH
from services.chassis.database import Pool, open_pool, translated
from services.chassis.migrate import check_schema, migrations
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.projection import Projector, ReadModel
from services.chassis.relay import Publisher, PublishFailed, Relay
from services.chassis.sql import statements

_SQL = statements("jiujinan", "operations.sql")
_PATIENCE_SECONDS = 30.0


@click.command()
@click.argument("name")
@with_target
@with_json
def rebuild(name: str, target: Target, as_json: bool) -> None:
    """从第一条事实起重建一个读模型,追上后切换过去;其间旧的照常可读。"""
    models = {model.name: model for model in target.blueprint.read_models}
    if name not in models:
        raise click.BadParameter(f"{target.service} 的读模型有:{'、'.join(models)}", param_hint="NAME")
    facts = asyncio.run(_rebuild(target, models[name]))
    if as_json:
        echo_json({"service": target.service, "name": name, "facts": facts})
    else:
        click.echo(f"{target.service} 的读模型 {name} 已重建:{facts} 条事实")


@click.command()
@with_target
@click.option("--county", help="一个县(日志的区划代码)。")
@click.option("--from", "first", type=click.IntRange(min=1), help="该县日志从第几条起。")
@click.option("--since", type=MOMENT, help="全部日志从这一时刻以来记录的。")
@with_json
def republish(target: Target, county: str | None, first: int | None, since: datetime | None, as_json: bool) -> None:
    """把日志中的公开事实再发布一遍:给出 --county 和 --from,或者给出 --since。已经收到过的会被略过。"""
    match county, first, since:
        case str(), int(), None:
            published = asyncio.run(_republish(target, lambda pool: position_before(pool, county, first)))
        case None, None, datetime():
            published = asyncio.run(_republish(target, lambda pool: positions_before(pool, since)))
        case _:
            raise click.UsageError("要么给出 --county 和 --from,要么给出 --since。")
    if as_json:
        echo_json({"service": target.service, "published": published})
    else:
        for division, facts in published.items():
            click.echo(f"{target.service} {division}:再次发布 {facts} 条")


async def rebuilt(pool: Pool, service: str, model: ReadModel) -> int:
    """Build a read model anew beside the live one and switch to it; give how many facts it has taken in."""
    total = sum(head.position for head in await PostgresEventStore(pool, service).heads())
    projector, done = Projector(pool, model), 0
    with bar(f"重建 {model.name}", total) as progress:

        def so_far(facts: int) -> None:
            nonlocal done
            progress(facts - done)
            done = facts

        await projector.rebuild(so_far)
    return await projector.taken_in(await projector.live_slot())


async def position_before(pool: Pool, county: str, first: int) -> Mapping[str, int]:
    """The position behind which to begin, so that a county's log comes from this one on."""
    if county not in await positions_before(pool, EPOCH):
        raise click.BadParameter("没有这个县的日志", param_hint="--county")
    return {county: first - 1}


async def positions_before(pool: Pool, moment: datetime) -> Mapping[str, int]:
    """The last position of each log that was recorded before a moment."""
    with translated():
        return {row["division"]: row["position"] for row in await pool.fetch(_SQL["before"], moment)}


async def publish_again(pool: Pool, service: str, publisher: Publisher, spans: Mapping[str, int]) -> dict[str, int]:
    """Publish the public facts of these logs from behind a position each; give how many were sent of each.

    Raises ``PublishFailed``; what was sent until then was sent in order.
    """
    with translated():
        counts = [await pool.fetchval(_SQL["public_after"], *span) for span in spans.items()]
    with bar(f"发布 {service}", sum(counts)) as progress:
        relay = Relay(pool, service, _Counted(publisher, progress))
        return {division: await relay.republish(division, after=after) for division, after in spans.items()}


@dataclass(frozen=True, slots=True)
class _Counted:
    """Another publisher, whose messages are counted."""

    publisher: Publisher
    progress: Callable[[int], None]

    async def send(self, topic: str, message: Message) -> Awaitable[object]:
        self.progress(1)
        return await self.publisher.send(topic, message)


async def _rebuild(target: Target, model: ReadModel) -> int:
    async with _database(target) as pool:
        return await rebuilt(pool, target.service, model)


async def _republish(target: Target, chosen: Callable[[Pool], Awaitable[Mapping[str, int]]]) -> dict[str, int]:
    async with _database(target) as pool:
        spans = await chosen(pool)
        async with _connected(target.environment) as bus:
            return await publish_again(pool, target.service, bus, spans)


@asynccontextmanager
async def _connected(environment: Environment) -> AsyncGenerator[Bus]:
    """A connection to the broker that follows nothing."""
    idempotent = (environment.get("KAFKA_IDEMPOTENCE") or "true").lower() in ("true", "1")
    bus = Bus(environment.need("KAFKA_BOOTSTRAP"), idempotent)
    running = asyncio.create_task(bus.run())
    try:
        await _patiently(bus.connected)
        yield bus
    except PublishFailed:
        raise click.ClickException("消息代理没有确认,未发布完;可以重新执行") from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _patiently(connected: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await connected.wait()
    except TimeoutError:
        raise click.ClickException(f"{_PATIENCE_SECONDS:.0f} 秒内连不上消息代理") from None


@asynccontextmanager
async def _database(target: Target) -> AsyncGenerator[Pool]:
    """A service's database, if it is of this release. Raises ``WrongSchema``, ``StoreUnavailable``."""
    with translated():
        async with await open_pool(target.database, size=4) as pool:
            async with pool.acquire() as connection:
                await check_schema(connection, migrations(*target.blueprint.schema))
            yield pool
