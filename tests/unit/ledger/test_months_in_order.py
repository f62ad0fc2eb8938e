"""Months are closed in their order and opened again from the last: what one ends with the next begins with (P10)."""

from datetime import UTC, date, datetime

from events.ledger import EntryPosted
from services.ledger.fund_commands import Adjust, CheckVouchers, Close, Reopen
from services.ledger.hold_commands import ConfirmReceived, Instruct
from tests.unit.ledger.test_examples import Book
from tests.unit.ledger.test_fund_life import SEAL, refused, says

OCTOBER = datetime(2026, 10, 12, 4, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 3, 4, tzinfo=UTC)


def closed(book: Book, month: str) -> None:
    book.say(Adjust(month))
    says(book, CheckVouchers(month))
    vouchers = book.fund.vouchers.books(month).vouchers
    book.say(Close(month, SEAL.model_copy(update={"vouchers": vouchers}), 0, 0))


def october_and_november_closed() -> Book:
    book = Book(now=OCTOBER).opened(("county", 1_000))
    book.now = DECEMBER.replace(month=11)
    book.pay("D1", 100)
    book.now = DECEMBER
    closed(book, "2026-10")
    closed(book, "2026-11")
    return book


def test_what_happened_in_a_month_of_nothing_before_a_closed_one_is_booked_after_it() -> None:
    book = october_and_november_closed()
    book.reserve("D2", 100)
    book.say(Instruct("D2", "P2", "card", "Y1"))
    entry = book.say(ConfirmReceived("P2", OCTOBER.replace(month=9), "R"))[-1]
    assert isinstance(entry, EntryPosted)
    assert (entry.dated, entry.happened_on) == (date(2026, 12, 1), date(2026, 9, 12))


def test_the_last_closed_month_is_opened_again_before_an_earlier_one() -> None:
    book = october_and_november_closed()
    assert refused(book, Reopen("2026-10", "wrong_amount")) == "later_month_closed"
    book.say(Reopen("2026-11", "wrong_amount"))
    assert [fact.NAME for fact in book.say(Reopen("2026-10", "wrong_amount"))] == ["ledger.period_reopened"]


def test_of_months_that_were_opened_again_the_earlier_is_closed_first() -> None:
    book = october_and_november_closed()
    book.say(Reopen("2026-11", "wrong_amount"))
    book.say(Reopen("2026-10", "wrong_amount"))
    seal = SEAL.model_copy(update={"vouchers": book.fund.vouchers.books("2026-11").vouchers})
    assert refused(book, Close("2026-11", seal, 0, 0)) == "earlier_month_open"
    closed(book, "2026-10")
    assert [fact.NAME for fact in book.say(Close("2026-11", seal, 0, 0))] == ["ledger.period_closed"]
