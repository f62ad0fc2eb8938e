"""The commands about keys: change the master key, keep the erasures apart, and what follows a restore."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from jiujinan.environment import Environment, with_environment
from jiujinan.key_database import key_database
from jiujinan.keys_there import check
from jiujinan.printing import bar, echo_json, with_json
from services.chassis.keyring import Erasure
from services.chassis.master_keys import CannotUnwrap, MasterKeys
from services.chassis.postgres_keyring import erasures, left_under_others, replay_erasures, rewrap
from services.chassis.settings import BadSetting, read_master_keys

_AT_ONCE = 500


@click.group()
def keys() -> None:
    """密钥库:更换主密钥,导出删除记录,恢复备份后重做删除、核对密钥。"""


keys.add_command(check)


@keys.command()
@with_environment
@with_json
@click.pass_context
def rotate(ctx: click.Context, environment: Environment, as_json: bool) -> None:
    """把全部数据密钥改用现行主密钥 (MASTER_KEY_ID) 包裹,以密钥库属主 OWNER_URL 连接。

    旧主密钥由 OTHER_MASTER_KEYS 给出,全部改完之前不可撤下;仍有剩余则以 1 退出。可以重复执行。
    """
    masters = MasterKeys(*read_master_keys(environment.values))
    rewrapped, left = asyncio.run(_rotated(environment.need("OWNER_URL"), masters))
    if as_json:
        echo_json({"master_key": masters.current_id, "rewrapped": rewrapped, "left": left})
    else:
        click.echo(f"已改用主密钥 {masters.current_id}:{rewrapped} 把;仍在其他主密钥之下:{left} 把")
    ctx.exit(int(left > 0))


@keys.command(name="erasures")
@with_environment
@with_json
def list_erasures(environment: Environment, as_json: bool) -> None:
    """列出已删除的数据主体。以 --json 输出的内容须与密钥库备份分开保存,恢复备份后用它重做删除。"""
    listed = asyncio.run(_listed(environment))
    if as_json:
        echo_json({"erasures": [asdict(one) for one in listed]})
    else:
        for one in listed:
            click.echo(f"{one.destroyed_at.isoformat()}  {one.subject}  {one.reason}  {one.actor}")


@keys.command(name="replay-erasures")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_environment
@with_json
def replay(file: Path, environment: Environment, as_json: bool) -> None:
    """恢复密钥库备份之后、启动服务之前:照 keys erasures --json 保存的文件再删除一遍。"""
    listed = _read(file)
    destroyed = asyncio.run(_replayed(environment, listed))
    if as_json:
        echo_json({"listed": len(listed), "destroyed": destroyed})
    else:
        click.echo(f"文件列出 {len(listed)} 项,其中重新删除 {destroyed} 项")


async def _rotated(owner_url: str, masters: MasterKeys) -> tuple[int, int]:
    async with key_database(owner_url) as pool:
        with bar("改用新主密钥", await left_under_others(pool, masters.current_id)) as progress:
            try:
                rewrapped = await rewrap(pool, masters, progress)
            except CannotUnwrap as cannot:
                raise BadSetting(f"OTHER_MASTER_KEYS: {cannot}") from None
        return rewrapped, await left_under_others(pool, masters.current_id)


async def _listed(environment: Environment) -> Sequence[Erasure]:
    async with key_database(environment.need("KEYRING_URL")) as pool:
        return await erasures(pool)


async def _replayed(environment: Environment, listed: Sequence[Erasure]) -> int:
    destroyed = 0
    async with key_database(environment.need("KEYRING_URL")) as pool:
        with bar("重做删除", len(listed)) as progress:
            for start in range(0, len(listed), _AT_ONCE):
                some = listed[start : start + _AT_ONCE]
                destroyed += await replay_erasures(pool, some)
                progress(len(some))
    return destroyed


def _read(file: Path) -> Sequence[Erasure]:
    try:
        return [_erasure(one) for one in json.loads(file.read_text(encoding="utf-8"))["erasures"]]
    except (OSError, ValueError, LookupError, TypeError):
        raise click.BadParameter("不是 keys erasures --json 的输出", param_hint="FILE") from None


def _erasure(kept: Mapping[str, Any]) -> Erasure:
    destroyed_at = datetime.fromisoformat(kept["destroyed_at"])
    if destroyed_at.tzinfo is None:
        raise ValueError
    return Erasure(str(kept["subject"]), destroyed_at, str(kept["reason"]), str(kept["actor"]))
