"""Asking for more money from the command line (补充备用金): drafted, printed, handed in, signed or sent back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from events.yuan import yuan_of
from jiujinan.amounts import YUAN
from jiujinan.answering import with_reason
from jiujinan.office import Office, say_done, with_office, write_out
from jiujinan.printing import echo_json, with_json
from services.ledger.story import CAUSES

_STANDINGS: Mapping[str, str] = {
    "drafted": "待提交",
    "submitted": "审批中",
    "granted": "已批复",
    "arrived": "已到账",
    "declined": "已退回",
}
_REQUEST = click.argument("request_id", metavar="申请单号")
_AMOUNT = click.option("--amount", type=YUAN, help="金额(元);不填则按账面测算或申请的金额。")


@click.command()
@click.option("--standing", type=click.Choice(list(_STANDINGS)), help="状态。")
@with_json
@with_office
def requests(office: Office, standing: str | None, as_json: bool) -> None:
    """补充备用金的申请,紧急的在前。"""
    told = office.get("/v1/replenishments", standing=standing)
    if as_json:
        echo_json(told)
        return
    for row in told["replenishments"]:
        due = "" if row["due_at"] is None else f"  {row['due_at']} 前答复"
        amount = f"{yuan_of(row['amount_fen'])}  已到 {yuan_of(row['arrived_fen'])}"
        click.echo(f"{row['request_id']}  {amount}  {CAUSES[row['cause']]}  {_STANDINGS[row['standing']]}{due}")


@click.group()
def request() -> None:
    """一份补充申请:草拟、打印、提交、签批、退回。"""


@request.command()
@click.argument("fund_id", metavar="备用金")
@_AMOUNT
@with_json
@with_office
def draft(office: Office, fund_id: str, amount: int | None, as_json: bool) -> None:
    """草拟一份申请。"""
    told = office.post(f"/v1/funds/{fund_id}/replenishments", json=_given(amount_fen=amount))
    if as_json:
        echo_json(told)
    else:
        click.echo(f"已草拟 {told['request_id']}")


@request.command()
@_REQUEST
@click.option("--form", type=click.Choice(["pdf", "xlsx"]), default="pdf", show_default=True, help="文件格式。")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写入哪个文件。")
@with_json
@with_office
def form(office: Office, request_id: str, form: str, out: Path, as_json: bool) -> None:
    """把申请表写成文件,供打印签章。"""
    write_out(out, office.fetch(f"/v1/replenishments/{request_id}/form", form=form), "补充申请表", as_json)


@request.command()
@_REQUEST
@_AMOUNT
@with_json
@with_office
def submit(office: Office, request_id: str, amount: int | None, as_json: bool) -> None:
    """提交申请。"""
    say_done(office.post(f"/v1/replenishments/{request_id}/submission", json=_given(amount_fen=amount)), as_json)


@request.command()
@_REQUEST
@_AMOUNT
@click.option("--opinion", help="意见。")
@click.option("--document", help="批复文号,由县财政局填写。")
@with_json
@with_office
def sign(office: Office, request_id: str, amount: int | None, as_json: bool, **said: str | None) -> None:
    """签批:按分管领导、县民政局、县财政局的次序。"""
    body = _given(amount_fen=amount, **said)
    say_done(office.post(f"/v1/replenishments/{request_id}/signature", json=body), as_json)


@request.command()
@_REQUEST
@with_reason("no_money")
@with_json
@with_office
def refuse(office: Office, request_id: str, reason: str, as_json: bool) -> None:
    """退回申请。"""
    say_done(office.post(f"/v1/replenishments/{request_id}/refusal", json={"reason": reason}), as_json)


def _given(**said: Any) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
