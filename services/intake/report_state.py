"""A report as its facts have made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from events.fact import Recorded, Sealed
from events.intake import (
    Attachment,
    CameFrom,
    CaseNumberLearned,
    HelpAskedAgain,
    HelpNeeded,
    IntakeFact,
    NeedJoined,
    NeedLeft,
    ReportClosed,
    ReportReceived,
    ReportReturned,
    ReportSupplemented,
    ReportVoided,
    TransferTaken,
)
from events.intake_later import (
    AccountsDiffer,
    AccountsSettled,
    AppealFiled,
    AttachmentStored,
    Candidate,
    DuplicateDecided,
    DuplicatesSuspected,
    DutyCalled,
    ReplyAbandoned,
    ReplyCompleted,
    ReplyDelivered,
    ReplyPrepared,
    ReplyRequeued,
    ReplyWithheld,
    ReportUrged,
    ReportWithdrawn,
    ReturnVisitRecorded,
    TransferredIn,
    TransferredOut,
)
from services.intake.standing import FORMS, Settling, Standing, standing_of

_STREAM = "report:"


def stream_of(report_id: str) -> str:
    """The stream of a report."""
    return f"{_STREAM}{report_id}"


def report_of(stream: str) -> str:
    """The report of a stream."""
    return stream.removeprefix(_STREAM)


def differs(said: str | None, known: str | None) -> bool:
    """Whether other words were sent, by their digests; what was handed over, or is older than these, has none."""
    return None not in (said, known) and said != known


def township_inside(county: str, township: str | None) -> str | None:
    """A township, if it is one of this county."""
    return township if township is not None and township.startswith(county) else None


@dataclass(frozen=True, slots=True)
class Report:
    """A received report. ``holds`` are the match keys under which its need is open.

    It is open for whom it was first reported by, and for those that were linked to it (``companions``).
    """

    received: ReportReceived
    has_asked: bool = False
    phone: Sealed | None = None
    """Under which number the household is to be reached, as was told last before its closure form left."""
    township: str | None = None
    """Where in its county the need arose, as was first told."""
    linked_to: str | None = None
    """The report that had asked for the same help before."""
    holds: tuple[str, ...] = ()
    companions: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """The reports that were linked to this need, and whether they are still here."""
    is_dealt_with: bool = False
    """The need is over: nothing joins it any more."""
    supplements: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """What was added, by its ids, and a keyed digest of it."""
    messages: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """What was said later, by its senders' ids, and a keyed digest of it where words are sealed."""
    urges: Mapping[str, int] = field(default_factory=dict[str, int])
    """How often each level of haste was asked for."""
    returns: int = 0
    is_returned: bool = False
    voided_for: str | None = None
    """Why it was entered in error, if it was."""
    transfer: TransferredOut | None = None
    """To whom it was handed over; until they have it (``is_taken``), the need stays open here."""
    is_taken: bool = False
    came_from: CameFrom | None = None
    """Who had it before, where it was handed over to us."""
    calls: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """By id, the digest of what was said of each call of those on duty."""
    suspects: tuple[Candidate, ...] = ()
    verdicts: Mapping[str, str] = field(default_factory=dict[str, str])
    """What a person said of another report: same, different, open."""
    reasons: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """The digest of that word with its reason."""
    differences: Mapping[str, AccountsSettled | None] = field(default_factory=dict[str, AccountsSettled | None])
    """By supplement whose account differs from the first, a person's word on which one holds."""
    attachments: frozenset[str] = frozenset()
    """Those that have come, by their digests."""
    added: tuple[Attachment, ...] = ()
    """Those that came without having been announced with the report."""
    is_withdrawn: bool = False
    case_id: str | None = None
    replies: Mapping[str, Standing] = field(default_factory=dict[str, Standing])
    told: int = 0
    """Replies that went, or are to go, to whoever reported."""
    withheld: ReplyWithheld | None = None
    """The closure form that a person must complete."""
    form: ReplyPrepared | None = None
    """The closure form as it was told last."""
    is_closed: bool = False

    @property
    def documents(self) -> tuple[Attachment, ...]:
        """The documents that have come: those that were announced with the report, then those that were added."""
        announced = (one for one in self.received.attachments if one.sha256 in self.attachments)
        return *announced, *self.added

    @property
    def known_documents(self) -> tuple[Attachment, ...]:
        """All documents that are known: announced, or added."""
        return *self.received.attachments, *self.added

    @property
    def is_away(self) -> bool:
        """Whether others have it now."""
        return self.is_returned or self.voided_for is not None or self.is_taken

    @property
    def frees(self) -> tuple[str, ...]:
        """The keys that nobody here needs any more once this report is away."""
        return () if any(self.companions.values()) else self.holds

    @property
    def has_left(self) -> bool:
        """Whether it was given back, void or handed over: what becomes of it is no longer told from here."""
        return self.is_returned or self.voided_for is not None or self.transfer is not None


def evolve(report: Report | None, recorded: Recorded[IntakeFact]) -> Report | None:
    """The report after one more fact."""
    fact = recorded.fact
    if isinstance(fact, ReportReceived):
        return Report(fact, phone=fact.phone, township=fact.township, returns=fact.returns_before)
    return None if report is None else _evolved(report, fact)


