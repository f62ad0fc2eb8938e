"""Paying from the command line: who is paid, what is being paid, batches for the bank and what it answers."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from events.yuan import yuan_of
from jiujinan.amounts import YUAN
from jiujinan.answering import with_reason
from jiujinan.moments import MOMENT
from jiujinan.office import FILE, Office, say_done, with_office, write_out
from jiujinan.printing import echo_json, with_json

_METHODS: Mapping[str, str] = {
    "bank_transfer": "转账",
    "card": "一卡通",
    "cash": "现金",
}
_STANDINGS: Mapping[str, str] = {
    "instructed": "已发指令",
    "received": "已到账",
    "returned": "已退回",
    "suspended": "待查",
}
_PAYMENT = click.argument("payment_id", metavar="支付编号")
_BATCH = click.argument("batch_id", metavar="批次编号")


@click.group()
def payee() -> None:
    """领款人:登记、查看(脱敏)。"""


@payee.command()
@click.option("--place", required=True, help="经办的县(市、区)或乡镇代码。")
@click.option("--case", "case_id", required=True, help="个案编号。")
@click.option("--relation", required=True, help="与救助对象的关系,如 self、household_member、village_cadre。")
@click.option("--name", prompt="领款人姓名", help="姓名;不写则询问,不留在命令记录里。")
@click.option("--account", prompt="账号(现金发放留空)", default="", show_default=False, help="账号;不写则询问。")
@with_json
@with_office
def register(office: Office, as_json: bool, **told: str) -> None:
    """登记领款人,得到编号;姓名和账号加密保存。办理支付须另一人。"""
    answer = office.post("/v1/payees", json={name: value for name, value in told.items() if value})
    if as_json:
        echo_json(answer)
    else:
        click.echo(f"已登记 {answer['payee_ref']}")


@payee.command(name="list")
@click.argument("case_id", metavar="个案")
@with_json
@with_office
def list_payees(office: Office, case_id: str, as_json: bool) -> None:
    """一个个案已登记的领款人,姓名脱敏,账号只显示末四位。"""
    told = office.get("/v1/payees", case_id=case_id)
    if as_json:
        echo_json(told)
        return
    for row in told["payees"]:
        account = "现金" if row["account_tail"] is None else f"尾号 {row['account_tail']}"
        click.echo(f"{row['payee_ref']}  {row['name']}  {row['relation']}  {account}")


@click.group()
def payment() -> None:
    """支付:发出指令、确认到账、退回、查看。"""


@payment.command()
@click.argument("hold_id", metavar="占用")
@click.option("--payee", "payee_ref", required=True, help="领款人编号。")
@click.option("--method", type=click.Choice(list(_METHODS)), default="bank_transfer", show_default=True, help="方式。")
@click.option("--at", "occurred_at", type=MOMENT, help="何时发出,补记时填写。")
@with_json
@with_office
def instruct(office: Office, hold_id: str, as_json: bool, **told: Any) -> None:
    """对一笔占用发出支付指令,得到支付编号和附言里要写的号码。"""
    answer = office.post(f"/v1/holds/{hold_id}/payments", json=_given(told))
    if as_json:
        echo_json(answer)
    else:
        click.echo(f"支付编号 {answer['payment_id']}  附言号码 {answer['payment_number']}")


@payment.command()
@_PAYMENT
@click.option("--at", "received_at", type=MOMENT, required=True, help="何时到账,如 2026-11-30T09:30。")
@click.option("--evidence", required=True, help="回单号或签收单号。")
@click.option("--amount", "amount_fen", type=YUAN, help="实际到账(元),少于占用时填写。")
@click.option("--signed-by", help="现金:签收的领款人编号。")
@click.option("--handed-by", help="现金:经办人工号。")
@click.option("--attachments", type=click.IntRange(0, 999), help="附件张数。")
@with_json
@with_office
def receipt(office: Office, payment_id: str, as_json: bool, **told: Any) -> None:
    """确认到账;导出过该笔代发文件的人不能确认。"""
    say_done(office.post(f"/v1/payments/{payment_id}/receipt", json=_given(told)), as_json)


@payment.command()
@_PAYMENT
@with_reason("account_closed")
@with_json
@with_office
def returned(office: Office, payment_id: str, reason: str, as_json: bool) -> None:
    """记退汇:占用恢复,可用新的支付编号再付。"""
    say_done(office.post(f"/v1/payments/{payment_id}/return", json={"reason": reason}), as_json)


@payment.command(name="list")
@click.argument("fund_id", metavar="备用金")
@click.option("--standing", type=click.Choice(list(_STANDINGS)), help="状态。")
@with_json
@with_office
def list_payments(office: Office, fund_id: str, standing: str | None, as_json: bool) -> None:
    """一个备用金的各笔支付。"""
    rows = list(office.rows(f"/v1/funds/{fund_id}/payments", "payments", standing=standing))
    if as_json:
        echo_json({"payments": rows})
        return
    for row in rows:
        told = f"{row['payment_number']}  {yuan_of(row['amount_fen'])}  {_METHODS[row['method']]}"
        click.echo(f"{told}  {_STANDINGS[row['standing']]}  {row['payment_id']}")


@payment.command()
@click.argument("fund_id", metavar="备用金")
@click.option("--owed", is_flag=True, help="只列未收清的。")
@with_json
@with_office
def recoveries(office: Office, fund_id: str, owed: bool, as_json: bool) -> None:
    """一个备用金的各笔追回:应收、已收、已免除或抵扣、未收。"""
    rows = list(office.rows(f"/v1/funds/{fund_id}/recoveries", "recoveries", owed=owed))
    if as_json:
        echo_json({"recoveries": rows})
        return
    for row in rows:
        told = (
            f"应收 {yuan_of(row['ordered_fen'])}  已收 {yuan_of(row['received_fen'])}  未收 {yuan_of(row['owed_fen'])}"
        )
        click.echo(f"{row['recovery_id']}  {told}  {row['payment_number']}")


@click.group()
def batch() -> None:
    """代发批次:组批、导出银行文件、导入回盘。"""


@batch.command()
@click.argument("fund_id", metavar="备用金")
@click.argument("payments", metavar="支付编号", nargs=-1, required=True)
@click.option("--template", required=True, help="银行代发模板,如 rural_commercial。")
@with_json
@with_office
def draw(office: Office, fund_id: str, payments: tuple[str, ...], template: str, as_json: bool) -> None:
    """把已发指令的支付组成一批。"""
    answer = office.post(f"/v1/funds/{fund_id}/batches", json={"template": template, "payments": payments})
    if as_json:
        echo_json(answer)
    else:
        click.echo(f"批次编号 {answer['batch_id']}  批次号码 {answer['batch_number']}")


@batch.command()
@_BATCH
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写入哪个文件。")
@with_json
@with_office
def export(office: Office, batch_id: str, out: Path, as_json: bool) -> None:
    """导出银行代发文件;何人何时导出均有记录。"""
    write_out(out, office.send(f"/v1/batches/{batch_id}/file"), "代发文件", as_json)


@batch.command(name="import")
@_BATCH
@click.argument("file", metavar="回盘", type=FILE)
@click.option("--paid-at", type=MOMENT, help="银行记账时刻;不写则等对账单确认到账。")
@with_json
@with_office
def import_result(office: Office, batch_id: str, file: Path, paid_at: datetime | None, as_json: bool) -> None:
    """导入回盘;有一笔对不上则整份不入。导出文件的人不能导入。"""
    asked = _given({"name": file.name, "paid_at": paid_at})
    answer = office.post(f"/v1/batches/{batch_id}/results", params=asked, content=file.read_bytes())
    if as_json or not answer.get("facts"):
        say_done(answer, as_json)
    else:
        click.echo(f"成功 {answer['succeeded']} 笔,失败 {answer['failed']} 笔")


def _given(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, with moments as they are written."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in told.items()
        if value is not None
    }
