"""A finance office's day from the command line: funds, payments, balances, reports, months, requests for more money.

Each command is one of ledger's routes; statements and their matching are under ``jiujinan statement``.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import click

from events.yuan import yuan_of
from jiujinan.amounts import YUAN
from jiujinan.answering import with_reason
from jiujinan.funding import account, allocate, appropriate, open_fund
from jiujinan.moments import MOMENT
from jiujinan.office import FILE, Office, say_done, with_office, write_out
from jiujinan.paying import batch, payee, payment
from jiujinan.printing import echo_json, with_json
from jiujinan.replenishing import request, requests
from services.ledger.forms.report_forms import TITLES, Kind
from services.ledger.story import SOURCES

_DAY = click.DateTime(["%Y-%m-%d"])
_OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写入哪个文件。")
_AS_OF = click.option("--as-of", type=MOMENT, help="按这一时刻已知的账簿,如 2026-11-30T23:59。")
_FIGURES: Mapping[str, str] = {"book_fen": "账面", "reserved_fen": "占用", "available_fen": "可用"}
_STANDINGS: Mapping[str, str] = {
    "adjusting": "结账调整",
    "checked": "凭证已复核",
    "closed": "已结账封存",
    "reopened": "已反结账",
}
_DEEDS: Mapping[str, str] = {"adjust": "adjustment", "check": "check", "close": "close"}
"""What is done to a month, by the last word of its route."""


@click.group()
def finance() -> None:
    """财政所日常:开设、拨付、领款人、支付、代发、余额、报表、结账、期初余额、补充备用金。"""


for command in (requests, request, open_fund, appropriate, allocate, account, payee, payment, batch):
    finance.add_command(command)


@finance.command()
@_AS_OF
@with_json
@with_office
def funds(office: Office, as_of: datetime | None, as_json: bool) -> None:
    """各备用金的账面、占用和可用余额。"""
    told = office.get("/v1/funds", at=_iso(as_of))
    if as_json:
        echo_json(told)
        return
    for row in told["funds"]:
        low = "  余额预警" if row["is_low"] else ""
        click.echo(f"{row['fund_id']}  {_amounts(row, _FIGURES)}{low}")


@finance.command()
@click.argument("fund_id", metavar="备用金")
@_AS_OF
@with_json
@with_office
def fund(office: Office, fund_id: str, as_of: datetime | None, as_json: bool) -> None:
    """一个备用金的余额,按资金来源分列。"""
    told = office.get(f"/v1/funds/{fund_id}", at=_iso(as_of))
    if as_json:
        echo_json(told)
        return
    click.echo(f"{told['fund_id']}  {_amounts(told, _FIGURES)}")
    for pot in told["sources"]:
        click.echo(f"  {SOURCES[pot['source']]}  {_amounts(pot, {'book_fen': '账面', 'free_fen': '未占用'})}")


@finance.command()
@click.argument("fund_id", metavar="备用金")
@click.argument("kind", metavar="报表", type=click.Choice(get_args(Kind)))
@click.option("--since", type=_DAY, required=True, help="从哪一天。")
@click.option("--until", type=_DAY, required=True, help="到哪一天。")
@click.option("--form", type=click.Choice(["xlsx", "pdf"]), default="xlsx", show_default=True, help="文件格式。")
@_OUT
@with_json
@with_office
def report(office: Office, fund_id: str, kind: Kind, out: Path, as_json: bool, **asked: Any) -> None:
    """把明细账、日记账、支付清单等报表写成文件。"""
    days = {name: value.date() if isinstance(value, datetime) else value for name, value in asked.items()}
    write_out(out, office.fetch(f"/v1/funds/{fund_id}/reports/{kind}", **days), TITLES[kind], as_json)


@finance.command()
@click.argument("fund_id", metavar="备用金")
@with_json
@with_office
def months(office: Office, fund_id: str, as_json: bool) -> None:
    """各月份的结账情况。"""
    told = office.get(f"/v1/funds/{fund_id}/months")
    if as_json:
        echo_json(told)
        return
    for row in told["months"]:
        click.echo(f"{row['month']}  {_STANDINGS[row['standing']]}  {row['by']}")


@finance.command()
@click.argument("fund_id", metavar="备用金")
@click.argument("month", metavar="月份")
@click.argument("deed", metavar="办理", type=click.Choice(list(_DEEDS)))
@click.option("--quiet-account", "quiet", multiple=True, metavar="账户", help="结账时注明:对账单之后至月末确无收支。")
@with_json
@with_office
def month(  # noqa: PLR0913  each is a word on the command line
    office: Office, fund_id: str, month: str, deed: str, quiet: tuple[str, ...], *, as_json: bool
) -> None:
    """月末办理:adjust 转入结账调整,check 复核全部凭证,close 结账并封存(对账差异须先处理完,对账单须到月末)。"""
    told = {"quiet_accounts": quiet} if quiet else {}
    say_done(office.post(f"/v1/funds/{fund_id}/months/{month}/{_DEEDS[deed]}", json=told), as_json)


@finance.command()
@click.argument("fund_id", metavar="备用金")
@click.argument("month", metavar="月份")
@with_reason("late_papers")
@with_json
@with_office
def reopen(office: Office, fund_id: str, month: str, reason: str, as_json: bool) -> None:
    """反结账:原封存保留,重新结账时另行封存。"""
    say_done(office.post(f"/v1/funds/{fund_id}/months/{month}/reopening", json={"reason": reason}), as_json)


@finance.command()
@click.argument("fund_id", metavar="备用金")
@click.argument("month", metavar="月份")
@_OUT
@with_json
@with_office
def evidence(office: Office, fund_id: str, month: str, out: Path, as_json: bool) -> None:
    """取出已结账月份的证据包,可脱离本系统自行校验。"""
    write_out(out, office.fetch(f"/v1/funds/{fund_id}/months/{month}/evidence"), "证据包", as_json)


@finance.command(name="opening-form")
@_OUT
@with_json
@with_office
def opening_form(office: Office, out: Path, as_json: bool) -> None:
    """取出空白的期初余额表。"""
    write_out(out, office.fetch("/v1/opening-balances/template"), "期初余额表", as_json)


@finance.command(name="opening-import")
@click.argument("file", metavar="文件", type=FILE)
@click.option("--county", required=True, help="县(市、区)代码,六位。")
@click.option("--year", type=int, required=True, help="预算年度。")
@with_json
@with_office
def opening_import(office: Office, file: Path, county: str, year: int, as_json: bool) -> None:
    """导入填好的期初余额表;有一行不对则整份不入,并说明是哪一行。"""
    asked = {"county": county, "year": year, "name": file.name}
    say_done(office.post("/v1/opening-balances", params=asked, content=file.read_bytes()), as_json)


@finance.command()
@click.argument("county", metavar="县")
@click.option("--since", type=_DAY, required=True, help="从哪一天。")
@click.option("--until", type=_DAY, required=True, help="到哪一天。")
@click.option("--population", multiple=True, required=True, help="乡镇与户籍人口,如 350581001:45678;可重复。")
@click.option("--per-head", "per_head", type=YUAN, required=True, help="人均标准(元),如 7.00。")
@click.option("--form", type=click.Choice(["xlsx", "pdf"]), default="xlsx", show_default=True, help="文件格式。")
@_OUT
@with_json
@with_office
def usage(office: Office, county: str, per_head: int, out: Path, as_json: bool, **asked: Any) -> None:
    """把资金使用情况表写成文件:应使用资金、使用率、排名。"""
    days = {name: value.date() if isinstance(value, datetime) else value for name, value in asked.items()}
    content = office.fetch("/v1/usage/report", county=county, per_head_fen=per_head, **days)
    write_out(out, content, "资金使用情况表", as_json)


@finance.command(name="roll-up")
@click.argument("city", metavar="市")
@click.option("--since", type=_DAY, required=True, help="从哪一天。")
@click.option("--until", type=_DAY, required=True, help="到哪一天。")
@click.option("--at", "positions", multiple=True, help="县与日志位置,如 350581:4711;不写则到最新,写明则数字不再变。")
@click.option("--population", multiple=True, help="县与户籍人口,如 350581:689000;可重复。")
@click.option("--per-head", "per_head", type=YUAN, default=0, help="人均标准(元),如 7.00。")
@click.option("--form", type=click.Choice(["xlsx", "pdf"]), default="xlsx", show_default=True, help="文件格式。")
@_OUT
@with_json
@with_office
def roll_up(office: Office, per_head: int, out: Path, as_json: bool, **asked: Any) -> None:
    """把各县使用情况汇总到市,写成文件:户籍人口已填的,有应使用资金、使用率、排名。"""
    days = {name: value.date() if isinstance(value, datetime) else value for name, value in asked.items()}
    content = office.fetch("/v1/usage/roll-up/report", per_head_fen=per_head, **days)
    write_out(out, content, "资金使用情况汇总表", as_json)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _amounts(row: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    return "  ".join(f"{title} {yuan_of(row[name])}" for name, title in titles.items())
