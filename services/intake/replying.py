"""What is owed to a report's sender: each reply prepared once, completed, delivered, given up, or sent once more."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from events.intake import IntakeFact
from events.intake_later import (
    ReplyAbandoned,
    ReplyCompleted,
    ReplyDelivered,
    ReplyPrepared,
    ReplyRequeued,
    ReplyWithheld,
)
from events.shanghai import in_shanghai
from services.chassis.decider import Circumstances, Refused
from services.intake.enclosures import enclosures
from services.intake.report_commands import (
    AbandonReply,
    AmendClosure,
    AnnounceReceipt,
    Answering,
    CompleteReply,
    PrepareReply,
    RecordDelivery,
    ReplyCommand,
    RequeueReply,
    WithholdReply,
)
from services.intake.report_state import Report


def answer(report: Report, command: ReplyCommand, now: Circumstances) -> Sequence[IntakeFact]:
    """What becomes of a reply: prepared or withheld, completed, delivered, abandoned, sent once more."""
    if isinstance(command, Answering):
        return _prepare(report, command, now)
    standing = report.replies.get(command.reply_id)
    if standing is None:
        raise Refused("no_such_reply", "没有找到这条答复,请核对答复编号。")
    told = {"report_id": report.received.report_id, "reply_id": command.reply_id}
    match command:
        case RequeueReply():
            return (ReplyRequeued(**told),) if standing == "abandoned" else ()
        case RecordDelivery(attempts=attempts):
            return () if standing == "delivered" else (ReplyDelivered(**told, attempts=attempts),)
        case AbandonReply(attempts=attempts, reason=reason):
            return (ReplyAbandoned(**told, attempts=attempts, reason=reason),) if standing == "owed" else ()


def _prepare(report: Report, command: Answering, now: Circumstances) -> Sequence[IntakeFact]:
    match command:
        case CompleteReply():
            return _complete(report, command, now)
        case AnnounceReceipt():
            return _announce(report, command, now)
        case AmendClosure():
            return _amend(report, command, now)
        case PrepareReply() | WithholdReply():
            return _owe(report, command, now) if command.reply_id not in report.replies else ()


def _owe(report: Report, command: PrepareReply | WithholdReply, now: Circumstances) -> Sequence[IntakeFact]:
    match command:
        case PrepareReply():
            document = _in_order(report, command.document, now)
            return (ReplyPrepared.model_validate(_told(report, command) | {"document": document}),)
        case WithholdReply():
            return (ReplyWithheld.model_validate(_told(report, command) | {"lacks": command.lacks}),)


def _announce(report: Report, command: AnnounceReceipt, now: Circumstances) -> Sequence[IntakeFact]:
    """Whether it waits for its place, belongs to an open need, or is on its way is known only here."""
    kind = _receipt(report)
    if kind not in command.documents:
        return ()
    reply_id = f"{kind}-{report.received.report_id}"
    event = json.loads(command.documents[kind])
    found = {"missing": list(report.received.missing)} if kind == "report_incomplete" else {}
    found |= {} if report.linked_to is None else {"first_report_id": report.linked_to}
    document = json.dumps(event | {"id": reply_id, "data": event["data"] | found}, ensure_ascii=False)
    return _prepare(report, PrepareReply(reply_id, kind, document, command.is_sent), now)


def _receipt(report: Report) -> str:
    if not report.has_asked:
        return "report_incomplete"
    return "report_received" if report.linked_to is None else "report_linked"


def _amend(report: Report, command: AmendClosure, now: Circumstances) -> Sequence[IntakeFact]:
    """The form that its hotline has, with the documents that have come since, and the id of the one it amends."""
    if report.form is None:
        return ()
    form, event = json.loads(report.form.document), json.loads(command.document)
    if form["data"].get("attachments") in (None, _enclosed(report)):
        return ()
    event["data"] = {**event["data"], **form["data"], "amends": form["id"]}
    document = json.dumps(event, ensure_ascii=False)
    return _prepare(report, PrepareReply(command.reply_id, "case_closure_amended", document, command.is_sent), now)


def _enclosed(report: Report) -> Sequence[Mapping[str, Any]]:
    return enclosures(report.received.report_id, report.documents)


def _told(report: Report, command: PrepareReply | WithholdReply) -> dict[str, object]:
    return {
        "report_id": report.received.report_id,
        "reply_id": command.reply_id,
        "kind": command.kind,
        "document": command.document,
        "is_sent": command.is_sent,
    }


def _complete(report: Report, command: CompleteReply, now: Circumstances) -> Sequence[IntakeFact]:
    withheld = report.withheld
    if withheld is None and command.reply_id not in report.replies:
        raise Refused("nothing_withheld", "这份报告没有待补全的办结表。")
    if withheld is None or withheld.reply_id != command.reply_id:
        return ()
    report_id = report.received.report_id
    completed = ReplyCompleted(
        report_id=report_id, reply_id=command.reply_id, supplied=command.supplied, completed_by=now.actor.id
    )
    prepared = ReplyPrepared(
        report_id=report_id,
        reply_id=command.reply_id,
        kind=withheld.kind,
        document=_in_order(report, command.document, now),
        is_sent=withheld.is_sent,
    )
    return completed, prepared


def _in_order(report: Report, document: str, now: Circumstances) -> str:
    """The event with its place among all that its reporter is told, in letters that sort, and when we knew of it.

    A closure form lists what has come by now: what comes while it is decided on is on it, or amends it.
    """
    event = json.loads(document)
    if "attachments" in event.get("data", {}):
        event["data"]["attachments"] = _enclosed(report)
    event |= {"sequence": f"{report.told + 1:020}", "recordedtime": in_shanghai(now.recorded_at).isoformat()}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
