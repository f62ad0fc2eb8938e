"""A fund as it stands: balances by source, holds, recoveries, stock, acts and the months of its books."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from events.ledger import (
    ActApproved,
    ActDeclined,
    ActProposed,
    AllocationArrived,
    AllocationReceived,
    AllocationReturned,
    AllocationSent,
    AppropriationReceived,
    BalanceRestored,
    CarriedIn,
    CashHandedOver,
    Committed,
    Draw,
    FundOpened,
    FundTerms,
    GoodsIssued,
    HoldReleased,
    LowBalanceAlerted,
    OpeningEntered,
    OwnMoneyAdded,
    PaidWithoutHold,
    PapersMarked,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    PeriodAdjusting,
    PeriodClosed,
    PeriodReopened,
    RecoveryDeclined,
    RecoveryEnded,
    RecoveryOrdered,
    RecoveryReceived,
    RefusedShort,
    RemainderReleased,
    Reserved,
    ShortLetGo,
    Source,
    Voided,
    VouchersChecked,
)
from events.ledger_words import VoucherRef
from services.ledger.hold_state import Hold, Payment
from services.ledger.register import Register
from services.ledger.replenishment import Request
from services.ledger.sources import Pots, drawn, last, put, take
from services.ledger.voucher import Vouchers

TransferEnd = AllocationArrived | AllocationReturned
"""How a transfer ends for its sender."""
MoveFact = AppropriationReceived | AllocationSent | AllocationReceived | TransferEnd | CarriedIn | OpeningEntered
OPENING = "opening"
"""What names a fund's opening balances: there is one."""
MonthFact = PeriodAdjusting | VouchersChecked | PeriodClosed | PeriodReopened
ActFact = ActProposed | ActApproved | ActDeclined
AlertFact = LowBalanceAlerted | BalanceRestored
PromiseFact = (
    Reserved | Committed | RefusedShort | ShortLetGo | HoldReleased | Voided | RemainderReleased | OwnMoneyAdded
)
PaidFact = PaymentInstructed | PaymentReceived | PaymentReturned | CashHandedOver | PaidWithoutHold
AfterFact = RecoveryOrdered | RecoveryReceived | RecoveryDeclined | RecoveryEnded | PapersMarked | GoodsIssued


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a household still owes, by source, the next to come back first; nothing where the claim was declined."""

    payment_id: str
    case_id: str
    owed: tuple[Draw, ...]
    receipts: Mapping[str, int] = field(default_factory=dict[str, int])
    ended: frozenset[str] = frozenset()
    """By which words of relief some of it was waived or offset."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Goods in stock: how many are left, and at what cost, by source."""

    item: str
    quantity: int
    cost: tuple[Draw, ...]


