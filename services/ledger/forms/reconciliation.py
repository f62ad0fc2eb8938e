"""The form 银行存款余额调节表 on paper: both sides adjusted, each 未达账项 on a line of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.ledger.forms.printed import Cells, Column, Printed, Table
from services.ledger.reconciliation import Group, Item, Reconciliation

_COLUMNS = (
    Column("项目", 32),
    Column("日期", 11),
    Column("凭证或明细行", 13),
    Column("账龄(天)", 9, "count"),
    Column("明细金额", 14, "fen"),
    Column("金额", 15, "fen"),
)
_KINDS = {"interest": "利息", "returned": "退汇", "reversed": "冲正"}


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account on paper: whose it is, at which bank, and how its number ends."""

    place: str
    bank: str
    tail: str


def printed(account: Account, form: Reconciliation, code: str) -> Printed:
    """The form to print and sign; its difference must be 0.00."""
    told = [*_book(form), *_bank(form), ("差额", None, None, None, None, form.difference_fen)]
    heads = (
        f"单位:{account.place}　开户行:{account.bank}　账号尾号:{account.tail}",
        f"截至:{form.on}　对账单至:{form.through or '未导入'}　已勾对 {form.matched} 笔　金额单位:元",
    )
    sums = frozenset(at for at, row in enumerate(told) if row[5] is not None)
    return Printed(
        "银行存款余额调节表", heads, Table(_COLUMNS, tuple(told), sums), ("编制", "复核", "财政所负责人"), code=code
    )


def _book(form: Reconciliation) -> Iterator[Cells]:
    yield _sum("单位账面余额", form.book_fen)
    yield from _group("加:银行已收、单位未记", form, "bank_received")
    yield from _group("减:银行已付、单位未记", form, "bank_paid")
    yield _sum("调节后单位余额", form.adjusted_book_fen)


def _bank(form: Reconciliation) -> Iterator[Cells]:
    yield _sum("银行对账单余额", form.statement_fen)
    yield _sum("减:同一账户其他业务", form.other_fen)
    yield from _group("加:单位已收、银行未记", form, "book_received")
    yield from _group("减:单位已付、银行未记", form, "book_paid")
    yield _sum("调节后银行余额", form.adjusted_bank_fen)


def _sum(title: str, amount_fen: int) -> Cells:
    return title, None, None, None, None, amount_fen


def _group(title: str, form: Reconciliation, group: Group) -> Iterator[Cells]:
    """The group's sum, and below it what it is made of."""
    items = [item for item in form.items if item.group == group]
    yield _sum(f"{title}({len(items)} 笔)", form.sum_fen(group))
    for item in items:
        named = item.voucher or f"明细第{item.row}行"
        yield f"　{_told(item)}", item.day.isoformat(), named, item.age_days, item.amount_fen, None


def _told(item: Item) -> str:
    """What it is, as far as voucher or bank say, and whether it is answered for."""
    what = _KINDS.get(item.told or "", item.told or "其他") if item.row is not None else item.told or "记账"
    return what if item.explained else f"{what}(未说明)"
