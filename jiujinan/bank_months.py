"""Seeded months of a township's bank account with known truth: what was instructed, what the bank shows, and which
is which. In it are all the ways in which a bank's lines fail to say whose money they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from events.shanghai import SHANGHAI
from jiujinan.bank_files import BankRow
from jiujinan.chance import Chance
from jiujinan.invented import InventedCounty
from services.ledger.payment_number import numbers_in, payment_number

_FIRST_DAY = date(2026, 11, 1)
_DAYS = 30
_YUAN = (300, 500, 600, 800, 1_000, 1_200, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000)
_PLACE = "990101001"

_UNPAID, _RETURNED, _FOREIGN, _TYPOS = 0.03, 0.02, 0.02, 0.01
_NAME_MASKED, _NAME_VARIED, _ACCOUNT_SHOWN, _PAID_TWICE = 0.30, 0.05, 0.15, 0.08
_ON_THE_LISTS_DAY, _MERGED, _FEES = 0.30, 0.02, 0.02
"""Shares of the payments: paid on the two list days, merged with the next into one line, followed by a fee's."""
_LIST_DAYS = (9, 24)
_FOREIGN_TEXTS = ("办公用品", "水电费", "车辆维修", "党建经费", "利息", "临时救助")


@dataclass(frozen=True, slots=True)
class Instructed:
    """A payment as the books know it."""

    payment_id: str
    number: str
    amount_fen: int
    at: datetime
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class BankMonth:
    """A month: payments, the bank's lines in their order, and which payment and direction each line truly is."""

    payments: Sequence[Instructed]
    rows: Sequence[BankRow]
    truth: Mapping[int, str]
    """The leg (``P1:paid``, ``P1:returned``) of each row that is one of ours, by the row's place."""
    opening_fen: int = 10**10


def bank_month(seed: int, payments: int, numbered: float) -> BankMonth:
    """A month of so many payments; ``numbered`` is the share of lines that bear our number, from 0 to 1."""
    return _Month(Chance(seed), numbered).of(payments)


@dataclass(slots=True)
class _Month:
    chance: Chance
    numbered: float
    shown: list[tuple[BankRow, str | None]] = field(default_factory=list[tuple[BankRow, str | None]])

    def of(self, payments: int) -> BankMonth:
        county = InventedCounty(0, self.chance)
        instructed: list[Instructed] = []
        for ordinal in range(1, payments + 1):
            again = instructed and self.chance.random() < _PAID_TWICE
            payee = self.chance.choice(instructed) if again else None
            name = payee.name if payee else county.household().name
            account = payee.account if payee else f"62000000{ordinal:08d}"
            instructed.append(self._instruct(ordinal, name, account))
        for payment in instructed:
            self._carry_out(payment)
        self._merge()
        for number in range(int(payments * _FOREIGN)):
            self._show_foreign(number, self.chance.choice(instructed))
        ordered = sorted(self.shown, key=lambda shown: shown[0].at)
        rows = [row for row, _ in ordered]
        return BankMonth(instructed, rows, {place: leg for place, (_, leg) in enumerate(ordered) if leg is not None})

    def _instruct(self, ordinal: int, name: str, account: str) -> Instructed:
        is_listed = self.chance.random() < _ON_THE_LISTS_DAY
        day = _FIRST_DAY + timedelta(days=self.chance.choice(_LIST_DAYS) if is_listed else self.chance.randrange(_DAYS))
        at = datetime.combine(day, time(self.chance.randint(8, 17), self.chance.randrange(60)), SHANGHAI)
        amount_fen = self.chance.choice(_YUAN) * 100
        return Instructed(f"P{ordinal}", payment_number(_PLACE, 2026, ordinal), amount_fen, at, name, account)

    def _carry_out(self, payment: Instructed) -> None:
        """The bank pays, mostly the same day; some payments it has not made yet, some come back."""
        if self.chance.random() < _UNPAID:
            return
        at = payment.at + timedelta(days=self.chance.choices((0, 1, 2, 3), (70, 20, 7, 3))[0], minutes=5)
        self._show(payment, at, -payment.amount_fen, "paid")
        if self.chance.random() < _FEES:
            self.shown.append((BankRow(at, -self.chance.choice((50, 100, 200)), "", "", "手续费"), None))
        if self.chance.random() < _RETURNED:
            back = at + timedelta(days=self.chance.randint(1, 5))
            self._show(payment, back, payment.amount_fen, "returned")

    def _show(self, payment: Instructed, at: datetime, amount_fen: int, way: str) -> None:
        row = BankRow(
            at=at,
            amount_fen=amount_fen,
            name=self._name(payment.name),
            account=payment.account if self.chance.random() < _ACCOUNT_SHOWN else "",
            text=self._text(payment.number) if self.chance.random() < self.numbered else "临时救助",
            serial="",
        )
        self.shown.append((row, f"{payment.payment_id}:{way}"))

    def _name(self, name: str) -> str:
        """As the bank shows it: masked, with a space or a title in it, or as it is."""
        drawn = self.chance.random()
        if drawn < _NAME_MASKED:
            return f"{name[0]}**"
        return self.chance.choice((f"{name[0]} {name[1:]}", f"{name}先生")) if drawn > 1 - _NAME_VARIED else name

    def _merge(self) -> None:
        """Some payments of one day leave as one line, which bears neither name nor number: nothing says whose it is."""
        debits = sorted((shown for shown in self.shown if _is_unnumbered_debit(shown)), key=lambda shown: shown[0].at)
        pairs = zip(debits[::2], debits[1::2], strict=False)
        for one, other in pairs:
            if one[0].at.date() == other[0].at.date() and self.chance.random() < _MERGED * 2:
                self.shown.remove(one)
                self.shown.remove(other)
                together = BankRow(other[0].at, one[0].amount_fen + other[0].amount_fen, "", "", "批量支付")
                self.shown.append((together, None))

    def _text(self, number: str) -> str:
        if self.chance.random() >= _TYPOS:
            return f"临时救助 {number}"
        at = self.chance.randrange(2, len(number))
        return f"临时救助 {number[:at]}{(int(number[at]) + self.chance.randint(1, 9)) % 10}{number[at + 1 :]}"

    def _show_foreign(self, number: int, like: Instructed) -> None:
        """Other business of the shared account, in amounts that payments have too."""
        at = like.at + timedelta(hours=self.chance.randint(0, 48))
        row = BankRow(at, -like.amount_fen, f"样例商行{number}", "", self.chance.choice(_FOREIGN_TEXTS))
        self.shown.append((row, None))


def _is_unnumbered_debit(shown: tuple[BankRow, str | None]) -> bool:
    row, leg = shown
    return leg is not None and row.amount_fen < 0 and not numbers_in(row.text)
