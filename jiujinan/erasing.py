"""Erasing a person (删除个人信息): the keys of all that was sealed about them are destroyed, and it is remembered."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import click

from jiujinan.answering import with_reason, with_staff
from jiujinan.data_subjects import Whom, with_whom
from jiujinan.environment import Environment, with_environment
from jiujinan.key_database import key_database
from jiujinan.printing import bar, echo_json, with_json
from services.chassis.clock import SystemClock
from services.chassis.keyring import Erasure
from services.chassis.postgres_keyring import destroy


@click.command()
@with_whom
@with_environment
@with_reason("retention_ended")
@with_staff
@with_json
def erase(whom: Whom, environment: Environment, reason: str, by: str, as_json: bool) -> None:
    """永久删除个人信息:销毁密钥,并留下删除记录。日志、总额和校验不受影响。

    给出 --subject、--case、--person 之一。正在运行的服务至多五分钟后不再能读。
    """
    chosen, left = asyncio.run(whom.found(environment))
    if not chosen:
        raise click.ClickException("没有找到可以删除的内容")
    template = Erasure("", SystemClock().now(), reason, by)
    erased = asyncio.run(_erased(environment.need("KEYRING_URL"), chosen, template))
    without = [subject for subject in chosen if subject not in erased]
    if as_json:
        echo_json({"erased": erased, "without_key": without, "left": list(left)})
    else:
        told = [f"{subject}  {'已删除' if subject in erased else '没有密钥,或此前已删除'}" for subject in chosen]
        told += [f"{subject}  同一个案中属于他人,未删除;如也写有此人情况,请以 --subject 另行删除" for subject in left]
        click.echo("\n".join(told))


async def _erased(url: str, subjects: Sequence[str], template: Erasure) -> Sequence[str]:
    """Those of the subjects whose keys there were to destroy."""
    erased: list[str] = []
    async with key_database(url) as pool:
        with bar("删除", len(subjects)) as progress:
            for subject in subjects:
                if await destroy(pool, replace(template, subject=subject)):
                    erased.append(subject)
                progress(1)
    return erased
