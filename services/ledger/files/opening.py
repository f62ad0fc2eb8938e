"""The form in which a county hands over its opening balances (期初余额表): its template, and how it is read back."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]  the library ships no stubs

from events.ledger import Draw, Source
from services.ledger.files.amount_text import Unreadable, fen_of
from services.ledger.files.sheet import Faulty, Table, tables
from services.ledger.story import SOURCES

PLACES_AT_MOST = 150
"""One file opens no more funds than one unit of work has room for."""

_PLACE, _UNIT, _SOURCE, _BALANCE, _CASH = "区划代码", "单位", "资金来源", "期初余额(元)", "其中库存现金(元)"
_HEADINGS = (_PLACE, _UNIT, _SOURCE, _BALANCE, _CASH)
_NEEDED = (_PLACE, _SOURCE, _BALANCE)
_HEADING_WITHIN = 10
"""In which of the first lines the headings stand."""
_TOTAL = "合计"
_TITLED: Mapping[str, Source] = {title: source for source, title in SOURCES.items()}
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook's own clock knows no zone; the same template, the same bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """What a place's fund begins with, by source, and what of it lies in the cash box."""

    place: str
    draws: tuple[Draw, ...]
    cash_fen: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    place: str
    source: str
    balance: str
    cash: str


def template() -> bytes:
    """The empty form as a workbook: the headings, and how it is to be filled in."""
    whole = BytesIO()
    book: Any = Workbook(whole, {"in_memory": True})
    book.set_properties({"title": "期初余额表", "created": _MADE_AT})
    head, text = book.add_format({"bold": True, "border": 1}), book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("期初余额")
    sheet.set_column(0, len(_HEADINGS) - 1, 18, text)
    sheet.write_row(0, 0, _HEADINGS, head)
    sheet.data_validation(1, 2, PLACES_AT_MOST * len(_TITLED), 2, {"validate": "list", "source": list(_TITLED)})
    told = book.add_worksheet("填写说明")
    told.set_column(0, 0, 90)
    for at, line in enumerate(_EXPLAINED):
        told.write_string(at, 0, line)
    book.close()
    return whole.getvalue()


_EXPLAINED = (
    "一个单位的一种资金来源填一行,金额以元为单位,最多两位小数;没有余额的不填。",
    "区划代码:县(市、区)六位,乡镇(街道)九位。单位名称只供核对。",
    "其中库存现金:这一行的余额中放在现金箱里的部分,没有的不填;其余视为在银行。",
    f"资金来源只能填:{'、'.join(_TITLED)}。",
    "可以在最后加一行,区划代码处填“合计”,金额填各行之和,用于核对。",
    "不要使用公式。有一行不对,整份不导入。已有凭证的备用金不能再导入期初余额。",
)


def read_opening(raw: bytes, county: str) -> Sequence[Opening]:
    """Every place with what it begins with. Raises ``Faulty``, naming the first line that is wrong."""
    table, heading = _headed(raw)
    places = [_clean(cell) for cell in table[heading]]
    at = {title: places.index(_clean(title)) for title in _NEEDED}
    at |= {_CASH: places.index(_clean(_CASH))} if _clean(_CASH) in places else {}
    pots: dict[str, dict[Source, int]] = {}
    cash: Counter[str] = Counter()
    for row in _rows(table, heading + 1, at):
        if row.place == _TOTAL:
            _must_add_up(row, pots, cash)
            continue
        place, source = _place(row, county), _source(row)
        if source in pots.setdefault(place, {}):
            raise Faulty("同一单位的同一资金来源填了两次", row.number)
        pots[place][source] = _balance(row)
        cash[place] += _cash(row)
    if len(pots) > PLACES_AT_MOST:
        raise Faulty(f"一份期初余额表最多 {PLACES_AT_MOST} 个单位,请分开导入")
    openings = [Opening(place, _draws(known), cash[place]) for place, known in sorted(pots.items())]
    if not any(opening.draws for opening in openings):
        raise Faulty("没有可以导入的期初余额")
    return [opening for opening in openings if opening.draws]


def _headed(raw: bytes) -> tuple[Table, int]:
    wanted = {_clean(title) for title in _NEEDED}
    for table in tables(raw):
        for number, row in enumerate(table[:_HEADING_WITHIN]):
            if wanted <= {_clean(cell) for cell in row}:
                return table, number
    raise Faulty(f"找不到表头,应有:{'、'.join(_NEEDED)}")


def _rows(table: Table, first: int, at: Mapping[str, int]) -> Iterator[_Row]:
    def cell(row: Sequence[str], title: str) -> str:
        place = at.get(title, len(row))
        return row[place] if place < len(row) else ""

    for number, row in enumerate(table[first:], start=first + 1):
        if any(one.strip() for one in row):
            yield _Row(
                number, _clean(cell(row, _PLACE)), _clean(cell(row, _SOURCE)), cell(row, _BALANCE), cell(row, _CASH)
            )


def _must_add_up(row: _Row, pots: Mapping[str, Mapping[Source, int]], cash: Mapping[str, int]) -> None:
    if _balance(row) != sum(sum(known.values()) for known in pots.values()):
        raise Faulty("合计与以上各行之和不符", row.number)
    if row.cash.strip() and _cash(row) != sum(cash.values()):
        raise Faulty("库存现金合计与以上各行之和不符", row.number)


def _place(row: _Row, county: str) -> str:
    if not re.fullmatch(r"[0-9]{6}([0-9]{3})?", row.place):
        raise Faulty("区划代码应为六位或九位数字", row.number)
    if not row.place.startswith(county):
        raise Faulty("区划代码不属于本县(市、区)", row.number)
    return row.place


def _source(row: _Row) -> Source:
    source = _TITLED.get(row.source)
    if source is None:
        raise Faulty(f"不认识这个资金来源,只能填:{'、'.join(_TITLED)}", row.number)
    return source


def _balance(row: _Row) -> int:
    fen = _amount(row, "期初余额", row.balance)
    if fen is None:
        raise Faulty("没有填写期初余额", row.number)
    return fen


def _cash(row: _Row) -> int:
    """Part of the row's balance."""
    fen = _amount(row, "库存现金", row.cash) or 0
    if fen > _balance(row):
        raise Faulty("库存现金大于期初余额", row.number)
    return fen


def _amount(row: _Row, title: str, written: str) -> int | None:
    try:
        fen = fen_of(written)
    except Unreadable:
        raise Faulty(f"{title}不是最多两位小数的金额", row.number) from None
    if fen is not None and fen < 0:
        raise Faulty(f"{title}不能是负数", row.number)
    return fen


def _draws(pots: Mapping[Source, int]) -> tuple[Draw, ...]:
    return tuple(Draw(source=source, amount_fen=fen) for source, fen in sorted(pots.items()) if fen)


def _clean(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split())
