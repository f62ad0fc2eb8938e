"""The ledger of an account: every column that finance expects, months that close with sums, red on its own side."""

import base64
import re
import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.ledger.forms import detail_ledger
from services.ledger.forms.detail_ledger import Books, Row
from services.ledger.forms.payee_names import on_paper
from services.ledger.forms.pdf import pdf
from services.ledger.forms.printed import Cell, Printed, Table, pages, sides

HEADER = (
    *("日期", "凭证字号", "摘要", "功能分类科目", "经济分类科目", "对方科目"),
    *("收入(借)", "支出(贷)", "借或贷", "余额", "个案编号", "救助对象(脱敏)"),
    *("村(社区)", "救助类型", "救助事由", "支付方式", "去向(领款人、代领人)"),
    *("经办人", "签批人", "依据", "附件张数", "手续状态"),
)
RECEIVED = datetime(2026, 11, 3, 4, tzinfo=UTC)


def line(**more: Any) -> Row:
    """A payment of 1,200.00 yuan, as the books have it."""
    row: dict[str, Any] = {
        "dated": date(2026, 11, 3),
        "word": "付",
        "number": 2,
        "summary": "先行救助支付",
        "account": "100",
        "debit_fen": 0,
        "credit_fen": 120_000,
        "in_red": False,
        "case_id": "C-1",
        "towards": "Y1",
        "basis": "D1",
        "signed_by": "S-1",
        "made_by": "S-2",
        "against": ["310"],
        "functional": "2082001",
        "economic": "50901",
        "method": "bank_transfer",
        "payee_ref": "Y1",
        "papers": "unfiled",
        "received_at": RECEIVED,
        "attachments": 3,
        "cause": "fire",
    }
    return row | more


def books(*lines: Row, months: Sequence[Row] = (), **more: Any) -> Books:
    told: dict[str, Any] = {
        "opening_fen": 300_000,
        "since": date(2026, 11, 1),
        "until": date(2026, 11, 30),
        "names": {"990101": "样例县"},
        "payees": {"Y1": on_paper("样小例", None, "self")},
    }
    return Books(lines=lines, months=months, **(told | more))


def told(table: Table) -> list[dict[str, Cell]]:
    titles = [column.title for column in table.columns]
    return [dict(zip(titles, row, strict=True)) for row in table.rows]


def moved(month: date, debit_fen: int, credit_fen: int) -> Row:
    return {"month": month, "debit_fen": debit_fen, "credit_fen": credit_fen}


def test_a_line_has_the_whole_header_and_names_nobody() -> None:
    table = detail_ledger.detail(books(line()))
    assert tuple(column.title for column in table.columns) == HEADER
    opening, payment, *_ = table.rows
    assert opening == (None, None, "期初余额", *[None] * 5, "借", 300_000, *[None] * 12)
    assert payment == (
        *(
            "2026-11-03",
            "付-2",
            "先行救助支付",
            "2082001",
            "50901",
            "310 待核销支出",
            None,
            120_000,
            "借",
            180_000,
            "C-1",
        ),
        *("样**", None, "急难型", "火灾", "转账", "样**", "S-2", "S-1", "D1", 3, "待补"),
    )


def test_a_journal_tells_time_amount_destination_basis_and_who_signed_and_handled_it() -> None:
    _, payment, *_ = told(detail_ledger.journal(books(line())))
    asked = ("日期", "支出(贷)", "去向(领款人、代领人)", "依据", "签批人", "经办人")
    assert [payment[title] for title in asked] == ["2026-11-03", 120_000, "样**", "D1", "S-1", "S-2"]


def test_a_month_closes_with_its_own_sums_and_the_years() -> None:
    rows = [line(), line(dated=date(2026, 12, 1), debit_fen=50_000, credit_fen=0, case_id=None, received_at=None)]
    months = [moved(date(2026, 1, 1), 7, 9), moved(date(2026, 11, 1), 0, 120_000), moved(date(2026, 12, 1), 50_000, 0)]
    table = detail_ledger.detail(books(*rows, months=months, until=date(2026, 12, 31)))
    sums = [(row["摘要"], row["收入(借)"], row["支出(贷)"], row["余额"]) for row in told(table)]
    assert [sums[at] for at in sorted(table.subtotals)] == [
        ("本月合计", 0, 120_000, 180_000),
        ("本年累计", 7, 120_009, 180_000),
        ("本月合计", 50_000, 0, 230_000),
        ("本年累计", 50_007, 120_009, 230_000),
    ]


