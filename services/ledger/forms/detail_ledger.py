"""The ledger of an account (明细账) with its full header, and the journals of bank and cash (日记账), by month."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from events.shanghai import day_of
from services.ledger.forms.payee_names import Payee
from services.ledger.forms.printed import Cell, Column, Table
from services.ledger.posting import CHART

Row = Mapping[str, Any]
_TITLES = {account.code: account.title for account in CHART}
CAUSES: Mapping[str, str] = {"fire": "火灾", "accident": "意外事件", "illness": "突发重大疾病", "other": "其他"}
_METHODS = {"bank_transfer": "转账", "card": "一卡通", "cash": "现金"}
_GOODS, _EXPENSES = "301", "302"
_PAPERS = {"filed": "已齐", "admitted": "已齐", "rejected": "不予列支", "borne": "乡镇承担"}

_SHORT = (
    Column("日期", 10),
    Column("凭证字号", 8),
    Column("摘要", 20),
    Column("对方科目", 16),
    Column("收入(借)", 13, "fen", summed=True),
    Column("支出(贷)", 13, "fen", summed=True),
    Column("借或贷", 6, lasting=True),
    Column("余额", 13, "fen", lasting=True),
    Column("去向(领款人、代领人)", 14),
    Column("依据", 18),
    Column("签批人", 11),
    Column("经办人", 11),
)
_FULL = (
    Column("日期", 10),
    Column("凭证字号", 8),
    Column("摘要", 14),
    Column("功能分类科目", 8),
    Column("经济分类科目", 6),
    Column("对方科目", 12),
    Column("收入(借)", 12, "fen", summed=True),
    Column("支出(贷)", 12, "fen", summed=True),
    Column("借或贷", 6, lasting=True),
    Column("余额", 12, "fen", lasting=True),
    Column("个案编号", 16),
    Column("救助对象(脱敏)", 8),
    Column("村(社区)", 8),
    Column("救助类型", 6),
    Column("救助事由", 8),
    Column("支付方式", 6),
    Column("去向(领款人、代领人)", 10),
    Column("经办人", 9),
    Column("签批人", 9),
    Column("依据", 16),
    Column("附件张数", 6, "count"),
    Column("手续状态", 6),
)
_SUMMARY = 2
"""Where 摘要 is, under which sums and what is carried over stand."""


@dataclass(frozen=True, slots=True)
class Books:
    """What is printed of an account: its balance before, its lines, what it moved in each month; amounts in fen.

    ``names`` are those of places by code, ``payees`` by reference. ``overdue_days`` after receipt papers are overdue.
    """

    opening_fen: int
    lines: Sequence[Row]
    months: Sequence[Row]
    since: date
    until: date
    names: Mapping[str, str]
    payees: Mapping[str, Payee]
    overdue_days: int | None = None


def detail(books: Books) -> Table:
    """The ledger of an account with every column that a township's finance office expects of it."""
    return _table(books, _FULL)


def journal(books: Books) -> Table:
    """The journal of bank or cash: time, amount, destination, basis, who signed and who handled it."""
    return _table(books, _SHORT)


def _table(books: Books, columns: tuple[Column, ...]) -> Table:
    """The opening balance, the lines, and behind each month its sums and the year's (本月合计, 本年累计)."""
    rows = [_standing({"摘要": "期初余额"}, books.opening_fen)]
    subtotals: set[int] = set()
    balance_fen = books.opening_fen
    by_month: defaultdict[date, list[Row]] = defaultdict(list)
    for row in books.lines:
        by_month[_first(row["dated"])].append(row)
    for month in _months(books.since, books.until):
        for row in by_month[month]:
            in_fen, out_fen = _sides(row)
            balance_fen += in_fen - out_fen
            rows.append(
                _standing({**_line(row, books), "收入(借)": in_fen or None, "支出(贷)": out_fen or None}, balance_fen)
            )
        subtotals |= {len(rows), len(rows) + 1}
        rows += [_standing(told, balance_fen) for told in _sums(books.months, month)]
    cells = tuple(tuple(row.get(column.title) for column in columns) for row in rows)
    return Table(columns, cells, frozenset(subtotals), _SUMMARY)


