"""A spreadsheet from outside is looked into before anybody makes a table of it."""

import io
import zipfile

import pytest

from services.chassis.workbook import BrokenWorkbook, Limits, TooLarge, has_formulas
from services.ledger.files.sheet import Faulty, tables

LIMITS = Limits(unpacked=100_000, cells=1_000)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book(cells: str, name: str = "xl/worksheets/sheet1.xml", head: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr(name, f'{head}<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>')
    return packed.getvalue()


def test_a_sheet_of_values_inside_the_limits_may_be_read() -> None:
    assert not has_formulas(book('<row r="1000"><c r="A1000"><v>1</v></c></row>'), LIMITS)
    assert not has_formulas(book('<row><c r="XFD1048576" s="3"/><c r="B1"><v>1</v></c></row>'), LIMITS)


def test_a_computed_cell_is_seen() -> None:
    assert has_formulas(book("<row><c><f>A1</f><v>1</v></c></row>"), LIMITS)


@pytest.mark.parametrize(
    "raw",
    [
        book('<row><c r="A1001"><v>1</v></c></row>'),
        book('<row><c r="A1"><v>1</v></c></row><row r="1000"><c r="XFD1000"><is><t>y</t></is></c></row>'),
        book('<x:row xmlns:x="a" r="1000"><x:c/><x:c><x:v>1</x:v></x:c></x:row>'),
        book('<row><c r="xfd&#49;000"><v>1</v></c></row>', name="anywhere/else.bin"),
        book(" " * 100_001),
    ],
    ids=["one row more", "two far corners", "places not said", "in disguise", "unpacks to too much"],
)
def test_a_sheet_that_would_fill_the_memory_is_refused(raw: bytes) -> None:
    with pytest.raises(TooLarge):
        has_formulas(raw, LIMITS)


def lying() -> bytes:
    """A part that unpacks to far more than it says."""
    honest = book(" " * 90_000)
    size = next(part.file_size for part in zipfile.ZipFile(io.BytesIO(honest)).infolist() if part.file_size > 90_000)
    return honest.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))


@pytest.mark.parametrize(
    "raw",
    [
        lying(),
        book("<row>"),
        book('<row r="-5"><c><v>1</v></c></row>'),
        book('<row><c r="1A"><v>1</v></c></row>'),
        book("", head='<!DOCTYPE a [<!ENTITY b "c">]>'),
        book("", name="content.xml"),
        b"PK\x03\x04",
    ],
    ids=["it lies", "no end", "a row above the first", "no place", "entities", "another kind", "nothing"],
)
def test_what_cannot_be_looked_through_is_not_read(raw: bytes) -> None:
    with pytest.raises(BrokenWorkbook):
        has_formulas(raw, LIMITS)


def test_a_bank_s_file_with_two_far_corners_is_refused_with_a_sentence() -> None:
    with pytest.raises(Faulty, match="行列过多"):
        list(tables(book('<row><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>')))
