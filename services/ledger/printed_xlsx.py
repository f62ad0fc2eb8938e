"""A printed report as a workbook: A4, headings on every page, sums carried, and no text that a program would run."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]  the library ships no stubs

from services.ledger.capital_amount import in_capitals
from services.ledger.printed import Cell, Cells, Column, Page, Printed, pages, seal_line, signature_lines

_A4 = 9
_WIDE, _DENSE = 95, 150
"""From how many characters on a report lies across the page, and is set in a smaller type."""
_TALL_ROWS, _WIDE_ROWS, _DENSE_ROWS = 24, 18, 15
_ONE_LINE, _TWO_LINES, _THREE_LINES = 18, 27, 38
"""How high a row is, in points."""
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook's own clock knows no zone; the same report, the same bytes
_LINE = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
_AS_IS = {"title", "plain", "sign"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "font_name": "宋体"},
    "plain": {"font_name": "宋体", "font_size": 10},
    "sign": {"font_name": "宋体", "font_size": 10, "valign": "bottom"},
    "head": {**_LINE, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EDEDED"},
    "text": {**_LINE, "num_format": "@", "text_wrap": True},
    "figure": {**_LINE, "num_format": "@", "align": "right"},
    "fen": {**_LINE, "num_format": "#,##0.00;[Red]-#,##0.00"},
    "count": {**_LINE, "num_format": "0"},
    "bold text": {**_LINE, "bold": True},
    "bold figure": {**_LINE, "bold": True, "align": "right"},
    "bold fen": {**_LINE, "bold": True, "num_format": "#,##0.00;[Red]-#,##0.00"},
    "bold count": {**_LINE, "bold": True, "num_format": "0"},
}


def xlsx(report: Printed) -> bytes:
    """The workbook. The same report gives the same bytes."""
    whole = BytesIO()
    book: Any = Workbook(whole, {"in_memory": True})
    book.set_properties({"title": report.title, "created": _MADE_AT})
    _Sheet(book, report).write()
    book.close()
    return whole.getvalue()


class _Sheet:
    """A sheet that is filled from above."""

    def __init__(self, book: Any, report: Printed) -> None:
        self._report = report
        self._columns = report.table.columns
        self._width = sum(column.width for column in self._columns)
        size = {"font_size": 8} if self._width > _DENSE else {}
        self._looks = {
            name: book.add_format({**look, **({} if name in _AS_IS else size)}) for name, look in _LOOKS.items()
        }
        self._sheet = book.add_worksheet(report.title[:31])
        self._at = 0

    def write(self) -> None:
        """Everything, from the title to the signatures."""
        self._set_up()
        self._whole_line(self._report.title, "title", 26)
        for head in self._report.heads:
            self._whole_line(head, "plain")
        self._row([(column.title, "head") for column in self._columns])
        self._sheet.repeat_rows(0, self._at - 1)
        self._body()
        if self._report.words_fen is not None:
            self._whole_line(f"合计人民币(大写):{in_capitals(self._report.words_fen)}", "plain")
        self._at += 1
        for names in signature_lines(self._report):
            self._whole_line("　　　　　　".join(f"{name}(签章):" for name in names), "sign", 24)
        if self._report.sealed:
            self._whole_line(seal_line(self._report), "plain")
        self._sheet.print_area(0, 0, self._at - 1, len(self._columns) - 1)

    def _set_up(self) -> None:
        sheet = self._sheet
        sheet.set_paper(_A4)
        if self._width > _WIDE:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.set_footer(f"&L{seal_line(self._report)}&R第 &P 页 共 &N 页")
        for at, column in enumerate(self._columns):
            sheet.set_column(at, at, column.width)

    def _body(self) -> None:
        breaks: list[int] = []
        rows = _DENSE_ROWS if self._width > _DENSE else _WIDE_ROWS if self._width > _WIDE else _TALL_ROWS
        for page in pages(self._report.table, rows):
            for cells, look in _lines(page):
                self._row(_looking(cells, self._columns, look))
            breaks.append(self._at)
        self._sheet.set_h_pagebreaks(breaks[:-1])

    def _whole_line(self, text: str, look: str, height: int = _ONE_LINE) -> None:
        last = len(self._columns) - 1
        if last:
            self._sheet.merge_range(self._at, 0, self._at, last, "", self._looks[look])
        self._sheet.write_string(self._at, 0, text, self._looks[look])
        self._sheet.set_row(self._at, height)
        self._at += 1

    def _row(self, cells: Sequence[tuple[Cell, str]]) -> None:
        """Text is written as text, whatever it begins with: a formula of somebody else's is never run."""
        for at, (value, look) in enumerate(cells):
            if value is None:
                self._sheet.write_blank(self._at, at, None, self._looks[look])
            elif isinstance(value, str):
                self._sheet.write_string(self._at, at, value, self._looks[look])
            else:
                self._sheet.write_number(self._at, at, _shown(value, look), self._looks[look])
        self._sheet.set_row(self._at, self._height([value for value, _ in cells]))
        self._at += 1

    def _height(self, cells: Sequence[Cell]) -> int:
        """So high that the longest text of the row is seen whole: a program that prints does not ask for it."""
        most = max(-(-_room(value) // column.width) for value, column in zip(cells, self._columns, strict=True))
        return _ONE_LINE if most <= 1 else _TWO_LINES if most == 2 else _THREE_LINES


def _room(value: Cell) -> int:
    """How many characters wide a text is; one of Chinese takes the room of two."""
    return sum(1 if sign.isascii() else 2 for sign in value) if isinstance(value, str) else 0


def _lines(page: Page) -> Iterator[tuple[Cells, str]]:
    """A page's lines, with what they look like."""
    if page.before is not None:
        yield page.before, "bold "
    for at, cells in enumerate(page.rows):
        yield cells, "bold " if at in page.bold else ""
    if page.after is not None:
        yield page.after, "bold "


def _shown(value: int, look: str) -> Fraction | int:
    """Fen as the yuan that they are printed as; exact, until the workbook itself rounds to sixteen digits."""
    return Fraction(value, 100) if look.endswith("fen") else value


def _looking(cells: Cells, columns: Sequence[Column], look: str) -> list[tuple[Cell, str]]:
    return [(value, f"{look}{column.kind}") for value, column in zip(cells, columns, strict=True)]
