"""Law: whatever relief orders back and waives, and whatever ledger receives, both say the same is still owed."""

from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from events.fact import Fact
from events.ledger import FundFact, PaymentReceived, PaymentReturned, RecoveryDeclined, RecoveryReceived
from events.relief import CaseFact
from events.relief_after import RecoveryOrdered, RecoverySettled
from services.chassis.decider import Refused
from services.chassis.unit import Directed
from services.ledger.fund_commands import Command, MarkPapers, ReceiveRecovery
from services.ledger.hold_commands import ConfirmReceived, Instruct, ReturnPayment
from services.ledger.sources import total
from services.ledger.subscribers import claims_back, ends_claim
from services.relief.case_commands import CaseCommand, NoteReceived, NoteReturned
from services.relief.steps.county import Override
from services.relief.steps.recovery import AnswerWaiver, NoteGivenBack, NoteUnclaimed, OrderRecovery, SettleRecovery
from tests.support.saying import message
from tests.unit.ledger.test_examples import Book
from tests.unit.relief.facts import ACCEPTED, CALENDAR, CONTACTED, FIRST, FUND, at, decided, opened, policy
from tests.unit.relief.told import BUREAU, HEAD, Told

Step = tuple[str, int, int]
_ToLedger = RecoveryOrdered | RecoverySettled
ORDERS = ("order", "override", "waived", "offset")
STEPS = (*ORDERS, "receive", "send_back", "reject", "pay", "tell_ledger", "tell_relief")
SOMETHING = message("relief.recovery_ordered", b"{}", "case:1")


