"""What can be asked of a bank account."""

from dataclasses import dataclass
from datetime import date

from events.bank import BankLine, Doubt, Rule, Treatment, TreatmentProposed
from events.fact import Sealed
from services.ledger.matchable import EscalationTerms


@dataclass(frozen=True, slots=True)
class RegisterAccount:
    """Register the account of a place's funds; ``other_fen`` of its balance is other business."""

    account_id: str
    place: str
    bank: str
    number: Sealed
    other_fen: int
    number_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file, oldest first, and for each the envelope of what it says of people."""

    lines: tuple[BankLine, ...]
    told: tuple[Sealed, ...]


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """Take in the lines of a file that are new, in fen; the gate (T0) has proved that its balances hold."""

    statement_id: str
    file_name: str
    sha256: str
    layout: str
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """Lines and legs that a rule found to be the same money."""

    lines: tuple[str, ...]
    legs: tuple[str, ...]
    rule: Rule
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplyMatches:
    """Record matches, wholly or not at all."""

    matches: tuple[Matched, ...]


@dataclass(frozen=True, slots=True)
class Unmatch:
    """Take a match back."""

    match_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that does not match: a line, or a leg of the books."""

    exception_id: str
    kind: Doubt
    amount_fen: int
    since: date


@dataclass(frozen=True, slots=True)
class OpenExceptions:
    """Make what does not match somebody's task."""

    noticed: tuple[Noticed, ...]


@dataclass(frozen=True, slots=True)
class AssignException:
    """Give an exception an owner."""

    exception_id: str
    owner: str


@dataclass(frozen=True, slots=True)
class EscalateException:
    """See whether an exception is past its date, by the terms of its county."""

    exception_id: str
    terms: EscalationTerms


@dataclass(frozen=True, slots=True)
class ProposeTreatment:
    """Say what an exception is; ``legs_fen`` is what the legs of a match by hand amount to, in fen."""

    exception_id: str
    treatment: Treatment
    reason: str
    legs: tuple[str, ...] = ()
    legs_fen: int = 0
    clears_by: date | None = None
    lines: tuple[str, ...] = ()
    """Other lines that are the same money as the one that it is about."""


@dataclass(frozen=True, slots=True)
class ApproveTreatment:
    """Agree with the maker, as another person, to the very proposal that was read."""

    exception_id: str
    read: TreatmentProposed | None
    """Of which the payments are confirmed with it; none where nobody had proposed anything."""


@dataclass(frozen=True, slots=True)
class RejectTreatment:
    """Disagree with the maker."""

    exception_id: str
    reason: str


ExceptionCommand = AssignException | EscalateException | ProposeTreatment | ApproveTreatment | RejectTreatment
Command = RegisterAccount | ImportStatement | ApplyMatches | Unmatch | OpenExceptions | ExceptionCommand
