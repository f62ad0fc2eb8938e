"""The life of a fund's money beyond plain payments: quotas, parts, time, cash, suspense, goods, four eyes, months."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import pytest

from events.fact import Actor
from events.ledger import (
    ActApproved,
    CashMoved,
    Correction,
    Draw,
    EntryPosted,
    FundFact,
    FundTerms,
    GoodsBought,
    GoodsIssued,
    InterestPaid,
    OwnMoneyRepaid,
    PaidWithoutHold,
    PaymentReceived,
    PeriodClosed,
    PurchaseReversed,
    RecoveryDeclined,
    RecoveryEnded,
    RecoveryOrdered,
    RecoveryWaived,
    RefusedShort,
    Reserved,
    Seal,
    Source,
    SuspenseCleared,
    TermsSet,
    YearClosed,
)
from services.chassis.decider import Circumstances, Refused
from services.ledger.fund import DECIDER
from services.ledger.fund_commands import (
    AddOwnMoney,
    Adjust,
    Approve,
    CarryIn,
    CheckVouchers,
    Close,
    Command,
    Commit,
    Decline,
    EndRecovery,
    EndYear,
    IssueGoods,
    MarkPapers,
    OrderRecovery,
    Propose,
    ReceiveAppropriation,
    ReceiveRecovery,
    Reopen,
    Reserve,
    SetQuota,
    SetTerms,
    TakeUpCommitments,
    TryAgain,
)
from services.ledger.hold_commands import ConfirmReceived, Expire, Instruct, LetGo, ReturnPayment, Void
from services.ledger.voucher import reference
from tests.support.given import recorded
from tests.unit.ledger.test_examples import NOON, Book, drawn, fen, short_by_800

LEADER = Actor(id="S-9", role="township_leader", scope="")
SEAL = Seal(position=1, head="0" * 64, vouchers=1, balances=(), tables="0" * 64, key_id="k", signature="s")


def says(book: Book, command: Command, actor: Actor = LEADER) -> list[FundFact]:
    """As another officer than the cashier."""
    facts = list(DECIDER.decide(book.state, command, Circumstances(actor, book.now, book.now)))
    for fact in facts:
        book.state = DECIDER.evolve(book.state, recorded(fact))
        book.log.append(fact)
    return facts


def refused(book: Book, command: Command) -> str:
    """The code, as the cashier hears it."""
    with pytest.raises(Refused) as told:
        book.say(command)
    return told.value.code


def acted(book: Book, act: Any, name: str = "X1") -> list[FundFact]:
    """The cashier proposes, the leader approves."""
    book.say(Propose(name, act, "依据1号"))
    return says(book, Approve(name))


def test_what_is_kept_back_and_what_may_not_be_drawn_is_never_promised() -> None:
    terms = FundTerms(retained_fen=fen(100), draw_order=("county",))
    book = Book(terms=terms).opened(("county", 1_000), ("donation", 500))
    assert book.fund.available_fen == fen(900)
    assert isinstance(book.reserve("D1", 901), RefusedShort)
    assert isinstance(book.reserve("D2", 900), Reserved)


def test_in_mode_c_one_lock_holds_a_townships_quota_and_the_countys_money() -> None:
    book = Book(fund_id="county-2026", terms=FundTerms(mode="quota")).opened(("county", 5_000))
    book.say(SetQuota("990101002", fen(1_000), "1号"))
    held, short = [
        book.say(Reserve(name, "C", fen(600), "S-1", "county-2026", township="990101002"))[0] for name in ("D1", "D2")
    ]
    assert isinstance(held, Reserved)
    assert isinstance(short, RefusedShort)
    assert (held.township, short.available_fen) == ("990101002", fen(400))
    book.say(Void("D1", "not_needed"))
    assert isinstance(book.say(Reserve("D3", "C", fen(1_000), "S-1", "county-2026", township="990101002"))[0], Reserved)


def test_a_part_paid_frees_the_rest_last_drawn_first_and_the_return_brings_back_the_part() -> None:
    book = Book().opened(("central", 1_000), ("county", 1_000))
    book.reserve("D1", 1_500)
    book.say(Instruct("D1", "P1", "card", "Y1"))
    assert refused(book, ConfirmReceived("P1", book.now, "R", fen(1_501))) == "more_than_held"
    book.say(ConfirmReceived("P1", book.now, "R", fen(1_200)))
    assert (book.left(), book.fund.reserved_fen) == ({"central": 0, "county": 800}, 0)
    book.say(ReturnPayment("P1", "account_closed"))
    assert (book.left(), book.fund.reserved_fen) == ({"central": 1_000, "county": 1_000}, fen(1_200))


def test_a_hold_expires_by_the_funds_clock_unless_it_is_being_paid() -> None:
    book = Book(terms=FundTerms(hold_hours=72)).opened(("county", 1_000))
    book.reserve("D1", 100)
    book.reserve("D2", 100)
    book.say(Instruct("D2", "P2", "card", "Y1"))
    book.now = NOON + timedelta(hours=72) - timedelta(microseconds=1)
    assert book.say(Expire("D1")) == ()
    book.now = NOON + timedelta(hours=72)
    assert [fact.NAME for fact in book.say(Expire("D1"))] == ["ledger.voided"]
    assert (book.say(Expire("D2")), book.say(Expire("D1"))) == ((), ())


def test_money_is_paid_only_from_where_it_lies() -> None:
    book = Book().opened(("county", 1_000))
    book.reserve("D1", 600)
    assert refused(book, Instruct("D1", "P1", "cash", "Y1")) == "cash_short"
    acted(book, CashMoved(direction="withdrawn", amount_fen=fen(600)))
    assert (book.balance("101"), book.balance("100")) == (600, 400)
    assert refused(book, Instruct("D1", "P1", "card", "Y1")) == "bank_short"
    assert refused(book, Propose("X2", CashMoved(direction="deposited", amount_fen=fen(601)), "1号")) == "not_there"


def test_what_the_bank_paid_without_a_hold_takes_what_is_free_and_owes_the_township_the_rest() -> None:
    book = Book().opened(("county", 1_000))
    book.reserve("D1", 800)
    book.say(Instruct("D1", "P1", "card", "Y1"))
    book.say(ReturnPayment("P1", "account_closed"))
    late = book.say(ConfirmReceived("P1", book.now, "R"))[0]
    assert isinstance(late, PaidWithoutHold)
    assert (late.draws, late.uncovered_fen) == (drawn(("county", 200)), fen(600))
    assert (book.fund.available_fen, book.fund.own_owed_fen) == (0, fen(600))
    assert (book.balance("160"), book.balance("130"), book.balance("100")) == (800, -600, 800)
    acted(book, SuspenseCleared(payment_id="P1", outcome="to_recover"))
    assert (book.balance("160"), book.balance("120")) == (0, 800)


def suspended(*money: tuple[Source, int]) -> Book:
    """A payment of 1,000 came back, and the bank has paid it after all."""
    book = Book().opened(*money)
    book.reserve("D1", 1_000)
    book.say(Instruct("D1", "P1", "card", "Y1"))
    book.say(ReturnPayment("P1", "account_closed"))
    book.say(ConfirmReceived("P1", book.now, "R"))
    return book


def test_nothing_is_paid_on_a_hold_while_a_payment_of_it_is_in_suspense() -> None:
    book = suspended(("county", 5_000))
    assert refused(book, Instruct("D1", "P2", "card", "Y1")) == "in_suspense"
    acted(book, SuspenseCleared(payment_id="P1", outcome="came_back"))
    assert [fact.NAME for fact in book.say(Instruct("D1", "P2", "card", "Y1"))] == ["ledger.payment_instructed"]


def test_what_was_in_suspense_and_is_spent_ends_the_hold_and_says_that_the_household_has_it() -> None:
    book = suspended(("county", 5_000))
    facts = acted(book, SuspenseCleared(payment_id="P1", outcome="spent"))
    (told,) = [fact for fact in facts if isinstance(fact, PaymentReceived)]
    assert (told.payment_id, told.amount_fen, told.received_at, told.evidence) == ("P1", fen(1_000), book.now, "R")
    assert refused(book, Instruct("D1", "P2", "card", "Y1")) == "already_received"
    assert (book.left(), book.fund.reserved_fen) == ({"county": 4_000}, 0)
    assert (book.balance("310"), book.balance("160"), book.balance("100")) == (1_000, 0, 4_000)


def test_a_payment_that_its_hold_did_not_give_comes_back_free_and_the_decision_is_let_go() -> None:
    book = suspended(("county", 5_000))
    acted(book, SuspenseCleared(payment_id="P1", outcome="spent"))
    told = [fact.NAME for fact in book.say(ReturnPayment("P1", "account_closed"))]
    assert told == ["ledger.payment_returned", "ledger.entry_posted", "ledger.voided"]
    assert (book.left(), book.fund.reserved_fen, book.fund.available_fen) == ({"county": 5_000}, 0, fen(5_000))
    assert book.balance("310") == 0


def test_a_hold_that_was_let_go_is_not_revived_by_a_payment_that_it_did_not_give() -> None:
    book = Book().opened(("central", 1_000), ("county", 1_000))
    book.reserve("D1", 1_000)
    book.say(Instruct("D1", "P1", "card", "Y1"))
    book.say(ReturnPayment("P1", "account_closed"))
    book.say(Void("D1", "not_needed"))
    book.reserve("D2", 1_000)
    book.say(ConfirmReceived("P1", book.now, "R"))
    acted(book, SuspenseCleared(payment_id="P1", outcome="spent"))
    book.say(ReturnPayment("P1", "account_closed"))
    assert (book.fund.free, book.fund.holds["D1"].standing) == ({"central": 0, "county": fen(1_000)}, "voided")


def test_a_second_payment_that_comes_back_is_not_paid_again_where_the_first_arrived_after_all() -> None:
    book = Book().opened(("county", 5_000))
    book.reserve("D1", 1_000)
    book.say(Instruct("D1", "P1", "card", "Y1"))
    book.say(ReturnPayment("P1", "account_closed"))
    book.say(Instruct("D1", "P2", "card", "Y1"))
    book.say(ConfirmReceived("P1", book.now, "R"))
    acted(book, SuspenseCleared(payment_id="P1", outcome="spent"))
    book.say(ReturnPayment("P2", "account_closed"))
    assert refused(book, Instruct("D1", "P3", "card", "Y1")) == "already_received"
    assert (book.left(), book.fund.reserved_fen) == ({"county": 4_000}, 0)


def test_the_township_is_paid_back_out_of_a_source_that_has_it_and_never_more_than_it_is_owed() -> None:
    book = short_by_800("repayable")
    book.say(AddOwnMoney("D1"))
    repaid = OwnMoneyRepaid(amount_fen=fen(800), source="county")
    assert refused(book, Propose("X1", repaid, "1号")) == "fund_short"
    acted(book, InterestPaid(amount_fen=fen(900), source="county"), "X2")
    acted(book, repaid, "X3")
    assert (book.fund.own_owed_fen, book.balance("130"), book.fund.available_fen) == (0, 0, fen(100))
    assert refused(book, Propose("X4", OwnMoneyRepaid(amount_fen=1, source="county"), "1号")) == "more_than_owed"


def test_a_short_hold_is_asked_again_as_it_was_decided() -> None:
    book = short_by_800()
    acted(book, InterestPaid(amount_fen=fen(800), source="county"))
    held = book.say(TryAgain("D1"))[0]
    assert isinstance(held, Reserved)
    assert (held.amount_fen, held.decided_by, held.case_id) == (fen(2_000), "S-1", "C-D1")


def test_a_short_hold_that_relief_lets_go_is_not_asked_again() -> None:
    book = short_by_800()
    assert [fact.NAME for fact in book.say(LetGo("D1", "household_died"))] == ["ledger.short_let_go"]
    assert book.say(LetGo("D1", "household_died")) == ()
    acted(book, InterestPaid(amount_fen=fen(800), source="county"))
    assert refused(book, TryAgain("D1")) == "no_such_hold"
    assert refused(book, AddOwnMoney("D1")) == "no_such_hold"


def test_a_commitment_that_was_short_and_is_let_go_is_not_asked_again() -> None:
    book = Book()
    book.say(Commit("D1", "C1", fen(500), "S-1", book.fund_id))
    book.opened(("county", 100))
    assert isinstance(book.say(TakeUpCommitments())[0], RefusedShort)
    assert [fact.NAME for fact in book.say(LetGo("D1", "household_died"))] == ["ledger.voided"]
    assert refused(book, TryAgain("D1")) == "no_such_hold"


def test_what_lies_in_the_cash_box_or_is_being_paid_is_not_corrected_out_of_the_bank() -> None:
    book = Book().opened(("county", 1_000))
    acted(book, CashMoved(direction="withdrawn", amount_fen=fen(1)))
    assert refused(book, Propose("X2", Correction(about="A1"), "1号")) == "bank_short"
    acted(book, CashMoved(direction="deposited", amount_fen=fen(1)), "X3")
    acted(book, Correction(about="A1"), "X4")
    assert (book.fund.bank_fen, book.balance("100")) == (0, 0)


@pytest.mark.parametrize("standing", ["rejected", "borne"])
def test_a_household_does_not_owe_what_the_township_owes(standing: Literal["rejected", "borne"]) -> None:
    book = Book().opened(("county", 1_000))
    book.pay("D1", 1_000)
    papers: tuple[Literal["filed", "rejected", "borne"], ...] = ("filed", "rejected", "borne")
    for step in papers[: papers.index(standing) + 1]:
        book.say(MarkPapers("P-D1", step))
    (declined,) = book.say(OrderRecovery("R1", "P-D1", 1))
    assert isinstance(declined, RecoveryDeclined)
    assert (declined.amount_fen, declined.reason) == (1, "borne_by_township")
    assert not book.say(OrderRecovery("R1", "P-D1", 1))


def test_the_township_does_not_owe_what_a_household_owes() -> None:
    book = Book().opened(("county", 1_000))
    book.pay("D1", 1_000)
    book.say(MarkPapers("P-D1", "filed"))
    book.say(OrderRecovery("R1", "P-D1", 1))
    assert refused(book, MarkPapers("P-D1", "rejected")) == "already_settled"
    assert [fact.NAME for fact in book.say(MarkPapers("P-D1", "admitted"))] == ["ledger.papers_marked"]


def waived(*money: tuple[Source, int]) -> Book:
    """2,000 paid, 100 of them ordered back by mistake, and waived."""
    book = Book().opened(*money)
    book.pay("D1", 2_000)
    book.say(OrderRecovery("R1", "P-D1", fen(100)))
    assert refused(book, ReturnPayment("P-D1", "account_closed")) == "already_settled"
    assert refused(book, Propose("X1", RecoveryWaived(recovery_id="R1"), "依据1号")) == "waived_in_relief"
    book.say(EndRecovery("R1", "W1", "waived", fen(100)))
    assert not book.say(EndRecovery("R1", "W1", "waived", fen(100)))
    return book


def test_what_the_bank_sends_back_after_a_recovery_was_waived_is_booked_and_held_again() -> None:
    book = waived(("central", 1_950), ("county", 50))
    says(book, ReturnPayment("P-D1", "account_closed"))
    assert book.left() == {"central": 1_950, "county": 50}
    assert (book.fund.holds["D1"].standing, book.balance("120"), book.balance("390")) == ("live", 0, 0)


def test_what_was_waived_may_be_ordered_back_again_out_of_the_sources_that_it_came_from() -> None:
    book = waived(("central", 1_950), ("county", 50))
    book.say(OrderRecovery("R2", "P-D1", fen(2_000)))
    book.say(ReceiveRecovery("R2", "RR2", fen(2_000)))
    assert book.left() == {"central": 1_950, "county": 50}
    assert refused(book, ReturnPayment("P-D1", "account_closed")) == "already_settled"


def test_what_of_a_waived_recovery_had_come_back_stays_settled() -> None:
    book = Book().opened(("county", 2_000))
    book.pay("D1", 2_000)
    book.say(OrderRecovery("R1", "P-D1", fen(100)))
    book.say(ReceiveRecovery("R1", "RR1", fen(40)))
    ended, _ = book.say(EndRecovery("R1", "W1", "waived", fen(100)))
    assert isinstance(ended, RecoveryEnded)
    assert ended.amount_fen == fen(60)
    assert refused(book, ReturnPayment("P-D1", "account_closed")) == "already_settled"
    ordered, _, declined = book.say(OrderRecovery("R2", "P-D1", fen(1_961)))
    assert isinstance(ordered, RecoveryOrdered)
    assert isinstance(declined, RecoveryDeclined)
    assert (ordered.amount_fen, declined.amount_fen, declined.reason) == (fen(1_960), fen(1), "more_than_paid")


def test_what_was_offset_is_owed_no_more_and_the_household_has_given_it() -> None:
    book = Book().opened(("county", 2_000))
    book.pay("D1", 2_000)
    book.say(OrderRecovery("R1", "P-D1", fen(100)))
    book.say(EndRecovery("R1", "W1", "offset", fen(100)))
    assert (book.balance("120"), book.balance("390")) == (0, 0)
    assert refused(book, ReceiveRecovery("R1", "RR1", 1)) == "more_than_owed"
    assert refused(book, ReturnPayment("P-D1", "account_closed")) == "already_settled"


def test_a_source_stands_once_in_the_order_of_drawing() -> None:
    twice = FundTerms(draw_order=("county", "county"))
    with pytest.raises(Refused, match="source_twice"):
        Book(terms=twice).opened()
    assert refused(Book().opened(), SetTerms(twice, "1号")) == "source_twice"


NOT_DRAWN = FundTerms(draw_order=("county",), own_money_fen=fen(2_000))
"""The township may add its own money, and nothing is drawn from it."""


def test_terms_that_allow_the_townships_own_money_draw_it() -> None:
    with pytest.raises(Refused, match="own_money_not_drawn"):
        Book(terms=NOT_DRAWN).opened()
    assert refused(Book().opened(), SetTerms(NOT_DRAWN, "1号")) == "own_money_not_drawn"


@pytest.mark.parametrize("money", [(), (("county", 100),)], ids=["empty", "100"])
def test_own_money_that_nothing_draws_is_not_promised_where_such_terms_were_laid_down_before(
    money: tuple[tuple[Source, int], ...],
) -> None:
    book = Book().opened(*money)
    book.state = DECIDER.evolve(book.state, recorded(TermsSet(fund_id=book.fund_id, terms=NOT_DRAWN, document="1号")))
    book.reserve("D1", 1_000)
    (short,) = book.say(AddOwnMoney("D1"))
    assert isinstance(short, RefusedShort)
    assert short.shortfall_fen == fen(1_000) - book.fund.book_fen


def test_a_month_before_the_books_is_not_closed_and_keeps_no_later_one_open() -> None:
    book = Book(now=datetime(2026, 10, 12, 4, tzinfo=UTC)).opened(("county", 1_000))
    assert refused(book, Adjust("0000-12")) == "before_the_books"
    assert refused(book, Adjust("2025-12")) == "before_the_books"
    book.now = NOON
    assert [fact.NAME for fact in book.say(Adjust("2026-10"))] == ["ledger.period_adjusting"]


YEARS_LAST_MOMENT, NEW_YEAR = (
    datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 16, tzinfo=UTC),
)
"""In Asia/Shanghai: 2026-12-31 23:59:59, and 2027-01-01 00:00."""


def test_a_hold_is_paid_to_the_last_moment_of_its_year_and_never_after_it_closed_or_not() -> None:
    book = Book().opened(("county", 1_000))
    book.reserve("D1", 100)
    book.reserve("D2", 100)
    book.now = YEARS_LAST_MOMENT
    book.say(Instruct("D1", "P1", "card", "Y1"))
    book.now = NEW_YEAR
    assert refused(book, Instruct("D2", "P2", "card", "Y1")) == "year_over"
    assert book.say(Instruct("D1", "P1", "card", "Y1")) == ()
    assert next(fact.NAME for fact in book.say(ConfirmReceived("P1", book.now, "R"))) == "ledger.payment_received"


def test_what_the_bank_was_told_before_the_years_end_may_be_written_down_after_it() -> None:
    book = Book().opened(("county", 1_000))
    book.reserve("D1", 100)
    told = Circumstances(LEADER, YEARS_LAST_MOMENT, NEW_YEAR + timedelta(days=1))
    assert DECIDER.decide(book.state, Instruct("D1", "P1", "card", "Y1"), told)
    later = told._replace(occurred_at=NEW_YEAR)
    with pytest.raises(Refused, match="year_over"):
        DECIDER.decide(book.state, Instruct("D1", "P1", "card", "Y1"), later)


def test_a_payment_that_came_back_after_the_years_end_is_not_paid_again_from_the_old_year() -> None:
    book = Book().opened(("county", 1_000))
    book.pay("D1", 1_000)
    book.now = NEW_YEAR
    book.say(ReturnPayment("P-D1", "account_closed"))
    assert refused(book, Instruct("D1", "P2", "card", "Y1")) == "year_over"
    assert next(fact.NAME for fact in book.say(EndYear())) == "ledger.voided"


def test_a_fund_promises_nothing_once_its_year_is_over() -> None:
    book = Book(terms=FundTerms(own_money_fen=fen(9_000))).opened(("county", 1_000))
    book.reserve("D1", 1_200)
    book.now = NEW_YEAR
    short = book.reserve("D2", 100)
    assert isinstance(short, RefusedShort)
    assert (short.available_fen, short.shortfall_fen) == (0, fen(100))
    assert [fact.NAME for fact in book.say(AddOwnMoney("D1"))] == ["ledger.refused_short"]


def test_nothing_is_taken_back_in_a_month_before_the_one_that_it_is_booked_in() -> None:
    book = Book().opened(("county", 1_000))
    book.pay("D1", 1_000)
    backdated = Circumstances(LEADER, NOON - timedelta(days=40), NOON)
    entry = DECIDER.decide(book.state, ReturnPayment("P-D1", "account_closed"), backdated)[1]
    assert isinstance(entry, EntryPosted)
    assert (entry.dated, entry.happened_on) == (date(2026, 11, 1), date(2026, 9, 23))


def test_a_fund_whose_year_is_closed_pays_nothing_that_came_back() -> None:
    book = Book().opened(("county", 1_000))
    book.pay("D1", 1_000)
    book.now = datetime(2027, 1, 5, 4, tzinfo=UTC)
    book.say(EndYear())
    book.say(ReturnPayment("P-D1", "account_closed"))
    assert refused(book, Instruct("D1", "P2", "card", "Y1")) == "year_over"


def test_what_is_owed_to_the_township_goes_with_what_is_left_into_next_years_fund() -> None:
    book = short_by_800("repayable")
    book.say(AddOwnMoney("D1"))
    book.say(Void("D1", "not_needed"))
    book.now = datetime(2027, 1, 5, 4, tzinfo=UTC)
    (closed,) = [fact for fact in book.say(EndYear()) if isinstance(fact, YearClosed)]
    assert (closed.owed_fen, book.fund.own_owed_fen, book.balance("130"), book.balance("100")) == (fen(800), 0, 0, 0)
    later = Book(fund_id="town-2027", year=2027, now=book.now).opened()
    later.say(CarryIn("town-2026", 1, closed.left, closed.owed_fen))
    assert (later.fund.own_owed_fen, later.balance("130"), later.balance("100")) == (fen(800), -800, 2_000)
    acted(later, OwnMoneyRepaid(amount_fen=fen(800), source="carried_over"))
    assert (later.fund.own_owed_fen, later.balance("130"), later.balance("203")) == (0, 0, -1_200)


def test_what_is_owed_to_the_township_is_carried_over_also_where_no_money_is_left() -> None:
    book = short_by_800("repayable")
    book.say(AddOwnMoney("D1"))
    book.say(Instruct("D1", "P1", "card", "Y1"))
    book.say(ConfirmReceived("P1", book.now, "R"))
    book.now = datetime(2027, 1, 5, 4, tzinfo=UTC)
    (closed,) = [fact for fact in book.say(EndYear()) if isinstance(fact, YearClosed)]
    assert (closed.left, closed.owed_fen, book.balance("130")) == ((), fen(800), 0)
    assert book.say(EndYear()) == ()
    later = Book(fund_id="town-2027", year=2027, now=book.now).opened()
    later.say(CarryIn("town-2026", 1, closed.left, closed.owed_fen))
    assert (later.fund.own_owed_fen, later.balance("130")) == (fen(800), -800)


def test_goods_are_bought_by_procurement_and_only_an_emergency_need_not_wait_for_it() -> None:
    book = Book().opened(("donation", 100))
    quilts = GoodsBought(item="棉被", quantity=3, cost_fen=fen(10))
    assert refused(book, Propose("B1", quilts, "单据1号")) == "not_procured"
    acted(book, quilts.model_copy(update={"emergency_case": "C1"}), "B2")
    acted(book, quilts.model_copy(update={"contract": "HT-2026-10"}), "B3")
    assert (book.balance("140"), book.fund.book_fen) == (20, fen(80))


def test_goods_become_expenditure_at_cost_when_they_are_handed_out_to_the_last_fen() -> None:
    book = Book().opened(("donation", 100))
    acted(book, GoodsBought(item="棉被", quantity=3, cost_fen=fen(100), contract="HT-2026-10"), "B1")
    assert (book.balance("140"), book.balance("301")) == (100, 0)
    issued = [book.say(IssueGoods(f"H{n}", "B1", "C1", 1))[0] for n in range(3)]
    assert [fact.draws[0].amount_fen for fact in issued if isinstance(fact, GoodsIssued)] == [3_333, 3_333, 3_334]
    assert (book.balance("140"), book.balance("301")) == (0, 100)
    assert refused(book, IssueGoods("H3", "B1", "C1", 1)) == "stock_short"
    assert book.say(IssueGoods("H2", "B1", "C1", 1)) == ()


def test_goods_that_have_cost_less_than_a_fen_are_handed_out_with_more_of_them() -> None:
    book = Book().opened(("donation", 100))
    acted(book, GoodsBought(item="口罩", quantity=200, cost_fen=100, contract="HT-2026-10"), "B1")
    assert refused(book, IssueGoods("H1", "B1", "C1", 1)) == "stock_worthless"
    book.say(IssueGoods("H1", "B1", "C1", 2))
    book.say(IssueGoods("H2", "B1", "C1", 198))
    assert (book.balance("140"), book.balance("301")) == (0, 1)


def test_a_wrong_purchase_is_reversed_in_red_as_far_as_nothing_of_it_was_handed_out() -> None:
    book = Book().opened(("county", 60), ("donation", 100))
    bought = acted(book, GoodsBought(item="棉被", quantity=3, cost_fen=fen(90), contract="HT-2026-10"), "B1")
    book.say(IssueGoods("H1", "B1", "C1", 1))
    *_, red = acted(book, PurchaseReversed(about="B1"), "X1")
    assert isinstance(bought[-1], EntryPosted)
    assert isinstance(red, EntryPosted)
    assert (red.reverses, red.about) == (reference(bought[-1]), "B1")
    assert (book.balance("140"), book.balance("301")) == (0, 30)
    assert (book.fund.book_fen, sum(book.fund.free.values())) == (fen(130), fen(130))
    assert refused(book, IssueGoods("H2", "B1", "C1", 1)) == "stock_short"
    assert refused(book, Propose("X2", PurchaseReversed(about="B1"), "1号")) == "already_corrected"


def test_a_purchase_that_households_have_or_that_nobody_made_is_not_reversed() -> None:
    book = Book().opened(("donation", 100))
    acted(book, GoodsBought(item="棉被", quantity=1, cost_fen=fen(10), contract="HT-2026-10"), "B1")
    says(book, Propose("X1", PurchaseReversed(about="B1"), "1号"))
    book.say(IssueGoods("H1", "B1", "C1", 1))
    assert refused(book, Approve("X1")) == "stock_short"
    assert refused(book, Propose("X2", PurchaseReversed(about="H1"), "1号")) == "stock_short"


def test_who_proposed_an_act_may_not_approve_it_and_nothing_moves_before() -> None:
    book = Book().opened(("county", 100))
    book.say(Propose("X1", InterestPaid(amount_fen=1, source="county"), "1号"))
    assert (refused(book, Approve("X1")), book.fund.book_fen) == ("same_person", fen(100))
    approved, entry = says(book, Approve("X1"))
    assert isinstance(approved, ActApproved)
    assert isinstance(entry, EntryPosted)
    assert (entry.made_by, entry.signed_by, entry.basis) == ("S-2", "S-9", "1号")
    assert says(book, Approve("X1")) == []
    assert refused(book, Decline("X1", "wrong")) == "act_settled"


def test_a_wrong_appropriation_is_taken_back_once_in_red_under_its_vouchers_name() -> None:
    book = Book().opened(("county", 100))
    (first,) = [fact for fact in book.log if isinstance(fact, EntryPosted)]
    *_, red = acted(book, Correction(about="A1"), "X1")
    assert isinstance(red, EntryPosted)
    assert (red.reverses, red.number) == (reference(first), first.number + 1)
    assert (book.fund.book_fen, book.balance("200"), book.balance("100")) == (0, 0, 0)
    assert refused(book, Propose("X2", Correction(about="A1"), "1号")) == "already_corrected"


def closed_october() -> Book:
    """Money came in October, and October is closed in November."""
    book = Book(now=datetime(2026, 10, 12, 4, tzinfo=UTC)).opened(("county", 1_000))
    assert refused(book, Adjust("2026-10")) == "month_not_over"
    book.now = NOON
    book.say(Adjust("2026-10"))
    close = Close("2026-10", SEAL, 0, 0)
    assert refused(book, close) == "vouchers_unchecked"
    assert refused(book, CheckVouchers("2026-10")) == "same_person"
    says(book, CheckVouchers("2026-10"))
    assert refused(book, Close("2026-10", SEAL, 1, 0)) == "not_reconciled"
    assert refused(book, Close("2026-10", SEAL.model_copy(update={"vouchers": 2}), 0, 0)) == "books_moved"
    assert [fact.NAME for fact in book.say(close)] == ["ledger.period_closed"]
    return book


def test_nothing_enters_a_closed_month_and_what_comes_late_is_marked() -> None:
    book = closed_october()
    book.reserve("D1", 100)
    book.say(Instruct("D1", "P1", "card", "Y1"))
    entry = book.say(ConfirmReceived("P1", datetime(2026, 10, 20, 4, tzinfo=UTC), "R"))[-1]
    assert isinstance(entry, EntryPosted)
    assert (entry.dated, entry.happened_on, entry.number) == (date(2026, 11, 1), date(2026, 10, 20), 1)


def test_a_month_does_not_close_while_a_statement_ends_before_it_unless_nothing_moved_since() -> None:
    book = closed_october()
    book.say(Reopen("2026-10", "wrong_amount"))
    seal = SEAL.model_copy(update={"position": 2})
    unstated = ("B990101001-1111", "B990101001-2222")
    assert refused(book, Close("2026-10", seal, 0, 0, unstated)) == "statement_missing"
    assert refused(book, Close("2026-10", seal, 0, 0, unstated, unstated[:1])) == "statement_missing"
    (closed,) = book.say(Close("2026-10", seal, 0, 0, unstated, unstated))
    assert isinstance(closed, PeriodClosed)
    assert closed.quiet_accounts == unstated


def test_a_reopened_month_is_closed_again_under_another_seal_and_both_stay() -> None:
    book = closed_october()
    assert [fact.NAME for fact in book.say(Reopen("2026-10", "wrong_amount"))] == ["ledger.period_reopened"]
    assert book.say(Reopen("2026-10", "wrong_amount")) == ()
    book.say(Close("2026-10", SEAL.model_copy(update={"position": 2}), 0, 0))
    assert book.fund.vouchers.books("2026-10").seals == 2


def test_vouchers_of_three_words_are_numbered_each_by_itself() -> None:
    book = Book(terms=FundTerms(voucher_words="three")).opened(("county", 1_000))
    book.pay("D1", 100)
    acted(book, CashMoved(direction="withdrawn", amount_fen=fen(10)))
    named = [(fact.word, fact.number) for fact in book.log if isinstance(fact, EntryPosted)]
    assert named == [("收", 1), ("付", 1), ("转", 1)]


def test_the_draws_of_a_hold_are_fixed_when_it_is_made() -> None:
    book = Book().opened(("county", 1_000))
    held = book.reserve("D1", 500)
    assert isinstance(held, Reserved)
    assert held.draws == (Draw(source="county", amount_fen=fen(500)),)


@pytest.mark.parametrize("signer", ["S-1", "S-5", "S-3"])
def test_nobody_who_signed_for_an_instalment_pays_it_or_says_that_it_is_paid(signer: str) -> None:
    book = Book().opened(("county", 2_000))
    book.say(Reserve("D1", "C", fen(1_000), "S-3", book.fund_id, signers=("S-1", "S-5", "S-3")))
    told = Actor(id=signer, role="township_finance", scope="")
    with pytest.raises(Refused, match="same_person"):
        book.say(Instruct("D1", "P1", "bank_transfer", "Y1"), told)
    book.say(Instruct("D1", "P1", "bank_transfer", "Y1"))
    with pytest.raises(Refused, match="same_person"):
        book.say(ConfirmReceived("P1", book.now, "R"), told)
    assert book.say(ConfirmReceived("P1", book.now, "R"))


def test_who_signed_is_known_of_what_the_fund_was_short_of_and_of_later_years() -> None:
    book = Book().opened()
    book.say(Reserve("D1", "C", fen(1_000), "S-3", book.fund_id, signers=("S-1", "S-3")))
    book.say(ReceiveAppropriation("A9", fen(2_000), "county", "1号"))
    held, *_ = book.say(TryAgain("D1"))
    book.say(Commit("D2", "C", fen(1_000), "S-3", book.fund_id, signers=("S-2", "S-3")))
    taken_up, *_ = book.say(TakeUpCommitments())
    assert isinstance(held, Reserved)
    assert isinstance(taken_up, Reserved)
    assert (held.signers, taken_up.signers) == (("S-1", "S-3"), ("S-2", "S-3"))