def test_what_comes_back_stands_in_red_where_it_stood_and_a_month_of_nothing_closes_with_zeros() -> None:
    back = line(debit_fen=120_000, credit_fen=0, in_red=True, number=3)
    table = detail_ledger.detail(books(line(), back, months=[moved(date(2026, 11, 1), 0, 0)]))
    assert [(row["支出(贷)"], row["收入(借)"], row["余额"]) for row in told(table)[1:3]] == [
        (120_000, None, 180_000),
        (-120_000, None, 300_000),
    ]
    assert [row["摘要"] for row in told(detail_ledger.detail(books()))] == ["期初余额", "本月合计", "本年累计"]


def test_a_page_carries_the_sums_of_its_month_and_the_balance() -> None:
    rows = [line(number=number) for number in range(1, 4)]
    table = detail_ledger.detail(books(*rows, months=[moved(date(2026, 11, 1), 0, 360_000)], opening_fen=999_999))
    first, second, third = pages(table, 2)
    assert first.after is not None
    assert (first.after[2], first.after[7:10]) == ("过次页", (120_000, "借", 879_999))
    assert second.before is not None
    assert (second.before[2], second.before[7:10]) == ("承前页", (120_000, "借", 879_999))
    assert (third.bold, third.after) == ({0, 1}, None)


def test_sums_begin_anew_behind_a_month_that_is_closed() -> None:
    rows = [line(), line(dated=date(2026, 12, 1), credit_fen=500)]
    *_, last = pages(detail_ledger.detail(books(*rows, until=date(2026, 12, 31))), 5)
    assert last.before is not None
    assert last.before[7] == 500


@pytest.mark.parametrize(
    ("papers", "days", "word"),
    [
        ("filed", 1, "已齐"),
        ("admitted", 1, "已齐"),
        ("unfiled", None, "待补"),
        ("unfiled", 27, "待补"),
        ("unfiled", 26, "逾期"),
        ("borne", 1, "乡镇承担"),
    ],
)
def test_papers_are_there_to_come_or_overdue(papers: str, days: int | None, word: str) -> None:
    _, payment, *_ = told(detail_ledger.detail(books(line(papers=papers), overdue_days=days)))
    assert payment["手续状态"] == word


def test_goods_expenditure_relief_other_funds_and_agents_are_told_as_such() -> None:
    plain = {"method": None, "payee_ref": None, "received_at": None}
    goods = line(account="140", against=["301"], towards=None, **plain)
    expense = line(against=["302"], payees={}, payee_ref="Y2")
    passed = line(against=["150"], towards="990101-2026", case_id=None, **plain)
    several = line(against=["300", "310"])
    payees = {"Y2": on_paper("样二", "62000000", "neighbour")}
    _, *rows = told(detail_ledger.detail(books(goods, expense, passed, several, payees=payees)))
    assert (rows[0]["支付方式"], rows[0]["救助类型"]) == ("实物", "急难型")
    assert (rows[1]["救助类型"], rows[1]["去向(领款人、代领人)"], rows[1]["救助对象(脱敏)"]) == (
        "支出型",
        "样*(代领)",
        None,
    )
    assert (rows[2]["去向(领款人、代领人)"], rows[2]["救助类型"]) == ("样例县", None)
    assert rows[3]["对方科目"] == "300、310"


def test_the_whole_header_lies_on_two_facing_pages_which_both_name_their_rows() -> None:
    table = detail_ledger.detail(books(line()))
    left, right = ([table.columns[place].title for place in side.columns] for side in sides(table, 180))
    assert (left[0], left[-1]) == ("日期", "余额")
    assert right == ["日期", "凭证字号", *HEADER[len(left) :]]
    assert [side.name for side in sides(detail_ledger.journal(books(line())), 180)] == [""]


def test_on_paper_nothing_of_the_whole_header_is_smaller_than_can_be_read() -> None:
    long = {"case_id": "C-2026-000123", "basis": "D-2026-000123-01", "made_by": "S-350581-02"}
    whole = detail_ledger.detail(books(line(**long, credit_fen=123_456_700, summary="先行救助支出(待补手续)")))
    document = pdf(Printed("明细账", ("单位:样例镇",), whole))
    assert re.search(rb"/Count 2\b", document)
    drawn = [
        zlib.decompress(base64.a85decode(found[1].strip().removesuffix(b"~>")))
        for found in re.finditer(rb"stream\r?\n(\S+?~>)endstream", document)
    ]
    sizes = [float(size) for page in drawn for size in re.findall(rb"/F\d+ ([\d.]+) Tf", page)]
    assert len(drawn) == 2
    assert min(sizes) >= 6.5
