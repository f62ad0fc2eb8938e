"""The token of one of the demonstration's callers (演示令牌), for calls by hand."""

from pathlib import Path

import click

from jiujinan.environment import PLACES, installed
from jiujinan.installation import CALLERS, load_secrets

_CALLERS = click.Choice([caller.staff_id for caller in CALLERS])


@click.command()
@click.argument("staff_id", type=_CALLERS)
@click.option("--data", type=click.Path(path_type=Path), help="数据目录;不给则为本目录的 .data 或 /var/lib/jiujinan。")
def token(staff_id: str, data: Path | None) -> None:
    """打印演示中一个工号的令牌。"""
    place = data or installed()
    if place is None or not (place / "secrets" / "secrets.json").is_file():
        raise click.ClickException(f"{data or PLACES[0]} 里没有安装,请先执行 make run,或者用 --data 指明数据目录")
    click.echo(load_secrets(place / "secrets").token(staff_id))
