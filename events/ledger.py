"""Ledger's story: a fund is opened and fed, amounts are held, paid, returned or let go; every move is posted.

A month of a fund's books is adjusted, closed under a seal, and opened again only with a reason.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from events.fact import Fact, Public, Sealed, Value
from events.ledger_replenishing import ReplenishmentFact
from events.ledger_words import FileMark, Month, Text, VoucherRef, Word
from events.words import (
    Cause,
    Code,
    County,
    Fen,
    GoodsItem,
    Id,
    PaymentNumber,
    PositiveFen,
    Pseudonym,
    Sha256,
    StaffId,
    Township,
)

Source = Literal[
    "central",
    "province",
    "city",
    "county",
    "local_match",
    "relief_fund",
    "donation",
    "carried_over",
    "township_own",
]
"""Where money comes from: 中央, 省, 市, 县, 本级配套, 救急难基金, 捐赠, 上年结转, 乡镇自筹."""

Method = Literal["bank_transfer", "cash", "card"]
"""How a household is paid: 银行转账, 现金 or 一卡通."""

Mode = Literal["preallocated", "imprest", "quota"]
"""How a township has its money: 预拨专账 (A), 备用金报账制 (B) or 额度制 (C)."""


class Draw(Value):
    """Fen of one source (资金来源); the sources of a fund never mix."""

    source: Source
    amount_fen: PositiveFen


class FundTerms(Value):
    """What a county has laid down for a fund: policy, not code. Amounts in fen, hours natural.

    Where a county has laid down nothing, what stands here holds: nothing kept back, no own money, all sources in
    the order of ``draw_order``, an alert below 30 % of the quota.
    """

    mode: Mode = "preallocated"
    quota_fen: Fen = 0
    """The approved size (核定额度); without one there is no alert."""
    retained_fen: Fen = 0
    """What is never promised (最低留存)."""
    own_money_fen: Fen = 0
    """Up to how much the township may add of its own (垫付上限), inclusive."""
    own_money: Literal["borne", "repayable"] = "borne"
    """Whether the township bears it (自行承担) or is owed it (应归还)."""
    draw_order: tuple[Source, ...] = (
        "carried_over",
        "central",
        "province",
        "city",
        "county",
        "local_match",
        "relief_fund",
        "donation",
        "township_own",
    )
    """Which source is drawn first; what is not named is not drawn."""
    alert_permille: int = Field(default=300, ge=0, le=1000)
    """Below how many thousandths of the quota, exclusive, the balance is low."""
    hold_hours: int | None = Field(default=None, ge=1, le=24 * 366)
    """After how many hours a hold that is not being paid expires; none for never."""
    voucher_words: Literal["one", "three"] = "one"
    """All vouchers under 记, or under 收, 付 and 转."""
    at_year_end: Literal["carry_over", "hand_back"] = "carry_over"
    """Whether what is left goes into next year (结转) or back to the county (上缴)."""
    emergency_hours: int = Field(default=24, ge=1, le=24 * 31)
    """Within how many hours an emergency replenishment (紧急补充) is to be answered, from when it was asked for."""
    look_back_days: int = Field(default=90, ge=1, le=366)
    """Over how many days what was spent is taken as the measure of what will be."""
    look_ahead_days: int = Field(default=30, ge=1, le=366)
    """For how many days a replenishment is to last."""
    overdue_days: int | None = Field(default=None, ge=1, le=366)
    """How many days after its receipt a payment without papers is overdue; none for never."""
    overdue_at_most: int = Field(default=0, ge=0, le=10_000)
    """With how many overdue payments, inclusive, a township may still ask for more, an emergency excepted."""
    clause: str = Field(default="", max_length=200)


class FundOpened(Fact, name="ledger.fund_opened"):
    """A standby fund (备用金) of a county or one of its townships for one budget year."""

    fund_id: Id
    county: County
    township: Township | None
    year: int = Field(ge=2000, le=2100)
    terms: FundTerms = FundTerms()


class TermsSet(Fact, name="ledger.terms_set"):
    """The county has laid down other terms for the fund, from now on."""

    fund_id: Id
    terms: FundTerms
    document: Text


class QuotaSet(Fact, name="ledger.quota_set"):
    """How much of the county's fund a township may use (额度): mode C, where one lock holds quota and money."""

    fund_id: Id
    township: Township
    quota_fen: Fen
    document: Text


