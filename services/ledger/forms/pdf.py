"""A printed report as PDF on A4: lines and sums as in the workbook, a block for signatures, the seal's code to scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import black, red
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from events.yuan import yuan_of
from services.ledger.forms.capital_amount import in_capitals
from services.ledger.forms.printed import (
    SIGNATURES_A_LINE,
    Cell,
    Column,
    Page,
    Printed,
    Side,
    pages,
    seal_line,
    sides,
    signature_lines,
)

_FONT = "STSong-Light"
"""The Song typeface that every PDF reader brings along (Adobe-GB1): nothing has to be embedded."""
_MARGIN = 12 * mm
_LINE_HEIGHT = 6 * mm
_SIZE = 8.5
_SMALL, _SMALLEST = 6.5, 4.5
_CODE_SIZE = 16 * mm


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a report of a width lies on the page: how many rows fit, and how high each is."""

    size: tuple[float, float]
    rows: int
    row_height: float
    head_height: float


_TALL = _Layout(A4, 32, _LINE_HEIGHT, _LINE_HEIGHT)
_WIDE = _Layout(landscape(A4), 18, _LINE_HEIGHT, 8 * mm)
_DENSE = _Layout(landscape(A4), 14, 7.5 * mm, 9 * mm)
_WIDE_FROM, _DENSE_FROM, _ON_ONE_PAGE = 95, 150, 180
"""From how many characters on a report lies across the page, and needs rows of two lines; and how many a page takes."""

pdfmetrics.registerFont(UnicodeCIDFont(_FONT))  # pyright: ignore[reportUnknownMemberType]  the stubs leave it open


def pdf(report: Printed) -> bytes:
    """The document. The same report gives the same bytes."""
    whole = BytesIO()
    width = sum(column.width for column in report.table.columns)
    layout = _DENSE if width > _DENSE_FROM else _WIDE if width > _WIDE_FROM else _TALL
    canvas = Canvas(whole, pagesize=layout.size, invariant=True)
    canvas.setTitle(report.title)
    for page in pages(report.table, layout.rows):
        for side in sides(report.table, _ON_ONE_PAGE):
            _Sheet(canvas, report, layout, side).draw(page)
            canvas.showPage()
    canvas.save()
    return whole.getvalue()


