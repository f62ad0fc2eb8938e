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
    """A column: its title, its width in characters, and what is in it. ``summed`` ones are carried over pages.

    A ``figure`` is a number that is written already, as a rate is: it stands where numbers stand.
    """

    title: str
    width: int
    kind: Literal["text", "figure", "fen", "count"] = "text"
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """A report. ``words_fen`` is repeated in capital figures (大写); ``code`` is the seal's, empty while unsealed."""

    title: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Cells, ...]
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
    """The sums so far (过次页), or on the last page the total (合计); none where no column is summed."""


def seal_line(report: Printed) -> str:
    """What every page says of the seal; nothing where none belongs on it."""
    return f"封存码:{report.code or '未封存'}" if report.sealed else ""


def signature_lines(report: Printed) -> Sequence[Sequence[str]]:
    """Who signs, as many on a line as have room to."""
    names = report.signatures
    return [names[at : at + SIGNATURES_A_LINE] for at in range(0, len(names), SIGNATURES_A_LINE)]


def pages(report: Printed, rows_a_page: int = ROWS_A_PAGE) -> Sequence[Page]:
    """The report page by page; at least one."""
    if not report.rows:
        return (Page(1, 1, None, (_labelled(report, NOTHING, ()),), _sums(report, "合计", ())),)
    starts = range(0, len(report.rows), rows_a_page)
    return tuple(_page(report, number, start, start + rows_a_page) for number, start in enumerate(starts, start=1))


def _page(report: Printed, number: int, start: int, end: int) -> Page:
    of = -(-len(report.rows) // (end - start))
    before = _sums(report, "承前页", report.rows[:start]) if start else None
    after = _sums(report, "合计" if number == of else "过次页", report.rows[:end])
    return Page(number, of, before, report.rows[start:end], after)


def _sums(report: Printed, label: str, rows: Sequence[Cells]) -> Cells | None:
    if not any(column.summed for column in report.columns):
        return None
    return _labelled(report, label, rows)


def _labelled(report: Printed, label: str, rows: Sequence[Cells]) -> Cells:
    """A label under the first text column, and the sums of these rows where columns are summed."""
    cells: list[Cell] = [_sum(rows, at) if column.summed and rows else None for at, column in enumerate(report.columns)]
    cells[0] = label
    return tuple(cells)


def _sum(rows: Sequence[Cells], at: int) -> int:
    return sum(value for row in rows if isinstance(value := row[at], int))
