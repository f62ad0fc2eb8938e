"""A printed report as a workbook: A4, headings on every page, sums carried, and no text that a program would run."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from io import BytesIO
from math import ceil
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]  the library ships no stubs

from services.ledger.forms.capital_amount import in_capitals
from services.ledger.forms.printed import Cell, Cells, Column, Page, Printed, pages, seal_line, signature_lines

_A4 = 9
_WIDE, _DENSE = 95, 150
"""From how many characters on a report lies across the page, and is set in a smaller type."""
_ONE_LINE, _TWO_LINES, _THREE_LINES = 18, 27, 38
"""How high a row is, in points."""
_TITLE, _SIGNED, _GAP = 26, 24, 15
_ROWS_AT_MOST = 60
_SHORT_SIDE, _LONG_SIDE = 595, 842
"""A4, in points."""
_MARGINS = {"left": 0.5, "right": 0.5, "top": 0.6, "bottom": 0.7}
"""In inches."""
_BESIDE = ((_MARGINS["left"], _MARGINS["right"]), (_MARGINS["top"], _MARGINS["bottom"]))
_SAFE = Fraction(95, 100)
"""Another program, or another typeface, sets the same sheet a little higher or wider."""
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook's own clock knows no zone; the same report, the same bytes
_LINE = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
_YUAN = "#,##0.00_ ;[Red]-#,##0.00_ "
"""With a little room at the right, so that no figure runs into the text beside it."""
_AS_IS = {"title", "plain", "sign"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "font_name": "宋体"},
    "plain": {"font_name": "宋体", "font_size": 10},
    "sign": {"font_name": "宋体", "font_size": 10, "valign": "bottom"},
    "head": {**_LINE, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EDEDED"},
    "text": {**_LINE, "num_format": "@", "text_wrap": True},
    "figure": {**_LINE, "num_format": "@", "align": "right"},
    "fen": {**_LINE, "num_format": _YUAN},
    "count": {**_LINE, "num_format": "0_ "},
    "bold text": {**_LINE, "bold": True},
    "bold figure": {**_LINE, "bold": True, "align": "right"},
    "bold fen": {**_LINE, "bold": True, "num_format": _YUAN},
    "bold count": {**_LINE, "bold": True, "num_format": "0_ "},
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
        self._whole_line(self._report.title, "title", _TITLE)
        for head in self._report.heads:
            self._whole_line(head, "plain")
        self._row([(column.title, "head") for column in self._columns])
        self._sheet.repeat_rows(0, self._at - 1)
        self._body()
        if self._report.words_fen is not None:
            self._whole_line(f"合计人民币(大写):{in_capitals(self._report.words_fen)}", "plain")
        self._at += 1
        for names in signature_lines(self._report):
            self._whole_line("　　　　　　".join(f"{name}(签章):" for name in names), "sign", _SIGNED)
        if self._report.sealed:
            self._whole_line(seal_line(self._report), "plain")
        self._sheet.print_area(0, 0, self._at - 1, len(self._columns) - 1)

    def _set_up(self) -> None:
        sheet = self._sheet
        sheet.set_paper(_A4)
        if self._width > _WIDE:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(**_MARGINS)
        sheet.center_horizontally()
        sheet.set_footer(f"&L{seal_line(self._report)}&R第 &P 页 共 &N 页")
        for at, column in enumerate(self._columns):
            sheet.set_column(at, at, column.width)

    def _body(self) -> None:
        breaks: list[int] = []
        for page in pages(self._report.table, self._rows_a_page()):
            for cells, look in _lines(page):
                self._row(_looking(cells, self._columns, look))
            breaks.append(self._at)
        self._sheet.set_h_pagebreaks(breaks[:-1])

    def _rows_a_page(self) -> int:
        """As many as leave no page higher than its paper, and room on the last one for all who sign."""
        heights = [self._height(cells) for cells in self._report.table.rows]
        return next((rows for rows in range(_ROWS_AT_MOST, 1, -1) if self._fit(heights, rows)), 1)

    def _fit(self, heights: Sequence[int], rows: int) -> bool:
        sums = [sum(heights[start : start + rows]) for start in range(0, len(heights), rows)] or [_ONE_LINE]
        carried = 2 * _ONE_LINE
        return max(sums) + carried <= self._room and sums[-1] + carried + self._foot <= self._room

    @property
    def _room(self) -> Fraction:
        """How high a page's rows may be together, in points as they are before the sheet is made to fit its width."""
        sides = (_LONG_SIDE, _SHORT_SIDE) if self._width > _WIDE else (_SHORT_SIDE, _LONG_SIDE)
        across, down = (
            side - 72 * sum(map(Fraction, margins), Fraction()) for side, margins in zip(sides, _BESIDE, strict=True)
        )
        wide = sum(Fraction(column.width * 7 + 5) * Fraction(3, 4) for column in self._columns)
        heads = _TITLE + len(self._report.heads) * _ONE_LINE + self._height([column.title for column in self._columns])
        return _SAFE * down * max(Fraction(1), wide / across) - heads

    @property
    def _foot(self) -> int:
        words = self._report.words_fen is not None
        return (words + self._report.sealed) * _ONE_LINE + _GAP + len(signature_lines(self._report)) * _SIGNED

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
        small = Fraction(5, 4) if self._width > _DENSE else Fraction(1)
        most = max(
            ceil(_room(value) / (column.width * small)) for value, column in zip(cells, self._columns, strict=True)
        )
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
