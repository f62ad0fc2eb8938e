"""One fund as an accountant apart from the product would keep it, from the facts alone."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from events.ledger import EntryPosted, FundTerms, Line
from services.ledger.posting import CASH, IN_TRANSIT, MONEY
from services.ledger.voucher import month_of
from tests.simulation.fund.pots import Pots, add
from tests.simulation.fund.requests import Requests


@dataclass(slots=True)
class HoldAccount:
    """A promise: what of it is still held, and how it stands."""

    case_id: str
    decided_by: str
    draws: Pots
    standing: str = "live"
    township: str | None = None
    """Whose quota of the county's fund it uses."""


@dataclass(slots=True)
class PaymentAccount:
    """An attempt to pay: what it took, how it stands, and how much of it is asked back."""

    hold_id: str
    method: str
    amount_fen: int
    standing: str = "instructed"
    draws: Pots = field(default_factory=Counter[str])
    ordered_fen: int = 0
    beside: bool = False
    """The bank paid it without the hold."""


@dataclass(slots=True)
class RecoveryAccount:
    """What is asked back, and what of it has come."""

    payment_id: str
    ordered_fen: int
    received_fen: int = 0
    ended_fen: int = 0
    waived: bool = False
    of_suspense: bool = False
    """It was in suspense: no hold had given what is asked back."""

    @property
    def owed_fen(self) -> int:
        """What is still to come."""
        return 0 if self.waived else self.ordered_fen - self.received_fen - self.ended_fen


@dataclass(slots=True)
class Account:
    """One fund, in fen by source: what came in for good, what is promised, what is spent and did not come back."""

    terms: FundTerms = field(default_factory=FundTerms)
    year: int = 9999
    """The budget year, once it is opened."""
    is_over: bool = False
    """Whether the fact that is being entered came after it."""
    came: Pots = field(default_factory=Counter[str])
    held: Pots = field(default_factory=Counter[str])
    spent: Pots = field(default_factory=Counter[str])
    posted: Pots = field(default_factory=Counter[str])
    """What the vouchers say lies in bank and box."""
    sent_fen: int = 0
    """What they say is on its way to other funds."""
    is_low: bool = False
    years_closed: int = 0
    holds: dict[str, HoldAccount] = field(default_factory=dict[str, HoldAccount])
    payments: dict[str, PaymentAccount] = field(default_factory=dict[str, PaymentAccount])
    shorts: set[str] = field(default_factory=set[str])
    requests: Requests = field(default_factory=Requests)
    """What it has asked for."""
    cash_fen: int = 0
    """What the vouchers say lies in the box."""
    recoveries: dict[str, RecoveryAccount] = field(default_factory=dict[str, RecoveryAccount])
    acts: dict[str, str] = field(default_factory=dict[str, str])
    """Who proposed each act that nobody has settled yet."""
    stock: dict[str, int] = field(default_factory=dict[str, int])
    months: dict[str, str] = field(default_factory=dict[str, str])
    numbers: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """The last voucher of each month and word."""
    quotas: dict[str, int] = field(default_factory=dict[str, int])
    """How much of the county's fund each township may use (mode C)."""
    makers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def free(self) -> Pots:
        """By source, what came in and is neither promised nor spent."""
        left = Counter(self.came)
        add(left, self.held, -1)
        add(left, self.spent, -1)
        return left

    @property
    def available_fen(self) -> int:
        """What can be promised, under terms that draw every source."""
        return max(0, self.free.total() - self.terms.retained_fen)

    def available_to(self, township: str | None) -> int:
        """What can be promised to a township: money, and quota where the county pays for it."""
        if township is None or self.terms.mode != "quota":
            return self.available_fen
        left_fen = self.quotas.get(township, 0) - self.quota_used[township]
        return max(0, min(self.available_fen, left_fen))

    @property
    def quota_used(self) -> Pots:
        """By township, what the county's fund holds for it, and has paid for it and not got back."""
        paid = [payment for payment in self.payments.values() if payment.standing in ("received", "suspended")]
        back = [(self.payments[recovery.payment_id], recovery.received_fen) for recovery in self.recoveries.values()]
        moved = [
            *((hold, hold.draws.total()) for hold in self.holds.values() if hold.standing in ("live", "instructed")),
            *((self.holds[payment.hold_id], payment.amount_fen) for payment in paid),
            *((self.holds[payment.hold_id], -fen) for payment, fen in back),
        ]
        used: Pots = Counter()
        for hold, fen in moved:
            if hold.township is not None:
                used[hold.township] += fen
        return used

    @property
    def is_below_line(self) -> bool:
        """Whether somebody must be told that little is left."""
        return self.available_fen < self.terms.quota_fen * self.terms.alert_permille // 1000

    def vouchers_of(self, month: str) -> int:
        """How many vouchers a month has."""
        return sum(number for (known, _), number in self.numbers.items() if known == month)

    def post(self, fact: EntryPosted) -> list[str]:
        """Enter a voucher; what is wrong with it."""
        month = month_of(fact.dated)
        self.numbers[month, fact.word] += 1
        self.makers[month].add(fact.made_by or "")
        for line in fact.lines:
            if line.account in MONEY:
                self.posted[line.source or ""] += line.debit_fen - line.credit_fen
            if line.account == CASH.code:
                self.cash_fen += line.debit_fen - line.credit_fen
            if line.account == IN_TRANSIT.code:
                self.sent_fen += line.debit_fen - line.credit_fen
        wrong = {
            "its number does not follow": fact.number != self.numbers[month, fact.word],
            "debits are not credits": _is_unbalanced(fact.lines),
            "its month is closed": self.months.get(month) == "closed",
            "a later month is closed": any(known > month and is_ == "closed" for known, is_ in self.months.items()),
            "it is dated before what it reverses": fact.reverses is not None and month < fact.reverses.month,
        }
        return [what for what, is_so in wrong.items() if is_so]


def _is_unbalanced(lines: tuple[Line, ...]) -> bool:
    left: Pots = Counter()
    for line in lines:
        left[line.source or ""] += line.debit_fen - line.credit_fen
    return any(left.values())
