"""What a bank's file says is read to the fen, proved by its balances, and let in wholly or not at all."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from events.yuan import yuan_of
from jiujinan.bank_files import BankRow, csv_statement
from services.ledger.files.amount_text import Unreadable, cell_text, fen_of
from services.ledger.files.layout import Layout, layouts_of
from services.ledger.files.sheet import Faulty
from services.ledger.files.statement import Proved, RawLine, Written, prove
from services.ledger.files.statement_table import UnknownLayout, read_table

SHEET = "xl/worksheets/sheet1.xml"
TOWN = Layout(
    title="样例农商行",
    columns={
        "day": ("交易日期",),
        "income": ("收入金额",),
        "outgo": ("支出金额",),
        "balance": ("余额",),
        "name": ("对方户名",),
        "account": ("对方账号",),
        "postscript": ("附言",),
    },
)
OPEN = Layout(
    title="借贷不明",
    columns={"day": ("日期",), "outgo": ("借方金额",), "income": ("贷方金额",), "balance": ("余额",)},
    either=True,
)
LAYOUTS = {"town": TOWN, "open": OPEN}
HEAD = "交易日期,收入金额,支出金额,余额,对方户名,对方账号,附言\n"
BODY = (
    '2026-11-02,"50,000.00",,"50,000.00",样例县财政局,,拨款\n'
    '2026-11-03,,"2,000.00","48,000.00",样甲,6200000000000017,LS990101001260000011\n'
    "20261103 16:45:09,2000.00,,50000.00,样甲,,退汇\n"
)


def read(text: str | bytes) -> Written:
    return read_table(text.encode() if isinstance(text, str) else text, LAYOUTS)


def fault(text: str | bytes) -> Faulty:
    with pytest.raises(Faulty) as refused:
        prove(read(text))
    return refused.value


# --- amounts


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("33,866.39", 3_386_639),
        ("0.3", 30),
        ("+10000.00", 1_000_000),
        ("-12.5", -1_250),
        (" ¥1,234,567.80元", 123_456_780),
        ("¥-3.00", -300),
        ("12.340000", 1_234),
        ("123", 12_300),
        ("", None),
        ("--", None),
    ],
)
def test_an_amount_is_read_to_the_fen(written: str, fen: int | None) -> None:
    assert fen_of(written) == fen


@pytest.mark.parametrize(
    "written", ["12.345", "1,23.00", "1e3", "6.22E+18", "=1+1", "12.3.4", "一百", "0x10", "- -1", "9" * 14, "1,0000"]
)
def test_what_is_no_amount_is_not_guessed(written: str) -> None:
    with pytest.raises(Unreadable):
        fen_of(written)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_an_amount_that_is_printed_is_read_again_as_it_was(fen: int) -> None:
    assert fen_of(yuan_of(fen)) == fen


def test_a_spreadsheets_sum_of_three_tenths_is_thirty_fen() -> None:
    assert fen_of(cell_text(0.1 * 3)) == 30
    assert fen_of(cell_text(33866.39)) == 3_386_639
    assert cell_text(6.22e18) == "6.22e+18"


@given(st.integers(0, 10**12))
def test_a_spreadsheets_number_is_the_fen_that_were_typed(fen: int) -> None:
    assert fen_of(cell_text(fen / 100)) == fen


# --- tables


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str) -> None:
    out = StringIO()
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(StringIO(HEAD + BODY)))
    proved = prove(read(out.getvalue().encode(encoding)))
    assert [line.amount_fen for line in proved.lines] == [5_000_000, -200_000, 200_000]
    assert (proved.opening_fen, proved.closing_fen) == (0, 5_000_000)
    assert proved.lines[1].texts == ("LS990101001260000011",)


def test_preamble_footer_and_repeated_heading_are_no_lines() -> None:
    framed = f"账户明细\n账号:,6200 0000 1111\n期初余额,0.00\n{HEAD}{BODY}{HEAD},合计,,50000.00\n期末余额:50000.00\n"
    written = read(framed)
    assert (len(written.lines), written.own_account, written.opening_fen, written.closing_fen) == (
        3,
        "620000001111",
        0,
        5_000_000,
    )


def test_the_order_of_columns_does_not_matter_nor_does_a_unit_behind_a_heading() -> None:
    rows = [row[::-1] for row in csv.reader(StringIO(HEAD + BODY))]
    rows[0] = [f" {name}(元)" if name == "余额" else name for name in rows[0]]
    out = StringIO()
    csv.writer(out).writerows(rows)
    assert prove(read(out.getvalue())).closing_fen == 5_000_000


def test_tabs_behind_values_and_quoted_digits_are_taken_off() -> None:
    text = HEAD + '2026-11-02\t,1.00\t,\t,1.00\t,样甲\t,"=""6200000000000017""",\t\n'
    (line,) = read(text).lines
    assert (line.account, line.name) == ("6200000000000017", "样甲")


