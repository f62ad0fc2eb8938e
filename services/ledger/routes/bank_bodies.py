"""What callers send to ledger about bank accounts: closed bodies."""

from datetime import date
from typing import Annotated

from pydantic import Field

from events.bank import LegId, LineId, SignedFen, Treatment
from events.words import Code, County, StaffId, Township
from services.chassis.routing import Body
from services.ledger.files.layout import Layout
from services.ledger.routes.bodies import Happened


class AccountToRegister(Body):
    """The bank account of a place's funds (开户账号); ``other_fen`` of its opening balance is other business."""

    place: County | Township
    bank: Code
    number: Annotated[str, Field(pattern=r"^[0-9]{8,32}$")] = Field(repr=False)
    other_fen: SignedFen = 0


class LayoutToSave(Body):
    """What the headings of an unknown statement mean."""

    layout: Layout


class FileSaid(Body):
    """A file by its name and content."""

    file_name: str
    sha256: str


class ResultSaid(FileSaid):
    """A bank's answer to a batch, and when the bank booked it, as who brings it says."""

    paid_at: Happened | None


class MatchingAsked(Body):
    """Match what is open, by the rules."""


class Undone(Body):
    """Why a match is taken back, or a proposal rejected, as a code."""

    reason: Code


class Assignment(Body):
    """Who is to explain it."""

    owner: StaffId


class Proposal(Body):
    """What a maker says that it is: another business's, an item in transit, or these payments."""

    treatment: Treatment
    reason: Code
    lines: tuple[LineId, ...] = Field(default=(), max_length=50)
    """Other lines that are the same money as the one in the path."""
    legs: tuple[LegId, ...] = Field(default=(), max_length=50)
    clears_by: date | None = None


class Agreement(Body):
    """A checker agrees; nothing more is to be said."""