class AppropriationReceived(Fact, name="ledger.appropriation_received"):
    """A higher level's money has reached the county's fund (上级拨入)."""

    fund_id: Id
    appropriation_id: Id
    amount_fen: PositiveFen
    source: Source
    document: str = Field(max_length=80)


class AllocationSent(Fact, name="ledger.allocation_sent"):
    """Money is passed on to another fund (拨付, 调剂): a transfer that is in transit (在途), never expenditure."""

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


class AllocationArrived(Fact, name="ledger.allocation_arrived"):
    """What was in transit has reached the other fund (到账): the sender's books close the transfer."""

    fund_id: Id
    transfer_id: Id
    amount_fen: PositiveFen
    source: Source

    @property
    def arrival_id(self) -> str:
        """What its voucher is about, apart from the voucher of the sending."""
        return f"{self.transfer_id}:arrived"[-64:]


class AllocationReturned(Fact, name="ledger.allocation_returned"):
    """What was in transit never reached the other fund and has come back (拨款退回), into the source it came from."""

    fund_id: Id
    transfer_id: Id
    amount_fen: PositiveFen
    source: Source
    reason: Code

    @property
    def return_id(self) -> str:
        """What its voucher is about, apart from the voucher of the sending."""
        return f"{self.transfer_id}:returned"[-64:]


class OwnMoneyAdded(Fact, name="ledger.own_money_added"):
    """The township adds its own money (乡镇垫付) for a hold that the fund is short of: an inflow."""

    fund_id: Id
    hold_id: Id
    amount_fen: PositiveFen
    bearing: Literal["borne", "repayable"]


class Reserved(Public, name="ledger.reserved"):
    """The amount is held for one decision (占用): nobody else can be promised it."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    amount_fen: PositiveFen
    decided_by: StaffId
    draws: tuple[Draw, ...] = Field(min_length=1)
    """From which sources, in the order of the terms at that time."""
    township: Township | None = None
    """Whose quota of the county's fund is used: mode C."""
    expires_at: AwareDatetime | None = None
    """From when it is let go unless it is being paid."""
    waits: bool = False
    """An instalment: it is not paid before relief has released it (发放)."""
    case_township: Township | None = None
    """Whose household it is, whatever fund pays."""
    cause: Cause | None = None
    """What struck the household (救助事由), where the decision says so."""
    signers: tuple[StaffId, ...] = ()
    """All who signed for it, where it was a chain of them (审批链): none of them pays it."""


class HoldReleased(Fact, name="ledger.hold_released"):
    """Relief has seen that the hardship goes on: a hold that waited for that may be paid (同意发放)."""

    fund_id: Id
    hold_id: Id


class Committed(Public, name="ledger.committed"):
    """An instalment of a later budget year (后续年度): promised, and held only when that year's fund has money."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    amount_fen: PositiveFen
    decided_by: StaffId
    township: Township | None = None
    """Whose household it is; its quota is used in mode C."""
    until: AwareDatetime | None = None
    """Until when it is held, once it is."""
    waits: bool = False
    """Whether it is not paid before its release."""
    signers: tuple[StaffId, ...] = ()


class RefusedShort(Public, name="ledger.refused_short"):
    """The fund cannot hold the amount. Nothing moved; the request stays visible."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    asked_fen: PositiveFen
    available_fen: Fen
    shortfall_fen: PositiveFen
    decided_by: StaffId
    waits: bool = False
    """Whether it would have waited for its release."""
    township: Township | None = None
    """Whose household it is; its quota would have been used in mode C."""
    until: AwareDatetime | None = None
    """Until when it would have been held."""
    cause: Cause | None = None
    signers: tuple[StaffId, ...] = ()


class ShortLetGo(Fact, name="ledger.short_let_go"):
    """Relief does not want any more what the fund was short of: nobody can ask for it again."""

    fund_id: Id
    hold_id: Id
    reason: Code


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
    from_suspense: bool = False
    """The bank had paid it without a hold, and it is known by now that it was help: the fund gave it then."""
    attachments: int | None = Field(default=None, ge=0, le=999)
    """How many papers hang on its voucher (附件张数), where that was said."""


