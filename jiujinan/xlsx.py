"""Plain Excel workbooks: rows of texts and numbers. What a person has typed is a text, whatever it begins with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]  the library ships no stubs

Cell = str | int | float
Rows = Sequence[Sequence[Cell]]

_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook's own clock knows no zone


def write_workbook(file: Path, sheets: Mapping[str, Rows]) -> None:
    """Write the sheets by their names. The same sheets give the same bytes."""
    book: Any = Workbook(str(file), {"in_memory": True})
    book.set_properties({"created": _MADE_AT})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for place, value in enumerate(row):
                write = sheet.write_string if isinstance(value, str) else sheet.write_number
                write(at, place, value)
    book.close()
