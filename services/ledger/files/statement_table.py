"""From a table and its heading to a statement's lines: dates, amounts, signs; what is unreadable fails the file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from events.shanghai import SHANGHAI
from services.ledger.files.amount_text import Unreadable, fen_of
from services.ledger.files.layout import Column, Heading, Layout, heading_of, normal
from services.ledger.files.sheet import Faulty, Table, tables
from services.ledger.files.statement import RawLine, Written

_DAY = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?![0-9]{3})")
_TIME = re.compile(r"(?<![0-9])([0-9]{1,2}):?([0-9]{2}):?([0-9]{2})(?:\.[0-9]+)?$")
_FOOTER = re.compile(
    r"合计|总计|小计|本页|承前页|过次页|打印|笔数|以下空白|^收$|^支$|声明|制表|第[0-9]+页|温馨提示|备注"
)
_OWN_ACCOUNT = re.compile(r"^(?:本方|我方|查询|户主)?(?:账号|账户|卡号)[::]?([0-9 -]{8,40})?$")
_OPENING = re.compile(r"^(?:期初|上期|上月|起始)余额[::]?(.*)$")
_CLOSING = re.compile(r"^(?:期末|本期末|月末|截止)余额[::]?(.*)$")
_MANGLED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_HEADING_WITHIN = 60
"""A heading stands within so many rows, whatever a bank prints above it."""
_TEXTS: tuple[Column, ...] = ("summary", "purpose", "postscript")


@dataclass(frozen=True, slots=True)
class UnknownLayout(Exception):
    """No layout fits; ``headings`` is what a person has to map."""

    headings: Sequence[str]


def read_table(raw: bytes, layouts: Mapping[str, Layout]) -> Written:
    """A statement's lines as they stand in a table. Raises ``Faulty``, or ``UnknownLayout`` where no heading fits."""
    headings: list[Sequence[str]] = [[]]
    for table in tables(raw):
        heading = heading_of(table[:_HEADING_WITHIN], layouts)
        if heading is not None:
            return _Reader(table, heading).written()
        headings.append(_headings(table))
    raise UnknownLayout(max(headings, key=len))


def _headings(table: Table) -> Sequence[str]:
    """The row that looks most like a heading: many words, and no numbers."""
    rows = [[normal(cell) for cell in row if cell] for row in table[:_HEADING_WITHIN]]
    wordy = [row for row in rows if not any(re.search(r"[0-9]{4}", cell) for cell in row)]
    return max([*wordy, []], key=len)


