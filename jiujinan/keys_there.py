"""Whether the key that an envelope names is still there: a key database that was put back lacks what came after."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass

import click

from jiujinan.environment import Environment, with_environment
from jiujinan.key_database import key_database
from jiujinan.printing import bar, echo_json, with_json
from services.chassis.database import Pool, open_pool, translated
from services.chassis.postgres_keyring import key_ids
from services.chassis.sql import statements

_SQL = statements("jiujinan", "keys_there.sql")
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Missing:
    """Data subjects with envelopes in a service's logs that no key opens any more, though nobody was erased.

    ``lost`` have no key at all; ``remade`` were given another one since, and what was sealed before is lost.
    """

    service: str
    subjects: int
    lost: Sequence[str]
    remade: Sequence[str]


async def missing_keys(pool: Pool, keyring: Pool, service: str, progress: Callable[[int], None]) -> Missing:
    """Look up the key of every envelope in a service's logs, as far as they go now. Raises ``StoreUnavailable``."""
    named: set[tuple[str, str]] = set()
    with translated():
        for division, position in await pool.fetch(_SQL["logs"]):
            for after in range(0, position, _PAGE):
                upto = min(after + _PAGE, position)
                rows = await pool.fetch(_SQL["envelopes"], division, after, upto)
                named |= {(row["subject"], row["key_id"]) for row in rows}
                progress(upto - after)
    kept = await key_ids(keyring, {subject for subject, _ in named})
    lost = {subject for subject, _ in named if subject not in kept}
    remade = {subject for subject, key_id in named if kept.get(subject) not in (None, key_id)}
    return Missing(service, len({subject for subject, _ in named}), sorted(lost), sorted(remade))


@click.command(name="check")
@with_environment
@with_json
@click.pass_context
def check(ctx: click.Context, environment: Environment, as_json: bool) -> None:
    """恢复密钥库备份之后:逐一核对各服务日志中的密封信封,其密钥是否还在密钥库中。

    备份之后才生成的密钥已随旧库失去,对应的个人信息再也打不开;有缺失则列出数据主体,并以 1 退出。
    """
    found = asyncio.run(_checked(environment))
    if as_json:
        echo_json({"services": [asdict(one) for one in found]})
    else:
        for one in found:
            _tell(one)
    ctx.exit(int(any(one.lost or one.remade for one in found)))


async def _checked(environment: Environment) -> list[Missing]:
    async with AsyncExitStack() as stack:
        keyring = await stack.enter_async_context(key_database(environment.need("KEYRING_URL")))
        found: list[Missing] = []
        for service in environment.services():
            with translated():
                pool = await stack.enter_async_context(await open_pool(environment.database(service), size=1))
                total = sum(row["position"] for row in await pool.fetch(_SQL["logs"]))
            with bar(f"核对 {service} 的密钥", total) as progress:
                found.append(await missing_keys(pool, keyring, service, progress))
        return found


_TOLD: Mapping[str, str] = {"lost": "密钥已失去", "remade": "密钥已换成新的,此前密封的内容打不开"}


def _tell(found: Missing) -> None:
    told = "齐全" if not (found.lost or found.remade) else f"失去 {len(found.lost)} 把,换新 {len(found.remade)} 把"
    click.echo(f"{found.service}  {found.subjects} 个数据主体的密钥:{told}")
    for kind, words in _TOLD.items():
        for subject in getattr(found, kind):
            click.echo(f"  {subject}  {words}")
