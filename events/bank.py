"""The bank's side of ledger's story: batches go out, statements come in, match the books, or somebody must explain."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from events.fact import Fact, Sealed, Value
from events.ledger_words import FileMark
from events.words import Code, County, Id, PaymentNumber, PositiveFen, Pseudonym, Sha256, StaffId, Township

SignedFen = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
"""Fen that came in (positive) or went out, or a balance."""

LineId = Annotated[str, Field(pattern=r"^[0-9]{8}\.-?[0-9]{1,16}\.-?[0-9]{1,16}\.[0-9]{1,6}$")]
"""A line of a statement by what it says: day, fen, balance, and which of such lines it is, so that N stay N."""

LegId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,80}$")]
"""One side of a payment in the books: its id and ``paid`` or ``returned``."""

Rule = Literal["number", "serial", "batch", "party", "returned", "reversal", "manual"]
"""Why something matches: 支付编号, 银行流水, 代发批次, 户名账号, 退汇, 冲正, 人工."""

Doubt = Literal[
    "bank_only",
    "book_only",
    "amount_diff",
    "duplicate_suspect",
    "wrong_payee",
    "batch_short",
    "returned",
    "late_payment",
    "unknown_credit",
]
"""What is odd: 银行已收付我未记, 我已付银行未记, 金额不符, 疑似重复, 收款人不符, 批次不平, 退汇, 逾期付款, 不明来款."""

Treatment = Literal["other_business", "explained", "match"]
"""What a maker proposes: 其他业务, 未达账项, 人工勾对."""


class BankAccountRegistered(Fact, name="ledger.bank_account_registered"):
    """The account in which a county's or township's fund lies (开户账号); often other business shares it."""

    account_id: Id
    place: County | Township
    bank: Code
    number: Sealed
    other_fen: SignedFen
    """What of the balance before the first statement is not the fund's."""
    registered_by: StaffId
    number_digest: Pseudonym | None = None
    """Tells two numbers apart whose last four digits, which alone the id bears, are the same."""


class LayoutSaved(Fact, name="ledger.layout_saved"):
    """A person has said what the headings of an unknown statement mean (对照关系)."""

    layout_id: Id
    document: str = Field(max_length=4_000)
    """The layout as JSON: headings, never content."""
    saved_by: StaffId


class StatementImported(Fact, name="ledger.statement_imported"):
    """A statement has passed the gate (对账单导入): its balances hold, and it goes on where the last one ended."""

    account_id: Id
    statement_id: Id
    file: FileMark
    sha256: Sha256
    layout: Id
    opening_fen: SignedFen
    closing_fen: SignedFen
    first_day: date
    last_day: date
    lines: int = Field(ge=1)
    imported_by: StaffId


class BankLine(Value):
    """A line of a statement, as far as it names nobody; names and texts are compared as pseudonyms."""

    line_id: LineId
    row: int = Field(ge=1)
    booked_at: AwareDatetime | None
    amount_fen: SignedFen
    balance_fen: SignedFen
    serial: str = Field(pattern=r"^[A-Za-z0-9._:/-]{0,40}$")
    numbers: tuple[PaymentNumber, ...]
    """Our numbers that stand in its texts."""
    name: Pseudonym | None
    account: Pseudonym | None
    kind: Code | None
    """What its texts say that it is: ``interest``, ``fee``, ``fiscal``, ``returned``, ``reversal``."""


class StatementLinesRead(Fact, name="ledger.statement_lines_read"):
    """Some lines of a statement, oldest first, and sealed what they say of people."""

    account_id: Id
    statement_id: Id
    lines: tuple[BankLine, ...] = Field(min_length=1)
    told: tuple[Sealed, ...] | Sealed
    """An envelope for each line, in the same order: a payee's can be erased alone. At first there was one for all."""


class LineMatched(Fact, name="ledger.line_matched"):
    """Lines of the bank and payments of the books are the same money (勾对), and why."""

    account_id: Id
    match_id: Id
    lines: tuple[LineId, ...] = Field(min_length=1)
    legs: tuple[LegId, ...]
    rule: Rule
    evidence: tuple[Code, ...]
    """The fields that were compared and are equal."""
    amount_fen: SignedFen
    proposed_by: StaffId | None = None
    """Who made it by hand; the actor checked it."""

    def takes(self) -> tuple[str, ...]:
        """A payment's leg is matched once, whatever account its line is in."""
        return tuple(f"leg:{leg}" for leg in self.legs)


