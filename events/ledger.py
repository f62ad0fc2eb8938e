"""Ledger's story: a fund is opened and fed, amounts are held, paid, returned or let go; every move is posted."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from events.fact import Fact, Public, Sealed, Value
from events.words import Code, County, Fen, Id, PaymentNumber, PositiveFen, StaffId, Township

Source = Literal["central", "province", "city", "county", "donation", "carried_over"]
"""Where money comes from: 中央, 省, 市, 县, 捐赠, 上年结转."""

Method = Literal["bank_transfer", "cash"]
"""How a household is paid: 银行转账 or 现金."""


class FundOpened(Fact, name="ledger.fund_opened"):
    """A standby fund (备用金) of a county or one of its townships for one budget year, pre-allocated (预拨专账)."""

    fund_id: Id
    county: County
    township: Township | None
    year: int = Field(ge=2000, le=2100)


class AppropriationReceived(Fact, name="ledger.appropriation_received"):
    """A higher level's money has reached the county's fund (上级拨入)."""

    fund_id: Id
    appropriation_id: Id
    amount_fen: PositiveFen
    source: Source
    document: str = Field(max_length=80)


class AllocationSent(Fact, name="ledger.allocation_sent"):
    """The county passes money on to a township (拨付): a transfer, never expenditure."""

    fund_id: Id
    transfer_id: Id
    to_fund_id: Id
    amount_fen: PositiveFen
    source: Source
    document: str = Field(max_length=80)


class AllocationReceived(Fact, name="ledger.allocation_received"):
    """The other half of the same transfer, in the township's fund (拨入)."""

    fund_id: Id
    transfer_id: Id
    from_fund_id: Id
    amount_fen: PositiveFen
    source: Source
    document: str = Field(max_length=80)


class Reserved(Public, name="ledger.reserved"):
    """The amount is held for one decision (占用): nobody else can be promised it."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    amount_fen: PositiveFen
    decided_by: StaffId


class RefusedShort(Public, name="ledger.refused_short"):
    """The fund cannot hold the amount. Nothing moved; the request stays visible."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    asked_fen: PositiveFen
    available_fen: Fen
    shortfall_fen: PositiveFen


class PaymentInstructed(Public, name="ledger.payment_instructed"):
    """The cashier has told the bank, or counted out the cash (支付指令). From here only a result ends the hold."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    payment_id: Id
    amount_fen: PositiveFen
    method: Method
    payee_ref: Id
    instructed_by: StaffId
    payment_number: PaymentNumber | None = None
    """What the bank's statement will show; none for payments of before there were numbers."""


class PaymentReceived(Public, name="ledger.payment_received"):
    """The household, or its agent, has the money (支付到账): only now is it expenditure."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    payment_id: Id
    amount_fen: PositiveFen
    received_at: AwareDatetime
    evidence: str = Field(max_length=80)
    """The bank's receipt number, or the signed cash slip's."""


class PaymentReturned(Public, name="ledger.payment_returned"):
    """The bank sent the money back (退汇); the hold is live again, for a new payment number."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    payment_id: Id
    amount_fen: PositiveFen
    was_received: bool
    reason: Code


class Voided(Public, name="ledger.voided"):
    """The hold is let go (释放) before any payment was instructed."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    amount_fen: PositiveFen
    reason: Code


class Line(Value):
    """One line of an entry (分录): an account, and fen on one side of it."""

    account: str = Field(pattern=r"^[0-9]{3}$")
    debit_fen: Fen = 0
    credit_fen: Fen = 0


class EntryPosted(Fact, name="ledger.entry_posted"):
    """A balanced entry (记账凭证). ``number`` runs without a gap within the fund and the month of ``dated``."""

    fund_id: Id
    number: int = Field(ge=1)
    dated: date
    summary: str = Field(max_length=80)
    lines: tuple[Line, ...] = Field(min_length=2)
    case_id: Id | None = None
    about: Id | None = None
    """The appropriation, transfer or payment behind the entry."""


FundFact = (
    FundOpened
    | AppropriationReceived
    | AllocationSent
    | AllocationReceived
    | Reserved
    | RefusedShort
    | PaymentInstructed
    | PaymentReceived
    | PaymentReturned
    | Voided
    | EntryPosted
)


class PayeeRegistered(Fact, name="ledger.payee_registered"):
    """Who is to be paid for a case (领款人): the household or an agent (代领人), known to others by reference only."""

    payee_ref: Id
    case_id: Id
    relation: Code
    name: Sealed
    account: Sealed | None
    """A bank account; none for cash."""
    registered_by: StaffId


PayeeFact = PayeeRegistered