class PaymentReturned(Public, name="ledger.payment_returned"):
    """The bank sent the money back (退汇); the hold is live again, for a new payment number."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    payment_id: Id
    amount_fen: PositiveFen
    was_received: bool
    reason: Code
    revives: bool = True
    """Not where the bank had paid without the hold: that money comes back free."""
    draws: tuple[Draw, ...] = ()
    """The sources into which money comes back that the hold did not give."""


class Voided(Public, name="ledger.voided"):
    """The hold is let go (释放) before any payment was instructed."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    amount_fen: PositiveFen
    reason: Code


class RemainderReleased(Public, name="ledger.remainder_released"):
    """Less was paid than was held (部分支付): the rest can be promised again."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    amount_fen: PositiveFen
    draws: tuple[Draw, ...] = Field(min_length=1)
    ends: bool = False
    """Nothing is left to pay: the household has been paid without the hold."""


class CashHandedOver(Fact, name="ledger.cash_handed_over"):
    """The slip of a cash payment bears two signatures (领款人或代领人与经办人共同签字)."""

    fund_id: Id
    payment_id: Id
    payee_ref: Id
    """Who signed for the money, as registered: the household or its agent with the relation to it."""
    handed_by: StaffId


class PaidWithoutHold(Public, name="ledger.paid_without_hold"):
    """The bank has paid what was no longer held (待查): the money is kept in suspense, never lost from sight."""

    fund_id: Id
    hold_id: Id
    case_id: Id
    payment_id: Id
    amount_fen: PositiveFen
    draws: tuple[Draw, ...] = ()
    """What the fund could still give."""
    uncovered_fen: Fen
    """What it could not: other money of the shared account, owed to the township."""
    received_at: AwareDatetime
    evidence: Text


class RecoveryOrdered(Public, name="ledger.recovery_ordered"):
    """Money that a household must give back (追回): owed to the fund, not in it."""

    fund_id: Id
    recovery_id: Id
    case_id: Id
    payment_id: Id
    amount_fen: PositiveFen


class RecoveryReceived(Public, name="ledger.recovery_received"):
    """Money has come back from a household (追回入账), into the sources that paid it, last drawn first."""

    fund_id: Id
    recovery_id: Id
    receipt_id: Id
    case_id: Id
    amount_fen: PositiveFen
    draws: tuple[Draw, ...] = Field(min_length=1)


class RecoveryDeclined(Public, name="ledger.recovery_declined"):
    """What relief ordered back cannot be claimed (不能追回): the payment came back itself, or the township bears it."""

    fund_id: Id
    recovery_id: Id
    case_id: Id
    payment_id: Id
    amount_fen: PositiveFen
    reason: Code


class RecoveryEnded(Fact, name="ledger.recovery_ended"):
    """A claim ends without money (免予追回、抵扣), as relief has decided, as far as it was still open."""

    fund_id: Id
    recovery_id: Id
    settlement_id: Id
    case_id: Id
    how: Literal["waived", "offset"]
    amount_fen: PositiveFen
    draws: tuple[Draw, ...] = Field(min_length=1)


class PapersMarked(Fact, name="ledger.papers_marked"):
    """What became of an advance's papers (核销): filed, admitted or rejected by the county, borne by the town."""

    fund_id: Id
    payment_id: Id
    case_id: Id
    amount_fen: PositiveFen
    standing: Literal["filed", "admitted", "rejected", "borne"]


class GoodsIssued(Fact, name="ledger.goods_issued"):
    """Goods have been handed to a household (实物发放), at what they cost: expenditure."""

    fund_id: Id
    handover_id: Id
    batch_id: Id
    case_id: Id
    quantity: int = Field(ge=1)
    draws: tuple[Draw, ...] = Field(min_length=1)


class CashMoved(Value):
    """Cash fetched from the bank (提取现金), or brought back to it (交存现金)."""

    kind: Literal["cash_moved"] = "cash_moved"
    direction: Literal["withdrawn", "deposited"]
    amount_fen: PositiveFen


class InterestPaid(Value):
    """The bank has paid interest (利息), which belongs to a source."""

    kind: Literal["interest_paid"] = "interest_paid"
    amount_fen: PositiveFen
    source: Source


class Correction(Value):
    """An opening, an appropriation or interest was entered wrongly: its voucher is reversed in red (红字冲销)."""

    kind: Literal["correction"] = "correction"
    about: Id


class OwnMoneyRepaid(Value):
    """The fund pays back to the township what it had added (垫付归还)."""

    kind: Literal["own_money_repaid"] = "own_money_repaid"
    amount_fen: PositiveFen
    source: Source


