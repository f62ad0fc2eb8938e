"""What callers send to ledger: closed bodies, bounded like the facts that they become."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from events.ledger import Method, Source
from events.words import Code, County, Id, PositiveFen, Township

SHARES_AT_MOST = 150
"""A document allocates to no more townships than one unit of work has room for."""

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest, pattern=_PRINTABLE)


Text = Annotated[str, _text(80)]
Year = Annotated[int, Field(ge=2000, le=2100)]


class Body(BaseModel):
    """A closed body."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def said(self) -> bytes:
        """The content in its one canonical spelling, by which a repetition is known."""
        return self.model_dump_json().encode()


class FundToOpen(Body):
    """A standby fund (备用金) of a county, or of one of its townships, for a budget year."""

    county: County
    township: Township | None = None
    year: Year

    @field_validator("township")
    @classmethod
    def _inside(cls, township: str | None, info: ValidationInfo) -> str | None:
        if township is not None:
            _must_be_inside(township, info)
        return township


class Appropriation(Body):
    """What a higher level has paid in (上级拨入) under a document, in fen."""

    amount_fen: PositiveFen
    source: Source
    document: Text


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
    name: Annotated[str, _text(60)] = Field(repr=False)
    account: Annotated[str, Field(pattern=r"^[0-9]{8,32}$")] | None = Field(default=None, repr=False)


class Instruction(Body):
    """How a hold is to be paid, and to whom."""

    method: Method
    payee_ref: Id


class Receipt(Body):
    """When the household had the money, and the number of the bank's receipt or the signed cash slip."""

    received_at: AwareDatetime = Field(ge=datetime(2000, 1, 1, tzinfo=UTC))
    evidence: Text


class Reason(Body):
    """Why a payment came back or a hold is let go, as a code."""

    reason: Code


def _must_be_inside(township: str, info: ValidationInfo) -> None:
    county = info.data.get("county")
    if county is not None and not township.startswith(county):
        raise PydanticCustomError("outside_county", "the township is not in the county")
