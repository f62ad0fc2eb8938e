"""A county's opening balances: the form is read to the fen, wholly or not at all, and enters empty books once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]  the library ships no stubs

from events.ledger import CashMoved, Correction, Draw, EntryPosted, OpeningEntered, Source
from services.chassis.decider import Refused
from services.ledger.files.opening import Opening, read_opening, template
from services.ledger.files.sheet import Faulty, tables
from services.ledger.fund_commands import EnterOpening, Propose, ReceiveAppropriation
from services.ledger.hold_commands import Instruct, Void
from services.ledger.voucher import reference
from tests.unit.ledger.test_examples import Book, fen
from tests.unit.ledger.test_fund_life import acted, refused

COUNTY, TOWN = "341825", "341825105"
HEAD = ("区划代码", "单位", "资金来源", "期初余额(元)")
Cells = Sequence[str | float]


def workbook(*rows: Cells) -> bytes:
    whole = BytesIO()
    book: Any = Workbook(whole, {"in_memory": True})
    book.set_properties({"created": datetime(2023, 1, 1)})  # noqa: DTZ001  the same rows, the same bytes, whatever the second
    sheet = book.add_worksheet("期初余额")
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            write = sheet.write_string if isinstance(cell, str) else sheet.write_number
            write(number, at, cell)
    book.close()
    return whole.getvalue()


def csv(*rows: Cells) -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode("gb18030")


def opening(place: str, *draws: tuple[Source, int]) -> Opening:
    return Opening(place, tuple(Draw(source=source, amount_fen=fen) for source, fen in draws))


def fault(*rows: Cells) -> str:
    with pytest.raises(Faulty) as faulty:
        read_opening(workbook(HEAD, *rows), COUNTY)
    return faulty.value.sentence("期初.xlsx")


def test_the_template_asks_for_what_is_read_and_is_empty() -> None:
    with pytest.raises(Faulty, match="没有可以导入的期初余额"):
        read_opening(template(), COUNTY)
    assert template() == template()


@pytest.mark.parametrize("written", [workbook, csv])
def test_every_place_begins_with_its_sources_apart(written: Any) -> None:
    raw = written(
        HEAD,
        (TOWN, "样例镇", "中央", "33,866.39"),
        (COUNTY, "样例县", "上年结转", "1,000"),
        (TOWN, "样例镇", "捐赠", "0.30"),
        (),
        ("341825106", "样例乡", "县级", "0"),
        ("合计", "", "", "34,866.69"),
    )
    assert read_opening(raw, COUNTY) == [
        opening(COUNTY, ("carried_over", 100_000)),
        opening(TOWN, ("central", 3_386_639), ("donation", 30)),
    ]


@pytest.mark.parametrize(
    ("cell", "amount_fen"),
    [
        (0.1 + 0.1 + 0.1, 30),
        (33_866.39, 3_386_639),
        ("33,866.39", 3_386_639),
        (" 12 ", 1_200),
        ("1.10", 110),
        (5.0, 500),
    ],
)
def test_an_amount_is_exact_whether_it_is_a_number_or_a_text(cell: str | float, amount_fen: int) -> None:
    (told,) = read_opening(workbook(HEAD, (TOWN, "", "中央", cell)), COUNTY)
    assert told.draws == (Draw(source="central", amount_fen=amount_fen),)


def test_a_place_that_a_spreadsheet_took_for_a_number_is_the_place() -> None:
    (told,) = read_opening(workbook(("说明",), HEAD, (341_825_105, "", "省级", 1)), COUNTY)
    assert told == opening(TOWN, ("province", 100))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((TOWN, "", "中央", "33.866"), "期初余额不是最多两位小数的金额"),
        ((TOWN, "", "中央", 0.123), "期初余额不是最多两位小数的金额"),
        ((TOWN, "", "中央", "3,38.66"), "期初余额不是最多两位小数的金额"),
        ((TOWN, "", "中央", "1E+5"), "期初余额不是最多两位小数的金额"),
        ((TOWN, "", "中央", "=1+1"), "期初余额不是最多两位小数的金额"),
        ((TOWN, "", "中央", "@SUM(1)"), "期初余额不是最多两位小数的金额"),
        ((TOWN, "", "中央", "-1"), "期初余额不能是负数"),
        ((TOWN, "", "中央", ""), "没有填写期初余额"),
        ((TOWN, "", "央行", "1"), "不认识这个资金来源"),
        (("34182510", "", "中央", "1"), "区划代码应为六位或九位数字"),
        (("341826105", "", "中央", "1"), "区划代码不属于本县(市、区)"),
        (("合计", "", "", "9"), "合计与以上各行之和不符"),
    ],
)
def test_a_wrong_line_refuses_the_file_and_is_named(row: Cells, reason: str) -> None:
    told = fault((TOWN, "", "省级", "1"), (), row, (TOWN, "", "市级", "1"))
    assert told.startswith(f"期初.xlsx:第4行:{reason}")


def test_a_source_that_stands_twice_refuses_the_file() -> None:
    assert fault((TOWN, "", "中央", "1"), (TOWN, "", "中央", "1")).startswith("期初.xlsx:第3行:同一单位")


def test_a_cell_that_computes_refuses_the_file() -> None:
    whole = BytesIO()
    book: Any = Workbook(whole, {"in_memory": True})
    sheet = book.add_worksheet("期初余额")
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, (TOWN, "", "中央"))
    sheet.write_formula(1, 3, "=1+1", None, 2)
    book.close()
    with pytest.raises(Faulty, match="公式"):
        read_opening(whole.getvalue(), COUNTY)


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04broken", workbook(("区划代码", "金额"), (TOWN, 1))])
def test_what_is_not_the_form_is_refused(raw: bytes) -> None:
    with pytest.raises(Faulty):
        read_opening(raw, COUNTY)


DRAWS = (Draw(source="central", amount_fen=3_386_639), Draw(source="donation", amount_fen=30))
ENTER = EnterOpening(DRAWS, "ab" * 32, "期初.xlsx")


def test_empty_books_begin_with_one_balanced_entry_by_source() -> None:
    book = Book().opened()
    entered, entry = book.say(ENTER)
    assert isinstance(entered, OpeningEntered)
    assert isinstance(entry, EntryPosted)
    assert [(line.account, line.source, line.debit_fen - line.credit_fen) for line in entry.lines] == [
        ("100", "central", 3_386_639),
        ("200", "central", -3_386_639),
        ("100", "donation", 30),
        ("202", "donation", -30),
    ]
    assert (entry.summary, book.fund.book) == ("期初余额", {"central": 3_386_639, "donation": 30})


def test_the_same_form_enters_once() -> None:
    book = Book().opened()
    book.say(ENTER)
    assert book.say(ENTER) == ()


@pytest.mark.parametrize("before", [ReceiveAppropriation("A1", fen(1), "county", "1号"), ENTER])
def test_books_in_which_something_stands_take_no_opening(before: ReceiveAppropriation | EnterOpening) -> None:
    book = Book().opened()
    book.say(before)
    with pytest.raises(Refused) as refused:
        book.say(EnterOpening(DRAWS, "cd" * 32, "另一份.xlsx"))
    assert refused.value.code == "fund_has_entries"


# --- bank and cash apart

WITH_CASH = (*HEAD, "其中库存现金（元）")


def test_the_part_that_lies_in_the_cash_box_is_read_apart_from_what_is_in_the_bank() -> None:
    raw = workbook(
        WITH_CASH,
        (TOWN, "样例镇", "中央", "33,866.39", "200.10"),
        (TOWN, "样例镇", "捐赠", "0.30", 0.1 + 0.1 + 0.1),
        (COUNTY, "样例县", "县级", 5, ""),
        ("合计", "", "", "33,871.69", "200.40"),
    )
    town = opening(TOWN, ("central", 3_386_639), ("donation", 30))
    assert read_opening(raw, COUNTY) == [opening(COUNTY, ("county", 500)), replace(town, cash_fen=20_040)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((TOWN, "", "中央", "1", "1.01"), "库存现金大于期初余额"),
        ((TOWN, "", "中央", "1", "-0.01"), "库存现金不能是负数"),
        ((TOWN, "", "中央", "1", "0.001"), "库存现金不是最多两位小数的金额"),
        (("合计", "", "", "1", "0.01"), "库存现金合计与以上各行之和不符"),
    ],
)
def test_a_wrong_amount_of_cash_refuses_the_file_and_names_the_line(row: Cells, reason: str) -> None:
    with pytest.raises(Faulty) as faulty:
        read_opening(workbook(WITH_CASH, (TOWN, "", "省级", "1"), row), COUNTY)
    assert faulty.value.sentence("期初.xlsx") == f"期初.xlsx:第3行:{reason}。"


def test_the_template_has_a_column_for_cash() -> None:
    assert "其中库存现金(元)" in next(iter(tables(template())))[0]


def test_books_begin_with_bank_and_cash_apart_and_cash_is_paid_only_as_far_as_it_is_there() -> None:
    book = Book().opened()
    book.say(replace(ENTER, cash_fen=20_040))
    assert (book.fund.bank_fen, book.fund.cash_fen, book.fund.book_fen) == (3_366_629, 20_040, 3_386_669)
    entry = next(fact for fact in book.log if isinstance(fact, EntryPosted))
    posted = dict.fromkeys(("100", "101"), 0)
    for line in entry.lines:
        if line.account in posted:
            posted[line.account] += line.debit_fen - line.credit_fen
    assert posted == {"100": 3_366_629, "101": 20_040}
    book.reserve("D1", 200)
    book.reserve("D2", 1)
    book.say(Instruct("D1", "P1", "cash", "Y1"))
    with pytest.raises(Refused, match="cash_short"):
        book.say(Instruct("D2", "P2", "cash", "Y1"))


def test_no_more_lies_in_the_box_than_there_is() -> None:
    with pytest.raises(Refused, match="cash_short"):
        Book().opened().say(replace(ENTER, cash_fen=3_386_670))


def test_a_wrong_opening_is_taken_back_in_red_with_its_cash_and_only_as_far_as_it_is_there() -> None:
    book = Book().opened()
    book.say(replace(ENTER, cash_fen=20_040))
    first = next(fact for fact in book.log if isinstance(fact, EntryPosted))
    wrong = Propose("X1", Correction(about="opening"), "更正1号")
    book.reserve("D1", 200)
    with pytest.raises(Refused, match="fund_short"):
        book.say(wrong)
    book.say(Void("D1", "not_needed"))
    *_, red = acted(book, Correction(about="opening"))
    assert isinstance(red, EntryPosted)
    assert red.reverses == reference(first)
    assert (book.fund.bank_fen, book.fund.cash_fen, book.balance("100"), book.balance("101")) == (0, 0, 0, 0)
    assert not any(book.fund.book.values())


def test_cash_of_the_opening_that_is_in_the_bank_by_now_comes_back_into_the_box_first() -> None:
    book = Book().opened()
    book.say(replace(ENTER, cash_fen=20_040))
    acted(book, CashMoved(direction="deposited", amount_fen=40), "X1")
    assert refused(book, Propose("X2", Correction(about="opening"), "更正1号")) == "cash_short"
