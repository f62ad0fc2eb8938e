"""Vouchers (记账凭证): the numbered, dated postings of a fund, 1 to n in each month without a gap."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from events.ledger import (
    AllocationReceived,
    AllocationSent,
    AppropriationReceived,
    EntryPosted,
    PaymentReceived,
    PaymentReturned,
)
from services.ledger.posting import Entry

MoveFact = AppropriationReceived | AllocationSent | AllocationReceived
MoneyFact = MoveFact | PaymentReceived | PaymentReturned

_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Vouchers:
    """A fund's series of voucher numbers: the last one by the first day of its month."""

    last: Mapping[date, int] = field(default_factory=dict[date, int])

    def post(self, fact: MoneyFact, entry: Entry, moment: datetime) -> EntryPosted:
        """The voucher of a fact that moved money, dated by the moment's day in Asia/Shanghai."""
        dated = moment.astimezone(_SHANGHAI).date()
        return EntryPosted(
            fund_id=fact.fund_id,
            number=self.last.get(_month(dated), 0) + 1,
            dated=dated,
            summary=entry.summary,
            lines=entry.lines,
            case_id=fact.case_id if isinstance(fact, PaymentReceived | PaymentReturned) else None,
            about=id_of(fact),
        )

    def after(self, posted: EntryPosted) -> "Vouchers":
        """The series once this voucher stands in it."""
        return Vouchers({**self.last, _month(posted.dated): posted.number})


def id_of(fact: MoneyFact) -> str:
    """The appropriation, transfer or payment that a fact is about."""
    match fact:
        case AppropriationReceived():
            return fact.appropriation_id
        case AllocationSent() | AllocationReceived():
            return fact.transfer_id
        case PaymentReceived() | PaymentReturned():
            return fact.payment_id


def _month(dated: date) -> date:
    return dated.replace(day=1)
