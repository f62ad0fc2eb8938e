"""A report (急难报告): received word for word, supplemented, asked for help with once, answered, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from events.fact import Recorded, Sealed
from events.intake import (
    CaseNumberLearned,
    HelpAskedAgain,
    HelpNeeded,
    IntakeFact,
    Order,
    ReplyAbandoned,
    ReplyDelivered,
    ReplyPrepared,
    ReportClosed,
    ReportReceived,
    ReportSupplemented,
    need_claim,
    order_claim,
)
from events.words import Cause, Channel, Identity, Urgency
from services.chassis.decider import Circumstances, Decider, Refused
from services.intake.acknowledgement import acknowledgement

_STREAM = "report:"

# --- commands


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


@dataclass(frozen=True, slots=True)
class SupplementReport:
    """Add to a report what its sender sent later; ``supplement_id`` is the sender's, or the push of the order."""

    supplement_id: str
    verbatim: Sealed
    township: str | None
    still_missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LearnCase:
    """Remember the case that relief opened for the report, or linked it to."""

    case_id: str


@dataclass(frozen=True, slots=True)
class PrepareReply:
    """Owe the reporter's system a message."""

    reply_id: str
    kind: str
    document: str


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
class CloseReport:
    """The need has been dealt with."""


_ReplyCommand = PrepareReply | RecordDelivery | AbandonReply
ReportCommand = ReceiveReport | SupplementReport | LearnCase | _ReplyCommand | CloseReport


def stream_of(report_id: str) -> str:
    """The stream of a report."""
    return f"{_STREAM}{report_id}"


def asks(command: ReportCommand, report: "Report | None" = None) -> tuple[str, ...]:
    """The claim keys whose owners the command has to see. A supplement needs the report as it stands."""
    match command:
        case ReceiveReport():
            orders = () if command.order is None else (order_claim(command.vendor, command.order.number),)
            return orders + _need_claims(command)
        case SupplementReport():
            return () if report is None else _need_claims(report.received)
        case LearnCase() | PrepareReply() | RecordDelivery() | AbandonReply() | CloseReport():
            return ()


def _need_claims(report: ReceiveReport | ReportReceived) -> tuple[str, ...]:
    return tuple(need_claim(key, report.cause) for key in report.match_keys)


# --- state


@dataclass(frozen=True, slots=True)
class Report:
    """A received report. ``holds`` are the match keys under which its need is open."""

    received: ReportReceived
    has_asked: bool = False
    holds: tuple[str, ...] = ()
    supplements: frozenset[str] = frozenset()
    case_id: str | None = None
    replies: Mapping[str, Literal["owed", "delivered", "abandoned"]] = field(
        default_factory=dict[str, Literal["owed", "delivered", "abandoned"]]
    )
    is_closed: bool = False


# --- decide


def decide(report: Report | None, command: ReportCommand, now: Circumstances) -> Sequence[IntakeFact]:
    """What happens to the report. A repeated command gives nothing; a senseless one raises ``Refused``."""
    if isinstance(command, ReceiveReport):
        return () if report is not None else _receive(command, now.owners)
    if report is None:
        raise Refused("no_such_report", "没有找到这份报告,请核对报告编号。")
    match command:
        case SupplementReport():
            return _supplement(report, command, now.owners)
        case LearnCase(case_id):
            known = report.case_id == case_id
            return () if known else (CaseNumberLearned(report_id=report.received.report_id, case_id=case_id),)
        case PrepareReply() | RecordDelivery() | AbandonReply():
            return _reply(report, command)
        case CloseReport():
            return _close(report)


def _receive(command: ReceiveReport, owners: Mapping[str, str]) -> Sequence[IntakeFact]:
    if command.order is not None and order_claim(command.vendor, command.order.number) in owners:
        raise Refused("order_known", "该工单号已经接收过,请作为原报告的补充提交。")
    if command.township is not None and not command.township.startswith(command.county):
        raise Refused("township_elsewhere", "该乡镇(街道)不属于所报的县(市、区),请核对区划代码。")
    # the command says word for word what the fact will say
    received = ReportReceived.model_validate(command, from_attributes=True)
    if received.township is None:
        return (received,)
    return received, _ask(received, received.township, owners)


