"""Batch files (代发) out and result files (回盘) in, from a template per bank: data, not code."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.ledger.files.amount_text import Unreadable, fen_of
from services.ledger.files.layout import normal
from services.ledger.files.sheet import Faulty, Table, tables
from services.ledger.payment_number import numbers_in

Held = Literal["ordinal", "batch", "name", "account", "amount", "number", "purpose"]
Told = Literal["number", "amount", "outcome", "reason", "serial"]

_PURPOSE = "临时救助"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would take for a formula, or that would break the line."""
_HEADING_WITHIN = 30
_NEEDED: tuple[Told, ...] = ("number", "amount", "outcome")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class BatchColumn(_Part):
    """A column of a batch file."""

    heading: str
    holds: Held


class ResultWords(_Part):
    """The headings of a result file, and what it calls success and failure."""

    number: tuple[str, ...]
    amount: tuple[str, ...]
    outcome: tuple[str, ...]
    reason: tuple[str, ...] = ()
    serial: tuple[str, ...] = ()
    succeeded: tuple[str, ...]
    failed: tuple[str, ...]


class Template(_Part):
    """How one bank takes batches and answers them."""

    title: str
    encoding: Literal["gb18030", "utf-8"] = "gb18030"
    delimiter: Literal[",", "|", "\t"] = ","
    heading: bool = True
    unit: Literal["yuan", "fen"] = "yuan"
    total: Literal["none", "first", "last"] = "none"
    columns: tuple[BatchColumn, ...] = Field(min_length=3)
    result: ResultWords


def templates_of(document: object) -> Mapping[str, Template]:
    """The templates of a parsed YAML document, by id. Raises ``ValueError`` without repeating content."""
    return _TEMPLATES.validate_python(document)


_TEMPLATES = TypeAdapter(dict[str, Template])


@dataclass(frozen=True, slots=True)
class Payable:
    """One payment of a batch, with what must be told to the bank; ``amount_fen`` in fen."""

    number: str
    amount_fen: int
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a bank says became of one payment."""

    number: str
    succeeded: bool
    reason: str
    serial: str


class Unwritable(ValueError):
    """A name that no account has, and that would be a formula in the bank's spreadsheet."""


def is_writable(name: str) -> bool:
    """Whether a name may stand in a bank's file: it begins like no formula, and breaks no line."""
    return not name.startswith(_DANGEROUS) and not any(sign in name for sign in "\t\r\n")


def batch_file(template: Template, batch: str, payables: Sequence[Payable]) -> bytes:
    """The file for the bank. Raises ``Unwritable`` for a name that begins like a formula or breaks a line."""
    out = StringIO()
    writer = csv.writer(out, delimiter=template.delimiter, lineterminator="\r\n")
    total = [str(len(payables)), _amount(template, sum(payable.amount_fen for payable in payables))]
    if template.total == "first":
        writer.writerow(total)
    if template.heading:
        writer.writerow([column.heading for column in template.columns])
    for ordinal, payable in enumerate(payables, start=1):
        cells = _cells(template, batch, ordinal, payable)
        writer.writerow([cells[column.holds] for column in template.columns])
    if template.total == "last":
        writer.writerow(total)
    return out.getvalue().encode(template.encoding)


def _cells(template: Template, batch: str, ordinal: int, payable: Payable) -> Mapping[Held, str]:
    if not is_writable(payable.name):
        raise Unwritable("a payee's name begins like a formula")
    return {
        "ordinal": str(ordinal),
        "batch": batch,
        "name": payable.name,
        "account": payable.account,
        "amount": _amount(template, payable.amount_fen),
        "number": payable.number,
        "purpose": _PURPOSE,
    }


def _amount(template: Template, fen: int) -> str:
    return str(fen) if template.unit == "fen" else f"{fen // 100}.{fen % 100:02}"


def read_result(
    template: Template, raw: bytes, amounts: Mapping[str, int], awaited: frozenset[str]
) -> Sequence[Outcome]:
    """What became of each payment of a batch, given their amounts in fen by number.

    Raises ``Faulty``, naming the line: every awaited payment must be told, none twice, with its amount and an outcome.
    """
    for table in tables(raw):
        heading = _heading(template, table)
        if heading is not None:
            outcomes = [*_outcomes(template, table, heading, amounts)]
            missing = len(awaited - {outcome.number for outcome in outcomes})
            if missing:
                raise Faulty(f"回盘缺少 {missing} 笔支付的结果")
            return outcomes
    raise Faulty("不是该银行的回盘格式")


def _heading(template: Template, table: Table) -> tuple[int, Mapping[Told, int]] | None:
    words: Mapping[Told, tuple[str, ...]] = {
        "number": template.result.number,
        "amount": template.result.amount,
        "outcome": template.result.outcome,
        "reason": template.result.reason,
        "serial": template.result.serial,
    }
    for number, row in enumerate(table[:_HEADING_WITHIN]):
        named = {normal(cell): place for place, cell in enumerate(row) if cell}
        places: dict[Told, int] = {
            told: named[word] for told, listed in words.items() for word in reversed(listed) if word in named
        }
        if places.keys() >= {*_NEEDED}:
            return number, places
    return None


def _outcomes(
    template: Template, table: Table, heading: tuple[int, Mapping[Told, int]], amounts: Mapping[str, int]
) -> Iterator[Outcome]:
    top, places = heading
    seen: set[str] = set()
    for row_number in range(top + 1, len(table)):
        row = table[row_number]
        cells: dict[Told, str] = {told: row[place] if place < len(row) else "" for told, place in places.items()}
        found = numbers_in(cells["number"])
        if not found:
            _must_be_footer(cells, row_number + 1)
            continue
        (number, *more) = found
        if more or number in seen or number not in amounts:
            raise Faulty("支付编号重复,或不属于本批次", row_number + 1)
        seen.add(number)
        yield _outcome(template, cells, amounts[number], row_number + 1)


def _must_be_footer(cells: Mapping[Told, str], row: int) -> None:
    if cells["outcome"]:
        raise Faulty("支付编号读不出来", row)


def _outcome(template: Template, cells: Mapping[Told, str], amount_fen: int, row: int) -> Outcome:
    words = template.result
    if _fen(template, cells["amount"]) != amount_fen:
        raise Faulty("金额与本批次不符", row)
    if cells["outcome"] not in (*words.succeeded, *words.failed):
        raise Faulty("处理结果读不出来", row)
    (number,) = numbers_in(cells["number"])
    succeeded = cells["outcome"] in words.succeeded
    return Outcome(number, succeeded, cells.get("reason", ""), cells.get("serial", ""))


def _fen(template: Template, written: str) -> int | None:
    try:
        fen = fen_of(written)
    except Unreadable:
        return None
    # a whole number of fen was read as so many yuan
    return fen // 100 if fen is not None and template.unit == "fen" else fen