def test_a_layout_nobody_knows_tells_its_headings() -> None:
    with pytest.raises(UnknownLayout) as unknown:
        read("样例银行\n日子,进,出,剩\n2026-11-02,1.00,,1.00\n")
    assert unknown.value.headings == ["日子", "进", "出", "剩"]


@pytest.mark.parametrize(
    ("old", "new", "row", "reason"),
    [
        ('"48,000.00"', "48O00", 3, "余额读不出来"),
        ('"48,000.00"', "", 3, "缺少余额"),
        ('"2,000.00"', "=1000*2", 3, "金额读不出来"),
        ('"2,000.00"', "", 3, "收入和支出必须有且只有一项"),
        ('"2,000.00"', '"2,000.01"', 3, "余额对不上"),
        ("6200000000000017", "6.22E+18", 3, "科学记数"),
        ("2026-11-03,,", "11月3日,,", 3, "日期读不出来"),
        ("20261103 16", "20261131 16", 4, "没有这样的日期或时间"),
        ("20261103 16", "20261101 16", 4, "日期先后"),
    ],
)
def test_an_unreadable_line_fails_the_file_and_is_named(old: str, new: str, row: int, reason: str) -> None:
    assert old in BODY
    refused = fault(HEAD + BODY.replace(old, new, 1))
    assert refused.row == row
    assert reason in refused.reason
    assert refused.sentence("十一月.csv").startswith(f"十一月.csv:第{row}行:")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "空"),
        (b"PK\x03\x04 broken", "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "损坏"),
        (b"<html><table>", "网页"),
        ((HEAD + BODY).encode("gb18030")[:-60] + b"\x81", "编码"),
        ((HEAD + BODY).encode() + b"\0", "编码"),
        (HEAD.encode(), "没有一笔明细"),
    ],
)
def test_a_broken_or_mislabelled_file_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    assert reason in fault(raw).reason


def test_a_workbook_damaged_inside_what_is_compressed_is_refused() -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(SHEET, "<row/>" * 500)
    raw = packed.getvalue()
    behind_its_name = raw.index(SHEET.encode()) + len(SHEET)
    damaged = raw[:behind_its_name] + b"\xff" * 6 + raw[behind_its_name + 6 :]
    assert "损坏" in fault(damaged).reason


def test_a_file_cut_off_before_its_closing_balance_is_noticed() -> None:
    whole = f"期初余额,0.00,期末余额,50000.00\n{HEAD}{BODY}"
    prove(read(whole))
    assert "可能不完整" in fault(whole[: whole.index("20261103")]).reason


def test_two_accounts_in_one_file_are_refused() -> None:
    both = f"账号:,620000001111\n账号:,620000002222\n{HEAD}{BODY}"
    assert "多个本方账号" in fault(both).reason


# --- the gate

DAY = date(2026, 11, 3)
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
amounts = st.lists(st.integers(-9_999, 9_999).filter(bool), min_size=2, max_size=12)


def chained(opening_fen: int, moves: Sequence[int]) -> list[RawLine]:
    lines: list[RawLine] = []
    balance_fen = opening_fen
    for row, amount_fen in enumerate(moves, start=2):
        balance_fen += amount_fen
        lines.append(RawLine(row, DAY, None, amount_fen, balance_fen))
    return lines


def told(proved: Proved) -> tuple[int, int, list[int]]:
    return proved.opening_fen, proved.closing_fen, [line.amount_fen for line in proved.lines]


@given(st.integers(0, 99_999), amounts, st.booleans(), st.booleans())
def test_the_balances_prove_order_and_direction(
    opening_fen: int, moves: list[int], upwards: bool, exchanged: bool
) -> None:
    lines = chained(opening_fen, moves)
    truth = (opening_fen, opening_fen + sum(moves), moves)
    if exchanged:
        lines = [RawLine(line.row, DAY, None, -line.amount_fen, line.balance_fen) for line in lines]
    written = Written(
        "open", lines[::-1] if upwards else lines, opening_fen=truth[0], closing_fen=truth[1], either=True
    )
    assert told(prove(written, expected_fen=opening_fen)) == truth


