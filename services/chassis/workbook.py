"""Spreadsheets from outside (XLSX), looked into before a reader makes tables of them.

A reader makes a sheet as large as its farthest cell says, and a kilobyte can say a thousand million. So each part is
unpacked to its end, inside a limit, and every cell's place is read first.
"""

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ROW = re.compile(r"[0-9]{1,7}")
_SHEET = b"sheetData"
_OTHERS = frozenset({"xl/workbook.bin", "content.xml"})
"""What only other kinds of spreadsheets hold (XLSB, ODS), whose cells lie elsewhere."""


class BrokenWorkbook(Exception):
    """Not an XLSX that can be read to its end."""


class TooLarge(Exception):
    """It would unpack to more than is wanted, or make a larger table."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a workbook may unpack to, in bytes, and how many cells a sheet may span from its first to its last."""

    unpacked: int
    cells: int


def has_formulas(raw: bytes, limits: Limits) -> bool:
    """Look through a workbook; whether any cell is computed. Raises ``BrokenWorkbook``, ``TooLarge``."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            parts = packed.infolist()
            names = {part.filename.casefold() for part in parts}
            if "xl/workbook.xml" not in names or names & _OTHERS:
                raise BrokenWorkbook
            if sum(part.file_size for part in parts) > limits.unpacked:
                raise TooLarge
            # a part that holds more than it says fails its checksum here
            found = [_computed(packed.read(part), limits.cells) for part in parts]
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, RuntimeError, ValueError):
        raise BrokenWorkbook from None
    return any(found)


def _computed(part: bytes, cells: int) -> bool:
    """Whether a part is a sheet with computed cells, whatever the part is named."""
    if _SHEET not in part.replace(b"\0", b""):
        return False
    sheet = _Sheet(cells)
    parser = expat.ParserCreate()
    parser.StartElementHandler = sheet.begins
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(part, True)
    return sheet.is_computed


def _refuse(*_: object) -> None:
    raise BrokenWorkbook


@dataclass(slots=True)
class _Sheet:
    """How far the cells reach that hold anything; both count from 1."""

    cells: int
    row: int = 0
    column: int = 0
    rows: int = 0
    columns: int = 0
    is_computed: bool = False

    def begins(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element of the sheet. Raises ``TooLarge``, ``BrokenWorkbook``."""
        match name.rpartition(":")[2]:
            case "row":
                self._down(attributes.get("r"))
            case "c":
                self._move(attributes.get("r"))
            case "v" | "is" | "f" as kind:
                self.is_computed = self.is_computed or kind == "f"
                self._reach()
            case _:
                pass

    def _down(self, number: str | None) -> None:
        if number is not None and not _ROW.fullmatch(number):
            raise BrokenWorkbook
        self.row = self.row + 1 if number is None else int(number)
        self.column = 0

    def _move(self, place: str | None) -> None:
        if place is None:
            self.column += 1
            return
        named = _CELL.fullmatch(place.upper())
        if named is None:
            raise BrokenWorkbook
        self.column = 0
        for letter in named[1]:
            self.column = self.column * 26 + ord(letter) - ord("A") + 1
        self.row = int(named[2])

    def _reach(self) -> None:
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if self.rows * self.columns > self.cells:
            raise TooLarge
