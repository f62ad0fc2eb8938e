"""Ledger's books kept a second time, by hand, from the facts alone: what the funds' own states are held against."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from events.fact import Fact, Recorded
from events.ledger import (
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    EntryPosted,
    FundOpened,
    PaidWithoutHold,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    RefusedShort,
    Reserved,
    Voided,
)
from services.ledger.posting import MONEY
from tests.simulation.violation import Report

Fed = AppropriationReceived | AllocationReceived | AllocationSent
Promised = Reserved | RefusedShort | Voided
Paid = PaymentInstructed | PaymentReceived | PaymentReturned | PaidWithoutHold
Entered = FundOpened | Fed | EntryPosted | Promised | Paid


@dataclass(slots=True)
class HoldBook:
    """One promise."""

    division: str
    fund_id: str
    decided_by: str
    standing: str = "live"


@dataclass(slots=True)
class PaymentBook:
    """One attempt to pay a promise."""

    hold_id: str
    standing: str = "instructed"


@dataclass(slots=True)
class FundBook:
    """One fund, in fen."""

    division: str
    appropriated: int = 0
    came_in: int = 0
    went_out: int = 0
    reserved: int = 0
    spent: int = 0
    posted: int = 0
    vouchers: defaultdict[date, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def available(self) -> int:
        """What is neither passed on nor promised nor spent."""
        return self.came_in - self.went_out - self.reserved - self.spent


@dataclass(slots=True)
class Books:
    """All funds, with every promise and payment; what a fact may not do is reported."""

    report: Report
    funds: dict[str, FundBook] = field(default_factory=dict[str, FundBook])
    holds: dict[str, HoldBook] = field(default_factory=dict[str, HoldBook])
    payments: dict[str, PaymentBook] = field(default_factory=dict[str, PaymentBook])

    def enter(self, known: Recorded[Fact]) -> None:
        """Enter a fact of ledger; what moves no money that anybody here asks for is passed by."""
        fact = known.fact
        if not isinstance(fact, Entered):
            return
        fund = self.funds.get(fact.fund_id, FundBook(known.division))
        self._enter(fund, fact)
        if fund.available < 0:
            self.report("overdrawn", f"{fact.fund_id} by {-fund.available} fen after {fact.NAME}")

    def available(self, fund_id: str) -> int:
        """What a fund can still promise, in fen; nothing where nobody has opened it."""
        fund = self.funds.get(fund_id)
        return 0 if fund is None else fund.available

    def balance(self, division: str) -> tuple[int, int]:
        """What a county was given, and what its funds have, have promised and have spent, in fen."""
        funds = [fund for fund in self.funds.values() if fund.division == division]
        kept = sum(fund.available + fund.reserved + fund.spent for fund in funds)
        return sum(fund.appropriated for fund in funds), kept

    def _enter(self, fund: FundBook, fact: Entered) -> None:
        match fact:
            case FundOpened():
                self.funds[fact.fund_id] = fund
            case AppropriationReceived() | AllocationReceived() | AllocationSent():
                _feed(fund, fact)
            case EntryPosted():
                self._post(fund, fact)
            case Reserved() | RefusedShort() | Voided():
                self._promise(fund, fact)
            case PaymentInstructed() | PaymentReceived() | PaymentReturned() | PaidWithoutHold():
                self._pay(fund, fact)

    def _post(self, fund: FundBook, fact: EntryPosted) -> None:
        debit, credit = sum(line.debit_fen for line in fact.lines), sum(line.credit_fen for line in fact.lines)
        month = fact.dated.replace(day=1)
        if debit != credit or fact.number != fund.vouchers[month] + 1:
            self.report("voucher", f"{fact.fund_id} {fact.number}: {debit} against {credit} fen")
        fund.vouchers[month] = fact.number
        fund.posted += sum(line.debit_fen - line.credit_fen for line in fact.lines if line.account in MONEY)
        if fund.posted != fund.came_in - fund.went_out - fund.spent:
            self.report("posted", f"{fact.fund_id}: {fund.posted} fen are posted")

    def _promise(self, fund: FundBook, fact: Promised) -> None:
        is_known = fact.hold_id in self.holds
        match fact:
            case Reserved():
                if is_known:
                    self.report("promised_twice", fact.hold_id)
                self.holds[fact.hold_id] = HoldBook(fund.division, fact.fund_id, fact.decided_by)
                fund.reserved += fact.amount_fen
            case RefusedShort():
                if is_known or fact.asked_fen <= fund.available:
                    self.report("refused_wrongly", f"{fact.hold_id}: {fact.asked_fen} of {fund.available} fen")
            case Voided():
                self._move(fact.hold_id, "live", "voided")
                fund.reserved -= fact.amount_fen

    def _pay(self, fund: FundBook, fact: Paid) -> None:
        match fact:
            case PaymentInstructed():
                if fact.payment_id in self.payments or fact.instructed_by == self.holds[fact.hold_id].decided_by:
                    self.report("instructed_wrongly", fact.payment_id)
                self.payments[fact.payment_id] = PaymentBook(fact.hold_id)
                self._move(fact.hold_id, "live", "instructed")
            case PaymentReceived():
                self.payments[fact.payment_id].standing = "received"
                self._move(fact.hold_id, "instructed", "received")
                fund.reserved -= fact.amount_fen
                fund.spent += fact.amount_fen
            case PaymentReturned():
                self.payments[fact.payment_id].standing = "returned"
                self._move(fact.hold_id, "received" if fact.was_received else "instructed", "live")
                back = fact.amount_fen if fact.was_received else 0
                fund.reserved += back
                fund.spent -= back

            case PaidWithoutHold():
                self.payments[fact.payment_id].standing = "suspended"
                fund.spent += sum(draw.amount_fen for draw in fact.draws)

    def _move(self, hold_id: str, before: str, after: str) -> None:
        hold = self.holds[hold_id]
        if hold.standing != before:
            self.report("hold_moved_wrongly", f"{hold_id}: {hold.standing} became {after}")
        hold.standing = after


def _feed(fund: FundBook, fact: Fed) -> None:
    match fact:
        case AppropriationReceived():
            fund.appropriated += fact.amount_fen
            fund.came_in += fact.amount_fen
        case AllocationReceived():
            fund.came_in += fact.amount_fen
        case AllocationSent():
            fund.went_out += fact.amount_fen