def _supplement(report: Report, command: SupplementReport, owners: Mapping[str, str]) -> Sequence[IntakeFact]:
    if command.supplement_id in report.supplements:
        return ()
    supplemented = ReportSupplemented(
        report_id=report.received.report_id,
        supplement_id=command.supplement_id,
        township=command.township,
        verbatim=command.verbatim,
        still_missing=command.still_missing,
    )
    if command.township is None or report.has_asked or report.is_closed:
        return (supplemented,)
    return supplemented, _ask(report.received, command.township, owners)


def _ask(received: ReportReceived, township: str, owners: Mapping[str, str]) -> HelpNeeded | HelpAskedAgain:
    """Ask for help at a place, unless one of the report's keys shows that it was asked for already."""
    first = next((owners[claim] for claim in _need_claims(received) if claim in owners), None)
    if first is not None:
        return HelpAskedAgain(
            report_id=received.report_id,
            first_report_id=first.removeprefix(_STREAM),
            channel=received.channel,
            county=township[:6],
            reported_at=received.reported_at,
        )
    return HelpNeeded(
        report_id=received.report_id,
        channel=received.channel,
        county=township[:6],
        township=township,
        cause=received.cause,
        urgency=received.urgency,
        persons=received.persons,
        identity=received.identity,
        person=received.person,
        name=received.name,
        match_keys=received.match_keys,
        reported_at=received.reported_at,
    )


def _reply(report: Report, command: _ReplyCommand) -> Sequence[IntakeFact]:
    report_id, standing = report.received.report_id, report.replies.get(command.reply_id)
    if isinstance(command, PrepareReply):
        prepared = ReplyPrepared(
            report_id=report_id, reply_id=command.reply_id, kind=command.kind, document=command.document
        )
        return () if standing is not None else (prepared,)
    if standing is None:
        raise Refused("no_such_reply", "没有找到这条答复,请核对答复编号。")
    if isinstance(command, RecordDelivery):
        delivered = ReplyDelivered(report_id=report_id, reply_id=command.reply_id, attempts=command.attempts)
        return () if standing == "delivered" else (delivered,)
    abandoned = ReplyAbandoned(
        report_id=report_id, reply_id=command.reply_id, attempts=command.attempts, reason=command.reason
    )
    return (abandoned,) if standing == "owed" else ()


def _close(report: Report) -> Sequence[IntakeFact]:
    closed = ReportClosed(report_id=report.received.report_id, frees=report.holds, cause=report.received.cause)
    return () if report.is_closed else (closed,)


# --- evolve


def evolve(report: Report | None, recorded: Recorded[IntakeFact]) -> Report | None:
    """The report after one more fact."""
    fact = recorded.fact
    if isinstance(fact, ReportReceived):
        return Report(fact)
    return None if report is None else _evolved(report, fact)


def _evolved(report: Report, fact: IntakeFact) -> Report:
    match fact:
        case ReportReceived():
            return replace(report, received=fact)
        case ReportSupplemented():
            return replace(report, supplements=report.supplements | {fact.supplement_id})
        case HelpNeeded():
            return replace(report, has_asked=True, holds=fact.match_keys)
        case HelpAskedAgain():
            return replace(report, has_asked=True)
        case CaseNumberLearned():
            return replace(report, case_id=fact.case_id)
        case ReplyPrepared():
            return replace(report, replies={**report.replies, fact.reply_id: "owed"})
        case ReplyDelivered():
            return replace(report, replies={**report.replies, fact.reply_id: "delivered"})
        case ReplyAbandoned():
            return replace(report, replies={**report.replies, fact.reply_id: "abandoned"})
        case ReportClosed():
            return replace(report, holds=(), is_closed=True)


DECIDER: Decider[ReportCommand, Report | None, IntakeFact] = Decider(None, decide, evolve, acknowledgement)
