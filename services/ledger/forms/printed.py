"""A report as it is printed: title, header lines, columns, pages that carry their sums (承前页, 过次页), signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ROWS_A_PAGE = 24
SIGNATURES_A_LINE = 3
NOTHING = "本期无发生额"
"""What a report of nothing says; it is printed all the same (零报告)."""

Cell = str | int | None
"""A text, a number or fen, as its column says; ``None`` is an empty cell."""
Cells = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its width in characters, and what is in it. ``summed`` ones are carried over pages as sums.

    A ``figure`` is a number that is written already, as a rate is: it stands where numbers stand. ``lasting`` is a
    column whose last value is carried over pages, as a balance is.
    """

    title: str
    width: int
    kind: Literal["text", "figure", "fen", "count"] = "text"
    summed: bool = False
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows. ``subtotals`` are rows that close a month (本月合计, 本年累计): sums begin anew behind them.

    ``label_at`` is the column under which 承前页, 过次页 and 合计 stand.
    """

    columns: tuple[Column, ...]
    rows: tuple[Cells, ...]
    subtotals: frozenset[int] = frozenset()
    label_at: int = 0


@dataclass(frozen=True, slots=True)
class Printed:
    """A report. ``words_fen`` is repeated in capital figures (大写); ``code`` is the seal's, empty while unsealed."""

    title: str
    heads: tuple[str, ...]
    table: Table
    signatures: tuple[str, ...] = ("制表", "复核", "负责人")
    words_fen: int | None = None
    code: str = ""
    sealed: bool = True
    """Whether a closed month's seal belongs on it at all."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what came before it, its rows, and what stands below them. ``of`` is how many pages there are."""

    number: int
    of: int
    before: Cells | None
    rows: tuple[Cells, ...]
    after: Cells | None
    """The sums so far (过次页), or on the last page the total (合计), unless its rows end with sums of their own."""
    bold: frozenset[int] = frozenset()
    """Which of its rows are sums."""


@dataclass(frozen=True, slots=True)
class Side:
    """What of a table lies on a page, by the places of its columns. ``name`` is empty where that is all of it."""

    name: str
    columns: tuple[int, ...]


def sides(table: Table, at_most: int) -> Sequence[Side]:
    """A table wider than so many characters lies on two facing pages (左页, 右页), which both say what row it is."""
    widths = [column.width for column in table.columns]
    places = range(len(widths))
    if sum(widths) <= at_most:
        return (Side("", tuple(places)),)
    half = next(place for place in places if sum(widths[: place + 1]) > sum(widths) / 2)
    named = places[: max(table.label_at, 1)]
    return Side("左页", tuple(places[:half])), Side("右页", (*named, *places[half:]))


def seal_line(report: Printed) -> str:
    """What every page says of the seal; nothing where none belongs on it."""
    return f"封存码:{report.code or '未封存'}" if report.sealed else ""


def signature_lines(report: Printed) -> Sequence[Sequence[str]]:
    """Who signs, as many on a line as have room to."""
    names = report.signatures
    return [names[at : at + SIGNATURES_A_LINE] for at in range(0, len(names), SIGNATURES_A_LINE)]


def pages(table: Table, rows_a_page: int = ROWS_A_PAGE) -> Sequence[Page]:
    """The table page by page; at least one."""
    if not table.rows:
        return (Page(1, 1, None, (_labelled(table, NOTHING, ()),), _carried(table, "合计", 0)),)
    starts = range(0, len(table.rows), rows_a_page)
    return tuple(_page(table, number, start, start + rows_a_page) for number, start in enumerate(starts, start=1))


def _page(table: Table, number: int, start: int, end: int) -> Page:
    of = -(-len(table.rows) // (end - start))
    before = _carried(table, "承前页", start) if start else None
    rows = table.rows[start:end]
    after = _carried(table, "过次页", end) if number < of else _total(table)
    return Page(
        number, of, before, rows, after, frozenset(at for at in range(len(rows)) if start + at in table.subtotals)
    )


def _total(table: Table) -> Cells | None:
    return None if table.subtotals else _carried(table, "合计", len(table.rows))


def _carried(table: Table, label: str, end: int) -> Cells | None:
    """What is carried over the end of a page: sums since the last month that is closed, and how things stand."""
    if not any(column.summed for column in table.columns):
        return None
    since = max((at + 1 for at in table.subtotals if at < end), default=0)
    return _labelled(table, label, table.rows[since:end], table.rows[end - 1 : end])


def _labelled(table: Table, label: str, rows: Sequence[Cells], last: Sequence[Cells] = ()) -> Cells:
    """A label, the sums of these rows where columns are summed, and what the last row says where that lasts."""
    cells: list[Cell] = [None] * len(table.columns)
    for at, column in enumerate(table.columns):
        if column.summed and rows:
            cells[at] = sum(value for row in rows if isinstance(value := row[at], int))
        elif column.lasting and last:
            cells[at] = last[0][at]
    cells[table.label_at] = label
    return tuple(cells)
