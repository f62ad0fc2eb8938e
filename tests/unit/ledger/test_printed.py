"""Reports on paper: sums carried from page to page, amounts in capitals, and nothing that a spreadsheet would run."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.ledger.forms import payment_lists, report_forms, request_form, timeliness
from services.ledger.forms.capital_amount import in_capitals
from services.ledger.forms.payee_names import on_paper
from services.ledger.forms.pdf import pdf
from services.ledger.forms.printed import NOTHING, Column, Printed, Table, pages
from services.ledger.forms.report_forms import Row
from services.ledger.forms.xlsx import xlsx
from services.ledger.usage import Used, usage_table

IN_TIME = timeliness.InTime(24)
COLUMNS = (Column("摘要", 20), Column("金额", 14, "fen", summed=True))


def listed(*amounts: int, code: str = "") -> Printed:
    rows = tuple((f"第{place}笔", fen) for place, fen in enumerate(amounts, start=1))
    return Printed("支付清单", ("备用金:990101001-2026",), Table(COLUMNS, rows), words_fen=sum(amounts), code=code)


def cells(report: Printed) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(BytesIO(xlsx(report)))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (30, "叁角整"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (3_386_639, "叁万叁仟捌佰陆拾陆元叁角玖分"),
        (1_000_000_00, "壹佰万元整"),
        (1_004_005_60, "壹佰万肆仟零伍元陆角整"),
        (10_010_010_00, "壹仟零壹万零壹拾元整"),
        (100_000_000_100_00, "壹仟亿零壹佰元整"),
        (10_500_000_00, "壹仟零伍拾万元整"),
        (-120_000, "负壹仟贰佰元整"),
    ],
)
def test_an_amount_is_written_out_in_capitals(fen: int, words: str) -> None:
    assert in_capitals(fen) == words


@given(st.integers(min_value=0, max_value=10**15), st.integers(min_value=0, max_value=10**15))
def test_two_amounts_are_never_written_alike_and_no_zero_stands_twice(one: int, other: int) -> None:
    assert (in_capitals(one) == in_capitals(other)) == (one == other)
    assert "零零" not in in_capitals(one)


@given(st.lists(st.integers(min_value=-(10**9), max_value=10**9), max_size=60), st.integers(min_value=1, max_value=9))
def test_each_page_begins_with_what_the_last_one_ended_with_and_the_total_is_that_of_all(
    amounts: list[int], rows_a_page: int
) -> None:
    made = pages(listed(*amounts).table, rows_a_page)
    assert [page.number for page in made] == list(range(1, made[0].of + 1))
    for before, page in pairwise(made):
        assert before.after is not None
        assert page.before is not None
        assert (before.after[0], page.before[0]) == ("过次页", "承前页")
        assert before.after[1] == page.before[1]
    if amounts:
        assert made[-1].after == ("合计", sum(amounts))
        assert [row for page in made for row in page.rows] == list(listed(*amounts).table.rows)


def test_a_report_of_nothing_says_so() -> None:
    (page,) = pages(listed().table)
    assert page.rows[0][0] == NOTHING
    assert [NOTHING, ""] in cells(listed())
    assert pdf(listed()).startswith(b"%PDF")


def test_33866_39_is_in_the_workbook_to_the_fen_with_its_words_and_the_seals_code() -> None:
    found = cells(listed(3_386_639, code="AB12CD34"))
    assert ["第1笔", 33866.39] in found
    assert ["合计", 33866.39] in found
    assert ["合计人民币(大写):叁万叁仟捌佰陆拾陆元叁角玖分", ""] in found
    assert ["封存码:AB12CD34", ""] in found


@pytest.mark.parametrize("text", ["=1+1", "+cmd|'/c calc'!A1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(0)"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    report = Printed("支付清单", (text,), Table(COLUMNS, ((text, 1),)))
    with ZipFile(BytesIO(xlsx(report))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<f " not in sheet
    assert any(text in row for row in cells(report))


def test_accounts_and_sources_of_a_span_are_tables_with_their_sums() -> None:
    row = {"opening_fen": 1, "debit_fen": 2, "credit_fen": 3, "closing_fen": 0}
    (told,) = report_forms.accounts([row | {"account": "310"}]).rows
    assert told == ("310", "待核销支出", 1, 2, 3, 0)
    by_source = report_forms.sources(
        [{"source": "central", "opening_fen": 1, "in_fen": 2, "out_fen": 3, "closing_fen": 0}]
    )
    (page,) = pages(by_source)
    assert page.rows == (("中央", 1, 2, 3, 0),)
    assert page.after == ("合计", 1, 2, 3, 0)


def test_a_citys_counties_stand_with_the_positions_that_make_their_figures_again() -> None:
    spent = [
        Used("350581", 8_021, 1, 4_000_000, 1, 2_123_400),
        Used("350582", 0),
        Used("350583", 45_678, 3, 29_850_000),
    ]
    table = usage_table(spent, 700)
    positions = {"350581": 117, "350582": 12, "350583": 0}
    days = (date(2026, 11, 1), date(2026, 11, 30))
    report = report_forms.rolled_up("3505", {"3505": "样例市"}, days, positions, table)
    assert report.heads == (
        "市:样例市　期间:2026-11-01 至 2026-11-30　金额单位:元",
        "应使用资金合计:37.58 万元(各行相加),37.59 万元(合计后取整)　总使用率:95.70%",
    )
    best, second, untold, total = report.table.rows
    assert best == (1, "350581", "117", 8_021, "5.61", 1, 4_000_000, 1, 2_123_400, 2, 6_123_400, "109.06%")
    assert second[:5] == (2, "350583", "0", 45_678, "31.97")
    assert untold == (None, "350582", "12", None, None, 0, 0, 0, 0, 0, 0, None)
    assert total == (None, "合计", None, 53_699, "37.58", 4, 33_850_000, 1, 2_123_400, 5, 35_973_400, "95.70%")
    assert (report.words_fen, report.sealed) == (35_973_400, False)


def test_the_workbook_is_set_up_for_paper() -> None:
    with ZipFile(BytesIO(xlsx(listed(*range(1, 60))))) as book:
        sheet, names = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/workbook.xml").decode()
    assert 'paperSize="9"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert sheet.count("<brk ") == 1
    assert "_xlnm.Print_Area" in names
    assert "_xlnm.Print_Titles" in names


@given(st.integers(min_value=1, max_value=200), st.integers(min_value=20, max_value=300), st.booleans())
@settings(max_examples=25, deadline=None)
def test_no_page_of_a_workbook_is_higher_than_its_paper_and_all_sign_on_the_last(
    rows: int, width: int, long: bool
) -> None:
    columns = (Column("摘要", width), Column("金额", 14, "fen", summed=True))
    told = tuple(("样" * (width if long else 3), fen) for fen in range(rows))
    with ZipFile(BytesIO(xlsx(Printed("支付清单", ("单位",), Table(columns, told), words_fen=1)))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    heights = {int(at): float(high) for at, high in re.findall(r'<row r="(\d+)"[^>]* ht="([\d.]+)"', sheet)}
    ends = [int(at) for at in re.findall(r'<brk id="(\d+)"', sheet)] + [max(heights)]
    heads = sum(heights[at] for at in (1, 2, 3))
    across, down = (842 - 72, 595 - 93.6) if width + 14 > 95 else (595 - 72, 842 - 93.6)
    scale = min(1, across / ((7 * width + 5 + 7 * 14 + 5) * 0.75))
    pages = [sum(heights.get(at, 15) for at in range(start + 1, end + 1)) for start, end in pairwise([3, *ends])]
    assert max(pages) + heads <= down / scale


def test_the_same_report_gives_the_same_bytes_and_pages_are_counted() -> None:
    report = listed(*range(1, 70), code="AB12CD34")
    assert (xlsx(report), pdf(report)) == (xlsx(report), pdf(report))
    assert re.search(rb"/Count 3\b", pdf(report))


def paper(papers: str, **more: object) -> Row:
    row: dict[str, object] = {"word": "付", "number": 3, "case_id": "C-1", "amount_fen": 500, "papers": papers}
    return row | {"received_at": datetime(2026, 11, 2, 4, tzinfo=UTC)} | more


def test_each_payment_is_settled_to_be_settled_or_refused_with_its_voucher_and_amount() -> None:
    table = payment_lists.settlement([paper(name) for name in ("unfiled", "filed", "admitted", "rejected", "borne")])
    titles = [column.title for column in table.columns]
    told = [dict(zip(titles, row, strict=True)) for row in table.rows]
    assert [(row["手续齐否"], row["待核销金额"], row["县审核意见"]) for row in told] == [
        ("未齐", 500, "未报"),
        ("已齐", None, "待审"),
        ("已齐", None, "准予列支"),
        ("已齐", None, "不予列支"),
        ("已齐", None, "不予列支"),
    ]
    assert [(row["准予列支金额"], row["不予列支金额"]) for row in told[2:]] == [(500, None), (None, 500), (None, 500)]
    assert told[0]["凭证字号"] == "付-3"


def test_a_payment_list_masks_name_and_account_and_is_signed_by_each() -> None:
    row: Row = {
        "payment_number": "LS1",
        "case_id": "C-1",
        "payee_ref": "Y1",
        "method": "card",
        "amount_fen": 100,
        "standing": "received",
        "evidence": "回单1",
        "instructed_by": "S-2",
        "received_at": datetime(2026, 11, 2, 17, tzinfo=UTC),
    }
    payee = on_paper("样小例", "6200000000004321", "agent")
    (told,) = payment_lists.payments([row], {"Y1": payee}).rows
    assert told[:7] == (1, "2026-11-03", "LS1", "C-1", "样**(代领)", "4321", "一卡通")
    assert told[-1] is None
    (erased,) = payment_lists.payments([row], {"Y1": on_paper(None, None, "self")}).rows
    assert erased[4:6] == ("(已删除)", None)


def test_a_day_to_the_minute_is_in_time_and_one_minute_more_is_not() -> None:
    held = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
    row = {"payment_number": "LS1", "held_at": held, "instructed_at": held}
    rows = timeliness.timeliness(
        [row | {"received_at": held.replace(day=3)}, row | {"received_at": held.replace(day=3, minute=1)}], IN_TIME
    ).rows
    assert [(told[1], *told[4:]) for told in rows] == [("2026-11-03 00:00", 24, ""), ("2026-11-03 00:00", 24, "超时")]


def took(hours: float, papers_after_days: int | None = None) -> Row:
    held = datetime(2026, 11, 2, 4, tzinfo=UTC)
    received = held + timedelta(hours=hours)
    filed = None if papers_after_days is None else received + timedelta(days=papers_after_days)
    return {"held_at": held, "received_at": received, "filed_at": filed}


def test_the_sla_table_counts_what_was_in_time_the_longest_the_middle_and_the_papers() -> None:
    rows = [took(2, 3), took(24, 10), took(24.5, 11), took(31.75)]
    (told,) = timeliness.sla(rows, IN_TIME, 10, date(2026, 11, 30)).rows
    assert told == (4, 2, 2, "31.7", "24.2", 4, 2, "50.00%")


@pytest.mark.parametrize(("hours", "late"), [(60 - 0.01, False), (60, True)])
def test_a_limit_in_days_leaves_out_the_day_of_the_hold_and_ends_with_its_last_day(hours: float, late: bool) -> None:
    """Held at noon of the 2nd: two days end at 24:00 of the 4th."""
    two_days = timeliness.InTime(2, "natural_day")
    (told,) = timeliness.sla([took(hours)], two_days, None, date(2026, 11, 30)).rows
    assert told[1:3] == (int(not late), int(late))
    assert two_days.is_late(took(hours)) == late
    assert two_days.told == "自占用次日起2日内到账为按时"


def test_papers_that_are_not_due_yet_do_not_count_and_without_a_term_none_are() -> None:
    (told,) = timeliness.sla([took(1), took(2, 1)], IN_TIME, 10, date(2026, 11, 12)).rows
    assert told[5:] == (1, 1, "100.00%")
    (a_day_later,) = timeliness.sla([took(1), took(2, 1)], IN_TIME, 10, date(2026, 11, 13)).rows
    assert a_day_later[5:] == (2, 1, "50.00%")
    (never,) = timeliness.sla([took(1), took(2, 1)], IN_TIME, None, date(2026, 11, 30)).rows
    assert never[5:] == (0, 0, "无")


def test_an_sla_table_of_nothing_is_a_line_of_zeros() -> None:
    (told,) = timeliness.sla([], IN_TIME, 10, date(2026, 11, 30)).rows
    assert told == (0, 0, 0, "无", "无", 0, 0, "无")


def test_the_usage_table_is_printed_by_rank_with_both_totals() -> None:
    table = usage_table([Used("350581001", 45_678, 3, 900_000), Used("350581002", 30_000, 9, 2_000_000)], 700)
    report = report_forms.usage("350581", {"350581002": "凤里街道"}, date(2026, 1, 1), date(2026, 11, 30), table)
    assert [row[:3] for row in report.table.rows[:-1]] == [(1, "凤里街道", 30_000), (2, "350581001", 45_678)]
    assert "31.97" in report.table.rows[1][3:4]
    total = ["", "合计", 75_678.0, "52.97", 12.0, 29000.0, 0.0, 0.0, 12.0, 29000.0, "5.47%"]
    assert cells(report)[-5] == total
    assert cells(report)[-4][0] == "合计人民币(大写):贰万玖仟元整"


def asked_for(**more: object) -> Row:
    """A request as it is answered over HTTP."""
    names = ("allocated", "used", "unpapered", "unsettled", "book", "reserved", "pending", "expected")
    figures = dict.fromkeys([f"{name}_fen" for name in names], 100)
    figures |= {"quota_fen": 5_000_000, "available_fen": 1_200_000, "available_permille": 240}
    figures |= {"payments": 12, "overdue": 1}
    step = {"step": "county_civil_affairs", "by": "S-7", "amount_fen": 3_000_000, "opinion": "情况属实"}
    row: dict[str, object] = {
        "request_id": "990101001-2026-R001",
        "fund_id": "990101001-2026",
        "township": None,
        "cause": "emergency",
        "case_id": "C-1",
        "due_at": datetime(2026, 11, 3, 4, tzinfo=UTC),
        "amount_fen": 3_386_639,
        "arrived_fen": 0,
        "standing": "submitted",
        "submitted_by": "S-1",
        "figures": figures,
        "steps": [step | {"at": "2026-11-02T17:00:00+00:00"}],
    }
    return row | more


def test_a_request_is_a_form_with_its_figures_its_amount_in_capitals_and_five_to_sign() -> None:
    report = request_form.request(asked_for(), {"990101001": "样例镇"})
    told = {row[0]: row[1] for row in report.table.rows}
    assert (told["申请单位"], told["核定额度"], told["余额率"]) == ("样例镇", "50,000.00", "24.0%")
    assert (told["申请金额"], told["申请金额(大写)"]) == ("33,866.39", "人民币叁万叁仟捌佰陆拾陆元叁角玖分")
    assert told["触发原因"] == "突发事件(个案 C-1),2026-11-03 12:00 前答复"
    assert told["县民政局意见"] == "情况属实　金额 30,000.00　S-7　2026-11-03"
    assert told["附件"] == "本期支付清单;支付凭证 12 份;逾期未补手续 1 笔"
    assert (told["县财政局意见"], told["批复文号"], told["到账日期"]) == (None, None, None)
    assert report.signatures == ("申请人", "财政所", "分管领导", "县民政局", "县财政局")
    found = [line[0] for line in cells(report)]
    assert found[-2:] == [
        "申请人(签章):　　　　　　财政所(签章):　　　　　　分管领导(签章):",
        "县民政局(签章):　　　　　　县财政局(签章):",
    ]
    assert pdf(report).startswith(b"%PDF")


def test_a_granted_request_names_the_document_and_the_voucher_by_which_the_money_came() -> None:
    desk = {"step": "county_finance", "by": "S-8", "amount_fen": 80_000, "document": "样财社〔2026〕9号"}
    came = {"step": "arrived", "amount_fen": 80_000, "voucher": "2026-11 记字第3号"}
    steps = [one | {"at": "2026-11-04T01:00:00+00:00"} for one in (desk, came)]
    report = request_form.request(asked_for(steps=steps, standing="arrived", arrived_fen=80_000), {})
    told = {row[0]: row[1] for row in report.table.rows}
    assert told["批复文号"] == "样财社〔2026〕9号"
    assert (told["到账日期"], told["到账凭证号"]) == ("2026-11-04", "2026-11 记字第3号")
    assert (told["县财政局意见"], told["办理状态"]) == ("同意　金额 800.00　S-8　2026-11-04", "已到账,已到 800.00 元")


def test_a_text_too_long_for_its_column_goes_on_in_a_second_line() -> None:
    short, long = (
        pdf(Printed("表", (), Table((Column("甲", 4), Column("乙", 86)), ((text, ""),)))) for text in ("甲", "甲" * 9)
    )
    assert len(long) > len(short)