def _standing(told: Mapping[str, Cell], balance_fen: int) -> Mapping[str, Cell]:
    side = "平" if balance_fen == 0 else "借" if balance_fen > 0 else "贷"
    return {**told, "借或贷": side, "余额": abs(balance_fen)}


def _sides(row: Row) -> tuple[int, int]:
    """Debit and credit; what takes a voucher back stands in red where that stood (红字), and not on the other side."""
    debit_fen, credit_fen = row["debit_fen"], row["credit_fen"]
    return (-credit_fen, -debit_fen) if row["in_red"] else (debit_fen, credit_fen)


def _sums(months: Sequence[Row], month: date) -> Iterator[Mapping[str, Cell]]:
    of_year = [row for row in months if row["month"].year == month.year and row["month"] <= month]
    of_month = [row for row in of_year if row["month"] == month]
    for label, summed in (("本月合计", of_month), ("本年累计", of_year)):
        yield {
            "摘要": label,
            "收入(借)": sum(row["debit_fen"] for row in summed),
            "支出(贷)": sum(row["credit_fen"] for row in summed),
        }


def _line(row: Row, books: Books) -> Mapping[str, Cell]:
    payee = books.payees.get(row["payee_ref"] or "")
    return {
        "日期": str(row["dated"]),
        "凭证字号": f"{row['word']}-{row['number']}",
        "摘要": row["summary"],
        "功能分类科目": row["functional"],
        "经济分类科目": row["economic"],
        "对方科目": _against(row["against"] or ()),
        "个案编号": row["case_id"],
        "救助对象(脱敏)": payee.masked if payee and payee.of_the_household else None,
        "救助类型": _type(row),
        "救助事由": CAUSES.get(row["cause"] or ""),
        "支付方式": _METHODS.get(row["method"] or "", "实物" if _GOODS in _touched(row) else None),
        "去向(领款人、代领人)": _towards(row["towards"], payee, books.names),
        "经办人": row["made_by"],
        "签批人": row["signed_by"],
        "依据": row["basis"],
        "附件张数": row["attachments"],
        "手续状态": _papers(row, books),
    }


def _against(accounts: Sequence[str]) -> str:
    """The other accounts of the voucher: one by its name, more by their codes."""
    return f"{accounts[0]} {_TITLES[accounts[0]]}" if len(accounts) == 1 else "、".join(accounts)


def _touched(row: Row) -> frozenset[str]:
    return frozenset({row["account"], *(row["against"] or ())})


def _type(row: Row) -> str | None:
    if row["case_id"] is None:
        return None
    return "支出型" if _EXPENSES in _touched(row) else "急难型"


def _towards(towards: str | None, payee: Payee | None, names: Mapping[str, str]) -> str | None:
    """A payee masked, another fund by its place's name."""
    if payee is not None:
        return payee.told
    place = (towards or "").partition("-")[0]
    return names.get(place, towards)


def _papers(row: Row, books: Books) -> str | None:
    """How the papers of a payment stand (手续状态): 已齐, 待补 or 逾期."""
    received_at: datetime | None = row["received_at"]
    if received_at is None:
        return None
    return _PAPERS.get(row["papers"]) or (
        "逾期" if is_overdue(received_at, books.overdue_days, books.until) else "待补"
    )


def is_overdue(received_at: datetime, overdue_days: int | None, today: date) -> bool:
    """Whether papers that are not filed are overdue, so many days after the day of receipt, inclusive."""
    if overdue_days is None:
        return False
    return day_of(received_at) + timedelta(days=overdue_days) < today


def _months(since: date, until: date) -> Iterator[date]:
    month = _first(since)
    while month <= until:
        yield month
        month = _first(month + timedelta(days=31))


def _first(day: date) -> date:
    return day.replace(day=1)
