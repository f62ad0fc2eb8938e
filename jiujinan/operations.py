"""What operators do to a running system: build a read model anew, publish logs again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import click

from events.cloudevents import Message
from jiujinan.environment import Environment, blueprint_of, with_environment, with_service
from jiujinan.moments import MOMENT
from jiujinan.printing import bar, echo_json, with_json
from services.chassis.broker import Bus
from services.chassis.database import Pool, open_pool, translated
from services.chassis.migrate import check_schema, migrations
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.projection import Projector
from services.chassis.relay import Publisher, PublishFailed, Relay
from services.chassis.sql import statements

_SQL = statements("jiujinan", "operations.sql")
_PATIENCE_SECONDS = 30.0


@click.command()
@click.argument("name")
@with_service
@with_environment
@with_json
def rebuild(name: str, service: str, environment: Environment, as_json: bool) -> None:
    """从第一条事实起重建一个读模型,追上后切换过去;其间旧的照常可读。"""
    facts = asyncio.run(_rebuild(environment, service, name))
    if as_json:
        echo_json({"service": service, "name": name, "facts": facts})
    else:
        click.echo(f"{service} 的读模型 {name} 已重建:{facts} 条事实")


async def _rebuild(environment: Environment, service: str, name: str) -> int:
    models = {model.name: model for model in blueprint_of(service).read_models}
    if name not in models:
        raise click.BadParameter(f"{service} 的读模型有:{'、'.join(models) or '无'}", param_hint="NAME")
    async with _database(environment, service) as pool:
        total = sum(head.position for head in await PostgresEventStore(pool, service).heads())
        projector, done = Projector(pool, models[name]), 0
        with bar(f"重建 {name}", total) as progress:

            def so_far(facts: int) -> None:
                nonlocal done
                progress(facts - done)
                done = facts

            await projector.rebuild(so_far)
        return await projector.taken_in(await projector.live_slot())


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a log: what follows a position."""

    division: str
    after: int


@click.command()
@with_service
@click.option("--county", help="哪一个县(日志的区划代码)。")
@click.option("--from", "first", type=click.IntRange(min=1), help="从第几条起。")
@click.option("--since", type=MOMENT, help="全部日志,从这一时刻记录的起。")
@with_environment
@with_json
def republish(service: str, environment: Environment, as_json: bool, **chosen: object) -> None:
    """把日志中的公开事实再发布一遍:给出 --county 和 --from,或者给出 --since。听过的人会略过。"""
'''
