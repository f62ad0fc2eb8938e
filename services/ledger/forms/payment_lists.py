"""What was paid, payment by payment: the list to sign (发放清单), and what of it is settled (核销情况表)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from events.shanghai import day_of
from services.ledger.forms.payee_names import Payee
from services.ledger.forms.printed import Cells, Column, Table

Row = Mapping[str, Any]
_METHODS = {"bank_transfer": "银行转账", "cash": "现金", "card": "一卡通"}
_STANDINGS = {"instructed": "已指令", "received": "已到账", "returned": "已退回", "suspended": "待查"}
_FILED = {"unfiled": "未齐", "filed": "已齐", "admitted": "已齐", "rejected": "已齐", "borne": "已齐"}
_COUNTYS = {"unfiled": "未报", "filed": "待审", "admitted": "准予列支", "rejected": "不予列支", "borne": "不予列支"}

_PAYMENTS = (
    Column("序号", 5, "count"),
    Column("到账日期", 10),
    Column("支付号", 20),
    Column("个案编号", 18),
    Column("领款人", 10),
    Column("账号(尾号)", 10),
    Column("方式", 8),
    Column("金额", 13, "fen", summed=True),
    Column("状态", 7),
    Column("凭据", 16),
    Column("经办人", 14),
    Column("领款人签字", 10),
)
_SETTLEMENT = (
    Column("凭证字号", 8),
    Column("个案编号", 20),
    Column("到账日期", 10),
    Column("金额", 13, "fen", summed=True),
    Column("手续齐否", 8),
    Column("待核销金额", 13, "fen", summed=True),
    Column("县审核意见", 9),
    Column("准予列支金额", 13, "fen", summed=True),
    Column("不予列支金额", 13, "fen", summed=True),
    Column("不予列支原因", 14),
)


def payments(rows: Sequence[Row], payees: Mapping[str, Payee]) -> Table:
    """Who was paid what and how (发放清单); names and accounts are masked, the last column is signed by hand."""
    told = (_paid(number, row, payees.get(row["payee_ref"])) for number, row in enumerate(rows, start=1))
    return Table(_PAYMENTS, tuple(told), label_at=1)


def _paid(number: int, row: Row, payee: Payee | None) -> Cells:
    return (
        number,
        None if row["received_at"] is None else _day(row["received_at"]),
        row["payment_number"],
        row["case_id"],
        payee and payee.told,
        payee and payee.account,
        _METHODS[row["method"]],
        row["amount_fen"],
        _STANDINGS[row["standing"]],
        row["evidence"],
        row["instructed_by"],
        None,
    )


def settlement(rows: Sequence[Row]) -> Table:
    """What of the payments is settled and what is not (待核销), each with its voucher and the county's opinion."""
    return Table(_SETTLEMENT, tuple(map(_settled, rows)))


def _settled(row: Row) -> Cells:
    amount_fen, papers = row["amount_fen"], row["papers"]
    return (
        None if row["word"] is None else f"{row['word']}-{row['number']}",
        row["case_id"],
        _day(row["received_at"]),
        amount_fen,
        _FILED[papers],
        amount_fen if papers == "unfiled" else None,
        _COUNTYS[papers],
        amount_fen if papers == "admitted" else None,
        amount_fen if papers in ("rejected", "borne") else None,
        "乡镇承担" if papers == "borne" else None,
    )


def _day(moment: datetime) -> str:
    return str(day_of(moment))