class LineUnmatched(Fact, name="ledger.line_unmatched"):
    """A match is taken back (取消勾对)."""

    account_id: Id
    match_id: Id
    lines: tuple[LineId, ...]
    legs: tuple[LegId, ...]
    reason: Code

    def releases(self) -> tuple[str, ...]:
        """Its legs can be matched again."""
        return tuple(f"leg:{leg}" for leg in self.legs)


class ExceptionOpened(Fact, name="ledger.exception_opened"):
    """Something does not match, and somebody must say what it is (对账差异)."""

    account_id: Id
    exception_id: LegId
    """The line or the leg that it is about."""
    kind: Doubt
    amount_fen: SignedFen
    since: date
    """The day of the line, or of the payment."""


class ExceptionAssigned(Fact, name="ledger.exception_assigned"):
    """An exception has an owner."""

    account_id: Id
    exception_id: LegId
    owner: StaffId


Level = Literal["warned", "county"]
"""How far an exception has gone that nobody has settled in time: 提醒本单位, 上报县级."""


class ExceptionEscalated(Fact, name="ledger.exception_escalated"):
    """An exception is past its date (逾期升级): somebody above must look at it."""

    account_id: Id
    exception_id: LegId
    level: Level
    age_days: int = Field(ge=0)
    """Days from the line or the payment to the day on which it was escalated."""


class TreatmentProposed(Fact, name="ledger.treatment_proposed"):
    """A maker says what an exception is (经办意见)."""

    account_id: Id
    exception_id: LegId
    treatment: Treatment
    lines: tuple[LineId, ...] = ()
    """Other lines that are the same money, where a payment was made in several."""
    legs: tuple[LegId, ...] = ()
    reason: Code
    clears_by: date | None = None
    """By when the other side should show what is explained."""
    proposed_by: StaffId


class TreatmentApproved(Fact, name="ledger.treatment_approved"):
    """A checker, another person, agrees (复核)."""

    account_id: Id
    exception_id: LegId
    treatment: Treatment
    approved_by: StaffId


class TreatmentRejected(Fact, name="ledger.treatment_rejected"):
    """A checker does not agree: the exception is open again."""

    account_id: Id
    exception_id: LegId
    reason: Code


AccountFact = (
    BankAccountRegistered
    | StatementImported
    | StatementLinesRead
    | LineMatched
    | LineUnmatched
    | ExceptionOpened
    | ExceptionAssigned
    | ExceptionEscalated
    | TreatmentProposed
    | TreatmentApproved
    | TreatmentRejected
)

LayoutFact = LayoutSaved


class BatchItem(Value):
    """One payment of a batch, in fen."""

    payment_id: Id
    payment_number: PaymentNumber
    amount_fen: PositiveFen


class BatchDrawn(Fact, name="ledger.batch_drawn"):
    """Payments go to the bank in one file (代发); a payment is in one batch for ever."""

    batch_id: Id
    fund_id: Id
    batch_number: PaymentNumber
    template: Id
    items: tuple[BatchItem, ...] = Field(min_length=1)
    drawn_by: StaffId

    def takes(self) -> tuple[str, ...]:
        """A payment that is sent again bears a new number, and is another payment."""
        return tuple(f"batched:{item.payment_id}" for item in self.items)


class BatchExported(Fact, name="ledger.batch_exported"):
    """Names and accounts have left the house: somebody has been given the batch as the bank's file (导出代发文件)."""

    batch_id: Id
    payments: tuple[Id, ...] = Field(min_length=1)
    """Those that were under way still, and stand in the file."""
    sha256: Sha256
    """Of the file; the file itself is kept nowhere."""
    exported_by: StaffId

    def takes(self) -> tuple[str, ...]:
        """Who has had a payment in a file is known by that wherever its receipt is judged."""
        return tuple(f"exported:{payment}:{self.exported_by}" for payment in self.payments)


class ItemResult(Value):
    """What the bank says became of one payment."""

    payment_id: Id
    succeeded: bool
    serial: str = Field(pattern=r"^[A-Za-z0-9._:/-]{0,40}$")


class BatchAnswered(Fact, name="ledger.batch_answered"):
    """The bank's result file (回盘) explodes the batch: each payment has arrived, or has failed."""

    batch_id: Id
    sha256: Sha256
    results: tuple[ItemResult, ...] = Field(min_length=1)
    reasons: Sealed
    """The bank's words for each failure, which may name people."""
    imported_by: StaffId


BatchFact = BatchDrawn | BatchExported | BatchAnswered