class _Sheet:
    """One page, or a side of it, drawn from above."""

    def __init__(self, canvas: Canvas, report: Printed, layout: _Layout, side: Side) -> None:
        self._canvas = canvas
        self._report = report
        self._side = side
        self._columns = [report.table.columns[place] for place in side.columns]
        self._layout = layout
        width, height = layout.size
        self._right, self._y = width - _MARGIN, height - _MARGIN
        share = (width - 2 * _MARGIN) / sum(column.width for column in self._columns)
        self._widths = [column.width * share for column in self._columns]

    def draw(self, page: Page) -> None:
        """Title, rows, sums; on the last page words and signatures; the seal's code on each."""
        self._canvas.setFont(_FONT, 16)
        self._canvas.drawCentredString((self._right + _MARGIN) / 2, self._y - 14, self._report.title)
        self._y -= 9 * mm
        for head in self._report.heads:
            self._line(head)
        self._row([column.title for column in self._columns], heading=True)
        for cells in (page.before, *page.rows, page.after):
            if cells is not None:
                self._row(_texts([cells[place] for place in self._side.columns], self._columns))
        if page.number == page.of and self._side.name != "左页":
            self._end()
        self._foot(page)

    def _end(self) -> None:
        if self._report.words_fen is not None:
            self._line(f"合计人民币(大写):{in_capitals(self._report.words_fen)}")
        self._y -= 4 * mm
        share = (self._right - _MARGIN) / SIGNATURES_A_LINE
        self._canvas.setFont(_FONT, _SIZE + 1)
        for names in signature_lines(self._report):
            for at, name in enumerate(names):
                self._sign(f"{name}(签章):", _MARGIN + at * share, share - 6 * mm)
            self._y -= 10 * mm

    def _sign(self, label: str, x: float, room: float) -> None:
        """A label, and a line to sign on for the rest of the room."""
        y = self._y - 4 * mm
        self._canvas.drawString(x, y, label)
        self._canvas.line(x + pdfmetrics.stringWidth(label, _FONT, _SIZE + 1) + mm, y - 1, x + room, y - 1)

    def _foot(self, page: Page) -> None:
        code = self._report.code
        self._canvas.setFont(_FONT, _SIZE)
        self._canvas.drawString(_MARGIN, 8 * mm, seal_line(self._report))
        self._canvas.drawCentredString((self._right + _MARGIN) / 2, 8 * mm, self._numbered(page))
        if code:
            drawing = Drawing(_CODE_SIZE, _CODE_SIZE)
            drawing.add(QrCodeWidget(code, barWidth=_CODE_SIZE, barHeight=_CODE_SIZE))
            renderPDF.draw(drawing, self._canvas, self._right - _CODE_SIZE, 5 * mm)

    def _numbered(self, page: Page) -> str:
        return f"第 {page.number} 页 共 {page.of} 页" + (f"({self._side.name})" if self._side.name else "")

    def _line(self, text: str) -> None:
        self._canvas.setFont(_FONT, _SIZE + 1)
        self._canvas.drawString(_MARGIN, self._y - 4 * mm, text)
        self._y -= _LINE_HEIGHT

    def _row(self, texts: Sequence[str], *, heading: bool = False) -> None:
        height = self._layout.head_height if heading else self._layout.row_height
        x, below = _MARGIN, self._y - height
        for text, width, column in zip(texts, self._widths, self._columns, strict=True):
            self._canvas.rect(x, below, width, height)
            box = _Box(x, below, width, height)
            self._cell(text, box, centred=heading, right=not heading and column.kind != "text")
            x += width
        self._y = below

    def _cell(self, text: str, box: "_Box", *, centred: bool, right: bool) -> None:
        """Smaller where the text is long, then on two lines, then cut. Below zero is red (红字)."""
        room, size = box.width - 2 * mm, _SIZE
        while size > (_SMALLEST if right else _SMALL) and _width(text, size) > room:
            size -= 0.5
        lines = [text]
        if _width(text, size) > room and not right:
            size, lines = _in_two(text, room)
        self._canvas.setFont(_FONT, size)
        self._canvas.setFillColor(red if right and text.startswith("-") else black)
        for number, line in enumerate(_cut(line, size, room) for line in lines):
            middle = box.below + box.height / 2 - size * 0.35
            y = middle if len(lines) == 1 else middle + (0.5 - number) * size * 1.15
            if centred:
                self._canvas.drawCentredString(box.x + box.width / 2, y, line)
            elif right:
                self._canvas.drawRightString(box.x + box.width - mm, y, line)
            else:
                self._canvas.drawString(box.x + mm, y, line)
        self._canvas.setFillColor(black)


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a cell is."""

    x: float
    below: float
    width: float
    height: float


def _width(text: str, size: float) -> float:
    return pdfmetrics.stringWidth(text, _FONT, size)


def _in_two(text: str, room: float) -> tuple[float, list[str]]:
    """A text on two lines, the first as full as it can be, in a size that fits where there is one."""
    size = _SMALL
    while True:
        first = _cut(text, size, room)
        if size <= _SMALLEST or _width(text[len(first) :], size) <= room:
            return size, [first, text[len(first) :]]
        size -= 0.5


def _cut(text: str, size: float, room: float) -> str:
    while text and _width(text, size) > room:
        text = text[:-1]
    return text


def _texts(cells: Sequence[Cell], columns: Sequence[Column]) -> list[str]:
    return [_text(value, column) for value, column in zip(cells, columns, strict=True)]


def _text(value: Cell, column: Column) -> str:
    if value is None:
        return ""
    return yuan_of(value) if isinstance(value, int) and column.kind == "fen" else str(value)