class RecoveryWaived(Value):
    """What is still owed of a payment that was in suspense is written off (核销追回); of a case, relief waives it."""

    kind: Literal["recovery_waived"] = "recovery_waived"
    recovery_id: Id


class SuspenseCleared(Value):
    """It is known what a payment without a hold was: help after all, money that came back, or money to recover."""

    kind: Literal["suspense_cleared"] = "suspense_cleared"
    payment_id: Id
    outcome: Literal["spent", "came_back", "to_recover"]


class GoodsBought(Value):
    """Goods are bought for the stock (采购物资): another asset, not yet expenditure."""

    kind: Literal["goods_bought"] = "goods_bought"
    item: GoodsItem
    quantity: int = Field(ge=1)
    cost_fen: PositiveFen
    contract: str | None = Field(default=None, pattern=r"^[A-Za-z0-9〔〕号第._-]{1,60}$")
    """The document of the procurement (政府采购): its contract, or its number in the plan."""
    emergency_case: Id | None = None
    """The case whose emergency did not let a procurement be waited for (紧急情况除外)."""


class PurchaseReversed(Value):
    """A purchase was entered wrongly: its voucher is reversed in red (红字冲销), as far as it is still in stock."""

    kind: Literal["purchase_reversed"] = "purchase_reversed"
    about: Id
    """The act by which the goods were bought."""


Act = Annotated[
    CashMoved
    | InterestPaid
    | Correction
    | OwnMoneyRepaid
    | RecoveryWaived
    | SuspenseCleared
    | GoodsBought
    | PurchaseReversed,
    Field(discriminator="kind"),
]
"""What an officer does to the books by hand: one proposes it, another approves it."""


class ActProposed(Fact, name="ledger.act_proposed"):
    """An officer proposes an act by hand (制单): nothing has moved."""

    fund_id: Id
    act_id: Id
    act: Act
    document: Text
    proposed_by: StaffId


class ActApproved(Fact, name="ledger.act_approved"):
    """Another officer approves it (复核): now it takes effect."""

    fund_id: Id
    act_id: Id
    act: Act
    draws: tuple[Draw, ...] = ()
    """The sources that it takes from or gives to; none where money only changes its place."""
    approved_by: StaffId


class ActDeclined(Fact, name="ledger.act_declined"):
    """Another officer, or its own proposer, sets it aside."""

    fund_id: Id
    act_id: Id
    reason: Code
    declined_by: StaffId


class LowBalanceAlerted(Fact, name="ledger.low_balance_alerted"):
    """What can be promised has fallen below the alert line (余额预警); said once per crossing."""

    fund_id: Id
    available_fen: Fen
    line_fen: PositiveFen


class BalanceRestored(Fact, name="ledger.balance_restored"):
    """What can be promised is at the alert line again, or above."""

    fund_id: Id
    available_fen: Fen
    line_fen: Fen


class YearClosed(Fact, name="ledger.year_closed"):
    """The budget year is over (年终): nothing is held, and what was left has been passed on or handed back."""

    fund_id: Id
    how: Literal["carry_over", "hand_back"]
    left: tuple[Draw, ...]
    round: int = Field(ge=1)
    """More than one where a payment came back after the close."""
    owed_fen: Fen = 0
    """What the township may still have back (应归还): next year's fund owes it."""

    @property
    def carried(self) -> tuple[Draw, ...]:
        """What next year's fund takes over of the money; nothing of what was handed back."""
        return self.left if self.how == "carry_over" else ()


class CarriedIn(Fact, name="ledger.carried_in"):
    """What last year's fund had left (上年结转), and what it owed to the township, is in this year's."""

    fund_id: Id
    from_fund_id: Id
    round: int = Field(ge=1)
    draws: tuple[Draw, ...]
    owed_fen: Fen = 0


class OpeningEntered(Fact, name="ledger.opening_entered"):
    """What a fund had when its books began here (期初余额), as the county's form says."""

    fund_id: Id
    draws: tuple[Draw, ...] = Field(min_length=1)
    sha256: Sha256
    """Of the form: the same again changes nothing."""
    file: FileMark
    cash_fen: Fen = 0
    """What of it lies in the cash box (库存现金); the rest is in the bank."""


class Balance(Value):
    """Fen of one source at a month's end; below zero where money was booked later than it was spent."""

    source: Source
    balance_fen: int = Field(strict=True, ge=-(10**15), le=10**15)


