"""The forms (报表) of a fund, a bank account and a county, made of what the books say; every one prints when empty."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from services.ledger.forms.printed import Cells, Column, Printed, Table
from services.ledger.posting import CHART
from services.ledger.story import SOURCES
from services.ledger.usage import Row as UsageRow
from services.ledger.usage import UsageTable, Used, hundredths, together

Row = Mapping[str, Any]
Kind = Literal[
    "detail",
    "bank-journal",
    "cash-journal",
    "accounts",
    "sources",
    "payments",
    "settlement",
    "timeliness",
    "sla",
]
"""明细账, 银行存款日记账, 现金日记账, 科目余额表, 资金来源收支表, 支付清单, 核销情况表, 支付时效表, 时效情况表."""

TITLES: Mapping[Kind, str] = {
    "detail": "明细账",
    "bank-journal": "银行存款日记账",
    "cash-journal": "现金日记账",
    "accounts": "科目余额表",
    "sources": "资金来源收支表",
    "payments": "支付清单",
    "settlement": "核销情况表",
    "timeliness": "支付时效表",
    "sla": "时效情况表",
}
SIGNATURES: Mapping[Kind, tuple[str, ...]] = {
    "detail": ("记账", "复核", "财政所负责人"),
    "bank-journal": ("出纳", "复核", "财政所负责人"),
    "cash-journal": ("出纳", "复核", "财政所负责人"),
    "payments": ("制表", "经办人", "财政所负责人", "乡镇分管领导"),
    "settlement": ("编制", "财政所负责人", "县民政局", "县财政局"),
}
"""Who signs where it is not those of every report."""
_CHART = {account.code: account.title for account in CHART}

_ACCOUNTS = (
    Column("科目", 6),
    Column("科目名称", 26),
    Column("期初余额", 15, "fen"),
    Column("本期借方", 15, "fen", summed=True),
    Column("本期贷方", 15, "fen", summed=True),
    Column("期末余额", 15, "fen"),
)
_SOURCES = (
    Column("资金来源", 14),
    Column("期初余额", 15, "fen", summed=True),
    Column("本期收入", 15, "fen", summed=True),
    Column("本期支出", 15, "fen", summed=True),
    Column("期末余额", 15, "fen", summed=True),
)
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

_ROLL_UP = (*_USAGE[:1], Column("县(市、区)", 14), Column("日志位置", 9, "figure"), *_USAGE[2:])


def span(since: date, until: date) -> str:
    """From which day to which."""
    return f"期间:{since} 至 {until}"


def accounts(rows: Sequence[Row]) -> Table:
    """What each account moved (科目余额表); debit positive, credit in red."""
    told = (
        (
            row["account"],
            _CHART[row["account"]],
            *(row[f"{name}_fen"] for name in ("opening", "debit", "credit", "closing")),
        )
        for row in rows
    )
    return Table(_ACCOUNTS, tuple(told), label_at=1)


def sources(rows: Sequence[Row]) -> Table:
    """What came in and went out by source (资金来源收支表): sources never mix."""
    names = ("opening", "in", "out", "closing")
    return Table(_SOURCES, tuple((SOURCES[row["source"]], *(row[f"{name}_fen"] for name in names)) for row in rows))


def usage(county: str, names: Mapping[str, str], since: date, until: date, table: UsageTable) -> Printed:
    """资金使用情况表: townships by rank, the totals by both methods below."""
    rows = [
        (row.rank, names.get(row.used.place, row.used.place), *_used(row))
        for row in sorted(table.rows, key=lambda row: (row.rank, row.used.place))
    ]
    return Printed(
        "资金使用情况表",
        (f"县(市、区):{names.get(county, county)}　{span(since, until)}　金额单位:元", _both_totals(table)),
        Table(_USAGE, (*rows, (None, "合计", *_total(table))), frozenset({len(rows)}), label_at=1),
        words_fen=table.used_fen,
    )


def rolled_up(
    city: str, names: Mapping[str, str], days: tuple[date, date], positions: Mapping[str, int], table: UsageTable
) -> Printed:
    """资金使用情况汇总表: a city's counties, each at the position of its log that makes the figures the same again."""
    rows = [
        (
            row.rank if row.used.population else None,
            names.get(row.used.place, row.used.place),
            str(positions[row.used.place]),
            *_used(row),
        )
        for row in sorted(table.rows, key=lambda row: (row.rank, row.used.place))
    ]
    return Printed(
        "资金使用情况汇总表",
        (f"市:{names.get(city, city)}　{span(*days)}　金额单位:元", _both_totals(table)),
        Table(_ROLL_UP, (*rows, (None, "合计", None, *_total(table))), frozenset({len(rows)}), label_at=1),
        words_fen=table.used_fen,
        sealed=False,
    )


def _used(row: UsageRow) -> Cells:
    return _figures(row.used, hundredths(row.entitled), f"{hundredths(row.rate)}%")


def _total(table: UsageTable) -> Cells:
    used = together("合计", (row.used for row in table.rows))
    return _figures(used, hundredths(table.entitled_by_rows), f"{hundredths(table.rate)}%")


def _figures(used: Used, entitled: str, rate: str) -> Cells:
    """What a place was entitled to and has used; of one whose people nobody has told only what it has used."""
    spent = (used.town_households, used.town_fen, used.county_households, used.county_fen)
    known = bool(used.population)
    return (
        *((used.population, entitled) if known else (None, None)),
        *(*spent, used.households, used.used_fen),
        rate if known else None,
    )


def _both_totals(table: UsageTable) -> str:
    by_rows, by_sum = hundredths(table.entitled_by_rows), hundredths(table.entitled_by_sum)
    return f"应使用资金合计:{by_rows} 万元(各行相加),{by_sum} 万元(合计后取整)　总使用率:{hundredths(table.rate)}%"
