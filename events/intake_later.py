"""Intake's story, continued: what is said about a report later, what is put to its file, where it goes."""

from typing import Literal

from pydantic import AwareDatetime, Field

from events.fact import Fact, Sealed, Value
from events.relief_clocks import ClockName
from events.words import Code, County, Division, Id, Pseudonym, Sha256, StaffId, Township


class Candidate(Value):
    """A report that may be of the same household, how much speaks for it (of 100), and what."""

    report_id: Id
    weight: int = Field(ge=1, le=100)
    reasons: tuple[Code, ...]


class DuplicatesSuspected(Fact, name="intake.duplicates_suspected"):
    """Other reports may be of the same household (疑似重复): ranked for a person, who decides."""

    report_id: Id
    candidates: tuple[Candidate, ...] = Field(min_length=1)


class DuplicateDecided(Fact, name="intake.duplicate_decided"):
    """A person has said whether two reports are of one household; a later word takes the place of an earlier one."""

    report_id: Id
    other_report_id: Id
    verdict: Literal["same", "different", "open"]
    decided_by: StaffId
    reason: Sealed | None
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


DocumentKind = Literal["id", "contact_evidence", "handling", "photo", "audio"]
"""What a document shows: 证件, 联系证据, 办理附件, 照片, 录音."""


class AttachmentStored(Fact, name="intake.attachment_stored"):
    """An attachment has come, whole, and is kept sealed. One that nobody had announced says itself what it is."""

    report_id: Id
    sha256: Sha256
    size: int = Field(ge=1)
    media_type: str | None = Field(default=None, pattern=r"^[a-z]{1,20}/[a-z0-9.+-]{1,60}$")
    kind: DocumentKind | None = None


class AccountsDiffer(Fact, name="intake.accounts_differ"):
    """A supplement says otherwise than what was known (说法不一): both stand, and a person decides."""

    report_id: Id
    supplement_id: Id
    about: Literal["place"]
    known: Township
    told: County | Township


class AccountsSettled(Fact, name="intake.accounts_settled"):
    """A person has said which of two accounts holds; a later word takes the place of an earlier one."""

    report_id: Id
    supplement_id: Id
    holds: Literal["known", "told"]
    reason: Sealed
    settled_by: StaffId
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


Accounts = AccountsDiffer | AccountsSettled


class ReportUrged(Fact, name="intake.report_urged"):
    """The reporter asks for haste (催办), or those above do (督办)."""

    report_id: Id
    message_id: Id
    level: Literal["urge", "supervise"]
    number: int = Field(ge=1)
    """The how manieth of its level."""
    verbatim: Sealed
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


class ReturnVisitRecorded(Fact, name="intake.return_visit_recorded"):
    """The hotline called back (回访): was the person reached, was it solved, were they satisfied."""

    report_id: Id
    message_id: Id
    reached: bool
    resolved: Literal["resolved", "unresolved", "partly", "declined"] | None
    satisfied: Literal["satisfied", "mostly", "dissatisfied", "unrated"] | None
    visited_at: AwareDatetime
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


class ReportWithdrawn(Fact, name="intake.report_withdrawn"):
    """The reporter took the report back (撤回). The need may be there all the same: the township decides."""

    report_id: Id
    message_id: Id
    reason: Code
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


class AppealFiled(Fact, name="intake.appeal_filed"):
    """The hotline's mark on this report is appealed against (考核申诉); the case's clocks are the evidence."""

    report_id: Id
    message_id: Id
    case_id: Id | None
    filed_by: StaffId
    verbatim: Sealed
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""
    clock: ClockName | None = None
    """The clock that the mark is about (时限)."""


class TransferredOut(Fact, name="intake.transferred_out"):
    """Another county is to deal with it (转出): the need arose there. Its report is a new one, and names this one."""

    report_id: Id
    new_report_id: Id
    to_county: County
    to_township: Township | None
    reason: Code
    basis: str = Field(max_length=200)
    transferred_by: StaffId


class TransferredIn(Fact, name="intake.transferred_in"):
    """A report came over from another county (转入); the citizen's clock has run since that one received it."""

    report_id: Id
    from_report_id: Id
    from_county: County
    first_received_at: AwareDatetime
    from_first_report_id: Id | None = None
    """The report that it was linked to there, if it was not the first of its need."""


class ReplyWithheld(Fact, name="intake.reply_withheld"):
    """A closure form lacks what a hotline asks for (办结表不完整): it is not sent until a person completes it."""

    report_id: Id
    reply_id: Id
    kind: Code
    document: str = Field(max_length=100_000)
    """The JSON as far as it goes."""
    lacks: tuple[Code, ...]
    is_sent: bool
    """Whether there is anywhere to send it, once it is whole."""


class ReplyCompleted(Fact, name="intake.reply_completed"):
    """A person has supplied what a withheld form lacked (补全); the form itself follows as a reply."""

    report_id: Id
    reply_id: Id
    supplied: tuple[Code, ...]
    completed_by: StaffId


class DutyCalled(Fact, name="intake.duty_called"):
    """Who is on duty was called about the report (值班呼叫), and whether they answered."""

    report_id: Id
    call_id: Id
    division: Division
    staff_id: StaffId
    reached: bool
    called_at: AwareDatetime
    said: Pseudonym | None = None
    """A keyed digest of what was sent."""


class ReplyPrepared(Fact, name="intake.reply_prepared"):
    """Something is to be told to the reporter's system (答复): a thin message without personal data."""

    report_id: Id
    reply_id: Id
    kind: Code
    document: str = Field(max_length=100_000)
    """The JSON that is sent, byte for byte."""
    is_sent: bool = True
    """Whether there is anywhere to send it; otherwise it is there to be fetched."""


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


class ReplyRequeued(Fact, name="intake.reply_requeued"):
    """An abandoned reply is to be sent once more, from the first attempt on."""

    report_id: Id
    reply_id: Id


Answers = ReplyWithheld | ReplyCompleted | ReplyPrepared | ReplyDelivered | ReplyAbandoned | ReplyRequeued
"""What becomes of what is owed to a report's sender."""
