"""What callers send to ledger: closed bodies, bounded like the facts that they become."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from events.ledger import Act, FundTerms, Method, Source
from events.words import Code, County, Fen, Id, PositiveFen, StaffId, Township
from services.chassis.pseudonyms import is_blank
from services.chassis.routing import Body
from services.ledger.files.batch import is_writable

SHARES_AT_MOST = 150
"""A document allocates to no more townships than one unit of work has room for."""

FUND_ID = r"^[0-9]{6}([0-9]{3})?-[0-9]{4}$"
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest, pattern=_PRINTABLE)


def _can_be_seen(text: str) -> str:
    if is_blank(text):
        raise PydanticCustomError("blank", "blank")
    return text


Year = Annotated[int, Field(ge=2000, le=2100)]

_NUMBER = (
    r"^[0-9A-Za-z样例第号年月日现金银行电子农商信用社邮储工中回单据收签凭证对账盘批次流水付款支票编"
    r"〔〕()()【】 ./_:#-]+$"
)
"""What the number of a receipt is made of: signs of numbering, and no sentence about anybody."""
_PERSONAL = re.compile(
    r"(?<![0-9])(1[3-9][0-9]{9}|[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{3}[0-9Xx])(?![0-9])"
)
"""A mobile's number, or an ID number."""


def _names_nobody(text: str) -> str:
    if _PERSONAL.search(text):
        raise PydanticCustomError("personal_data", "a mobile's or an ID number does not belong here")
    return text


Text = Annotated[str, _text(80), AfterValidator(_can_be_seen), AfterValidator(_names_nobody)]
"""A document, an opinion: what stays for ever, so that it tells of no person by number."""


def _no_formula(name: str) -> str:
    if not is_writable(name):
        raise PydanticCustomError("name_unwritable", "a name that begins like a formula stands in no bank's file")
    return name


Evidence = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=_NUMBER),
    AfterValidator(_names_nobody),
]
"""The number of a receipt or slip. It travels and stays for ever, so that it may not tell of a person."""


Happened = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC))]
"""When something happened, with its offset. That it is not ahead is asked of the clock, and told so."""


class FundToOpen(Body):
    """A standby fund (备用金) of a county, or of one of its townships, for a budget year."""

    county: County
    township: Township | None = None
    year: Year
    terms: FundTerms = FundTerms()

    @field_validator("county")
    @classmethod
    def _somewhere(cls, county: str) -> str:
        if county.startswith("0"):
            raise PydanticCustomError("no_such_county", "no code of a division begins with nought")
        return county

    @field_validator("township")
    @classmethod
    def _inside(cls, township: str | None, info: ValidationInfo) -> str | None:
        if township is not None:
            _must_be_inside(township, info)
        return township


class Terms(Body):
    """What the county lays down for a fund from now on (管理参数), under a document."""

    terms: FundTerms
    document: Text


class Quota(Body):
    """How much of the county's fund a township may use (额度), in fen."""

    township: Township
    quota_fen: Fen
    document: Text


class Appropriation(Body):
    """What a higher level has paid in (上级拨入) under a document, in fen."""

    amount_fen: PositiveFen
    source: Source
    document: Text
    occurred_at: Happened | None = None
    """When the bank booked it; without it now. The voucher bears its day."""


class Share(Body):
    """One township's part of an allocation, in fen."""

    township: Township
    amount_fen: PositiveFen


class Allocation(Body):
    """A document (拨款文件) by which a county passes money on to its townships, wholly or not at all.

    Without a ``year`` it is the budget year (预算年度) of the day on which it is posted.
    """

    county: County
    document: Text
    year: Year | None = None
    source: Source = "county"
    in_transit: bool = False
    """Whether the money is on its way still; it is taken in when it has arrived."""
    occurred_at: Happened | None = None
    """When it was passed on; without it now. The vouchers bear its day."""
    allocations: tuple[Share, ...] = Field(min_length=1, max_length=SHARES_AT_MOST)

    @field_validator("allocations")
    @classmethod
    def _one_each(cls, shares: tuple[Share, ...], info: ValidationInfo) -> tuple[Share, ...]:
        for share in shares:
            _must_be_inside(share.township, info)
        if len({share.township for share in shares}) < len(shares):
            raise PydanticCustomError("township_twice", "a township stands in the document twice")
        return shares


class PayeeToRegister(Body):
    """Who is to be paid for a case (领款人); ``place`` is the county or township that handles it."""

    place: County | Township
    case_id: Id
    relation: Code
    name: Annotated[str, _text(60), AfterValidator(_can_be_seen), AfterValidator(_no_formula)] = Field(repr=False)
    account: Annotated[str, Field(pattern=r"^[0-9]{8,32}$")] | None = Field(default=None, repr=False)


class Instruction(Body):
    """How a hold is to be paid, and to whom."""

    method: Method
    payee_ref: Id
    occurred_at: Happened | None = None
    """When the bank was told or the cash counted out, where that is written down later; none for now."""


class Receipt(Body):
    """When the household had the money, and the number of the bank's receipt or the signed cash slip."""

    received_at: Happened
    evidence: Evidence
    amount_fen: PositiveFen | None = None
    """What the household got, where that is less than was held."""
    signed_by: Id | None = None
    """Who signed the cash slip for the money: the registered payee or agent (领款人, 代领人)."""
    handed_by: StaffId | None = None
    """Who handed it over and signed beside (经办人)."""
    attachments: int | None = Field(default=None, ge=0, le=999)
    """How many papers hang on the voucher (附件张数)."""


class Reason(Body):
    """Why a payment came back or a hold is let go, as a code."""

    reason: Code


class Passing(Body):
    """One fund passes money on to another of the county (调剂), in fen; it is in transit until taken in."""

    to_fund_id: Annotated[str, Field(pattern=FUND_ID)]
    amount_fen: PositiveFen
    source: Source
    document: Text


class GivenBack(Body):
    """What a household has given back, in fen."""

    amount_fen: PositiveFen
    occurred_at: Happened | None = None
    """When the bank booked it; without it now. The voucher bears its day."""


class Papers(Body):
    """What became of a payment's papers (核销)."""

    standing: Literal["filed", "admitted", "rejected", "borne"]


class Handover(Body):
    """Goods out of a batch for a case."""

    batch_id: Id
    case_id: Id
    quantity: Annotated[int, Field(ge=1, le=100_000)]
    occurred_at: Happened | None = None
    """When the household had them; without it now. The voucher bears its day."""


class ActToPropose(Body):
    """An act by hand, and the document that it rests on."""

    act: Act
    document: Text


class CarryOver(Body):
    """The fund of last year whose money comes over."""

    from_fund_id: Annotated[str, Field(pattern=FUND_ID)]


class AskedAmount(Body):
    """How much more a fund asks for, in fen; without it what the books come to."""

    amount_fen: PositiveFen | None = None


class Signature(Body):
    """A desk agrees to a request (签批), to the whole or to the amount given."""

    amount_fen: PositiveFen | None = None
    opinion: Text | Literal[""] = ""
    document: Text | Literal[""] = ""
    """批复文号: of the county's finance desk."""


class MonthOver(Body):
    """A month may be closed; ``quiet_accounts`` are those on which nothing moved after their last statement."""

    quiet_accounts: tuple[Id, ...] = Field(default=(), max_length=20)


class Nothing(Body):
    """A command that needs no words."""


def _must_be_inside(township: str, info: ValidationInfo) -> None:
    county = info.data.get("county")
    if county is not None and not township.startswith(county):
        raise PydanticCustomError("outside_county", "the township is not in the county")
