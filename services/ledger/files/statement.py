"""A bank's statement as it was written: lines, balances, and the gate (T0) that lets a file in wholly or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise, product

from events.yuan import yuan_of
from services.ledger.files.sheet import Faulty


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as the bank wrote it, named after camt.053: ``amount_fen`` is positive for money that came in (贷记)."""

    row: int
    booked_on: date
    booked_at: datetime | None
    amount_fen: int
    balance_fen: int
    serial: str = ""
    name: str = ""
    account: str = ""
    texts: tuple[str, ...] = ()
    """摘要, 用途, 附言, as far as the bank has them."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file as read, before anything is proved: lines in the file's order, and the balances that it states itself.

    ``either`` says that the file leaves open which of its columns is money coming in.
    """

    layout_id: str
    lines: Sequence[RawLine]
    own_account: str | None = None
    opening_fen: int | None = None
    closing_fen: int | None = None
    either: bool = False


@dataclass(frozen=True, slots=True)
class Proved:
    """A statement whose every balance follows from the one before; lines oldest first."""

    layout_id: str
    own_account: str | None
    opening_fen: int
    closing_fen: int
    lines: tuple[RawLine, ...]


def prove(written: Written, expected_fen: int | None = None) -> Proved:
    """Find the one order and direction in which the balances hold (T0). Raises ``Faulty``, naming the line.

    Opening + in - out = closing, line by line. ``expected_fen`` is where the account stood before, which decides
    between two readings that both hold; of a first statement the times of its lines do. The file's own opening and
    closing must hold in any case.
    """
    if not written.lines:
        raise Faulty("文件中没有一笔明细")
    readings = [*_readings(written)]
    sound = [reading for reading in readings if _fault(reading) is None]
    if not sound:
        fault = _fault(_likeliest(readings))
        assert fault is not None
        raise fault
    stated = [reading for reading in sound if _as_stated(written, reading)]
    if not stated:
        raise Faulty("期初余额、期末余额与明细不符,文件可能不完整")
    return _the_one(stated, expected_fen)


def _the_one(readings: Sequence[Proved], expected_fen: int | None) -> Proved:
    """A statement that goes on from an earlier one is held against that again; of a first one nothing is guessed."""
    if expected_fen is not None:
        return next((reading for reading in readings if reading.opening_fen == expected_fen), readings[0])
    likely = [reading for reading in readings if _in_time(reading.lines)] or readings
    if len({reading.opening_fen for reading in likely}) > 1:
        raise Faulty("明细的先后或收支方向无法由余额证明,请导出带期初余额和期末余额、或日期范围更长的文件")
    return likely[0]


def _in_time(lines: Sequence[RawLine]) -> bool:
    told = [line.booked_at for line in lines if line.booked_at is not None]
    return all(earlier <= later for earlier, later in pairwise(told))


def _readings(written: Written) -> Iterator[Proved]:
    """The file read downwards and upwards, and where it is open, with its two directions exchanged."""
    for sign, upwards in product((1, -1) if written.either else (1,), (False, True)):
        ordered = tuple(reversed(written.lines)) if upwards else tuple(written.lines)
        lines = ordered if sign == 1 else tuple(replace(line, amount_fen=-line.amount_fen) for line in ordered)
        opening_fen = lines[0].balance_fen - lines[0].amount_fen
        yield Proved(written.layout_id, written.own_account, opening_fen, lines[-1].balance_fen, lines)


def _likeliest(readings: Sequence[Proved]) -> Proved:
    """The reading that most lines agree with: its fault is the one to tell."""
    return max(
        readings, key=lambda reading: sum(_follows(reading.lines, number) for number in range(len(reading.lines)))
    )


def _fault(reading: Proved) -> Faulty | None:
    for number, line in enumerate(reading.lines):
        if not _follows(reading.lines, number):
            before = reading.lines[number - 1]
            told = f"上一笔余额 {yuan_of(before.balance_fen)},本笔发生 {yuan_of(line.amount_fen)}"
            return Faulty(f"余额对不上:{told},余额却是 {yuan_of(line.balance_fen)}", line.row)
        if number and line.booked_on < reading.lines[number - 1].booked_on:
            return Faulty("日期先后与余额的顺序不符", line.row)
    return None


def _follows(lines: Sequence[RawLine], number: int) -> bool:
    return not number or lines[number - 1].balance_fen + lines[number].amount_fen == lines[number].balance_fen


def _as_stated(written: Written, reading: Proved) -> bool:
    return written.opening_fen in (None, reading.opening_fen) and written.closing_fen in (None, reading.closing_fen)
