"""A report of today to try the system with (样例报告): the village's sample, each time about another household."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from events.shanghai import SHANGHAI
from jiujinan.invented import id_number
from jiujinan.player import JINGDE, SAMPLES
from services.chassis.clock import SystemClock

_AREA = "000000"
_PEOPLE = 500_000
_PHONES = 10_000
_AGO = timedelta(minutes=10)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@click.command()
@click.argument("channel", type=click.Choice(["village"]))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写到这个文件;不给则打印。")
def sample(channel: str, out: Path | None) -> None:
    """写一份今天的虚构报告,可直接提交:每次是另一户人,身份证号校验位正确。"""
    report = json.dumps(fresh(SystemClock().now()), ensure_ascii=False, indent=2)
    if out is None:
        click.echo(report)
    else:
        out.write_text(report + "\n", encoding="utf-8")
        click.echo(f"样例报告已写入 {out}")


def fresh(now: datetime) -> dict[str, Any]:
    """The village's sample as it would be sent now; another microsecond is another household and another fire."""
    number = (now - _EPOCH) // timedelta(microseconds=1)
    told: dict[str, Any] = json.loads((SAMPLES / JINGDE.sample).read_text(encoding="utf-8"))
    told["source"]["external_id"] = f"try-{number}"
    told["occurred_at"] = (now - _AGO).astimezone(SHANGHAI).isoformat(timespec="seconds")
    told["subject"]["id_no"] = id_number(_AREA, number % _PEOPLE)
    told["subject"]["phone"] = f"1990000{number % _PHONES:04d}"
    told["place"]["address_text"] = f"安徽省宣城市旌德县俞村镇俞村村样例组{number % 99 + 100}号"
    return told
