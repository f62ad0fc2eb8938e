"""How a supposed policy's differences are told: a table for people, and a workbook with every decision that differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from events.reasons import because
from jiujinan.xlsx import write_workbook
from services.relief.supposed_outcome import Given, Unknown
from services.relief.whatif_summary import Difference, Summary

_UNKNOWN = {
    "residence": "未登记城乡类别",
    "hardship_months": "未登记困难持续月数",
    "person": "身份不明",
    "other_cases": "取决于该户其他个案",
}
_COLUMNS = ("县(市、区)", "决定", "会不同", "涉及户数", "多发(元)", "少发(元)", "无从推断")
_DETAILS = ("县(市、区)", "日期", "个案", "决定", "当时(元)", "推演(元)", "差额(元)")


@dataclass(frozen=True, slots=True)
class Found:
    """What a county's past would have been."""

    division: str
    summary: Summary
    differences: Sequence[Difference]


def show(found: Sequence[Found]) -> None:
    """Print the counties, one a line."""
    table = Table(box=SIMPLE_HEAD, title="政策推演", title_justify="left")
    for number, name in enumerate(_COLUMNS):
        table.add_column(name, justify="right" if number else "left")
    for one in found:
        table.add_row(*_counted(one))
    Console().print(table)


def write_book(file: Path, found: Sequence[Found]) -> None:
    """Write the counties, and each decision that differs, as an Excel file."""
    details = [_detail(one.division, each) for one in found for each in one.differences]
    write_workbook(file, {"汇总": [_COLUMNS, *map(_counted, found)], "明细": [_DETAILS, *details]})


def _counted(one: Found) -> tuple[str, ...]:
    told = one.summary
    unknown = "、".join(f"{_UNKNOWN[name]} {number}" for name, number in told.unknown.items()) or "0"
    figures = (told.looked_at, told.decisions, told.households)
    return one.division, *map(str, figures), _yuan(told.more_fen), _yuan(told.less_fen), unknown


def _detail(division: str, one: Difference) -> tuple[str, ...]:
    change = f"-{_yuan(-one.change_fen)}" if one.change_fen < 0 else _yuan(one.change_fen)
    told = change if isinstance(one.after, Given) else ""
    return division, str(one.on), one.case_id, one.decision_id, _outcome(one.before), _outcome(one.after), told


def _outcome(outcome: Given | Unknown) -> str:
    if isinstance(outcome, Unknown):
        return f"无从推断({_UNKNOWN[outcome.missing]})"
    return _yuan(outcome.amount_fen) if outcome.reason is None else f"未予({because(outcome.reason)})"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
