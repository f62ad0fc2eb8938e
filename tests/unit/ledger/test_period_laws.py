"""Laws of a fund and its months whatever is done by hand, comes late, goes back, or crosses the year's end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import count
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from events.fact import Actor
from events.ledger import (
    Act,
    CashMoved,
    Correction,
    EntryPosted,
    FundFact,
    FundTerms,
    GoodsBought,
    InterestPaid,
    Line,
    Method,
    OwnMoneyRepaid,
    PeriodClosed,
    PeriodReopened,
    RecoveryWaived,
    Seal,
    Source,
    SuspenseCleared,
)
from services.chassis.decider import Circumstances, Refused
from services.ledger import posting
from services.ledger.fund import DECIDER, decide_and_fold
from services.ledger.fund_commands import (
    AddOwnMoney,
    Adjust,
    Approve,
    CheckVouchers,
    Close,
    CloseAllocation,
    Command,
    EndRecovery,
    EndYear,
    EnterOpening,
    IssueGoods,
    MarkPapers,
    OrderRecovery,
    Propose,
    ReceiveAppropriation,
    ReceiveRecovery,
    Reopen,
    Reserve,
    SendAllocation,
    SetTerms,
    TakeBackAllocation,
    Transfer,
)
from services.ledger.fund_state import OPENING
from services.ledger.hold_commands import ConfirmReceived, Expire, Instruct, ReturnPayment, Slip, Void
from services.ledger.hold_state import Papers
from services.ledger.sources import total
from services.ledger.voucher import month_of
from tests.support.given import recorded
from tests.unit.ledger.test_examples import CASHIER, Book, drawn

LEADER = Actor(id="S-9", role="township_leader", scope="")
FUND = "town-2026"
SEAL = Seal(position=1, head="0" * 64, vouchers=0, balances=(), tables="0" * 64, key_id="k", signature="s")
NEVER_BELOW_ZERO = {*posting.MONEY, posting.STOCK.code, posting.IN_TRANSIT.code, posting.SUSPENSE.code}
NEW_YEAR = datetime(2027, 1, 2, 4, tzinfo=UTC)
FEN = st.integers(min_value=1, max_value=60)
SOURCES = st.sampled_from(get_args(Source))
AGO = st.integers(min_value=0, max_value=100).map(lambda days: timedelta(days=days))
IDS = st.integers(min_value=0, max_value=9)


def decided(book: Book, command: Command, now: Circumstances) -> Sequence[FundFact]:
    """Decide, and go on from there."""
    facts, folded = decide_and_fold(book.state, command, now)
    assert folded == reduce(DECIDER.evolve, map(recorded, facts), book.state), "folded otherwise than fact by fact"
    book.state = folded
    book.log.extend(facts)
    return facts


def lines_of(book: Book) -> Iterable[Line]:
    return (line for fact in book.log if isinstance(fact, EntryPosted) for line in fact.lines)


def moved(entry: EntryPosted) -> int:
    """What an entry brings into bank and box."""
    return sum(line.debit_fen - line.credit_fen for line in entry.lines if line.account in posting.MONEY)


class Period(RuleBasedStateMachine):
    """One township's fund from January on, into the next year."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book(now=datetime(2026, 1, 20, 4, tzinfo=UTC))
        self.numbers = count(1)
        self.names: defaultdict[str, list[str]] = defaultdict(list)

    def new(self, kind: str) -> str:
        self.names[kind].append(f"{kind}{next(self.numbers)}")
        return self.names[kind][-1]

    def known(self, names: Sequence[str], pick: int) -> str:
        """One of what there is, 0 being the last; without any, what nobody knows."""
        return names[-1 - pick % len(names)] if names else "nothing"

    def say(self, command: Command, by: Actor = CASHIER, ago: timedelta = timedelta()) -> None:
        book = self.book
        before = book.state
        try:
            decided(book, command, Circumstances(by, book.now - ago, book.now))
        except Refused:
            assert book.state == before

    def act(self, act: Act) -> None:
        name = self.new("X")
        self.say(Propose(name, act, "1号"))
        self.say(Approve(name), LEADER)

    @initialize(
        own=st.sampled_from(["borne", "repayable"]),
        retained=st.integers(0, 5),
        cash=st.integers(0, 3) | st.none(),
        at_end=st.sampled_from(["carry_over", "hand_back"]),
    )
    def open(self, own: Any, retained: int, cash: int | None, at_end: Any) -> None:
        self.book.terms = FundTerms(
            own_money=own, own_money_fen=50, retained_fen=retained, at_year_end=at_end, hold_hours=500
        )
        self.book.opened()
        if cash is not None:
            self.say(EnterOpening(drawn(("county", 2), ("donation", 1)), "0" * 64, "期初.xlsx", cash))
            self.names["A"].append(OPENING)

    # --- money

    @rule(fen=FEN, source=SOURCES, ago=AGO)
    def come_in(self, fen: int, source: Source, ago: timedelta) -> None:
        self.say(ReceiveAppropriation(self.new("A"), fen, source, "1号"), ago=ago)

    @rule(fen=FEN, own=st.booleans())
    def reserve(self, fen: int, own: bool) -> None:
        hold = self.new("D")
        self.say(Reserve(hold, f"C-{hold}", fen, "S-1", FUND))
        if own:
            self.say(AddOwnMoney(hold))

    @rule(pick=IDS, method=st.sampled_from(get_args(Method)), ago=AGO, part=FEN, confirm=st.booleans())
    def pay(self, pick: int, method: Method, ago: timedelta, part: int, confirm: bool) -> None:
        payment = self.new("P")
        live = [name for name, hold in self.holds.items() if hold.standing == "live"]
        if method == "cash":
            self.act(CashMoved(direction="withdrawn", amount_fen=part))
        self.say(Instruct(self.known(live, pick), payment, method, "Y1"))
        if confirm:
            self.confirm_one(payment, None, ago)

    @rule(pick=IDS, ago=AGO, part=FEN, again=st.booleans())
    def confirm(self, pick: int, ago: timedelta, part: int, again: bool) -> None:
        standing = "returned" if again else "instructed"
        self.confirm_one(self.known(self.paid(standing), pick), part, ago)

    def confirm_one(self, payment: str, part: int | None, ago: timedelta) -> None:
        self.say(ConfirmReceived(payment, self.book.now - ago, self.new("R"), part, Slip("Y1", "S-7")))

    @rule(pick=IDS, ago=AGO)
    def come_back(self, pick: int, ago: timedelta) -> None:
        self.say(ReturnPayment(self.known(self.paid("instructed", "received"), pick), "closed"), ago=ago)

    @rule(pick=IDS, expire=st.booleans())
    def let_go(self, pick: int, expire: bool) -> None:
        hold = self.known([*self.holds], pick)
        self.say(Expire(hold) if expire else Void(hold, "not_needed"))

    @rule(pick=IDS, fen=FEN, times=st.integers(1, 2), how=st.sampled_from(["back", "waived", "offset"]))
    def recover(self, pick: int, fen: int, times: int, how: Any) -> None:
        claim = self.new("F")
        self.say(OrderRecovery(claim, self.known(self.paid("received"), pick), fen))
        for _ in range(times):
            part = max(1, fen // 2)
            command = (
                ReceiveRecovery(claim, self.new("G"), part)
                if how == "back"
                else EndRecovery(claim, self.new("E"), how, part)
            )
            self.say(command)

    @rule(pick=IDS, to=st.sampled_from(get_args(Papers)[1:]))
    def papers(self, pick: int, to: Any) -> None:
        self.say(MarkPapers(self.known(self.paid("received"), pick), to))

    @rule(fen=FEN, source=SOURCES, arrives=st.sampled_from([True, False, None]))
    def pass_on(self, fen: int, source: Source, arrives: bool | None) -> None:
        transfer = Transfer(self.new("T"), FUND, "town2-2026", fen, source, "2号")
        self.say(SendAllocation(transfer))
        if arrives is not None:
            self.say(CloseAllocation(transfer) if arrives else TakeBackAllocation(transfer, "refused"))
            self.say(TakeBackAllocation(transfer, "refused") if arrives else CloseAllocation(transfer))

    @rule(fen=st.integers(1, 9), quantity=st.integers(1, 4), issues=st.lists(st.integers(1, 4), max_size=3))
    def goods(self, fen: int, quantity: int, issues: list[int]) -> None:
        self.act(GoodsBought(item="棉被", quantity=quantity, cost_fen=fen, contract="C-1"))
        for number in issues:
            self.say(IssueGoods(self.new("H"), self.known(self.names["X"], number - 1), "C-1", number))

    @rule(fen=FEN, source=SOURCES, pick=IDS, outcome=st.sampled_from(["spent", "came_back", "to_recover"]))
    def by_hand(self, fen: int, source: Source, pick: int, outcome: Any) -> None:
        self.act(InterestPaid(amount_fen=fen, source=source))
        self.act(OwnMoneyRepaid(amount_fen=fen, source=source))
        self.act(Correction(about=self.known([*self.names["A"], *self.names["X"]], pick)))
        self.act(CashMoved(direction="deposited", amount_fen=fen))
        self.act(SuspenseCleared(payment_id=self.known(self.paid("suspended"), pick), outcome=outcome))
        self.act(RecoveryWaived(recovery_id=self.known([*self.names["F"], *self.names["X"]], pick)))

    @rule(fen=st.integers(0, 30))
    def lay_down(self, fen: int) -> None:
        self.say(SetTerms(self.book.fund.terms.model_copy(update={"retained_fen": fen}), "3号"))

    # --- time

    @rule(days=st.integers(10, 70))
    def wait(self, days: int) -> None:
        self.book.now += timedelta(days=days)

    @rule(days=st.integers(0, 50), back=st.integers(1, 4), skip=st.booleans())
    def close(self, days: int, back: int, skip: bool) -> None:
        """The month before, or one of those before it, with or without what should be closed first."""
        self.wait(days)
        for ago in range(back, back - 1 if skip else 0, -1):
            self.close_month(month_of((self.book.now - timedelta(days=30 * ago)).date()))

    def close_month(self, month: str) -> None:
        self.say(Adjust(month))
        self.say(CheckVouchers(month), LEADER)
        vouchers = self.book.fund.vouchers.books(month).vouchers
        self.say(Close(month, SEAL.model_copy(update={"vouchers": vouchers}), 0, 0))

    @rule(pick=IDS, again=st.booleans())
    def reopen(self, pick: int, again: bool) -> None:
        month = self.known(sorted(self.book.fund.vouchers.months), pick)
        self.say(Reopen(month, "late_papers"))
        if again:
            self.close_month(month)

    @rule(days=st.integers(0, 40), is_time=st.booleans())
    def end_year(self, days: int, is_time: bool) -> None:
        if is_time and self.book.now.month > 3:
            self.book.now = max(self.book.now, NEW_YEAR)
        self.wait(days)
        self.say(EndYear())

    # --- laws

    @property
    def holds(self) -> Mapping[str, Any]:
        return {hold.hold_id: hold for hold in self.book.fund.holds.values()}

    def paid(self, *standings: str) -> list[str]:
        payments = [known for hold in self.holds.values() for known in hold.payments.items()]
        return [name for name, payment in payments if payment.standing in standings]

    def balance(self, account: posting.Asset | posting.Origin | posting.Use) -> int:
        return sum(line.debit_fen - line.credit_fen for line in lines_of(self.book) if line.account == account.code)

    @invariant()
    def no_pot_and_no_place_is_ever_below_zero(self) -> None:
        fund = self.book.fund
        assert min([0, *fund.free.values(), *fund.held.values()]) == 0, fund.free
        assert 0 <= fund.cash_pinned_fen <= fund.cash_fen
        assert 0 <= fund.bank_pinned_fen <= fund.bank_fen

    @invariant()
    def bank_and_box_are_what_was_posted_and_so_is_each_source(self) -> None:
        fund = self.book.fund
        pots: Counter[str | None] = Counter()
        for line in lines_of(self.book):
            if line.account in posting.MONEY:
                pots[line.source] += line.debit_fen - line.credit_fen
        assert (self.balance(posting.BANK), self.balance(posting.CASH)) == (fund.bank_fen, fund.cash_fen)
        assert {source: fen for source, fen in pots.items() if fen} == {s: fen for s, fen in fund.book.items() if fen}

    @invariant()
    def no_line_leaves_less_than_nothing_where_the_database_would_refuse_it(self) -> None:
        left: Counter[str] = Counter()
        for line in lines_of(self.book):
            left[line.account] += line.debit_fen - line.credit_fen
            assert left[line.account] >= 0 or line.account not in NEVER_BELOW_ZERO, line

    @invariant()
    def every_claim_every_stock_and_every_doubt_is_what_was_posted(self) -> None:
        fund, payments = self.book.fund, [one for hold in self.holds.values() for one in hold.payments.values()]
        owed = sum(total(claim.owed) for claim in fund.recoveries.values())
        rejected = sum(
            payment.amount_fen
            for payment in payments
            if payment.standing == "received" and payment.papers == "rejected"
        )
        assert self.balance(posting.OWED) == owed + rejected
        assert self.balance(posting.STOCK) == sum(total(batch.cost) for batch in fund.batches.values())
        assert all((batch.quantity > 0) == bool(total(batch.cost)) for batch in fund.batches.values())
        doubted = sum(payment.amount_fen for payment in payments if payment.standing == "suspended")
        assert self.balance(posting.SUSPENSE) == doubted
        assert -self.balance(posting.ADVANCED) == fund.own_owed_fen >= 0

    @invariant()
    def no_more_is_asked_back_than_was_paid(self) -> None:
        for hold in self.holds.values():
            assert all(total(payment.recovered) <= payment.amount_fen for payment in hold.payments.values())
            received = [payment for payment in hold.payments.values() if payment.standing == "received"]
            assert len(received) <= 1 or any(payment.from_suspense or payment.recovered for payment in received)

    @invariant()
    def a_closed_month_ends_for_ever_with_what_it_was_closed_with(self) -> None:
        """P10: until it is opened again, and then no later one is closed."""
        closed: dict[str, int] = {}
        posted: defaultdict[str, int] = defaultdict(int)
        for fact in self.book.log:
            match fact:
                case EntryPosted():
                    posted[month_of(fact.dated)] += moved(fact)
                case PeriodClosed():
                    closed[fact.month] = sum(fen for month, fen in posted.items() if month <= fact.month)
                case PeriodReopened():
                    closed.pop(fact.month)
                case _:
                    continue
            for month, fen in closed.items():
                assert sum(there for known, there in posted.items() if known <= month) == fen, (month, fact)

    @invariant()
    def vouchers_of_each_month_run_from_one_without_a_gap(self) -> None:
        months: defaultdict[date, list[int]] = defaultdict(list)
        for fact in self.book.log:
            if isinstance(fact, EntryPosted):
                months[fact.dated.replace(day=1)].append(fact.number)
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in months.values())


PeriodTest = Period.TestCase
PeriodTest.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
