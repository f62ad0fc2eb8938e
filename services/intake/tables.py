"""A list of households as a table (CSV, XLSX): each line read into our plain JSON."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import python_calamine as calamine
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from events.shanghai import SHANGHAI
from events.words import Cause
from services.chassis.problems import Problem
from services.chassis.workbook import BrokenWorkbook, Limits, TooLarge, has_formulas

Kind = Literal["village", "department", "visits"]

LINES_AT_MOST = 2_000
_LIMITS = Limits(unpacked=32 * 1024 * 1024, cells=LINES_AT_MOST * 256)


class _Sheet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    columns: Mapping[str, tuple[str, ...]]
    causes: Mapping[str, Cause]
    included: frozenset[str]
    fixed: Mapping[str, str]


Sheets = Mapping[Kind, _Sheet]
_SHEETS = TypeAdapter(dict[Kind, _Sheet])


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the table, what it says under our names, and whether its household is included."""

    number: int
    fields: Mapping[str, str]
    is_included: bool

    @property
    def reason_left_out(self) -> str | None:
        """Why its household is not included."""
        return self.fields.get("reason_left_out")


def parse_sheets(text: str) -> Sheets:
    """The kinds of lists of a YAML document. Raises ``ValueError``."""
    return _SHEETS.validate_python(yaml.safe_load(text))


def read_lines(raw: bytes, sheet: _Sheet) -> Sequence[Line]:
    """The lines of a table. Raises ``Problem`` (422) for what is no table, or one that is too long."""
    try:
        rows = list(_rows(raw))
    except (calamine.CalamineError, BrokenWorkbook, TooLarge, csv.Error, UnicodeError, ValueError):
        raise _no_table() from None
    if not rows or len(rows) > LINES_AT_MOST + 1:
        raise _no_table()
    heads = [_text(cell) for cell in rows[0]]
    places = {name: _place(heads, titles) for name, titles in sheet.columns.items()}
    lines = [_line(number, row, places, sheet) for number, row in enumerate(rows[1:], start=2)]
    return [line for line in lines if line.fields]


def report_of(line: Line, sheet: _Sheet, list_id: str, home: str) -> dict[str, Any]:
    """A line as a report in our plain JSON; what it does not say is left out, for the report's own check to name."""
    fields = line.fields
    subject = {
        "identity_status": "claimed" if "name" in fields else "unknown",
        "name": fields.get("name"),
        "id_no": fields.get("id_no"),
        "phone": fields.get("phone"),
        "persons_affected": fields.get("persons_affected"),
    }
    consent = fields.get("consent")
    return {
        "source": {"external_id": f"{list_id}.{fields.get('external_id', line.number)}"},
        "occurred_at": _moment(fields.get("occurred_at", "")),
        "reporter": {
            "kind": sheet.fixed["reporter"],
            "consent": None if consent is None else consent in sheet.included,
        },
        "subject": subject,
        "place": {"division_code": fields.get("division_code", home), "address_text": fields.get("address_text")},
        "need": {
            "category_code": sheet.causes.get(fields.get("category_code", ""), "other"),
            "urgency": "urgent",
            "reason_text": fields.get("reason_text"),
        },
        "list_id": list_id,
        "department": sheet.fixed.get("department"),
    }


def _rows(raw: bytes) -> Iterator[Sequence[object]]:
    if raw[:2] != b"PK":
        text = raw.decode("utf-8-sig") if _is_utf8(raw) else raw.decode("gb18030")
        yield from csv.reader(io.StringIO(text), strict=True)
        return
    has_formulas(raw, _LIMITS)
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
    yield from book.get_sheet_by_index(0).to_python()


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _place(heads: Sequence[str], titles: Iterable[str]) -> int | None:
    return next((heads.index(title) for title in titles if title in heads), None)


def _line(number: int, row: Sequence[object], places: Mapping[str, int | None], sheet: _Sheet) -> Line:
    found = {name: _text(row[at]) for name, at in places.items() if at is not None and at < len(row)}
    fields = {name: text for name, text in found.items() if text}
    return Line(number, fields, places["included"] is None or fields.get("included", "") in sheet.included)


def _text(cell: object) -> str:
    """A cell as it reads on paper: whole numbers without a point, moments in full."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).strip()


def _moment(text: str) -> str | None:
    """A local time as people write it in tables, with its offset; a bare date is its first minute."""
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI).isoformat()
        except ValueError:
            continue
    return text or None


def _no_table() -> Problem:
    return Problem(422, "no_table", "不是可读的表格(CSV或XLSX),或行数过多,请核对后重新上传。")
