"""Laws that a county's fund and a township's keep, whatever is asked of them, in any order, any number of times."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import count
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from events.fact import Actor
from events.ledger import (
    AllocationReceived,
    AllocationSent,
    EntryPosted,
    FundFact,
    Method,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Voided,
)
from services.chassis.decider import Circumstances, Refused
from services.ledger.fund import DECIDER, KEPT, decide_and_fold
from services.ledger.fund_commands import (
    CloseAllocation,
    Command,
    OpenFund,
    ReceiveAllocation,
    ReceiveAppropriation,
    Reserve,
    SendAllocation,
    Transfer,
)
from services.ledger.fund_state import Fund
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment, Slip, Void
from tests.support.given import NOON, given, recorded

COUNTY, TOWN = "county", "town"
FUNDS = st.sampled_from([COUNTY, TOWN])
AMOUNTS = st.integers(min_value=1, max_value=20)


def confirm(payment: str, at: datetime) -> Command:
    return ConfirmReceived(payment, at, "R1", slip=Slip("Y1", "S9"))


def give_back(payment: str, _: datetime) -> Command:
    return ReturnPayment(payment, "account_closed")


Settle = Callable[[str, datetime], Command]
Settled = list[Settle]
SETTLE = st.sampled_from([confirm, give_back])
SETTLED = st.lists(SETTLE, max_size=3)
MOVES = st.sampled_from(["M1", "M2", "M3", "M4", "M5", "M6"])
METHODS = st.sampled_from(get_args(Method))
STAFF = st.sampled_from([Actor(id=name, role="officer", scope="") for name in ("S1", "S2")])
CASHIERS = st.sampled_from([Actor(id=name, role="cashier", scope="") for name in ("S2", "S3", "S4")])

Said = tuple[tuple[str, Command], ...]
Known = tuple[str, str]
"""A fund, and a hold or a payment of it."""


@dataclass(slots=True)
class Book:
    """One fund: the state that decides, and its log."""

    state: Fund | None = None
    log: list[FundFact] = field(default_factory=list[FundFact])

    def decide(self, command: Command, now: Circumstances) -> list[FundFact]:
        facts, folded = decide_and_fold(self.state, command, now)
        assert folded == reduce(DECIDER.evolve, map(recorded, facts), self.state), "folded otherwise than fact by fact"
        return list(facts)

    def record(self, facts: list[FundFact]) -> None:
        for fact in facts:
            self.log.append(fact)
            self.state = DECIDER.evolve(self.state, recorded(fact))
            assert self.fund.available_fen >= 0, f"after {fact.NAME}"

    @property
    def fund(self) -> Fund:
        assert self.state is not None
        return self.state

    def balance(self, *accounts: str) -> int:
        """Debits less credits over all posted entries, in fen."""
        lines = [line for fact in self.log if isinstance(fact, EntryPosted) for line in fact.lines]
        return sum(line.debit_fen - line.credit_fen for line in lines if line.account in accounts)


class Funds(RuleBasedStateMachine):
    """Everything that can be said to the two funds, new or about what they know, so that collisions are common."""

    holds = Bundle[Known]("holds")
    payments = Bundle[Known]("payments")

    def __init__(self) -> None:
        super().__init__()
        self.books = {COUNTY: Book(), TOWN: Book()}
        self.now = NOON
        self.numbers = count(1)
        self.accepted: list[tuple[Said, Actor]] = []

    def say(self, said: Said, actor: Actor) -> list[FundFact]:
        """One unit of work: wholly, or not at all."""
        before = repr(self.books)
        now = Circumstances(actor, self.now, self.now)
        try:
            decided = [(self.books[name], self.books[name].decide(command, now)) for name, command in said]
        except Refused:
            assert repr(self.books) == before, "a refusal changed a fund"
            return []
        assert repr(self.books) == before, "deciding changed a fund"
        for book, facts in decided:
            book.record(facts)
        facts = [fact for _, facts in decided for fact in facts]
        if any(not isinstance(fact, RefusedShort) for fact in facts):
            self.accepted.append((said, actor))
        return facts

    @initialize(target=holds, actor=STAFF)
    def open(self, actor: Actor) -> MultipleResults[Known]:
        self.say(((COUNTY, OpenFund(COUNTY, "990101", None, 2026)),), actor)
        self.say(((TOWN, OpenFund(TOWN, "990101", "990101001", 2026)),), actor)
        for fund in (COUNTY, TOWN):
            self.say(((fund, ReceiveAppropriation("M0", 30, "carried_over", "0号")),), actor)
            self.say(((fund, Reserve("D0", "C-D0", 9, actor.id, fund)),), actor)
        return multiple((COUNTY, "D0"), (TOWN, "D0"))

    @rule(fund=FUNDS, move=MOVES, amount=AMOUNTS, actor=STAFF)
    def receive(self, fund: str, move: str, amount: int, actor: Actor) -> None:
        self.say(((fund, ReceiveAppropriation(move, amount, "province", "1号")),), actor)

    @rule(move=MOVES, amount=AMOUNTS, actor=STAFF)
    def allocate(self, move: str, amount: int, actor: Actor) -> None:
        transfer = Transfer(move, COUNTY, TOWN, amount, "province", "2号")
        self.say(((COUNTY, SendAllocation(transfer)), (TOWN, ReceiveAllocation(transfer))), actor)
        self.say(((COUNTY, CloseAllocation(transfer)),), actor)

    @rule(target=holds, fund=FUNDS, amount=AMOUNTS, actor=STAFF)
    def reserve(self, fund: str, amount: int, actor: Actor) -> Known:
        hold = f"D{next(self.numbers)}"
        self.say(((fund, Reserve(hold, f"C-{hold}", amount, actor.id, fund)),), actor)
        return fund, hold

    @rule(known=holds, amount=AMOUNTS, actor=STAFF)
    def reserve_again(self, known: Known, amount: int, actor: Actor) -> None:
        fund, hold = known
        self.say(((fund, Reserve(hold, f"C-{hold}", amount, actor.id, fund)),), actor)

    @rule(known=holds, actor=STAFF)
    def void(self, known: Known, actor: Actor) -> None:
        fund, hold = known
        self.say(((fund, Void(hold, "not_needed")),), actor)

    @rule(target=payments, known=holds, method=METHODS, settled=SETTLED, actor=CASHIERS)
    def instruct(self, known: Known, method: Method, settled: Settled, actor: Actor) -> Known | MultipleResults[Known]:
        payment = f"P{next(self.numbers)}"
        if not self.pay(known, payment, method, actor):
            return multiple()
        for settle in settled:
            self.say(((known[0], settle(payment, self.now)),), actor)
        return known[0], payment

    @rule(known=holds, used=payments, method=METHODS, actor=CASHIERS)
    def instruct_under_a_used_number(self, known: Known, used: Known, method: Method, actor: Actor) -> None:
        self.pay(known, used[1], method, actor)

    def pay(self, known: Known, payment: str, method: Method, actor: Actor) -> list[FundFact]:
        fund, hold = known
        facts = self.say(((fund, Instruct(hold, payment, method, "Y1")),), actor)
        decided = {fact.hold_id: fact.decided_by for fact in self.books[fund].log if isinstance(fact, Reserved)}
        assert not facts or decided[hold] != actor.id, "one person decided and paid"
        return facts

    @rule(known=payments, days_ago=st.integers(min_value=0, max_value=70), settle=SETTLE, actor=STAFF)
    def settle(self, known: Known, days_ago: int, settle: Settle, actor: Actor) -> None:
        fund, payment = known
        self.say(((fund, settle(payment, self.now - timedelta(days=days_ago))),), actor)

    @rule(days=st.integers(min_value=1, max_value=20))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @precondition(lambda self: bool(self.accepted))
    @rule(data=st.data())
    def say_again(self, data: st.DataObject) -> None:
        said, actor = data.draw(st.sampled_from(self.accepted))
        assert self.say(said, actor) == [], "a repeated command did something"

    @invariant()
    def the_book_balance_is_what_was_posted(self) -> None:
        for book in self.books.values():
            assert book.state is None or book.fund.book_fen == book.balance("100", "101")

    @invariant()
    def what_came_in_is_available_held_spent_or_passed_on(self) -> None:
        for book in self.books.values():
            if book.state is not None:
                still_here = book.fund.available_fen + held(book.log)
                came_in = -book.balance("200", "203")
                assert came_in == still_here + book.balance("310", "160") + book.balance("209", "150", "130")

    @invariant()
    def what_is_kept_reads_back_as_it_was(self) -> None:
        for book in self.books.values():
            assert KEPT.load(KEPT.dump(book.state)) == book.state

    @invariant()
    def debits_equal_credits(self) -> None:
        for book in self.books.values():
            for fact in book.log:
                if isinstance(fact, EntryPosted):
                    assert sum(line.debit_fen - line.credit_fen for line in fact.lines) == 0

    @invariant()
    def what_the_county_sent_the_township_received(self) -> None:
        sent = sum(fact.amount_fen for fact in self.books[COUNTY].log if isinstance(fact, AllocationSent))
        received = sum(fact.amount_fen for fact in self.books[TOWN].log if isinstance(fact, AllocationReceived))
        assert sent == received == self.books[COUNTY].balance("209")

    @invariant()
    def a_hold_is_resolved_at_most_once(self) -> None:
        for book in self.books.values():
            resolved = Counter[str]()
            for fact in book.log:
                match fact:
                    case PaymentReceived() | Voided():
                        resolved[fact.hold_id] += 1
                    case PaymentReturned(was_received=True):
                        resolved[fact.hold_id] -= 1
                    case _:
                        pass
                assert not resolved or (min(resolved.values()) >= 0 and max(resolved.values()) <= 1)

    @invariant()
    def what_is_being_paid_is_never_let_go(self) -> None:
        for book in self.books.values():
            pinned = set[str]()
            for fact in book.log:
                match fact:
                    case PaymentInstructed() | PaymentReceived():
                        pinned.add(fact.hold_id)
                    case PaymentReturned():
                        pinned.discard(fact.hold_id)
                    case Voided():
                        assert fact.hold_id not in pinned
                    case _:
                        pass

    @invariant()
    def a_payment_number_is_used_once(self) -> None:
        for book in self.books.values():
            numbers = [fact.payment_id for fact in book.log if isinstance(fact, PaymentInstructed)]
            assert len(set(numbers)) == len(numbers)

    @invariant()
    def vouchers_run_from_one_without_a_gap_in_each_month(self) -> None:
        for book in self.books.values():
            months = defaultdict[date, list[int]](list)
            for fact in book.log:
                if isinstance(fact, EntryPosted):
                    months[fact.dated.replace(day=1)].append(fact.number)
            for numbers in months.values():
                assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def replaying_the_log_gives_the_living_state(self) -> None:
        for book in self.books.values():
            assert given(DECIDER, *book.log).state == book.state


def held(log: list[FundFact]) -> int:
    """What the log says is held, in fen: counted apart from the fund."""
    total = 0
    for fact in log:
        match fact:
            case Reserved():
                total += fact.amount_fen
            case Voided() | PaymentReceived():
                total -= fact.amount_fen
            case PaymentReturned(was_received=True):
                total += fact.amount_fen
            case _:
                pass
    return total


FundsTest = Funds.TestCase
FundsTest.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
