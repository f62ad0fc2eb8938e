"""What can be asked of a report: one frozen command each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from events.fact import Sealed
from events.intake import Attachment, Likeness, Order, ReportReceived, Term, need_claim, order_claim
from events.intake_later import Candidate, DocumentKind
from events.relief_clocks import ClockName
from events.words import Cause, Channel, Identity, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReport:
    """Take in a report as the edge has read it: personal data sealed, what is compared already pseudonyms."""

    report_id: str
    channel: Channel
    vendor: str
    order: Order | None
    verbatim: Sealed
    county: str
    township: str | None
    cause: Cause
    urgency: Urgency
    persons: int
    identity: Identity
    person: str | None
    name: Sealed | None
    phone: Sealed | None
    address: Sealed | None
    match_keys: tuple[str, ...]
    """The strongest first: of several open needs, the report joins the one that its first taken key belongs to."""
    reported_at: datetime
    reply_due_at: datetime | None = None
    missing: tuple[str, ...] = ()
    is_secret: bool = False
    terms: tuple[Term, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    consent: bool | None = None
    previous_report_id: str | None = None
    follows_report_id: str | None = None
    returns_before: int = 0
    came_from: "Origin | None" = None
    likenesses: tuple[Likeness, ...] = ()
    suspects: tuple[Candidate, ...] = ()
    brought: frozenset[str] = frozenset()
    """The attachments, by their digests, that had come to the county that handed the report over."""
    said: str | None = None
    """A keyed digest of what was sent, sealed words and all."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report that was transferred came from, and when its first county had received it."""

    county: str
    report_id: str
    first_received_at: datetime
    first_report_id: str | None = None
    """The report that it was linked to there, if it was not the first of its need."""


@dataclass(frozen=True, slots=True)
class SupplementReport:
    """Add to a report what its sender sent later; ``supplement_id`` is the sender's, or the push of the order."""

    supplement_id: str
    verbatim: Sealed
    township: str | None
    still_missing: tuple[str, ...] = ()
    elsewhere: "TransferOut | None" = None
    """The way to the county that it names, where that is another than the report's."""
    said: str | None = None
    """A keyed digest of what was sent."""
    phone: Sealed | None = None

    @property
    def place(self) -> str | None:
        """Where it says that the need arose: a township, or only another county."""
        return self.township or (None if self.elsewhere is None else self.elsewhere.to_county)


@dataclass(frozen=True, slots=True)
class JoinNeed:
    """Let an open need be known under the keys of a report that was linked to it, too."""

    linked_report_id: str
    match_keys: tuple[str, ...]
    cause: Cause


@dataclass(frozen=True, slots=True)
class LeaveNeed:
    """A report that was linked to this one's need leaves."""

    linked_report_id: str


@dataclass(frozen=True, slots=True)
class LearnCase:
    """Remember the case that relief opened for the report, or linked it to."""

    case_id: str


