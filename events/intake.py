"""Intake's story: a report is received word for word, help is asked for once, and every reporter gets an answer."""

from pydantic import AwareDatetime, Field

from events.fact import Fact, Public, Sealed, Value
from events.words import Cause, Channel, Code, County, Id, Identity, Pseudonym, Township, Urgency


class Order(Value):
    """A hotline's work order (12345工单): its number for ever, and which push of it this was."""

    number: str = Field(min_length=1, max_length=64)
    push: int = Field(ge=1)


class ReportReceived(Fact, name="intake.report_received", version=2):
    """Somebody has reported an urgent need (急难报告). ``verbatim`` is what they sent, byte for byte, sealed.

    ``missing`` lists by JSON pointer what they are asked for, once (一次性告知).
    """

    report_id: Id
    channel: Channel
    vendor: Id
    order: Order | None
    verbatim: Sealed
    county: County
    township: Township | None
    cause: Cause
    urgency: Urgency
    persons: int = Field(ge=1, le=99)
    identity: Identity
    person: Pseudonym | None
    name: Sealed | None
    phone: Sealed | None
    address: Sealed | None
    match_keys: tuple[Pseudonym, ...]
    reported_at: AwareDatetime
    reply_due_at: AwareDatetime | None = None
    """The hotline's own deadline, kept as received and never recomputed."""
    missing: tuple[str, ...] = ()
    is_secret: bool = False
    """The reporter asked for secrecy (保密): nothing of the answer may be published."""

    def takes(self) -> tuple[str, ...]:
        """A vendor's order number belongs to one report for ever."""
        return () if self.order is None else (order_claim(self.vendor, self.order.number),)


class ReportSupplemented(Fact, name="intake.report_supplemented"):
    """The reporter added what was missing (补充), above all the place."""

    report_id: Id
    supplement_id: Id
    township: Township | None
    verbatim: Sealed
    still_missing: tuple[str, ...] = ()


class HelpNeeded(Public, name="intake.help_needed"):
    """Help is needed at this place, and nobody has reported this household's need before."""

    report_id: Id
    channel: Channel
    county: County
    township: Township
    cause: Cause
    urgency: Urgency
    persons: int
    identity: Identity
    person: Pseudonym | None
    name: Sealed | None
    match_keys: tuple[Pseudonym, ...]
    reported_at: AwareDatetime

    def takes(self) -> tuple[str, ...]:
        """While this need is open, a report of the same person, phone or address joins it."""
        return tuple(need_claim(key, self.cause) for key in self.match_keys)


class HelpAskedAgain(Public, name="intake.help_asked_again"):
    """Another report of a need that is already open (重复报告): linked to the first, never merged into it."""

    report_id: Id
    first_report_id: Id
    channel: Channel
    county: County
    reported_at: AwareDatetime


class CaseNumberLearned(Fact, name="intake.case_number_learned"):
    """Relief told us the case that answers this report."""

    report_id: Id
    case_id: Id


class ReplyPrepared(Fact, name="intake.reply_prepared"):
    """Something is to be told to the reporter's system (答复): a thin message without personal data."""

    report_id: Id
    reply_id: Id
    kind: Code
    document: str = Field(max_length=20_000)
    """The JSON that is sent, byte for byte."""


class ReplyDelivered(Fact, name="intake.reply_delivered"):
    """The reporter's system has confirmed a reply."""

    report_id: Id
    reply_id: Id
    attempts: int = Field(ge=1)


class ReplyAbandoned(Fact, name="intake.reply_abandoned"):
    """A reply could not be delivered in all its attempts; a person must look."""

    report_id: Id
    reply_id: Id
    attempts: int = Field(ge=1)
    reason: Code


class ReportClosed(Fact, name="intake.report_closed"):
    """The need behind the report has been dealt with; a new report of the same household is a new need."""

    report_id: Id
    frees: tuple[Pseudonym, ...]
    cause: Cause

    def releases(self) -> tuple[str, ...]:
        """The need is open no longer."""
        return tuple(need_claim(key, self.cause) for key in self.frees)


IntakeFact = (
    ReportReceived
    | ReportSupplemented
    | HelpNeeded
    | HelpAskedAgain
    | CaseNumberLearned
    | ReplyPrepared
    | ReplyDelivered
    | ReplyAbandoned
    | ReportClosed
)


def order_claim(vendor: str, number: str) -> str:
    """The claim key of a vendor's work order."""
    return f"order:{vendor}:{number}"


def need_claim(match_key: str, cause: str) -> str:
    """The claim key of an open need of one person, phone or address."""
    return f"need:{match_key}:{cause}"
