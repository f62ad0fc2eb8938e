"""Read model: the funds and what they can still promise, the journal (明细账), the holds and their payments."""

from collections.abc import Sequence

from events.fact import Fact, Recorded
from events.ledger import (
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    EntryPosted,
    FundOpened,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Voided,
)
from services.chassis.projection import Change, ReadModel
from services.chassis.sql import statements
from services.ledger.ids import place_of

SQL = statements("services.ledger", "journal.sql")

_HoldFact = Reserved | RefusedShort | Voided
_PaymentFact = PaymentInstructed | PaymentReceived | PaymentReturned


def changes(recorded: Recorded[Fact]) -> Sequence[Change]:
    """What a fact changes in the tables."""
    match recorded.fact:
        case FundOpened() as fact:
            place = fact.township or fact.county
            return [("opened", (fact.fund_id, recorded.division, place, fact.year, recorded.position))]
        case AppropriationReceived() | AllocationReceived() as fact:
            return [_moved(fact.fund_id, recorded, book_fen=fact.amount_fen)]
        case AllocationSent() as fact:
            return [_moved(fact.fund_id, recorded, book_fen=-fact.amount_fen)]
        case EntryPosted() as fact:
            return _posted(fact, recorded)
        case Reserved() | RefusedShort() | Voided() as fact:
            return _held(fact, recorded)
        case PaymentInstructed() | PaymentReceived() | PaymentReturned() as fact:
            return _paid(fact, recorded)
        case _:
            return ()


def _moved(fund_id: str, recorded: Recorded[Fact], *, book_fen: int = 0, reserved_fen: int = 0) -> Change:
    return "moved", (fund_id, recorded.division, book_fen, reserved_fen, recorded.position)


def _posted(fact: EntryPosted, recorded: Recorded[Fact]) -> Sequence[Change]:
    voucher = (fact.dated, fact.number, fact.summary)
    lines: list[Change] = []
    for number, line in enumerate(fact.lines, start=1):
        key = (fact.fund_id, recorded.position, number)
        moved = (line.account, line.debit_fen, line.credit_fen)
        lines.append(("posted", (*key, *voucher, *moved, fact.case_id, fact.about)))
    return [*lines, _moved(fact.fund_id, recorded)]


def _held(fact: _HoldFact, recorded: Recorded[Fact]) -> Sequence[Change]:
    match fact:
        case Reserved():
            row = (*_named(fact, recorded), fact.amount_fen, fact.decided_by, recorded.position)
            return [("reserved", row), _moved(fact.fund_id, recorded, reserved_fen=fact.amount_fen)]
        case RefusedShort():
            short = (fact.asked_fen, fact.available_fen, fact.shortfall_fen)
            return [("short", (*_named(fact, recorded), *short, recorded.position)), _moved(fact.fund_id, recorded)]
        case Voided():
            return [_stands(fact, recorded, "voided"), _moved(fact.fund_id, recorded, reserved_fen=-fact.amount_fen)]


def _paid(fact: _PaymentFact, recorded: Recorded[Fact]) -> Sequence[Change]:
    payment = (recorded.division, fact.payment_id)
    match fact:
        case PaymentInstructed():
            told = (fact.hold_id, fact.amount_fen, fact.method, fact.payee_ref, fact.instructed_by)
            row: Change = ("instructed", (*payment, *told, recorded.position))
            return [row, _stands(fact, recorded, "instructed"), _moved(fact.fund_id, recorded)]
        case PaymentReceived():
            row = ("received", (*payment, fact.received_at, fact.evidence, recorded.position))
            standing, gone_fen = "received", fact.amount_fen
        case PaymentReturned():
            row = ("returned", (*payment, fact.reason, recorded.position))
            standing, gone_fen = "reserved", -fact.amount_fen if fact.was_received else 0
    balances = _moved(fact.fund_id, recorded, book_fen=-gone_fen, reserved_fen=-gone_fen)
    return [row, _stands(fact, recorded, standing), balances]


def _named(fact: Reserved | RefusedShort, recorded: Recorded[Fact]) -> tuple[str, ...]:
    place = place_of(fact.fund_id, recorded.division)
    return (recorded.division, fact.hold_id, fact.fund_id, place, fact.case_id, recorded.meta.correlation)


def _stands(fact: _HoldFact | _PaymentFact, recorded: Recorded[Fact], standing: str) -> Change:
    return "stands", (recorded.division, fact.hold_id, standing, recorded.position)


JOURNAL = ReadModel(
    name="journal",
    version=1,
    tables=("funds", "entries", "balances", "holds", "payments"),
    sql=SQL,
    changes=changes,
)
