"""What is matched (对账): lines of the bank, the two legs of payments in the books, and what the rules come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from events.bank import Doubt, Rule
from events.ledger import Source


class EscalationTerms(BaseModel):
    """After how many natural days a difference that nobody has settled goes on to somebody above."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    warn_days: int = Field(default=30, ge=1, le=400)
    """When its place is warned."""
    county_days: int = Field(default=90, ge=1, le=400)
    """When it is the county's."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.county_days < self.warn_days:
            raise ValueError("a place is warned before the county is told")
        return self


class MatchRules(BaseModel):
    """What a county lets the machine do: policy, not code. Days are natural and inclusive."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    numbered_days: int = Field(default=60, ge=0, le=400)
    """How long after its instruction a payment with our number may show."""
    party_days: int = Field(default=10, ge=0, le=60)
    """How long after its instruction a payment that only its payee names may show."""
    return_days: int = Field(default=15, ge=0, le=60)
    """How long after a payment its money may come back."""
    party_matches: bool = True
    """Whether name or account, amount and days match by themselves, or are only suggested."""
    subset_items: int = Field(default=12, ge=2, le=16)
    """Up to how many payments of a day are tried as the parts of one line, and lines as those of one payment."""
    interest_source: Source = "county"
    """Of which source interest is, where it is drafted."""
    payers: Mapping[str, Source] = Field(default_factory=dict[str, Source])
    """The accounts from which finance pays into the fund, and of which source their money is."""
    escalation: EscalationTerms = EscalationTerms()
    """When what nobody has settled goes on to somebody above."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bank that is not matched yet; ``amount_fen`` is positive for money that came in."""

    line_id: str
    day: date
    amount_fen: int
    numbers: tuple[str, ...] = ()
    serial: str = ""
    name: str | None = None
    account: str | None = None
    kind: str | None = None


Way = Literal["paid", "returned"]


@dataclass(frozen=True, slots=True)
class Leg:
    """A payment going out, or coming back. ``matched_on`` is the day of the line that it is matched with."""

    payment_id: str
    way: Way
    amount_fen: int
    day: date
    number: str | None = None
    batch: str | None = None
    serial: str | None = None
    name: str | None = None
    account: str | None = None
    failed: bool = False
    matched_on: date | None = None

    @property
    def leg_id(self) -> str:
        """How the leg is named in facts."""
        return f"{self.payment_id}:{self.way}"

    @property
    def signed_fen(self) -> int:
        """The amount as the bank's line must show it."""
        return -self.amount_fen if self.way == "paid" else self.amount_fen


@dataclass(frozen=True, slots=True)
class Match:
    """Lines and legs that are the same money, the rule that says so, and the fields that agree."""

    rule: Rule
    lines: tuple[Line, ...]
    legs: tuple[Leg, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Odd:
    """A line that no rule may match, and why."""

    line: Line
    kind: Doubt


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules came to; the rest of the lines is for a person."""

    matches: tuple[Match, ...]
    odd: tuple[Odd, ...]
    left: tuple[Line, ...]
    open_legs: tuple[Leg, ...]