@dataclass(frozen=True, slots=True)
class _Reader:
    table: Table
    heading: Heading

    def written(self) -> Written:
        lines = list(self._lines())
        above = [cell for row in self.table[: self.heading.row] for cell in row]
        below = [cell for row in self.table[lines[-1].row if lines else self.heading.row + 1 :] for cell in row]
        return Written(
            layout_id=self.heading.layout_id,
            lines=lines,
            own_account=self._own_account(above),
            opening_fen=self._stated(_OPENING, above),
            closing_fen=self._stated(_CLOSING, [*above, *below]),
            either=self.heading.layout.either,
        )

    def _lines(self) -> Iterator[RawLine]:
        for number in range(self.heading.row + 1, len(self.table)):
            row = self.table[number]
            if any(row) and not self._is_footer(row, number + 1):
                yield self._line(row, number + 1)

    def _is_footer(self, row: Sequence[str], number: int) -> bool:
        """A row without a day is a footer or a repeated heading, and else a reason to refuse the file."""
        if _DAY.match(self._cell(row, "day")):
            return False
        if any(_FOOTER.search(cell) or _OPENING.match(cell) or _CLOSING.match(cell) for cell in row if cell):
            return True
        if list(row) == list(self.table[self.heading.row]):
            return True
        raise Faulty("日期读不出来", number)

    def _line(self, row: Sequence[str], number: int) -> RawLine:
        balance_fen = self._fen(row, "balance", number)
        if balance_fen is None:
            raise Faulty("缺少余额", number)
        account = self._cell(row, "account")
        if _MANGLED.fullmatch(account):
            raise Faulty("对方账号被表格软件改成了科学记数(如 6.22E+18),请使用银行导出的原始文件", number)
        day, moment = self._when(row, number)
        return RawLine(
            row=number,
            booked_on=day,
            booked_at=moment,
            amount_fen=self._amount(row, number),
            balance_fen=balance_fen,
            serial=self._cell(row, "serial"),
            name=self._cell(row, "name"),
            account="".join(account.split()),
            texts=tuple(text for column in _TEXTS if (text := self._cell(row, column))),
        )

    def _when(self, row: Sequence[str], number: int) -> tuple[date, datetime | None]:
        written = self._cell(row, "day")
        match = _DAY.match(written)
        assert match is not None
        try:
            day = date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
            moment = _TIME.search(written[match.end() :]) or _TIME.search(self._cell(row, "time"))
            if moment is None:
                return day, None
            hour, minute, second = map(int, moment.groups())
            return day, datetime.combine(day, time(hour, minute, second), SHANGHAI)
        except ValueError:
            raise Faulty("没有这样的日期或时间", number) from None

    def _amount(self, row: Sequence[str], number: int) -> int:
        income_fen, outgo_fen = self._fen(row, "income", number) or 0, self._fen(row, "outgo", number) or 0
        amount_fen = self._fen(row, "amount", number)
        if amount_fen is not None:
            return self._flagged(row, number, amount_fen)
        if (income_fen == 0) == (outgo_fen == 0):
            raise Faulty("收入和支出必须有且只有一项", number)
        # some banks print what goes out with a minus sign, in its own column
        return income_fen or -abs(outgo_fen)

    def _flagged(self, row: Sequence[str], number: int, amount_fen: int) -> int:
        layout, flag = self.heading.layout, self._cell(row, "flag")
        if "flag" not in layout.columns:
            return amount_fen
        if flag in layout.incoming:
            return amount_fen
        if flag in layout.outgoing:
            return -abs(amount_fen)
        raise Faulty("收支标志读不出来", number)

    def _fen(self, row: Sequence[str], column: Column, number: int) -> int | None:
        try:
            return fen_of(self._cell(row, column))
        except Unreadable:
            raise Faulty("余额读不出来" if column == "balance" else "金额读不出来", number) from None

    def _cell(self, row: Sequence[str], column: Column) -> str:
        place = self.heading.places.get(column)
        return row[place] if place is not None and place < len(row) else ""

    def _own_account(self, above: Sequence[str]) -> str | None:
        """The account that the file says it is of, in its column or above the table; one file has one."""
        named = {self._cell(row, "own_account") for row in self.table[self.heading.row + 1 :]}
        found = {account for account in named if re.fullmatch(r"[0-9 -]{8,40}", account)} or {*_labelled(above)}
        if any(_MANGLED.fullmatch(account) for account in named):
            raise Faulty("本方账号被表格软件改成了科学记数(如 6.22E+18),请使用银行导出的原始文件")
        if len(found) > 1:
            raise Faulty("文件中有多个本方账号,请按账号分别导出")
        return re.sub(r"[ -]", "", found.pop()) if found else None

    def _stated(self, label: re.Pattern[str], cells: Sequence[str]) -> int | None:
        for number, cell in enumerate(cells):
            match = label.match("".join(cell.split()))
            if match:
                amount = match[1] or next(filter(None, cells[number + 1 :]), "")
                try:
                    return fen_of(amount)
                except Unreadable:
                    raise Faulty("期初或期末余额读不出来") from None
        return None


def _labelled(cells: Sequence[str]) -> Iterator[str]:
    """What stands behind the label 账号, in its own cell or in the next one."""
    for number, cell in enumerate(cells):
        match = _OWN_ACCOUNT.match(cell.strip())
        if match:
            following = next(filter(None, cells[number + 1 :]), "")
            account = match[1] or (following if re.fullmatch(r"[0-9 -]{8,40}", following) else "")
            if account:
                yield account