@given(st.integers(0, 99_999), amounts, st.data())
def test_one_wrong_balance_is_never_let_in(opening_fen: int, moves: list[int], data: st.DataObject) -> None:
    lines = chained(opening_fen, moves)
    at = data.draw(st.integers(0, len(lines) - 1))
    off = data.draw(st.integers(-500, 500).filter(bool))
    wrong = lines[at]
    lines[at] = RawLine(wrong.row, DAY, None, wrong.amount_fen, wrong.balance_fen + off)
    with pytest.raises(Faulty):
        prove(Written("town", lines, opening_fen=opening_fen, closing_fen=opening_fen + sum(moves)))


def test_where_two_orders_hold_the_one_that_goes_on_from_before_is_taken() -> None:
    lines = chained(1_000, [500, -500])
    assert told(prove(Written("town", lines), expected_fen=1_000))[0] == 1_000
    assert told(prove(Written("town", lines), expected_fen=1_500))[0] == 1_500


@pytest.mark.parametrize(
    "written",
    [Written("town", chained(1_000, [500, -500])), Written("open", chained(1_000, [500]), either=True)],
    ids=["two orders", "two directions"],
)
def test_of_a_first_statement_no_order_and_no_direction_is_guessed(written: Written) -> None:
    with pytest.raises(Faulty, match="无法由余额证明"):
        prove(written)
    assert told(prove(replace(written, opening_fen=1_000)))[0] == 1_000


@pytest.mark.parametrize("upwards", [False, True])
def test_the_times_of_lines_tell_the_order_of_a_first_statement(upwards: bool) -> None:
    lines = [replace(line, booked_at=NOON + timedelta(hours=line.row)) for line in chained(1_000, [500, -500])]
    assert told(prove(Written("town", lines[::-1] if upwards else lines))) == (1_000, 1_000, [500, -500])


# --- the layouts that are shipped, and spreadsheets

ROOT = Path(__file__).parents[3]
SHIPPED = layouts_of(yaml.safe_load((ROOT / "policies/banks/statements.yaml").read_text(encoding="utf-8")))
FILES = Path(__file__).parent / "files"
MONTH = [
    BankRow(NOON, 5_000_000, "样例县财政局", "6200000000000009", "拨款", "A1"),
    BankRow(NOON + timedelta(hours=1), -3_386_639, "样甲", "6200000000000017", "LS990101001260000011", "A2"),
    BankRow(NOON + timedelta(days=1), 30, "", "", "结息", "A3"),
]


@pytest.mark.parametrize("layout_id", SHIPPED)
@pytest.mark.parametrize("newest_first", [False, True])
def test_every_shipped_layout_is_read_as_it_was_written(layout_id: str, newest_first: bool) -> None:
    text = csv_statement(SHIPPED[layout_id], MONTH, 100, newest_first=newest_first)
    proved = prove(read_table(text.encode("gb18030"), SHIPPED))
    assert told(proved) == (100, 1_613_491, [row.amount_fen for row in MONTH])
    assert [line.name for line in proved.lines] == [row.name for row in MONTH]
    assert proved.lines[1].texts == ("LS990101001260000011",)
    assert proved.lines[1].booked_on == date(2026, 11, 3)


def test_at_least_ten_layouts_are_shipped() -> None:
    assert len(SHIPPED) >= 10


def test_the_bank_whose_debit_is_income_is_known_by_its_headings() -> None:
    text = csv_statement(SHIPPED["mybank"], MONTH, 0)
    assert "借方金额(收)" in text
    assert prove(read_table(text.encode(), SHIPPED)).layout_id == "mybank"


@pytest.mark.parametrize("name", ["statement.xls", "statement.xlsx"])
def test_a_spreadsheet_is_read_whatever_it_is_called(name: str) -> None:
    proved = prove(read_table((FILES / name).read_bytes(), SHIPPED))
    assert told(proved) == (0, 1_613_391, [5_000_000, -3_386_639, 30])
    assert [line.booked_on.day for line in proved.lines] == [2, 3, 4]
    assert proved.own_account == "6200000011112222"


@pytest.mark.parametrize(
    ("name", "reason"), [("protected.xlsx", "密码"), ("computed.xlsx", "公式")], ids=["protected", "computed"]
)
def test_a_protected_or_computed_spreadsheet_is_refused(name: str, reason: str) -> None:
    assert reason in fault((FILES / name).read_bytes()).reason


@pytest.mark.parametrize("name", ["statement.xls", "statement.xlsx"])
def test_a_spreadsheet_cut_off_anywhere_is_refused_or_read_whole(name: str) -> None:
    raw = (FILES / name).read_bytes()
    for length in range(8, len(raw) - 1, 97):
        with pytest.raises((Faulty, UnknownLayout)):
            prove(read_table(raw[:length], SHIPPED))
