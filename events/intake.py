"""Intake's story: a report is received word for word, help is asked for once, and every reporter gets an answer."""

from datetime import date

from pydantic import AwareDatetime, Field

from events.fact import Fact, Public, Sealed, Value
from events.intake_later import (
    Accounts,
    Answers,
    AppealFiled,
    AttachmentStored,
    DocumentKind,
    DuplicateDecided,
    DuplicatesSuspected,
    DutyCalled,
    ReportUrged,
    ReportWithdrawn,
    ReturnVisitRecorded,
    TransferredIn,
    TransferredOut,
)
from events.words import Cause, Channel, Code, County, Id, Identity, Pseudonym, Sha256, StaffId, Township, Urgency


class Order(Value):
    """A hotline's work order (12345工单): its number for ever, and which push of it this was."""

    number: str = Field(min_length=1, max_length=64)
    push: int = Field(ge=1)


class Term(Value):
    """Until when something is due to the reporter (时限): from when it counts, and the rule it stands on."""

    name: Code
    started_at: AwareDatetime
    due_at: AwareDatetime
    basis: str = Field(max_length=200)


class Attachment(Value):
    """A document that belongs to a report (附件), named by its digest; it is sent afterwards."""

    sha256: Sha256
    media_type: str = Field(pattern=r"^[a-z]{1,20}/[a-z0-9.+-]{1,60}$")
    size: int = Field(ge=1)
    """In bytes."""
    kind: DocumentKind


class Likeness(Value):
    """Something by which the household may be known again: a name, its sound, a home; as a keyed digest."""

    kind: Code
    key: Pseudonym


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
    terms: tuple[Term, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    consent: bool | None = None
    """Whether the household agreed to be reported (同意), where it was asked."""
    previous_report_id: Id | None = None
    """The report that its order had first: the order came again after that was closed, or for another county."""
    returns_before: int = Field(default=0, ge=0)
    """How often the order had been given back before (退单次数)."""
    likenesses: tuple[Likeness, ...] = ()
    follows_report_id: Id | None = None
    """The report of the sender's earlier number that it names (原工单): the order goes on under a new one."""
    said: Pseudonym | None = None
    """A keyed digest of what was sent: another report under its number is known by it, also by what is sealed."""

    @property
    def earlier_report_id(self) -> str | None:
        """The report that it goes on from, under its own number or under another."""
        return self.previous_report_id or self.follows_report_id

    def takes(self) -> tuple[str, ...]:
        """A vendor's order number belongs to one report of a county for ever: the first."""
        if self.order is None or self.previous_report_id is not None:
            return ()
        return (order_claim(self.vendor, self.order.number),)


class ReportSupplemented(Fact, name="intake.report_supplemented"):
    """The reporter added what was missing (补充), above all the place."""

    report_id: Id
    supplement_id: Id
    township: Township | None
    verbatim: Sealed
    still_missing: tuple[str, ...] = ()
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""
    phone: Sealed | None = None
    """Under which number the household is to be reached, if that was told."""


class ReportReturned(Public, name="intake.report_returned"):
    """The order goes back to the hotline (退单): not ours, and inside the time allowed for saying so."""

    report_id: Id
    reason: Code
    basis: str = Field(max_length=200)
    """The clause by which it is not ours."""
    number: int = Field(ge=1)
    """How often this order has been given back by now (退单次数)."""
    due_on: date
    returned_by: StaffId
    frees: tuple[Pseudonym, ...]
    cause: Cause
    first_report_id: Id | None = None
    """The report that it was linked to, if it was not the first of its need."""

    def releases(self) -> tuple[str, ...]:
        """The need is no longer open here."""
        return tuple(need_claim(key, self.cause) for key in self.frees)


class ReportVoided(Public, name="intake.report_voided"):
    """The report was entered in error (作废): there was no such need, and nothing more is done about it here."""

    report_id: Id
    reason: Code
    voided_by: StaffId
    frees: tuple[Pseudonym, ...]
    cause: Cause
    first_report_id: Id | None = None
    """The report that it was linked to, if it was not the first of its need."""

    def releases(self) -> tuple[str, ...]:
        """The need is no longer open here."""
        return tuple(need_claim(key, self.cause) for key in self.frees)


class TransferTaken(Public, name="intake.transfer_taken"):
    """The other county has it: the need is open here no longer."""

    report_id: Id
    new_report_id: Id
    frees: tuple[Pseudonym, ...]
    cause: Cause
    to_county: County | None = None
    first_report_id: Id | None = None
    """The report that it was linked to, if it was not the first of its need."""
    joined_report_id: Id | None = None
    """The report in the other county whose open need it has joined there: the case is that one's."""

    def releases(self) -> tuple[str, ...]:
        """The need is no longer open here."""
        return tuple(need_claim(key, self.cause) for key in self.frees)


class CameFrom(Value):
    """The report that another county handed over (转出), of which this one goes on."""

    county: County
    report_id: Id
    first_report_id: Id | None = None
    """The report that it was linked to there, if it was not the first of its need: the case is that one's."""


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
    due_at: AwareDatetime | None = None
    """The hotline's own deadline for its order, as it was sent."""
    came_from: CameFrom | None = None
    """The report as another county had it: the citizen's clock has run since that one received it."""

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
    due_at: AwareDatetime | None = None
    """The hotline's own deadline for its order, as it was sent."""
    came_from: CameFrom | None = None
    """The report as another county had it, which handed it over."""


class NeedJoined(Fact, name="intake.need_joined"):
    """A linked report has joined this need (并案线索): while it is open, it is known under that one's keys, too."""

    report_id: Id
    linked_report_id: Id
    match_keys: tuple[Pseudonym, ...]
    """Of the linked report's keys those that no open need had."""
    cause: Cause

    def takes(self) -> tuple[str, ...]:
        """The need is open under these keys as under its own."""
        return tuple(need_claim(key, self.cause) for key in self.match_keys)


class NeedLeft(Fact, name="intake.need_left"):
    """A report that was linked to this need has left: given back, or handed over.

    A need stays open for those that were linked to it when its own report leaves; with the last of them it is over.
    """

    report_id: Id
    linked_report_id: Id
    frees: tuple[Pseudonym, ...] = ()
    cause: Cause

    def releases(self) -> tuple[str, ...]:
        """Nobody is left here for whom the need is open."""
        return tuple(need_claim(key, self.cause) for key in self.frees)


class CaseNumberLearned(Fact, name="intake.case_number_learned"):
    """Relief told us the case that answers this report."""

    report_id: Id
    case_id: Id


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
    | DuplicatesSuspected
    | DuplicateDecided
    | AttachmentStored
    | Accounts
    | ReportUrged
    | ReturnVisitRecorded
    | ReportWithdrawn
    | AppealFiled
    | ReportReturned
    | ReportVoided
    | TransferredOut
    | TransferTaken
    | TransferredIn
    | DutyCalled
    | HelpNeeded
    | HelpAskedAgain
    | NeedJoined
    | NeedLeft
    | CaseNumberLearned
    | Answers
    | ReportClosed
)


def order_claim(vendor: str, number: str) -> str:
    """The claim key of a vendor's work order."""
    return f"order:{vendor}:{number}"


def need_claim(match_key: str, cause: str) -> str:
    """The claim key of an open need of one person, phone or address."""
    return f"need:{match_key}:{cause}"
