"""Layouts of bank statements (对账单格式): which heading means what, by names and never by positions."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Column = Literal[
    "day",
    "time",
    "income",
    "outgo",
    "amount",
    "flag",
    "balance",
    "name",
    "account",
    "summary",
    "purpose",
    "postscript",
    "serial",
    "own_account",
]
"""What a column holds: 日期, 时间, 收入, 支出, 发生额, 收支标志, 余额, 对方户名, 对方账号, 摘要, 用途, 附言, 流水号.

``own_account`` is the account that the statement is of (本方账号).
"""

_NEEDED: tuple[Column, ...] = ("day", "balance")
_UNIT = re.compile(r"[((](单位[::])?(人民币)?元[))]$")


class Layout(BaseModel):
    """How one bank writes its statements.

    ``columns`` gives the headings of each column. Direction is told by two columns, by a flag beside an amount, or by
    the amount's sign; with ``either`` the headings (借方, 贷方) do not say which is which, and the balances decide.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: str = Field(max_length=60)
    columns: Mapping[Column, tuple[str, ...]]
    incoming: tuple[str, ...] = ()
    """The words of the flag for money that comes in."""
    outgoing: tuple[str, ...] = ()
    either: bool = False

    @property
    def needed(self) -> Sequence[Column]:
        """The columns without which a table is not in this layout."""
        told: tuple[Column, ...] = ("income", "outgo") if "income" in self.columns else ("amount",)
        return (*_NEEDED, *told, *(("flag",) if "flag" in self.columns else ()))


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading of a table stands (row from 0), and at which place each column."""

    layout_id: str
    layout: Layout
    row: int
    places: Mapping[Column, int] = field(repr=False)


def heading_of(table: Sequence[Sequence[str]], layouts: Mapping[str, Layout]) -> Heading | None:
    """The heading that explains most of a table; of equals the layout named first. ``None`` when none fits."""
    found = (
        Heading(layout_id, layout, number, places)
        for number, row in enumerate(table)
        if len(row) > len(_NEEDED)
        for layout_id, layout in layouts.items()
        if (places := _places(row, layout)).keys() >= {*layout.needed}
    )
    return max(found, key=lambda heading: len(heading.places), default=None)


def normal(heading: str) -> str:
    """A heading without blanks, in half width, without the unit (元) that some banks put behind it."""
    return _UNIT.sub("", "".join(unicodedata.normalize("NFKC", heading).split()))


def _places(row: Sequence[str], layout: Layout) -> dict[Column, int]:
    named = {normal(cell): place for place, cell in reversed([*enumerate(row)]) if cell}
    places: dict[Column, int] = {}
    for column, names in layout.columns.items():
        place = _first(named, names)
        if place is not None:
            places[column] = place
    return places


def _first(named: Mapping[str, int], names: Iterable[str]) -> int | None:
    return next((named[name] for name in map(normal, names) if name in named), None)


def layouts_of(document: object) -> Mapping[str, Layout]:
    """The layouts of a parsed YAML document, by id, in its order. Raises ``ValueError`` without repeating content."""
    return _LAYOUTS.validate_python(document)


_LAYOUTS = TypeAdapter(dict[str, Layout])