class Seal(Value):
    """What a closed month is sealed with (封存): it names the log up to here, the balances and the printed tables."""

    position: int = Field(ge=0)
    head: Sha256
    """The chain's hash at that position."""
    vouchers: int = Field(ge=0)
    balances: tuple[Balance, ...]
    """The book balance per source."""
    tables: Sha256
    """SHA-256 over the published tables."""
    reconciliation: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 over the month's forms 银行存款余额调节表; seals of the first months have none."""
    key_id: str = Field(max_length=64)
    signature: str = Field(max_length=128)
    """Ed25519, in base64."""


class PeriodAdjusting(Fact, name="ledger.period_adjusting"):
    """A month takes only adjustments from now on (结账调整); what comes late goes to the next open month."""

    fund_id: Id
    month: Month


class VouchersChecked(Fact, name="ledger.vouchers_checked"):
    """Somebody who made none of them has checked a month's vouchers (复核)."""

    fund_id: Id
    month: Month
    vouchers: int = Field(ge=0)
    """How many there were."""
    checked_by: StaffId


class PeriodClosed(Fact, name="ledger.period_closed"):
    """A month is closed (结账) under a seal: nothing enters it any more."""

    fund_id: Id
    month: Month
    seal: Seal
    closed_by: StaffId
    quiet_accounts: tuple[Id, ...] = ()
    """Bank accounts on which, as ``closed_by`` states, nothing moved after their last statement in the month."""


class PeriodReopened(Fact, name="ledger.period_reopened"):
    """A closed month is open for adjustments again (反结账). Its seal stays; it will be closed with another."""

    fund_id: Id
    month: Month
    reason: Code
    reopened_by: StaffId


class Line(Value):
    """One line of an entry (分录): an account, and fen of one source on one side of it."""

    account: str = Field(pattern=r"^[0-9]{3}$")
    debit_fen: Fen = 0
    credit_fen: Fen = 0
    source: Source | None = None
    functional: str | None = Field(default=None, pattern=r"^[0-9]{7}$")
    """支出功能分类; only where fiscal money is spent."""
    economic: str | None = Field(default=None, pattern=r"^[0-9]{5}$")
    """政府预算支出经济分类; only where fiscal money is spent."""


class EntryPosted(Fact, name="ledger.entry_posted"):
    """A balanced entry (记账凭证). ``number`` runs without a gap in a fund, a month and a word."""

    fund_id: Id
    number: int = Field(ge=1)
    dated: date
    summary: Text
    lines: tuple[Line, ...] = Field(min_length=2)
    case_id: Id | None = None
    about: Id | None = None
    """The appropriation, transfer, payment or act behind the entry."""
    word: Word = "记"
    happened_on: date | None = None
    """The day on which it happened, where that lies in a month that was closed by then (以前期间)."""
    reverses: VoucherRef | None = None
    """The voucher that is taken back in red (红字冲销)."""
    towards: Id | None = None
    """Where the money went or came from (去向): a payee's reference or a fund."""
    basis: Text = ""
    """The document, decision or receipt that it rests on (依据)."""
    made_by: StaffId | None = None
    """Who handled it (经办人, 制单)."""
    signed_by: StaffId | None = None
    """Who signed for it (签批人)."""


FundFact = (
    FundOpened
    | TermsSet
    | QuotaSet
    | AppropriationReceived
    | AllocationSent
    | AllocationReceived
    | AllocationArrived
    | AllocationReturned
    | OwnMoneyAdded
    | Reserved
    | Committed
    | RefusedShort
    | ShortLetGo
    | HoldReleased
    | PaymentInstructed
    | PaymentReceived
    | PaymentReturned
    | Voided
    | RemainderReleased
    | CashHandedOver
    | PaidWithoutHold
    | RecoveryOrdered
    | RecoveryReceived
    | RecoveryDeclined
    | RecoveryEnded
    | PapersMarked
    | GoodsIssued
    | ActProposed
    | ActApproved
    | ActDeclined
    | LowBalanceAlerted
    | BalanceRestored
    | YearClosed
    | CarriedIn
    | OpeningEntered
    | PeriodAdjusting
    | VouchersChecked
    | PeriodClosed
    | PeriodReopened
    | ReplenishmentFact
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
    name_digest: Pseudonym | None = None
    account_digest: Pseudonym | None = None
    """By which a bank's statement is known to speak of the same payee."""


PayeeFact = PayeeRegistered
