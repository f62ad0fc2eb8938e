"""A printed report as a workbook: A4, headings on every page, sums carried, and no text that a program would run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]  the library ships no stubs

from services.ledger.capital_amount import in_capitals
from services.ledger.printed import Cell, Cells, Column, Printed, pages, seal_line, signature_lines

_A4 = 9
_WIDE = 95
"""From how many characters on a report lies across the page."""
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook's own clock knows no zone; the same report, the same bytes
_LINE = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
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
        self._looks = {name: book.add_format(dict(look)) for name, look in _LOOKS.items()}
        self._sheet = book.add_worksheet(report.title[:31])
        self._at = 0

    def write(self) -> None:
        """Everything, from the title to the signatures."""
        self._set_up()
        self._whole_line(self._report.title, "title")
        for head in self._report.heads:
            self._whole_line(head, "plain")
        self._row([(column.title, "head") for column in self._report.columns])
        self._sheet.repeat_rows(0, self._at - 1)
        self._body()
        if self._report.words_fen is not None:
            self._whole_line(f"合计人民币(大写):{in_capitals(self._report.words_fen)}", "plain")
        self._at += 1
        for names in signature_lines(self._report):
            self._whole_line("　　　　　　".join(f"{name}(签章):" for name in names), "sign")
        if self._report.sealed:
            self._whole_line(seal_line(self._report), "plain")

    def _set_up(self) -> None:
        sheet, columns = self._sheet, self._report.columns
        sheet.set_paper(_A4)
        if sum(column.width for column in columns) > _WIDE:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.set_footer(f"&L{seal_line(self._report)}&R第 &P 页 共 &N 页")
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)

    def _body(self) -> None:
        breaks: list[int] = []
        for page in pages(self._report):
            for cells, look in [(page.before, "bold "), *((row, "") for row in page.rows), (page.after, "bold ")]:
                if cells is not None:
                    self._row(_looking(cells, self._report.columns, look))
            breaks.append(self._at)
        self._sheet.set_h_pagebreaks(breaks[:-1])

    def _whole_line(self, text: str, look: str) -> None:
        last = len(self._report.columns) - 1
        if last:
            self._sheet.merge_range(self._at, 0, self._at, last, "", self._looks[look])
        self._sheet.write_string(self._at, 0, text, self._looks[look])
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
        self._at += 1


def _shown(value: int, look: str) -> Fraction | int:
    """Fen as the yuan that they are printed as; exact, until the workbook itself rounds to sixteen digits."""
    return Fraction(value, 100) if look.endswith("fen") else value


def _looking(cells: Cells, columns: Sequence[Column], look: str) -> list[tuple[Cell, str]]:
    return [(value, f"{look}{column.kind}") for value, column in zip(cells, columns, strict=True)]
