"""A fund's beginnings from the command line: opened, fed, passed on to townships; its bank account is registered."""

from collections.abc import Mapping
from typing import Any, get_args

import click

from events.ledger import Source
from events.yuan import yuan_of
from jiujinan.amounts import YUAN
from jiujinan.office import Office, say_done, with_office
from jiujinan.printing import echo_json, with_json

_SOURCE = click.option("--source", type=click.Choice(get_args(Source)), required=True, help="资金来源。")
_DOCUMENT = click.option("--document", required=True, help="文号。")


class _Share(click.ParamType[Mapping[str, Any]]):
    """A township and its share in yuan, as in ``350581001:9000.00``."""

    name = "乡镇:元"

    def convert(
        self, value: str | Mapping[str, Any], param: click.Parameter | None, ctx: click.Context | None
    ) -> Mapping[str, Any]:
        if not isinstance(value, str):
            return value
        township, _, yuan = value.partition(":")
        return {"township": township, "amount_fen": YUAN.convert(yuan, param, ctx)}


@click.command(name="open")
@click.argument("county", metavar="县")
@click.argument("year", metavar="年度", type=int)
@click.option("--township", help="乡镇代码;不写为县级备用金。")
@with_json
@with_office
def open_fund(office: Office, county: str, year: int, township: str | None, as_json: bool) -> None:
    """开设一个预算年度的备用金。"""
    body = {"county": county, "year": year} | ({} if township is None else {"township": township})
    say_done(office.post("/v1/funds", json=body), as_json)


@click.command()
@click.argument("fund_id", metavar="备用金")
@click.option("--amount", "amount_fen", type=YUAN, required=True, help="金额(元)。")
@_SOURCE
@_DOCUMENT
@with_json
@with_office
def appropriate(office: Office, fund_id: str, as_json: bool, **told: Any) -> None:
    """收到上级拨款;同一文号、同一来源只记一次。"""
    say_done(office.post(f"/v1/funds/{fund_id}/appropriations", json=told), as_json)


@click.command()
@click.argument("county", metavar="县")
@click.option("--year", type=int, required=True, help="预算年度。")
@click.option("--to", "allocations", type=_Share(), multiple=True, required=True, help="乡镇与金额;可重复。")
@_SOURCE
@_DOCUMENT
@with_json
@with_office
def allocate(office: Office, as_json: bool, **told: Any) -> None:
    """按一个文号向各乡镇拨付备用金,要么全部拨付,要么都不拨。"""
    say_done(office.post("/v1/allocations", json=told), as_json)


@click.group()
def account() -> None:
    """银行账户:登记、查看。"""


@account.command()
@click.option("--place", required=True, help="县(市、区)或乡镇代码。")
@click.option("--bank", required=True, help="银行,如 rural_commercial。")
@click.option("--number", prompt="账号", help="账号;不写则询问,不留在命令记录里。")
@click.option("--other", "other_fen", type=YUAN, default=None, help="期初余额中属于其他业务的金额(元)。")
@with_json
@with_office
def register(office: Office, as_json: bool, **told: Any) -> None:
    """登记备用金的开户账号。"""
    body = {name: value for name, value in told.items() if value is not None}
    say_done(office.post("/v1/bank-accounts", json=body), as_json)


@account.command(name="list")
@with_json
@with_office
def list_accounts(office: Office, as_json: bool) -> None:
    """已登记的银行账户,及最近一份对账单的余额。"""
    told = office.get("/v1/bank-accounts")
    if as_json:
        echo_json(told)
        return
    for row in told["accounts"]:
        stated = "未导入对账单"
        if row["closing_fen"] is not None:
            stated = f"{yuan_of(row['closing_fen'])}  至 {row['through']}"
        click.echo(f"{row['account_id']}  {row['bank']}  {stated}")
