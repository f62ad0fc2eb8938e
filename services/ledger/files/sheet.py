"""Files of a bank as tables of text: CSV, XLS and XLSX, told apart by what is in them, never by their name."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError

from services.chassis.workbook import BrokenWorkbook, Limits, TooLarge, has_formulas
from services.ledger.files.amount_text import cell_text
from services.ledger.files.xls import must_fit

Table = Sequence[Sequence[str]]
"""Rows of cells; row 0 is line 1 of the file."""

_DELIMITERS = (",", "\t", "|", ";")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTES_AT_MOST = 16 * 2**20
_LIMITS = Limits(unpacked=128 * 2**20, cells=2_000_000)
_QUOTED = re.compile(r'^="([^"]*)"$')
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PROTECTED, _BROKEN = "文件有密码保护,请取消密码后重新导出", "文件已损坏或不完整,请重新下载"
_TOO_LARGE = "文件解压后过大,或表格占用的行列过多,请删去空白区域中的内容后重新导出"


class Faulty(Exception):
    """A file that cannot be taken in: why, in Chinese, and at which line (from 1); never what stands there."""

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row

    def sentence(self, file_name: str) -> str:
        """The refusal as it is told: file, line, reason."""
        place = "" if self.row is None else f"第{self.row}行:"
        return f"{file_name}:{place}{self.reason}。"


@dataclass(frozen=True, slots=True)
class _Workbook:
    raw: bytes

    def rows(self) -> Table:
        if self.raw.startswith(_ZIP):
            self._look_inside()
        elif _ENCRYPTED in self.raw:
            raise Faulty(_PROTECTED)
        else:
            self._must_fit()
        try:
            with CalamineWorkbook.from_filelike(BytesIO(self.raw)) as book:
                return _values(book.get_sheet_by_index(0))
        except PasswordError:
            raise Faulty(_PROTECTED) from None
        except (Faulty, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a broken XLS makes the reader panic, and a panic is no Exception
            raise Faulty(_BROKEN) from None

    def _must_fit(self) -> None:
        """Refuse what would fill the memory: a reader ends the whole process there."""
        try:
            must_fit(self.raw, _LIMITS.cells)
        except TooLarge:
            raise Faulty(_TOO_LARGE) from None
        except BrokenWorkbook:
            raise Faulty(_BROKEN) from None

    def _look_inside(self) -> None:
        """Refuse what would fill the memory, and cells whose value is computed: a bank writes values."""
        try:
            computed = has_formulas(self.raw, _LIMITS)
        except TooLarge:
            raise Faulty(_TOO_LARGE) from None
        except BrokenWorkbook:
            raise Faulty(_BROKEN) from None
        if computed:
            raise Faulty("表格中含有公式,请使用银行导出的原始文件,自制的表格请只填数值")


def tables(raw: bytes) -> Iterator[Table]:
    """The table in a file, once for each way to read it: a text may be split at commas, tabs, bars or semicolons.

    Raises ``Faulty`` for what is no table, is protected, broken or too large.
    """
    if len(raw) > _BYTES_AT_MOST:
        raise Faulty("文件超过 16 MiB")
    if not raw.strip():
        raise Faulty("文件是空的")
    if raw.startswith((_ZIP, _OLE)):
        yield _Workbook(raw).rows()
        return
    text = _text(raw)
    yield from (_split(text, delimiter) for delimiter in _DELIMITERS if delimiter in text)


def _values(sheet: CalamineSheet) -> Table:
    """The cells of a sheet."""
    top = 0 if sheet.start is None else sheet.start[0]
    return [*([[]] * top), *([_cell(value) for value in row] for row in sheet.iter_rows())]


def _text(raw: bytes) -> str:
    is_utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.lstrip()[:1] == "<":
            raise Faulty("这是网页或 XML,不是表格,请导出为 XLSX 或 CSV")
        if "\0" not in text:
            return text
    raise Faulty("文件的编码无法识别,或文件不完整")


def _split(text: str, delimiter: str) -> Table:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows += [[]] * (reader.line_num - len(rows) - 1)
            rows.append([_plain(cell) for cell in row])
    except csv.Error:
        raise Faulty("这一行读不出来", reader.line_num) from None
    return rows


def _plain(cell: str) -> str:
    """A cell without the tab that some banks put behind it, and without the ``="…"`` that keeps digits a text."""
    stripped = cell.strip()
    quoted = _QUOTED.match(stripped)
    return quoted[1] if quoted else stripped


def _cell(value: float | str | bool | time | date | datetime | timedelta) -> str:
    match value:
        case bool() | timedelta():
            return str(value)
        case int() | float():
            return cell_text(value)
        case str():
            return _plain(value)
        case time() | date():
            return value.isoformat()