def _evolved(report: Report, fact: IntakeFact) -> Report:
    match fact:
        case ReportReceived():
            return replace(report, received=fact)
        case ReportSupplemented():
            inside = township_inside(report.received.county, fact.township)
            supplements = {**report.supplements, fact.supplement_id: fact.said}
            phone = report.phone if fact.phone is None or report.form is not None else fact.phone
            return replace(report, supplements=supplements, township=report.township or inside, phone=phone)
        case HelpNeeded():
            return replace(report, has_asked=True, township=fact.township, holds=fact.match_keys)
        case HelpAskedAgain():
            return replace(report, has_asked=True, linked_to=fact.first_report_id)
        case NeedJoined() | NeedLeft() | ReportClosed():
            return _kept_open(report, fact)
        case CaseNumberLearned():
            return replace(report, case_id=fact.case_id)
        case ReportReturned():
            holds = _without(report.holds, fact.frees)
            return replace(report, holds=holds, is_closed=True, is_returned=True, returns=fact.number)
        case ReportVoided():
            return replace(report, holds=_without(report.holds, fact.frees), is_closed=True, voided_for=fact.reason)
        case TransferredOut() | TransferTaken() | TransferredIn():
            return _transferred(report, fact)
        case DutyCalled() | DuplicatesSuspected() | DuplicateDecided() | AttachmentStored():
            return _filed(report, fact)
        case AccountsDiffer() | AccountsSettled():
            return _differing(report, fact)
        case ReportUrged() | ReturnVisitRecorded() | ReportWithdrawn() | AppealFiled():
            return _told(report, fact)
        case ReplyWithheld():
            return replace(report, withheld=fact, replies={**report.replies, fact.reply_id: "withheld"})
        case ReplyCompleted():
            return replace(report, withheld=None)
        case ReplyPrepared() | ReplyDelivered() | ReplyAbandoned() | ReplyRequeued():
            return _answered(report, fact)


def _kept_open(report: Report, fact: NeedJoined | NeedLeft | ReportClosed) -> Report:
    match fact:
        case NeedJoined():
            companions = {**report.companions, fact.linked_report_id: True}
            return replace(report, holds=(*report.holds, *fact.match_keys), companions=companions)
        case NeedLeft():
            companions = {**report.companions, fact.linked_report_id: False}
            return replace(report, holds=_without(report.holds, fact.frees), companions=companions)
        case ReportClosed():
            return replace(report, holds=(), is_closed=True, is_dealt_with=True)


def _without(keys: tuple[str, ...], freed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if key not in freed)


def _filed(report: Report, fact: DutyCalled | DuplicatesSuspected | DuplicateDecided | AttachmentStored) -> Report:
    match fact:
        case DutyCalled():
            return replace(report, calls={**report.calls, fact.call_id: fact.said})
        case DuplicatesSuspected():
            return replace(report, suspects=fact.candidates)
        case DuplicateDecided():
            reasons = {**report.reasons, fact.other_report_id: fact.said}
            return replace(report, verdicts={**report.verdicts, fact.other_report_id: fact.verdict}, reasons=reasons)
        case AttachmentStored():
            report = replace(report, attachments=report.attachments | {fact.sha256})
            return replace(report, added=(*report.added, *_added(fact)))


def _differing(report: Report, fact: AccountsDiffer | AccountsSettled) -> Report:
    settled = fact if isinstance(fact, AccountsSettled) else None
    return replace(report, differences={**report.differences, fact.supplement_id: settled})


def _added(fact: AttachmentStored) -> Sequence[Attachment]:
    if fact.media_type is None or fact.kind is None:
        return ()
    return (Attachment(sha256=fact.sha256, media_type=fact.media_type, size=fact.size, kind=fact.kind),)


def _told(report: Report, fact: ReportUrged | ReturnVisitRecorded | ReportWithdrawn | AppealFiled) -> Report:
    report = replace(report, messages={**report.messages, fact.message_id: fact.said})
    match fact:
        case ReportUrged():
            return replace(report, urges={**report.urges, fact.level: fact.number})
        case ReportWithdrawn():
            return replace(report, is_withdrawn=True)
        case ReturnVisitRecorded() | AppealFiled():
            return report


def _transferred(report: Report, fact: TransferredOut | TransferTaken | TransferredIn) -> Report:
    match fact:
        case TransferredOut():
            return replace(report, transfer=fact, is_closed=True)
        case TransferTaken():
            return replace(report, holds=_without(report.holds, fact.frees), is_taken=True)
        case TransferredIn():
            return replace(report, came_from=came_from(fact))


def came_from(fact: TransferredIn) -> CameFrom:
    """The report as the other county had it."""
    return CameFrom(county=fact.from_county, report_id=fact.from_report_id, first_report_id=fact.from_first_report_id)


def _answered(report: Report, fact: Settling) -> Report:
    report = replace(report, replies={**report.replies, fact.reply_id: standing_of(fact)})
    if not isinstance(fact, ReplyPrepared):
        return report
    return replace(report, told=report.told + 1, form=fact if fact.kind in FORMS else report.form)
