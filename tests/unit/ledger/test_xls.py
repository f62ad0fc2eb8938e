"""An old spreadsheet that says too much of itself is refused before a reader believes it and ends the process."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from services.chassis.workbook import BrokenWorkbook, TooLarge
from services.ledger.files.sheet import Faulty, tables
from services.ledger.files.xls import must_fit

WHOLE = (Path(__file__).parent / "files" / "statement.xls").read_bytes()
CELLS = 2_000_000


def record(kind: int, *, last: bool = False) -> int:
    """Where a record's words begin; the records are walked as a reader walks them."""
    at = 512
    found: list[int] = []
    while at + 4 <= len(WHOLE):
        known, length = struct.unpack_from("<HH", WHOLE, at)
        if known == kind:
            found.append(at + 4)
        at += 4 + length
    return found[-1 if last else 0]


def said(place: int, form: str, *values: int) -> Callable[[], bytes]:
    """The file with other numbers at a place."""

    def changed() -> bytes:
        raw = bytearray(WHOLE)
        struct.pack_into(form, raw, place, *values)
        return bytes(raw)

    return changed


def test_a_sound_file_is_read_to_the_last_cell_that_is_allowed() -> None:
    must_fit(WHOLE, 42)
    with pytest.raises(TooLarge):
        must_fit(WHOLE, 41)
    assert len(next(iter(tables(WHOLE)))) == 6


@pytest.mark.parametrize(
    ("rows", "columns"), [(0xFFFFFFFF, 0xFFFF), (60_000_000, 255), (65_536, 256), (CELLS // 4 + 1, 4)]
)
def test_a_sheet_that_says_to_span_more_than_is_allowed_is_refused(rows: int, columns: int) -> None:
    raw = said(record(0x0200), "<IIHH", 0, rows, 0, columns)()
    with pytest.raises(TooLarge):
        must_fit(raw, CELLS)
    with pytest.raises(Faulty, match="行列过多"):
        next(iter(tables(raw)))


def test_a_cell_far_away_counts_whatever_the_sheet_says() -> None:
    number = record(0x0203)
    raw = said(number, "<HH", 65_535, 255)()
    with pytest.raises(TooLarge):
        must_fit(raw, CELLS)


def test_sheets_that_lie_upon_one_another_are_refused() -> None:
    """Every name points to the same sheet: each would be read anew."""
    many = bytearray(WHOLE)
    sheet = struct.unpack_from("<I", WHOLE, record(0x0085))[0]
    name = struct.pack("<HHIHBB1s", 0x0085, 9, sheet, 0, 1, 0, b"a")
    begin, length = record(0x0031) - 4, len(name)
    room = sheet + 512 - 4 - begin
    filled = name * (room // length - 1)
    rest = room - len(filled)
    many[begin : begin + room] = filled + struct.pack("<HH", 0x0012, rest - 4) + b"\0" * (rest - 4)
    with pytest.raises(TooLarge):
        must_fit(bytes(many), CELLS)


HEADER = {
    "more sectors of the table than it names": said(44, "<I", 0x7FFFFFFF),
    "a table that goes on elsewhere": said(68, "<II", 1, 1),
    "sectors of another size": said(30, "<H", 12),
    "directories counted as they are not": said(40, "<I", 0xFFFFFFFF),
    "small sectors without end": said(64, "<I", 0x7FFFFFFF),
    "a directory that is not there": said(48, "<I", 0x00FFFFFF),
    "another order of bytes": said(28, "<H", 0xFEFF),
}


@pytest.mark.parametrize("raw", HEADER.values(), ids=HEADER)
def test_a_header_that_says_what_cannot_be_is_refused(raw: Callable[[], bytes]) -> None:
    with pytest.raises((BrokenWorkbook, TooLarge)):
        must_fit(raw(), CELLS)


def test_a_chain_that_runs_in_a_circle_is_refused() -> None:
    (table,) = struct.unpack_from("<I", WHOLE, 76)
    place = 512 * (table + 1)
    (start,) = struct.unpack_from("<I", WHOLE, 48)
    with pytest.raises(BrokenWorkbook):
        must_fit(said(place + 4 * start, "<I", start)(), CELLS)


def test_more_strings_than_the_file_could_hold_are_refused() -> None:
    with pytest.raises(BrokenWorkbook):
        must_fit(said(record(0x00FC), "<II", 9, 0x7FFFFFFF)(), CELLS)


@pytest.mark.parametrize("length", [8, 76, 511, 512, 1024, 2000, 4096, 5000])
def test_a_file_cut_off_anywhere_is_a_broken_one(length: int) -> None:
    with pytest.raises(Faulty):
        next(iter(tables(WHOLE[:length])))
