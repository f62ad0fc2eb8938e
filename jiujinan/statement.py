"""Bank statements from the command line: taken in, shown and matched through ledger's own routes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from events.yuan import yuan_of
from jiujinan.office import FILE, Office, with_office
from jiujinan.printing import echo_json, with_json
from services.ledger.bank_story import DOUBTS

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Account:
    """One bank account behind ledger's routes."""

    office: Office
    account_id: str

    def get(self, what: str, **asked: Any) -> Any:
        return self.office.get(self._path(what), **asked)

    def post(self, what: str, **sent: Any) -> Any:
        return self.office.post(self._path(what), **sent)

    def _path(self, what: str) -> str:
        return f"/v1/bank-accounts/{self.account_id}{what}"


def _with_account(command: Command) -> Command:
    """Give a command ``account``: the bank account that it is about, reached in the name of a token."""

    @with_office
    @click.option("--account", "account_id", required=True, help="银行账户编号,如 B341825105-2222。")
    @wraps(command)
    def asked(office: Office, account_id: str, **more: Any) -> Any:
        return command(account=_Account(office, account_id), **more)

    return cast(Command, asked)


@click.group()
def statement() -> None:
    """银行对账单:导入、查看、勾对。"""


@statement.command(name="import")
@click.argument("file", type=FILE)
@click.option("--preview", is_flag=True, help="只检查,不入账。")
@_with_account
def import_(account: _Account, file: Path, preview: bool) -> None:
    """导入一份对账单;校验不通过则整份不入,并说明是哪一行。"""
    raw = file.read_bytes()
    what = "/statement-previews" if preview else "/statements"
    echo_json(account.post(what, params={"name": file.name}, content=raw))


@statement.command()
@click.option("--on", "day", metavar="日期", help="截至哪一天的余额调节表,如 2026-11-30;不写为今天。")
@with_json
@_with_account
def show(account: _Account, day: str | None, as_json: bool) -> None:
    """查看余额调节表和未了结的对账差异。"""
    form = account.get("/reconciliation", on=day)
    left = account.get("/exceptions")["exceptions"]
    if as_json:
        echo_json(form | {"exceptions": left})
        return
    for title, name in _FORM.items():
        click.echo(f"{title}  {yuan_of(form[name])}")
        for item in form["items"]:
            if f"{item['group']}_fen" == name:
                number = item["voucher"] or f"明细第{item['row']}行"
                click.echo(f"  {item['day']}  {yuan_of(item['amount_fen'])}  {number}  {item['age_days']} 天")
    click.echo(f"已勾对 {form['matched']} 笔,已说明 {form['explained']} 笔,未说明 {form['unexplained']} 笔")
    for task in left:
        owner = task["owner"] or "未指定"
        told = f"{task['since']}  {yuan_of(task['amount_fen'])}  {DOUBTS[task['kind']]}  {task['standing']}"
        click.echo(f"{told}  {task['age_days']} 天  负责人 {owner}  {task['exception_id']}")


_FORM = {
    "账面余额": "book_fen",
    "加:银行已收、账面未收": "bank_received_fen",
    "减:银行已付、账面未付": "bank_paid_fen",
    "调节后账面余额": "adjusted_book_fen",
    "对账单余额": "statement_fen",
    "其中其他业务": "other_fen",
    "加:账面已收、银行未收": "book_received_fen",
    "减:账面已付、银行未付": "book_paid_fen",
    "调节后银行余额": "adjusted_bank_fen",
    "差额": "difference_fen",
}


@statement.command()
@with_json
@_with_account
def match(account: _Account, as_json: bool) -> None:
    """按规则勾对未勾对的明细,确认支付,其余列为对账差异。"""
    told = account.post("/matches", json={})
    if as_json:
        echo_json(told)
        return
    click.echo(f"勾对 {told['matched']} 项,差异 {told['left']} 项")
