"""The commands about dead letters: list them, show one, replay it with those behind it, discard it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import click

from jiujinan.answering import with_reason, with_staff
from jiujinan.dead_letters import DeadLetters, Kept, Key
from jiujinan.environment import Target, with_target
from jiujinan.moments import on_paper
from jiujinan.printing import bar, echo_json, with_json
from jiujinan.replaying import Replayed, at_hand, opened, replay
from services.chassis.clock import SystemClock
from services.chassis.database import open_pool, translated


class _KeyType(click.ParamType[Key]):
    """A letter as it is listed."""

    name = "死信"

    def convert(self, value: str | Key, param: click.Parameter | None, ctx: click.Context | None) -> Key:
        if isinstance(value, Key):
            return value
        parts = value.rsplit(":", 2)
        if len(parts) < 3 or not parts[2].isdecimal():
            self.fail("死信的写法如 relief:320115:17,见 dlq list", param, ctx)
        return Key(parts[0], parts[1], int(parts[2]))


@click.group()
def dlq() -> None:
    """死信:收到而没能办理的记录,及因此排在其后等待的记录。"""


@dlq.command(name="list")
@with_target
@click.option("--all", "with_settled", is_flag=True, help="连同已经处置的。")
@with_json
def list_letters(target: Target, with_settled: bool, as_json: bool) -> None:
    """列出尚未处置的死信。"""
    letters = asyncio.run(_listed(target, with_settled))
    if as_json:
        echo_json({"dead_letters": [_as_json(kept) for kept in letters]})
    else:
        for kept in letters:
            click.echo("  ".join(_cells(kept)))


@dlq.command()
@click.argument("letter", type=_KeyType())
@with_target
@click.option("--open", "with_body", is_flag=True, help="连同内容,须有密钥库;内容可能含个人信息。")
@with_json
def show(letter: Key, target: Target, with_body: bool, as_json: bool) -> None:
    """看一封死信:信封、原因;内容是加密保存的。"""
    shown = asyncio.run(_shown(target, letter, with_body))
    if as_json:
        echo_json(shown)
    else:
        for name, value in shown.items():
            click.echo(f"{name}: {value}")


@dlq.command(name="replay")
@click.argument("letters", type=_KeyType(), nargs=-1)
@with_target
@with_staff
@with_json
@click.pass_context
def replay_letters(ctx: click.Context, letters: Sequence[Key], target: Target, by: str, as_json: bool) -> None:
    """重新办理死信,连同同一事项中排在其后的,按原来的次序;不指明则全部。再次失败的保留,并以 1 退出。"""
    replayed = asyncio.run(_replayed(target, letters, by))
    if as_json:
        echo_json({"replayed": [{"letter": str(one.key), "failed": one.failed} for one in replayed]})
    else:
        for one in replayed:
            click.echo(f"{one.key}  {'已办理' if one.failed is None else f'再次失败:{one.failed}'}")
    ctx.exit(int(any(one.failed for one in replayed)))


@dlq.command()
@click.argument("letter", type=_KeyType())
@with_target
@with_reason("test_record")
@with_staff
@with_json
def discard(letter: Key, target: Target, reason: str, by: str, as_json: bool) -> None:
    """不再办理一封死信。排在其后的不随之丢弃,可以接着重放。"""
    waiting = asyncio.run(_discarded(target, letter, f"{by}:{reason}"))
    if as_json:
        echo_json({"letter": str(letter), "settled": "discarded", "next": None if waiting is None else str(waiting)})
    else:
        click.echo(f"{letter}  已丢弃" + ("" if waiting is None else f";其后 {waiting} 待重放"))


@asynccontextmanager
async def _letters(target: Target) -> AsyncGenerator[DeadLetters]:
    with translated():
        async with await open_pool(target.database, size=1) as pool:
            yield DeadLetters(pool)


async def _listed(target: Target, with_settled: bool) -> Sequence[Kept]:
    async with _letters(target) as letters:
        return await letters.all(with_settled=with_settled)


async def _shown(target: Target, key: Key, with_body: bool) -> Mapping[str, Any]:
    async with _letters(target) as letters:
        kept = await _found(letters, key)
    shown = {**_as_json(kept), "headers": json.loads(kept.letter.headers)}
    if not with_body:
        return shown
    async with at_hand(target.settings, target.blueprint) as mounted:
        body = await opened(mounted, kept)
    return {**shown, "body": None if body is None else body.decode()}


async def _replayed(target: Target, keys: Sequence[Key], by: str) -> Sequence[Replayed]:
    async with at_hand(target.settings, target.blueprint) as mounted:
        letters = DeadLetters(mounted.pool)
        chosen = [await _found(letters, key) for key in keys] or await letters.all()
        subjects = {(kept.letter.source, kept.letter.division, kept.letter.subject): kept for kept in chosen}
        with bar(f"重放 {target.service}", len(subjects)) as progress:
            replayed: list[Replayed] = []
            for kept in subjects.values():
                replayed += await replay(mounted, kept, by)
                progress(1)
            return replayed


async def _discarded(target: Target, key: Key, by: str) -> Key | None:
    async with _letters(target) as letters:
        kept = await _found(letters, key)
        if not await letters.settle(key, "discarded", by, SystemClock().now()):
            raise click.ClickException(f"{key} 已经处置过")
        waiting = await letters.next_of(kept.letter)
        return None if waiting is None else waiting.key


async def _found(letters: DeadLetters, key: Key) -> Kept:
    kept = await letters.one(key)
    if kept is None:
        raise click.ClickException(f"没有死信 {key}")
    return kept


def _as_json(kept: Kept) -> Mapping[str, Any]:
    letter = kept.letter
    return {
        "letter": str(kept.key),
        "subject": letter.subject,
        "name": letter.name,
        "reason": letter.reason,
        "parked": letter.parked,
        "recorded_at": letter.recorded_at,
        "settled": kept.settled,
        "settled_by": kept.settled_by,
        "settled_at": kept.settled_at,
    }


def _cells(kept: Kept) -> Sequence[str]:
    letter = kept.letter
    settled = "" if kept.settled is None else f"{kept.settled} {kept.settled_by}"
    return str(kept.key), on_paper(letter.recorded_at), letter.name, letter.subject, letter.reason, settled
