"""Old spreadsheets (XLS), looked into before a reader makes tables of them.

A reader sets memory aside for what a file says of itself, and five kilobytes can say a thousand million cells. That is
no error that it could tell: the process ends. So the container and its records are walked first, inside limits.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from services.chassis.workbook import BrokenWorkbook, TooLarge

_SECTOR, _MINI, _ENTRY = 512, 64, 128
_SMALL = 4096
"""A stream below this size lies in the mini stream."""
_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF
_HEADER = struct.Struct("<HHHH")
_COUNTS = struct.Struct("<III")
_TABLES_AT_MOST = 109
"""Sectors of the allocation table that the header itself names: 6.8 MiB, more than 65,536 lines of a bank."""
_BOOKS = frozenset({"Workbook", "Book"})
_MACROS = "_VBA_PROJECT_CUR"
_EOF, _SHEET, _STRINGS, _DIMENSIONS = 0x000A, 0x0085, 0x00FC, 0x0200
_SEVERAL = frozenset({0x00BD, 0x00BE})
"""MULRK, MULBLANK: cells of one row, the last column at their end."""
_CELLS = _SEVERAL | {0x0006, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x0206, 0x027E, 0x0406}
_STRING_AT_LEAST = 3

Record = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A stream or storage of the container."""

    name: str
    start: int
    size: int


def must_fit(raw: bytes, cells: int) -> None:
    """Look through an XLS. Raises ``TooLarge`` where its sheets span more cells, ``BrokenWorkbook`` otherwise."""
    try:
        stream = _workbook(raw)
        records = list(_records(stream, 0))
        _strings_must_fit(records, len(stream))
        starts = [int.from_bytes(data[:4], "little") for kind, data in records if kind == _SHEET]
        left = cells
        walked = 0
        for start in starts:
            sheet = list(_records(stream, start))
            walked += sum(4 + len(data) for _, data in sheet)
            left -= _span(sheet)
            if left < 0 or walked > len(stream):
                raise TooLarge
    except (struct.error, IndexError, UnicodeDecodeError):
        raise BrokenWorkbook from None


def _workbook(raw: bytes) -> bytes:
    """The stream with the sheets."""
    table, entries = _container(raw)
    books = [entry for entry in entries if entry.name in _BOOKS]
    if len(books) != 1 or any(entry.name == _MACROS or entry.size > len(raw) for entry in entries):
        raise BrokenWorkbook
    (book,), root = books, entries[0]
    mini = _chained(raw, _SECTOR, table, root.start, _SECTOR)[: root.size]
    (first,) = struct.unpack_from("<I", raw, 60)
    small = _numbers(_chained(raw, _SECTOR, table, first, _SECTOR) if first != _FREE else b"")
    if book.size < _SMALL:
        return _chained(mini, 0, small, book.start, _MINI)[: book.size]
    return _chained(raw, _SECTOR, table, book.start, _SECTOR)[: book.size]


def _container(raw: bytes) -> tuple[Sequence[int], Sequence[_Entry]]:
    """The allocation table, and what there is; only the one form that spreadsheets have."""
    _, order, sector, mini = _HEADER.unpack_from(raw, 26)
    directories, tables, start = _COUNTS.unpack_from(raw, 40)
    cutoff, _, minis, more, further = struct.unpack_from("<IIIII", raw, 56)
    is_usual = (order, sector, mini, directories, cutoff) == (0xFFFE, 9, 6, 0, _SMALL)
    if not is_usual or minis * _SECTOR > len(raw):
        raise BrokenWorkbook
    if further or more not in (_END, _FREE) or tables > _TABLES_AT_MOST:
        raise TooLarge
    places = struct.unpack_from(f"<{_TABLES_AT_MOST}I", raw, 76)
    table = _numbers(b"".join(_sector(raw, _SECTOR, at, _SECTOR) for at in places if at not in (_END, _FREE)))
    listed = _chained(raw, _SECTOR, table, start, _SECTOR)
    entries = [_entry(listed[at : at + _ENTRY]) for at in range(0, len(listed), _ENTRY)]
    if not entries:
        raise BrokenWorkbook
    return table, entries


def _entry(written: bytes) -> _Entry:
    name = written[:64].decode("utf-16-le").partition("\0")[0]
    start, size = struct.unpack_from("<II", written, 116)
    return _Entry(name, start, 0 if not name else size)


def _chained(raw: bytes, first: int, table: Sequence[int], start: int, size: int) -> bytes:
    """The sectors of a chain. Raises ``BrokenWorkbook`` where it runs in a circle or out of the file."""
    found: list[bytes] = []
    while start != _END:
        if len(found) > len(table) or start >= len(table):
            raise BrokenWorkbook
        found.append(_sector(raw, first, start, size))
        start = table[start]
    return b"".join(found)


def _sector(raw: bytes, first: int, at: int, size: int) -> bytes:
    found = raw[first + at * size : first + (at + 1) * size]
    if not found:
        raise BrokenWorkbook
    return found


def _numbers(packed: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(packed) // 4}I", packed[: len(packed) // 4 * 4])


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place in the stream up to the end of their part."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _EOF:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _strings_must_fit(records: Sequence[Record], length: int) -> None:
    said = (struct.unpack_from("<I", data, 4)[0] for kind, data in records if kind == _STRINGS)
    if any(count * _STRING_AT_LEAST > length for count in said):
        raise BrokenWorkbook


def _span(sheet: Sequence[Record]) -> int:
    """How many cells a reader sets memory aside for: as the sheet says, or as far as its cells reach."""
    said = (_said(data) for kind, data in sheet if kind == _DIMENSIONS)
    reached = [_reached(kind, data) for kind, data in sheet if kind in _CELLS]
    rows, columns = (max((place[side] for place in reached), default=0) for side in (0, 1))
    return max(chain(said, [rows * columns]))


def _said(dimensions: bytes) -> int:
    """Rows and columns behind the last, which two ages of the format write in two widths."""
    places = struct.unpack_from("<IIHH" if len(dimensions) == 14 else "<HHHH", dimensions)
    return places[1] * places[3]


def _reached(kind: int, cell: bytes) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", cell)
    if kind in _SEVERAL:
        (column,) = struct.unpack_from("<H", cell, len(cell) - 2)
    return row + 1, column + 1