@dataclass(frozen=True)  # without slots: a fact changes a few of its many fields, and a dictionary is copied at once
class Fund:
    """A fund; amounts in fen. One that nobody has opened yet has no ``opened`` and may know promises already.

    Settled holds are kept: a bank may return money days later, and a repeated command must find what it did. A fund
    comes to some 10,000 of them, so they live in registers that a fact changes in microseconds.
    """

    fund_id: str
    opened: FundOpened | None = None
    terms: FundTerms = field(default_factory=FundTerms)
    book: Pots = field(default_factory=dict[Source, int])
    held: Pots = field(default_factory=dict[Source, int])
    cash_fen: int = 0
    cash_pinned_fen: int = 0
    """Cash that is being counted out."""
    bank_pinned_fen: int = 0
    """What the bank has been told to pay."""
    own_added_fen: int = 0
    own_owed_fen: int = 0
    """What the township may have back."""
    is_low: bool = False
    rounds: int = 0
    """How often the year has been closed."""
    quotas: Mapping[str, int] = field(default_factory=dict[str, int])
    quota_used: Mapping[str, int] = field(default_factory=dict[str, int])
    commitments: Mapping[str, Committed] = field(default_factory=dict[str, Committed])
    moves: Register[MoveFact] = field(default_factory=Register[MoveFact])
    ended: Register[TransferEnd] = field(default_factory=Register[TransferEnd])
    """The transfers that are in transit no more."""
    holds: Register[Hold] = field(default_factory=Register[Hold])
    payments: Register[str] = field(default_factory=Register[str])
    """The hold of each payment."""
    shorts: Register[RefusedShort] = field(default_factory=Register[RefusedShort])
    recoveries: Register[Recovery] = field(default_factory=Register[Recovery])
    batches: Register[Batch] = field(default_factory=Register[Batch])
    handovers: Register[GoodsIssued] = field(default_factory=Register[GoodsIssued])
    acts: Register[ActFact] = field(default_factory=Register[ActFact])
    requests: Register[Request] = field(default_factory=Register[Request])
    entries: Register[VoucherRef] = field(default_factory=Register[VoucherRef])
    """The voucher of what may be corrected."""
    corrected: Register[str] = field(default_factory=Register[str])
    vouchers: Vouchers = field(default_factory=Vouchers)

    def but(self, **changed: Any) -> "Fund":
        """The fund with some fields changed, as ``dataclasses.replace`` gives it, many times faster."""
        if not changed.keys() <= self.__dict__.keys():
            raise TypeError("a fund has no such field")
        fund = object.__new__(Fund)
        fund.__dict__.update(self.__dict__, **changed)
        return fund

    @property
    def book_fen(self) -> int:
        """What the fund has, in the bank and in cash (账面余额)."""
        return sum(self.book.values())

    @property
    def reserved_fen(self) -> int:
        """What is promised (占用)."""
        return sum(self.held.values())

    @property
    def free(self) -> Pots:
        """What is not promised, by source."""
        return {source: fen - self.held.get(source, 0) for source, fen in self.book.items()}

    @property
    def available_fen(self) -> int:
        """What can still be promised (可用余额): the free money of the sources that may be drawn, less what is kept."""
        order, held = self.terms.draw_order, self.held
        free_fen = sum(fen - held.get(source, 0) for source, fen in self.book.items() if source in order)
        return max(0, free_fen - self.terms.retained_fen)

    @property
    def bank_fen(self) -> int:
        """What lies in the bank (银行存款)."""
        return self.book_fen - self.cash_fen

    def is_over(self, day: date) -> bool:
        """Whether it promises and pays no more: its budget year has ended by that day, or been closed before."""
        return bool(self.rounds) or (self.opened is not None and day.year > self.opened.year)

    def draw(self, amount_fen: int) -> tuple[Draw, ...]:
        """The sources of an amount, in the order of the terms."""
        return drawn(self.free, self.terms.draw_order, amount_fen)

    def opening_cash_fen(self, about: str) -> int:
        """What of a move lay in the cash box from the beginning: only opening balances have such a part."""
        move = self.moves.get(about)
        return move.cash_fen if isinstance(move, OpeningEntered) else 0

    def payment(self, payment_id: str) -> Payment:
        """A payment that is known to be here."""
        return self.holds[self.payments[payment_id]].payments[payment_id]


def move_key(fact: MoveFact) -> str:
    """What names a move in its fund."""
    match fact:
        case AppropriationReceived():
            return fact.appropriation_id
        case AllocationSent() | AllocationReceived() | AllocationArrived() | AllocationReturned():
            return fact.transfer_id
        case CarriedIn():
            return f"{fact.from_fund_id}:{fact.round}"
        case OpeningEntered():
            return OPENING


def moved(fact: MoveFact) -> tuple[Draw, ...]:
    """The sources of a move."""
    if isinstance(fact, CarriedIn | OpeningEntered):
        return fact.draws
    return (Draw(source=fact.source, amount_fen=fact.amount_fen),)


def to_recover(payment: Payment, amount_fen: int) -> tuple[Draw, ...]:
    """From which sources an amount of a payment is owed back: last drawn first, behind what was ordered before."""
    left = take(put({}, payment.draws), payment.recovered)
    return last([Draw(source=source, amount_fen=fen) for source, fen in left.items() if fen], amount_fen)