def said(coroutine: Coroutine[Any, Any, Sequence[Directed]]) -> Sequence[Directed]:
    """What a reaction that waits for nothing asks for."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")


@dataclass
class Both:
    """A case and the fund that pays it, and what each has said that the other has not heard yet."""

    case: Told
    book: Book
    to_ledger: deque[RecoveryOrdered | RecoverySettled] = field(
        default_factory=deque[RecoveryOrdered | RecoverySettled]
    )
    to_relief: deque[Fact] = field(default_factory=deque[Fact])
    number: int = 0

    def relief(self, *commands: CaseCommand) -> None:
        for command in commands:
            facts: Sequence[CaseFact] = ()
            try:
                facts = self.case.does(command, HEAD if isinstance(command, AnswerWaiver) else BUREAU)
            except Refused as refused:
                if refused.code not in ("recovery_over_paid", "recovery_over_owed", "same_amount"):
                    raise
            self.to_ledger += [one for one in facts if isinstance(one, RecoveryOrdered | RecoverySettled)]

    def ledger(self, *commands: Command) -> None:
        told = PaymentReceived | PaymentReturned | RecoveryReceived | RecoveryDeclined
        for command in commands:
            facts: Sequence[FundFact] = ()
            try:
                facts = self.book.say(command)
            except Refused as refused:
                if refused.code in ("no_such_recovery", "recovery_differs"):
                    raise
            self.to_relief += [one for one in facts if isinstance(one, told)]

    def step(self, what: str, amount_fen: int, which: int) -> None:
        self.number += 1
        getattr(self, what)(f"{what}-{self.number}", amount_fen, which)

    def order(self, key: str, amount_fen: int, which: int) -> None:
        self.relief(OrderRecovery(key, FIRST, amount_fen, "ineligible", "1号"))

    def override(self, key: str, amount_fen: int, which: int) -> None:
        self.relief(Override(key, FIRST, amount_fen, "too_much"))

    def waived(self, key: str, amount_fen: int, which: int) -> None:
        self.gives_up(key, "waived", amount_fen, which)

    def offset(self, key: str, amount_fen: int, which: int) -> None:
        self.gives_up(key, "offset", amount_fen, which)

    def gives_up(self, key: str, how: Literal["waived", "offset"], amount_fen: int, which: int) -> None:
        for recovery_id in self.recoveries[which : which + 1]:
            self.relief(SettleRecovery(recovery_id, key, how, amount_fen, "hardship"))
            if key in self.case.known.recoveries[recovery_id].proposed:
                self.relief(AnswerWaiver(recovery_id, key, True, self.case.policy))

    def receive(self, key: str, amount_fen: int, which: int) -> None:
        for recovery_id in self.recoveries[which : which + 1]:
            if self.book.fund.recoveries.get(recovery_id) is not None:
                self.ledger(ReceiveRecovery(recovery_id, key, amount_fen))

    def send_back(self, key: str, amount_fen: int, which: int) -> None:
        for payment_id in self.payments[which : which + 1]:
            self.ledger(ReturnPayment(payment_id, "account_closed"))

    def reject(self, key: str, amount_fen: int, which: int) -> None:
        for payment_id in self.payments[which : which + 1]:
            self.ledger(MarkPapers(payment_id, "filed"), MarkPapers(payment_id, "rejected"))

    def pay(self, key: str, amount_fen: int, which: int) -> None:
        self.ledger(Instruct(FIRST, key, "bank_transfer", "Y1"), ConfirmReceived(key, self.book.now, key))

    def tell_ledger(self, key: str, amount_fen: int, which: int) -> None:
        if self.to_ledger:
            self.heard_by_ledger()

    def tell_relief(self, key: str, amount_fen: int, which: int) -> None:
        if self.to_relief:
            self.heard_by_relief()

    @property
    def recoveries(self) -> list[str]:
        return sorted(self.case.known.recoveries)

    @property
    def payments(self) -> list[str]:
        return sorted(self.book.fund.holds[FIRST].payments)

    def owed(self) -> tuple[dict[str, int], dict[str, int]]:
        """What is still owed of each recovery, as relief has it and as ledger has it."""
        known = {name: self.book.fund.recoveries.get(name) for name in self.recoveries}
        in_relief = {name: one.open_fen for name, one in self.case.known.recoveries.items()}
        return in_relief, {name: -1 if one is None else total(one.owed) for name, one in known.items()}

    def heard_by_ledger(self) -> None:
        fact = self.to_ledger.popleft()
        parts = said(claims_back(fact, SOMETHING) if isinstance(fact, RecoveryOrdered) else ends_claim(fact, SOMETHING))
        for part in parts:
            self.ledger(part.command)  # pyright: ignore[reportArgumentType]  a part bears any command

    def heard_by_relief(self) -> None:
        match self.to_relief.popleft():
            case PaymentReceived() as fact:
                self.relief(NoteReceived(fact, self.case.policy, CALENDAR))
            case PaymentReturned() as fact:
                self.relief(NoteReturned(fact, CALENDAR))
            case RecoveryReceived() as fact:
                self.relief(NoteGivenBack(fact))
            case RecoveryDeclined() as fact:
                self.relief(NoteUnclaimed(fact))
            case other:
                raise AssertionError(other)

    def settles(self) -> None:
        """Both hear all there is."""
        while self.to_ledger or self.to_relief:
            (self.heard_by_ledger if self.to_ledger else self.heard_by_relief)()


def begun() -> Both:
    case = Told(policy(), now=at("11-02 12:00"))
    case.happens(opened(), ACCEPTED, CONTACTED, decided())
    both = Both(case, Book(fund_id=FUND).opened(("central", 1_500), ("county", 9_000)))
    both.book.reserve(FIRST, 2_000)
    both.step("pay", 0, 0)
    both.settles()
    return both


@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.sampled_from([1, 30_000, 70_000, 200_000]), st.integers(0, 3)),
        max_size=30,
    )
)
@settings(max_examples=120)
def test_what_is_owed_back_is_the_same_in_the_case_and_in_the_books(steps: list[Step]) -> None:
    both = begun()
    for what, amount_fen, which in steps:
        both.step(what, amount_fen, which)
    both.settles()
    in_relief, in_ledger = both.owed()
    assert in_relief == in_ledger


def test_a_waiver_and_a_receipt_that_cross_leave_the_same_on_both_sides() -> None:
    both = begun()
    both.step("order", 200_000, 0)
    both.settles()
    both.step("waived", 70_000, 0)
    both.step("receive", 200_000, 0)
    both.settles()
    in_relief, in_ledger = both.owed()
    assert set(in_relief.values()) == set(in_ledger.values()) == {0}
    assert both.book.balance("120") == 0
