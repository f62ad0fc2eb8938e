"""Read model: bank accounts, the lines of statements, the legs of payments, what matches, and who must explain."""

from collections.abc import Sequence
from typing import get_args

from events.bank import (
    AccountFact,
    BankAccountRegistered,
    BatchAnswered,
    BatchDrawn,
    BatchExported,
    BatchFact,
    ExceptionAssigned,
    ExceptionEscalated,
    ExceptionOpened,
    LineMatched,
    LineUnmatched,
    StatementImported,
    StatementLinesRead,
    TreatmentApproved,
    TreatmentProposed,
    TreatmentRejected,
)
from events.fact import Fact, Recorded
from events.ledger import (
    EntryPosted,
    PaidWithoutHold,
    PayeeRegistered,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
)
from events.shanghai import day_of
from services.chassis.changes import Change
from services.chassis.projection import ReadModel
from services.chassis.sql import statements
from services.ledger.ids import place_of
from services.ledger.posting import BANK
from services.ledger.statement import booked_on

SQL = statements("services.ledger", "bank.sql")
_LINES_A_FACT = 1_000
"""More than any fact has: a line's place in its account is the fact's position and its place in the fact."""

_OF_THE_BOOKS = (PayeeRegistered, PaymentInstructed, PaymentReceived, PaymentReturned, PaidWithoutHold, EntryPosted)
_READ: tuple[type[Fact], ...] = (*get_args(AccountFact), *get_args(BatchFact), *_OF_THE_BOOKS)
_Task = (
    ExceptionOpened | ExceptionAssigned | ExceptionEscalated | TreatmentProposed | TreatmentApproved | TreatmentRejected
)


def changes(recorded: Recorded[Fact]) -> Sequence[Change]:
    """What a fact changes in the tables."""
    match recorded.fact:
        case PayeeRegistered() | PaymentInstructed() | EntryPosted() as fact:
            return _of_the_books(fact, recorded)
        case PaymentReceived() | PaidWithoutHold() as fact:
            return [("stands", (fact.payment_id, "received"))]
        case PaymentReturned() as fact:
            return [("stands", (fact.payment_id, "returned"))]
        case BankAccountRegistered() as fact:
            place = (recorded.division, fact.place, fact.bank, fact.other_fen)
            return [("registered", (fact.account_id, *place, recorded.position))]
        case StatementImported() as fact:
            return _imported(fact, recorded)
        case StatementLinesRead() as fact:
            return _lines(fact, recorded)
        case LineMatched() | LineUnmatched() as fact:
            return _matched(fact, recorded)
        case (
            ExceptionOpened()
            | ExceptionAssigned()
            | ExceptionEscalated()
            | TreatmentProposed()
            | TreatmentApproved()
            | TreatmentRejected()
        ) as fact:
            return [_task(fact, recorded)]
        case BatchDrawn() as fact:
            payments = [item.payment_id for item in fact.items]
            drawn = (fact.batch_id, fact.fund_id, place_of(fact.fund_id, recorded.division), fact.batch_number)
            return [("drawn", (*drawn, recorded.division)), ("batched", (payments, fact.batch_number))]
        case BatchExported():
            return ()
        case BatchAnswered() as fact:
            return [("resulted", (told.payment_id, told.serial, not told.succeeded)) for told in fact.results]
        case _:
            return ()


def _imported(fact: StatementImported, recorded: Recorded[Fact]) -> Sequence[Change]:
    file = (fact.file, fact.sha256, fact.layout, fact.opening_fen, fact.closing_fen)
    period = (fact.first_day, fact.last_day, fact.lines, fact.imported_by)
    row = (fact.account_id, fact.statement_id, *file, *period, recorded.division, recorded.position)
    closes = (fact.account_id, fact.opening_fen, fact.closing_fen, fact.last_day, recorded.position)
    return [("imported", row), ("closes", closes)]


