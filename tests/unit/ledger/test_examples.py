"""The worked examples of the field that touch money, number by number; amounts in yuan."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Literal

import pytest

from events.fact import Actor
from events.ledger import (
    Committed,
    Draw,
    EntryPosted,
    FundFact,
    FundTerms,
    LowBalanceAlerted,
    OwnMoneyAdded,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Source,
)
from services.chassis.decider import Circumstances, Refused
from services.ledger.fund import DECIDER, decide_and_fold
from services.ledger.fund_commands import (
    AddOwnMoney,
    CarryIn,
    Command,
    Commit,
    EndYear,
    MarkPapers,
    OpenFund,
    OrderRecovery,
    ReceiveAppropriation,
    ReceiveRecovery,
    Reserve,
    TakeUpCommitments,
)
from services.ledger.fund_state import Fund
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment, Void
from tests.support.given import recorded

CASHIER = Actor(id="S-2", role="township_finance", scope="")
NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)


def fen(yuan: int) -> int:
    return yuan * 100


@dataclass(slots=True)
class Book:
    """A fund that is talked to, and its log."""

    fund_id: str = "town-2026"
    year: int = 2026
    terms: FundTerms = field(default_factory=FundTerms)
    now: datetime = NOON
    state: Fund | None = None
    log: list[FundFact] = field(default_factory=list[FundFact])
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def opened(self, *money: tuple[Source, int]) -> "Book":
        self.say(OpenFund(self.fund_id, "990101", "990101001", self.year, self.terms))
        for source, yuan in money:
            self.say(ReceiveAppropriation(f"A{next(self.numbers)}", fen(yuan), source, "1号"))
        return self

    def say(self, command: Command, by: Actor = CASHIER) -> Sequence[FundFact]:
        facts, folded = decide_and_fold(self.state, command, Circumstances(by, self.now, self.now))
        for fact in facts:
            self.state = DECIDER.evolve(self.state, recorded(fact))
            self.log.append(fact)
        assert self.state == folded, "folded otherwise than fact by fact"
        return facts

    def reserve(self, hold: str, yuan: int) -> FundFact:
        return self.say(Reserve(hold, f"C-{hold}", fen(yuan), "S-1", self.fund_id))[0]

    def pay(self, hold: str, yuan: int, payment: str = "") -> None:
        """Hold it, tell the bank, and hear that it has arrived."""
        payment = payment or f"P-{hold}"
        self.reserve(hold, yuan)
        self.say(Instruct(hold, payment, "bank_transfer", "Y1"))
        self.say(ConfirmReceived(payment, self.now, "R"))

    @property
    def fund(self) -> Fund:
        assert self.state is not None
        return self.state

    def left(self) -> dict[Source, int]:
        """What lies in each source."""
        return {source: amount // 100 for source, amount in self.fund.book.items()}

    def balance(self, account: str) -> int:
        """Debits less credits."""
        lines = [line for fact in self.log if isinstance(fact, EntryPosted) for line in fact.lines]
        return sum(line.debit_fen - line.credit_fen for line in lines if line.account == account) // 100


def drawn(*draws: tuple[Source, int]) -> tuple[Draw, ...]:
    return tuple(Draw(source=source, amount_fen=fen(yuan)) for source, yuan in draws)


def test_example_7_three_sources_are_drawn_in_order_and_given_back_last_drawn_first() -> None:
    book = Book().opened(("carried_over", 1_000), ("central", 5_000), ("county", 2_500))
    book.pay("D1", 4_000)
    book.pay("D2", 3_000)
    draws = [fact.draws for fact in book.log if isinstance(fact, Reserved)]
    assert draws == [drawn(("carried_over", 1_000), ("central", 3_000)), drawn(("central", 2_000), ("county", 1_000))]
    assert book.left() == {"carried_over": 0, "central": 0, "county": 1_500}
    before = book.fund
    short = book.reserve("D3", 1_600)
    assert isinstance(short, RefusedShort)
    assert (short.shortfall_fen, book.fund.book, book.fund.held) == (fen(100), before.book, before.held)
    book.say(OrderRecovery("R1", "P-D2", fen(1_200)))
    assert book.left() == {"carried_over": 0, "central": 0, "county": 1_500}
    book.say(ReceiveRecovery("R1", "RR1", fen(1_200)))
    assert book.left() == {"carried_over": 0, "central": 200, "county": 2_500}
    assert (book.fund.book_fen, book.balance("120"), book.balance("390")) == (fen(2_700), 0, -1_200)


def test_example_7_two_recoveries_of_one_payment_come_from_where_the_first_left_off() -> None:
    book = Book().opened(("central", 2_000), ("county", 1_000))
    book.pay("D1", 3_000)
    for name, yuan in (("R1", 700), ("R2", 500)):
        book.say(OrderRecovery(name, "P-D1", fen(yuan)))
        book.say(ReceiveRecovery(name, f"{name}-1", fen(yuan)))
    assert book.left() == {"central": 200, "county": 1_000}


def test_example_8_a_returned_transfer_is_in_the_book_three_times_and_spent_once_from_the_same_sources() -> None:
    book = Book().opened(("central", 1_500), ("county", 1_500))
    book.pay("D1", 2_000, "P1")
    book.say(ReturnPayment("P1", "account_closed"))
    assert book.left() == {"central": 1_500, "county": 1_500}
    book.say(Instruct("D1", "P2", "bank_transfer", "Y1"))
    book.say(ConfirmReceived("P2", book.now, "R2"))
    entries = [fact for fact in book.log if isinstance(fact, EntryPosted) and fact.case_id]
    moved = [
        sum(line.debit_fen - line.credit_fen for line in entry.lines if line.account == "100") for entry in entries
    ]
    assert moved == [fen(-2_000), fen(2_000), fen(-2_000)]
    assert (entries[1].reverses, entries[0].number) == (entries[1].reverses, getattr(entries[1].reverses, "number", 0))
    assert (book.balance("310"), book.left()) == (2_000, {"central": 0, "county": 1_000})
    assert [type(fact) for fact in book.log if isinstance(fact, PaymentReceived | PaymentReturned)] == [
        PaymentReceived,
        PaymentReturned,
        PaymentReceived,
    ]


def imprest() -> Book:
    """Quota 50,000; 18,600 paid: papers for 10,900 admitted and topped up, 500 rejected, 7,200 unfiled."""
    book = Book(terms=FundTerms(mode="imprest", quota_fen=fen(50_000))).opened(("county", 50_000))
    for hold, yuan in (("D1", 10_900), ("D2", 500), ("D3", 7_200)):
        book.pay(hold, yuan)
    for hold in ("D1", "D2"):
        book.say(MarkPapers(f"P-{hold}", "filed"))
    assert book.balance("300") == 11_400
    book.say(MarkPapers("P-D1", "admitted"))
    book.say(MarkPapers("P-D2", "rejected"))
    book.say(ReceiveAppropriation("top-up", fen(10_900), "county", "报账1号"))
    return book


def test_example_9_quota_is_money_and_unreimbursed_vouchers_and_only_admitted_papers_are_settled() -> None:
    book = imprest()
    unfiled, rejected, settled = book.balance("310"), book.balance("120"), book.balance("300")
    assert (unfiled, rejected, settled) == (7_200, 500, 10_900)
    assert book.fund.book_fen == fen(42_300)
    assert book.fund.book_fen // 100 + unfiled + rejected == 50_000
    assert unfiled + rejected + settled == 18_600
    book.reserve("D4", 3_000)
    assert book.fund.available_fen == fen(39_300)
    assert not any(isinstance(fact, LowBalanceAlerted) for fact in book.log)


def test_an_alert_is_said_once_per_crossing_and_not_at_the_line_itself() -> None:
    book = Book(terms=FundTerms(quota_fen=fen(50_000))).opened(("county", 20_000))
    assert [fact.NAME for fact in book.say(Reserve("D1", "C", fen(5_000), "S-1", "town-2026"))] == ["ledger.reserved"]
    told = [fact.NAME for hold in ("D2", "D3") for fact in book.say(Reserve(hold, "C", fen(1), "S-1", "town-2026"))]
    alerted = ["ledger.low_balance_alerted", "ledger.replenishment_drafted"]
    assert told == ["ledger.reserved", *alerted, "ledger.reserved"]
    names = [fact.NAME for hold in ("D2", "D3") for fact in book.say(Void(hold, "not_needed"))]
    assert names == ["ledger.voided", "ledger.voided", "ledger.balance_restored"]


def short_by_800(bearing: Literal["borne", "repayable"] = "borne") -> Book:
    book = Book(terms=FundTerms(own_money_fen=fen(1_000), own_money=bearing)).opened(("county", 1_200))
    refused = book.reserve("D1", 2_000)
    assert isinstance(refused, RefusedShort)
    assert refused.shortfall_fen == fen(800)
    return book


def test_example_10_the_township_adds_800_of_its_own_and_has_200_left_to_add() -> None:
    book = short_by_800()
    added, held = [fact for fact in book.say(AddOwnMoney("D1")) if isinstance(fact, OwnMoneyAdded | Reserved)]
    assert isinstance(added, OwnMoneyAdded)
    assert isinstance(held, Reserved)
    assert (added.amount_fen, held.draws) == (fen(800), drawn(("county", 1_200), ("township_own", 800)))
    assert (book.fund.available_fen, book.balance("201"), book.balance("130")) == (0, -800, 0)
    book.reserve("D2", 1_000)
    (short,) = book.say(AddOwnMoney("D2"))
    assert isinstance(short, RefusedShort)
    assert (short.available_fen, short.shortfall_fen) == (fen(200), fen(800))
    assert book.say(AddOwnMoney("D1")) == ()


def test_example_10_what_the_fund_is_to_pay_back_is_owed_to_the_township() -> None:
    book = short_by_800("repayable")
    book.say(AddOwnMoney("D1"))
    assert (book.balance("201"), book.balance("130"), book.fund.own_owed_fen) == (0, -800, fen(800))


def test_example_5_this_years_instalments_are_held_and_later_ones_wait_for_next_years_money() -> None:
    book = Book(now=datetime(2026, 9, 15, 4, tzinfo=UTC)).opened(("county", 6_000))
    for name, yuan in (("I1", 1_500), ("I2", 1_200), ("I3", 1_000), ("I4", 900)):
        book.reserve(name, yuan)
    later = Book(fund_id="town-2027", year=2027, now=book.now)
    for name, yuan in (("I5", 800), ("I6", 600)):
        (told,) = later.say(Commit(name, f"C-{name}", fen(yuan), "S-1", "town-2027"))
        assert isinstance(told, Committed)
    promised = sum(told.amount_fen for told in later.fund.commitments.values())
    assert (book.fund.reserved_fen, promised) == (fen(4_600), fen(1_400))
    for name in ("I1", "I2", "I3"):
        book.say(Instruct(name, f"P-{name}", "bank_transfer", "Y1"))
        book.say(ConfirmReceived(f"P-{name}", book.now, "R"))
    book.say(Void("I4", "took_up_subsistence"))
    assert (book.balance("310"), book.fund.reserved_fen) == (3_700, 0)

    later.now = datetime(2027, 1, 4, 4, tzinfo=UTC)
    later.opened(("county", 1_000))
    held, short = later.say(TakeUpCommitments())
    assert isinstance(held, Reserved)
    assert isinstance(short, RefusedShort)
    assert (held.hold_id, held.amount_fen) == ("I5", fen(800))
    assert (short.hold_id, short.shortfall_fen) == ("I6", fen(400))
    assert later.say(TakeUpCommitments()) == ()


def test_a_years_closing_is_the_next_ones_opening_and_money_given_for_a_purpose_stays_apart() -> None:
    book = Book().opened(("county", 3_000), ("donation", 500))
    book.reserve("D1", 1_000)
    with pytest.raises(Refused, match="year_not_over"):
        book.say(EndYear())
    book.now = datetime(2026, 12, 31, 16, tzinfo=UTC)
    names = [fact.NAME for fact in book.say(EndYear())]
    assert names == ["ledger.voided", "ledger.year_closed", "ledger.entry_posted"]
    assert (book.fund.book_fen, book.fund.reserved_fen) == (0, 0)
    later = Book(fund_id="town-2027", year=2027, now=book.now).opened()
    later.say(CarryIn("town-2026", 1, drawn(("county", 3_000), ("donation", 500))))
    assert later.left() == {"carried_over": 3_000, "donation": 500}
    assert later.say(CarryIn("town-2026", 1, drawn(("county", 3_000), ("donation", 500)))) == ()


def test_a_payment_that_comes_back_after_the_year_is_left_over_once_more() -> None:
    book = Book().opened(("county", 3_000))
    book.pay("D1", 1_000)
    book.now = datetime(2027, 1, 5, 4, tzinfo=UTC)
    book.say(EndYear())
    book.say(ReturnPayment("P-D1", "account_closed"))
    voided, closed, entry = book.say(EndYear())
    assert (voided.NAME, getattr(closed, "round", 0)) == ("ledger.voided", 2)
    assert getattr(closed, "left", ()) == drawn(("county", 1_000))
    assert isinstance(entry, EntryPosted)
    assert entry.dated == date(2027, 1, 5)


def test_a_township_adds_nothing_to_a_fund_whose_year_is_closed() -> None:
    book = short_by_800()
    book.now = datetime(2027, 1, 5, 4, tzinfo=UTC)
    book.say(EndYear())
    book.reserve("D9", 500)
    assert [fact.NAME for fact in book.say(AddOwnMoney("D9"))] == ["ledger.refused_short"]
