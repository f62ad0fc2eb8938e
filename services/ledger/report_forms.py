"""The forms (报表) of a fund, a bank account and a county, made of what the books say; every one prints when empty."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.ledger.printed import Cells, Column, Printed
from services.ledger.usage import UsageTable, hundredths

Row = Mapping[str, Any]
Kind = Literal["detail", "bank-journal", "cash-journal", "payments", "settlement", "timeliness", "sla"]
"""明细账, 银行存款日记账, 现金日记账, 支付清单, 核销情况表, 支付时效表, 时效情况表."""

TITLES: Mapping[Kind, str] = {
    "detail": "明细账",
    "bank-journal": "银行存款日记账",
    "cash-journal": "现金日记账",
    "payments": "支付清单",
    "settlement": "核销情况表",
    "timeliness": "支付时效表",
    "sla": "时效情况表",
}
_METHODS = {"bank_transfer": "银行转账", "cash": "现金", "card": "一卡通"}
_STANDINGS = {"instructed": "已指令", "received": "已到账", "returned": "已退回", "suspended": "待查"}
_PAPERS = {
    "unfiled": "待核销:手续未补齐",
    "filed": "已补齐手续",
    "admitted": "县级准予列支",
    "rejected": "县级不予列支",
    "borne": "乡镇承担",
}
_SHANGHAI = ZoneInfo("Asia/Shanghai")

_JOURNAL = (
    Column("日期", 10),
    Column("凭证字号", 9),
    Column("摘要", 20),
    Column("借方", 13, "fen", summed=True),
    Column("贷方", 13, "fen", summed=True),
    Column("余额", 13, "fen"),
    Column("去向", 14),
    Column("依据", 14),
    Column("签批人", 9),
    Column("经办人", 9),
)
_PAYMENTS = (
    Column("到账日期", 10),
    Column("支付号", 20),
    Column("个案", 18),
    Column("领款人", 18),
    Column("方式", 9),
    Column("金额", 13, "fen", summed=True),
    Column("状态", 8),
    Column("凭据", 14),
    Column("经办人", 9),
)
_SETTLEMENT = (
    Column("手续状态", 24),
    Column("笔数", 10, "count", summed=True),
    Column("金额", 16, "fen", summed=True),
)
_BALANCED = (Column("项目", 44), Column("金额", 18, "fen"))
_USAGE = (
    Column("排名", 5, "count"),
    Column("乡镇", 12),
    Column("户籍人口数", 10, "count", summed=True),
    Column("应使用资金(万元)", 12, "figure"),
    Column("乡镇审批户数", 8, "count", summed=True),
    Column("乡镇审批金额", 13, "fen", summed=True),
    Column("区审批户数", 8, "count", summed=True),
    Column("区审批金额", 13, "fen", summed=True),
    Column("合计户数", 8, "count", summed=True),
    Column("合计金额", 13, "fen", summed=True),
    Column("资金使用率", 10, "figure"),
)


def span(since: date, until: date) -> str:
    """From which day to which."""
    return f"期间:{since} 至 {until}"


def journal(rows: Sequence[Row], opening_fen: int, account: str) -> tuple[tuple[Column, ...], tuple[Cells, ...]]:
    """The lines of an account with its balance behind each; debit is positive."""
    balance_fen = opening_fen
    told: list[Cells] = []
    if opening_fen:
        told.append((None, None, f"期初余额({account})", None, None, opening_fen, None, None, None, None))
    for row in rows:
        balance_fen += row["debit_fen"] - row["credit_fen"]
        about = (row["towards"], row["basis"], row["signed_by"], row["made_by"])
        amounts = (row["debit_fen"] or None, row["credit_fen"] or None, balance_fen)
        told.append((str(row["dated"]), f"{row['word']}-{row['number']}", row["summary"], *amounts, *about))
    return _JOURNAL, tuple(told)


def payments(rows: Sequence[Row]) -> tuple[tuple[Column, ...], tuple[Cells, ...]]:
    """Who was paid what and how; nobody is named but by reference."""
    return _PAYMENTS, tuple(
        (
            None if row["received_at"] is None else str(row["received_at"].astimezone(_SHANGHAI).date()),
            row["payment_number"],
            row["case_id"],
            row["payee_ref"],
            _METHODS[row["method"]],
            row["amount_fen"],
            _STANDINGS[row["standing"]],
            row["evidence"],
            row["instructed_by"],
        )
        for row in rows
    )


def settlement(rows: Sequence[Row]) -> tuple[tuple[Column, ...], tuple[Cells, ...]]:
    """What of the payments is settled and what is not (待核销); what there is none of is a line of zeros."""
    known = {row["papers"]: row for row in rows}
    nothing = {"payments": 0, "amount_fen": 0}
    told = ((title, known.get(name, nothing)) for name, title in _PAPERS.items())
    return _SETTLEMENT, tuple((title, row["payments"], row["amount_fen"]) for title, row in told)


def reconciliation(account: Row, on: date, form: Row) -> Printed:
    """银行存款余额调节表: both sides adjusted, and their difference, which must be 0.00."""
    lines = (
        ("单位账面余额", "book_fen"),
        ("加:银行已收、单位未记", "bank_received_fen"),
        ("减:银行已付、单位未记", "bank_paid_fen"),
        ("调节后单位余额", "adjusted_book_fen"),
        ("银行对账单余额", "statement_fen"),
        ("减:同一账户其他业务", "other_fen"),
        ("加:单位已收、银行未记", "book_received_fen"),
        ("减:单位已付、银行未记", "book_paid_fen"),
        ("调节后银行余额", "adjusted_bank_fen"),
        ("差额", "difference_fen"),
    )
    heads = (f"账户:{account['account_id']}　开户行:{account['bank']}　截至:{on}",)
    rows = tuple((title, form[name]) for title, name in lines)
    return Printed("银行存款余额调节表", heads, _BALANCED, rows)


def usage(county: str, since: date, until: date, table: UsageTable) -> Printed:
    """资金使用情况表: townships by rank, the totals by both methods below."""
    ordered = sorted(table.rows, key=lambda row: (row.rank, row.used.place))
    rows = tuple(
        (
            row.rank,
            row.used.place,
            row.used.population,
            hundredths(row.entitled),
            *(row.used.town_households, row.used.town_fen, row.used.county_households, row.used.county_fen),
            *(row.used.households, row.used.used_fen, f"{hundredths(row.rate)}%"),
        )
        for row in ordered
    )
    totals = (
        f"应使用资金合计:{hundredths(table.entitled_by_rows)} 万元(各行相加),{hundredths(table.entitled_by_sum)} 万元"
    )
    heads = (f"县(市、区):{county}　{span(since, until)}", f"{totals}(合计后取整)　总使用率:{hundredths(table.rate)}%")
    return Printed("资金使用情况表", heads, _USAGE, rows, words_fen=table.used_fen)