def _lines(fact: StatementLinesRead, recorded: Recorded[Fact]) -> Sequence[Change]:
    rows: list[Change] = []
    for place, line in enumerate(fact.lines):
        ordinal = recorded.position * _LINES_A_FACT + place
        key = (fact.account_id, line.line_id, fact.statement_id, ordinal, line.row, booked_on(line), line.booked_at)
        amounts = (line.amount_fen, line.balance_fen, line.serial, list(line.numbers), line.kind)
        rows.append(("line", (*key, *amounts, recorded.position, None)))
    return rows


def _matched(fact: LineMatched | LineUnmatched, recorded: Recorded[Fact]) -> Sequence[Change]:
    key = (fact.account_id, fact.match_id)
    if isinstance(fact, LineUnmatched):
        return [("unmatched", key), ("unmatch_lines", key), ("unmatch_legs", key)]
    why = (fact.rule, ",".join(fact.evidence), fact.amount_fen, recorded.meta.actor.id, fact.proposed_by)
    lines: list[Change] = [("line_matched", (fact.account_id, line_id, fact.match_id)) for line_id in fact.lines]
    legs: list[Change] = [("leg_matched", (fact.account_id, leg_id, fact.match_id)) for leg_id in fact.legs]
    return [("matched", (*key, *why, recorded.position)), *lines, *legs]


def _task(fact: _Task, recorded: Recorded[Fact]) -> Change:
    key = (fact.account_id, fact.exception_id)
    match fact:
        case ExceptionOpened():
            return "opened", (*key, fact.kind, fact.amount_fen, fact.since, recorded.position)
        case ExceptionAssigned():
            return "assigned", (*key, fact.owner, recorded.position)
        case ExceptionEscalated():
            return "escalated", (*key, fact.level, recorded.position)
        case TreatmentProposed():
            told = (fact.treatment, fact.reason, fact.clears_by, fact.proposed_by)
            return "proposed", (*key, *told, recorded.position)
        case TreatmentApproved():
            return "approved", (*key, fact.treatment, recorded.position)
        case TreatmentRejected():
            return "rejected", (*key, recorded.position)


def _of_the_books(
    fact: PayeeRegistered | PaymentInstructed | EntryPosted, recorded: Recorded[Fact]
) -> Sequence[Change]:
    match fact:
        case PayeeRegistered():
            digests = (fact.name_digest, fact.account_digest)
            return [("payee", (fact.payee_ref, *digests, recorded.division, fact.case_id))]
        case PaymentInstructed():
            return [] if fact.method == "cash" else [_legs(fact, recorded)]
        case EntryPosted():
            place = place_of(fact.fund_id, recorded.division)
            told = (fact.about, fact.summary, f"{fact.word}-{fact.number}")
            return [
                ("booked", (fact.fund_id, place, recorded.position, number, fact.dated, fen, *told))
                for number, line in enumerate(fact.lines, start=1)
                if line.account == BANK.code and (fen := line.debit_fen - line.credit_fen)
            ]


def _legs(fact: PaymentInstructed, recorded: Recorded[Fact]) -> Change:
    place = place_of(fact.fund_id, recorded.division)
    where = (fact.payment_id, recorded.division, fact.fund_id, place)
    day = day_of(recorded.occurred_at)
    return "instructed", (*where, fact.amount_fen, day, fact.payment_number, fact.payee_ref)


_PART, _PAYMENT = (("part", 1),), (("payment", 0),)

BANK_MODEL = ReadModel(
    name="bank",
    version=3,
    tables=("accounts", "statements", "lines", "payees", "legs", "book", "matches", "matched_legs", "tasks", "batches"),
    sql=SQL,
    changes=changes,
    touches={
        "matched": (),
        **dict.fromkeys(("line", "line_matched", "leg_matched", "opened"), _PART),
        "stands": _PAYMENT,
        "payee": (("payee", 0),),
        "instructed": (*_PAYMENT, ("payee", 7)),
        "booked": (("payment", 6),),
    },
    reads=frozenset(kind.NAME for kind in _READ),
    rows=frozenset(
        {"line", "payee", "instructed", "stands", "booked", "matched", "line_matched", "leg_matched", "opened"}
    ),
)