@dataclass(frozen=True, slots=True)
class UrgeReport:
    """Ask for haste: ``urge`` by the reporter (催办), ``supervise`` by those above (督办)."""

    message_id: str
    level: Literal["urge", "supervise"]
    verbatim: Sealed
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReturnVisit:
    """What the hotline heard when it called back (回访)."""

    message_id: str
    reached: bool
    resolved: Literal["resolved", "unresolved", "partly", "declined"] | None
    satisfied: Literal["satisfied", "mostly", "dissatisfied", "unrated"] | None
    visited_at: datetime
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True)
class WithdrawReport:
    """Take the report back (撤回)."""

    message_id: str
    reason: str
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True)
class FileAppeal:
    """Appeal against the hotline's mark (考核申诉) on how a clock was kept."""

    message_id: str
    verbatim: Sealed
    said: str | None = None
    """A keyed digest of what was sent."""
    clock: ClockName | None = None


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """Give the order back to the hotline (退单); ``due_on`` is the last day on which that may be done."""

    reason: str
    basis: str
    due_on: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class VoidReport:
    """Say that the report was entered in error (作废)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOut:
    """Hand the report over to another county (转出), where it becomes a new one."""

    new_report_id: str
    to_county: str
    to_township: str | None
    reason: str
    basis: str


@dataclass(frozen=True, slots=True)
class ConfirmTransfer:
    """The other county has it, where it has joined the open need of another report (``joined_report_id``) or none."""

    joined_report_id: str | None = None


@dataclass(frozen=True, slots=True)
class DecideDuplicate:
    """Say whether two reports are of one household; ``open`` takes an earlier word back."""

    other_report_id: str
    verdict: Literal["same", "different", "open"]
    reason: Sealed | None
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True)
class SettleAccounts:
    """Say which of two accounts of the place holds: what was known, or what the supplement told."""

    supplement_id: str
    holds: Literal["known", "told"]
    reason: Sealed
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True)
class StoreAttachment:
    """An attachment has come; one that was not announced says of which type and kind it is."""

    sha256: str
    size: int
    media_type: str | None = None
    kind: DocumentKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCall:
    """Who is on duty was called about the report (值班呼叫)."""

    call_id: str
    division: str
    staff_id: str
    reached: bool
    called_at: datetime
    said: str | None = None
    """A keyed digest of what was sent."""


@dataclass(frozen=True, slots=True)
class PrepareReply:
    """Owe the reporter's system a message; one that has nowhere to be sent is kept to be fetched."""

    reply_id: str
    kind: str
    document: str
    is_sent: bool = True


@dataclass(frozen=True, slots=True)
class AnnounceReceipt:
    """Owe the word that the report has come: of the ``documents`` the one of its kind that is so, if it is there."""

    documents: Mapping[str, str]
    is_sent: bool = True


@dataclass(frozen=True, slots=True)
class AmendClosure:
    """Owe a hotline that has its closure form the form anew (补送), if documents have come that are not on it.

    ``document`` is the event without what the form itself says.
    """

    reply_id: str
    document: str
    is_sent: bool = True


@dataclass(frozen=True, slots=True)
class WithholdReply:
    """Keep a closure form that lacks something until a person has completed it."""

    reply_id: str
    kind: str
    document: str
    lacks: tuple[str, ...]
    is_sent: bool = True


@dataclass(frozen=True, slots=True)
class CompleteReply:
    """Send the form whole: ``document`` is what was withheld, with what was supplied."""

    reply_id: str
    document: str
    supplied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """The reporter's system has confirmed a reply."""

    reply_id: str
    attempts: int


@dataclass(frozen=True, slots=True)
class AbandonReply:
    """Give a reply up after all its attempts."""

    reply_id: str
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class RequeueReply:
    """Send an abandoned reply once more."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class CloseReport:
    """The need has been dealt with."""


Message = UrgeReport | RecordReturnVisit | WithdrawReport | FileAppeal
"""What is said later about a report; each has the id that its sender gave it."""

HandOver = ReturnReport | VoidReport | TransferOut | ConfirmTransfer
"""How a report leaves us for others."""

Filed = LogCall | DecideDuplicate | SettleAccounts | StoreAttachment
"""What is put to the file of a report."""

Answering = PrepareReply | AnnounceReceipt | AmendClosure | WithholdReply | CompleteReply
ReplyCommand = Answering | RecordDelivery | AbandonReply | RequeueReply
Need = JoinNeed | LeaveNeed | CloseReport
"""Under which keys the need is open, and for whom."""

Own = ReceiveReport | SupplementReport | LearnCase
ReportCommand = Own | Need | Message | HandOver | Filed | ReplyCommand


def need_claims(report: ReceiveReport | ReportReceived | JoinNeed) -> tuple[str, ...]:
    """The claims under which the need of a report is open."""
    return tuple(need_claim(key, report.cause) for key in report.match_keys)


def order_claims(command: ReceiveReport) -> tuple[str, ...]:
    """The claim of the report's work order, if it came with one."""
    return () if command.order is None else (order_claim(command.vendor, command.order.number),)
