"""The form 银行存款余额调节表, worked by hand: every 未达账项 on a line, four groups, two balances that are one."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.forms.reconciliation import Account, printed
from services.ledger.reconciliation import Reconciliation, reconciliation

ON = date(2026, 11, 30)
STATED = {
    "book_fen": 58_000_00,
    "statement_fen": 63_500_30,
    "other_fen": 5_000_00,
    "lines": 14,
    "through": ON,
}


def bank(day: int, amount_fen: int, row: int, **told: Any) -> dict[str, Any]:
    """A line that is in no books."""
    line = {"side": "bank", "day": date(2026, 11, day), "amount_fen": amount_fen, "item_id": f"line {row}", "row": row}
    return line | {"voucher": "", "told": None, "explained": True, "clears_by": None} | told


def book(day: int, amount_fen: int, voucher: str, **told: Any) -> dict[str, Any]:
    """A voucher that is on no statement."""
    leg = {"side": "book", "day": date(2026, 11, day), "amount_fen": amount_fen, "item_id": voucher, "row": None}
    return leg | {"voucher": voucher, "told": "先行救助支付", "explained": True, "clears_by": None} | told


ROWS = [
    bank(21, 30, 12, told="interest"),
    bank(30, -20_00, 15),
    book(28, -1_300_00, "记-8"),
    book(30, 2_000_00, "记-9", told="备用金拨入"),
    book(30, -1_220_00, "记-10", explained=False, clears_by=date(2026, 12, 3)),
]
"""Books: 58,000.00 + 0.30 - 20.00 = 57,980.30. Bank: 63,500.30 - 5,000.00 + 2,000.00 - 2,520.00 = 57,980.30."""


def form() -> Reconciliation:
    return reconciliation("B990101001-2222", ON, STATED, ROWS)


def test_four_groups_with_their_sums_bring_both_sides_to_57_980_30() -> None:
    told = form().document()
    groups = ("bank_received_fen", "bank_paid_fen", "book_received_fen", "book_paid_fen")
    assert [told[group] for group in groups] == [30, 20_00, 2_000_00, 2_520_00]
    assert (told["adjusted_book_fen"], told["adjusted_bank_fen"], told["difference_fen"]) == (57_980_30, 57_980_30, 0)
    assert (told["matched"], told["explained"], told["unexplained"]) == (12, 4, 1)


def test_an_item_says_its_side_and_way_its_day_its_amount_its_number_and_its_age() -> None:
    shown = [
        (item.group, item.day.day, item.amount_fen, item.voucher or item.row, item.age_days) for item in form().items
    ]
    assert shown == [
        ("bank_received", 21, 30, 12, 9),
        ("bank_paid", 30, 20_00, 15, 0),
        ("book_received", 30, 2_000_00, "记-9", 0),
        ("book_paid", 28, 1_300_00, "记-8", 2),
        ("book_paid", 30, 1_220_00, "记-10", 0),
    ]


def test_the_paper_lists_the_items_below_their_groups_and_ends_with_no_difference() -> None:
    report = printed(Account("湖滨街道(350581001)", "农业银行", "2222"), form(), "AB12CD34")
    assert report.heads == (
        "单位:湖滨街道(350581001)　开户行:农业银行　账号尾号:2222",
        "截至:2026-11-30　对账单至:2026-11-30　已勾对 12 笔　金额单位:元",
    )
    assert report.table.rows == (
        ("单位账面余额", None, None, None, None, 58_000_00),
        ("加:银行已收、单位未记(1 笔)", None, None, None, None, 30),
        ("　利息", "2026-11-21", "明细第12行", 9, 30, None),
        ("减:银行已付、单位未记(1 笔)", None, None, None, None, 20_00),
        ("　其他", "2026-11-30", "明细第15行", 0, 20_00, None),
        ("调节后单位余额", None, None, None, None, 57_980_30),
        ("银行对账单余额", None, None, None, None, 63_500_30),
        ("减:同一账户其他业务", None, None, None, None, 5_000_00),
        ("加:单位已收、银行未记(1 笔)", None, None, None, None, 2_000_00),
        ("　备用金拨入", "2026-11-30", "记-9", 0, 2_000_00, None),
        ("减:单位已付、银行未记(2 笔)", None, None, None, None, 2_520_00),
        ("　先行救助支付", "2026-11-28", "记-8", 2, 1_300_00, None),
        ("　先行救助支付(未说明)", "2026-11-30", "记-10", 0, 1_220_00, None),
        ("调节后银行余额", None, None, None, None, 57_980_30),
        ("差额", None, None, None, None, 0),
    )
    assert report.table.subtotals == {0, 1, 3, 5, 6, 7, 8, 10, 13, 14}
    assert (report.signatures, report.code) == (("编制", "复核", "财政所负责人"), "AB12CD34")


@given(st.lists(st.tuples(st.booleans(), st.integers(-(10**6), 10**6).filter(bool)), max_size=12))
def test_what_one_side_alone_has_moves_the_difference_by_just_that(items: list[tuple[bool, int]]) -> None:
    stated = STATED | {"book_fen": 58_500_30}
    rows = [bank(1, fen, 1) if at_bank else book(1, fen, "记-1") for at_bank, fen in items]
    fen = sum(fen if at_bank else -fen for at_bank, fen in items)
    assert reconciliation("B990101001-2222", ON, stated, rows).difference_fen == fen
