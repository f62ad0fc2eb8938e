"""Money between funds: sent, on its way, taken in or come back; over the end of a year; never expenditure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from events.ledger import (
    AllocationReturned,
    EntryPosted,
    FundTerms,
    OwnMoneyRepaid,
    YearClosed,
)
from events.shanghai import day_of
from services.chassis.decider import Refused
from services.ledger.dealings.needed import figures_of
from services.ledger.fund_commands import (
    AddOwnMoney,
    CarryIn,
    CloseAllocation,
    EndYear,
    ReceiveAllocation,
    SendAllocation,
    TakeBackAllocation,
    Transfer,
)
from services.ledger.hold_commands import Void
from tests.unit.ledger.test_examples import Book, drawn, fen
from tests.unit.ledger.test_fund_life import acted, refused

NEW_YEAR = datetime(2027, 1, 5, 4, tzinfo=UTC)
SENDERS = (("county-2026", "town-2026"), ("town-2026", "other-town-2026"))
"""From the county to a township (拨付), and between townships (调剂)."""


@dataclass
class Pair:
    """Two funds, and what one sends the other."""

    sender_id: str
    receiver_id: str
    sender: Book = field(init=False)
    receiver: Book = field(init=False)

    def __post_init__(self) -> None:
        self.sender = Book(fund_id=self.sender_id).opened(("county", 1_000), ("donation", 500))
        self.receiver = Book(fund_id=self.receiver_id).opened()

    @property
    def transfer(self) -> Transfer:
        return Transfer("T1", self.sender_id, self.receiver_id, fen(300), "donation", "2号")

    def send(self) -> None:
        self.sender.say(SendAllocation(self.transfer))

    def arrive(self) -> None:
        """Both halves, as they go into one unit of work."""
        self.receiver.say(ReceiveAllocation(self.transfer))
        self.sender.say(CloseAllocation(self.transfer))

    def come_back(self) -> None:
        self.sender.say(TakeBackAllocation(self.transfer, "account_closed"))

    @property
    def in_transit(self) -> int:
        return self.sender.balance("150")

    @property
    def spent(self) -> int:
        """By any account of expenditure."""
        return sum(book.balance(account) for book in (self.sender, self.receiver) for account in ("300", "301", "310"))


def test_what_a_fund_always_keeps_is_not_passed_on() -> None:
    book = Book(terms=FundTerms(retained_fen=fen(200))).opened(("county", 300), ("donation", 100))
    too_much, all_there_is = (
        Transfer(f"T{yuan}", book.fund_id, "other-town-2026", fen(yuan), "county", "2号") for yuan in (201, 200)
    )
    assert refused(book, SendAllocation(too_much)) == "fund_short"
    assert book.say(SendAllocation(all_there_is))


@pytest.fixture(params=SENDERS, ids=["拨付", "调剂"])
def pair(request: pytest.FixtureRequest) -> Pair:
    made = Pair(*request.param)
    made.send()
    return made


def test_what_is_sent_is_on_its_way_until_it_is_taken_in_and_never_spent(pair: Pair) -> None:
    assert (pair.in_transit, pair.sender.left()["donation"], pair.receiver.fund.book_fen) == (300, 200, 0)
    pair.arrive()
    assert (pair.in_transit, pair.sender.left()["donation"], pair.receiver.left()["donation"]) == (0, 200, 300)
    assert (pair.sender.balance("209"), pair.spent) == (300, 0)


def test_what_comes_back_is_in_its_source_again_and_its_voucher_is_taken_back_in_red(pair: Pair) -> None:
    sent = next(fact for fact in reversed(pair.sender.log) if isinstance(fact, EntryPosted))
    pair.come_back()
    returned, entry = pair.sender.log[-2:]
    assert isinstance(returned, AllocationReturned)
    assert isinstance(entry, EntryPosted)
    assert entry.reverses is not None
    assert (entry.reverses.number, entry.about) == (sent.number, returned.return_id)
    assert (pair.in_transit, pair.sender.left()) == (0, {"county": 1_000, "donation": 500})
    assert (pair.sender.balance("209"), pair.receiver.fund.book_fen, pair.spent) == (0, 0, 0)
    assert figures_of(pair.sender.fund, day_of(pair.sender.now)).allocated_fen == fen(1_500)


def test_a_transfer_ends_once_one_way_or_the_other(pair: Pair) -> None:
    pair.come_back()
    told = len(pair.sender.log)
    pair.come_back()
    assert len(pair.sender.log) == told
    assert refused(pair.sender, CloseAllocation(pair.transfer)) == "transfer_returned"
    other = Pair(pair.sender_id, pair.receiver_id)
    assert refused(other.sender, TakeBackAllocation(other.transfer, "account_closed")) == "no_such_transfer"
    other.send()
    other.arrive()
    assert refused(other.sender, TakeBackAllocation(other.transfer, "account_closed")) == "transfer_arrived"


def test_the_same_document_does_not_send_again_what_came_back(pair: Pair) -> None:
    pair.come_back()
    pair.send()
    assert pair.in_transit == 0


def test_only_what_was_sent_comes_back(pair: Pair) -> None:
    more = Transfer("T1", pair.sender_id, pair.receiver_id, fen(301), "donation", "2号")
    assert refused(pair.sender, TakeBackAllocation(more, "account_closed")) == "transfer_differs"
    with pytest.raises(Refused, match="wrong_fund"):
        pair.receiver.say(TakeBackAllocation(pair.transfer, "account_closed"))


def test_what_is_on_its_way_at_the_years_end_is_no_part_of_what_is_left(pair: Pair) -> None:
    pair.sender.now = NEW_YEAR
    closed = ended(pair.sender)
    assert sum(draw.amount_fen for draw in closed.left) == fen(1_200)
    assert pair.in_transit == 300


def test_what_arrives_after_both_years_are_closed_is_left_over_once_more(pair: Pair) -> None:
    for book in (pair.sender, pair.receiver):
        book.now = NEW_YEAR
        book.say(EndYear())
    pair.arrive()
    assert (pair.in_transit, pair.receiver.fund.available_fen) == (0, fen(300))
    again = ended(pair.receiver)
    assert (again.round, again.left) == (2, drawn(("donation", 300)))


def test_what_comes_back_after_the_year_is_closed_is_left_over_once_more(pair: Pair) -> None:
    pair.sender.now = NEW_YEAR
    pair.sender.say(EndYear())
    pair.come_back()
    again = ended(pair.sender)
    assert (again.round, again.left, pair.in_transit) == (2, drawn(("donation", 300)), 0)


def lent(how: str) -> Book:
    """A township has lent its fund 800, and nothing of it is spent; the year is over."""
    terms = FundTerms.model_validate({"own_money": "repayable", "own_money_fen": fen(1_000), "at_year_end": how})
    book = Book(terms=terms).opened(("county", 1_200))
    book.reserve("D1", 2_000)
    book.say(AddOwnMoney("D1"))
    book.say(Void("D1", "not_needed"))
    book.now = NEW_YEAR
    return book


def test_money_that_is_handed_back_leaves_its_debt_to_the_township_with_next_years_fund() -> None:
    book = lent("hand_back")
    closed = ended(book)
    assert (closed.how, closed.carried, closed.owed_fen) == ("hand_back", (), fen(800))
    assert (book.fund.book_fen, book.fund.own_owed_fen) == (0, 0)
    assert (book.balance("100"), book.balance("130"), book.balance("390")) == (0, 0, 2_000)
    later = Book(fund_id="town-2027", year=2027, now=book.now).opened(("county", 1_000))
    later.say(CarryIn("town-2026", closed.round, closed.carried, closed.owed_fen))
    assert (later.fund.own_owed_fen, later.balance("130"), later.fund.book_fen) == (fen(800), -800, fen(1_000))
    acted(later, OwnMoneyRepaid(amount_fen=fen(800), source="county"))
    assert (later.fund.own_owed_fen, later.balance("130")) == (0, 0)


def test_a_year_that_has_handed_everything_back_is_closed_once() -> None:
    book = lent("hand_back")
    assert ended(book).round == 1
    assert book.say(EndYear()) == ()


def ended(book: Book) -> YearClosed:
    """How its year has ended."""
    (closed,) = [fact for fact in book.say(EndYear()) if isinstance(fact, YearClosed)]
    return closed
