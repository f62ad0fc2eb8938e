"""Read model: what became of each report, what was said about it later, which replies are still owed to its sender."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from events.fact import Fact, Recorded
from events.intake import (
    CaseNumberLearned,
    HelpAskedAgain,
    HelpNeeded,
    Likeness,
    ReportClosed,
    ReportReceived,
    ReportReturned,
    ReportSupplemented,
    ReportVoided,
    TransferTaken,
)
from events.intake_desk import CallbackDisabled, CallbackEnabled, PolicyHeard
from events.intake_later import (
    AccountsDiffer,
    AccountsSettled,
    AppealFiled,
    AttachmentStored,
    DuplicateDecided,
    DutyCalled,
    ReplyAbandoned,
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
from services.chassis.changes import Change
from services.chassis.projection import ReadModel
from services.chassis.sql import statements
from services.intake.likeness import FEATURES
from services.intake.report_state import township_inside

SQL = statements("services.intake", "reports.sql")
_SHORT = 32
"""Hexadecimal digits."""


def changes(recorded: Recorded[Fact]) -> Sequence[Change]:
    """What a fact changes in the tables."""
    match recorded.fact:
        case ReportReceived() as fact:
            return [("received", _received(fact, recorded)), *_likenesses(fact), *_danger(fact, recorded)]
        case ReportSupplemented() as fact:
            settled = not fact.still_missing
            inside = township_inside(recorded.division, fact.township)
            return [("supplemented", (fact.report_id, inside, list(fact.still_missing), settled))]
        case HelpNeeded() as fact:
            return [("asked", (fact.report_id, fact.township))]
        case HelpAskedAgain() as fact:
            return [("linked", (fact.report_id, fact.first_report_id))]
        case CaseNumberLearned() as fact:
            return [("case_learned", (fact.report_id, fact.case_id))]
        case ReportClosed() as fact:
            return [("closed", (fact.report_id,))]
        case ReplyWithheld() as fact:
            return _withheld(fact, recorded)
        case ReplyPrepared() | ReplyDelivered() | ReplyAbandoned() | ReplyRequeued() as fact:
            return _reply(fact, recorded)
        case TransferredOut() | TransferredIn() | TransferTaken() | DutyCalled() as fact:
            return _moved(fact, recorded)
        case DuplicateDecided() as fact:
            told = {"other_report_id": fact.other_report_id, "verdict": fact.verdict}
            return [_noted(fact.report_id, "compared", told, recorded)]
        case AttachmentStored() as fact:
            return [_noted(fact.report_id, "attachment", {"sha256": fact.sha256}, recorded)]
        case CallbackDisabled() as fact:
            return [("callback_off", (fact.vendor, recorded.recorded_at))]
        case CallbackEnabled() as fact:
            return [("callback_on", (fact.vendor,))]
        case PolicyHeard() as fact:
            return [("policy_heard", (recorded.division, recorded.position, fact.model_dump_json(exclude_none=True)))]
        case fact:
            return _later(fact, recorded)


def _later(fact: Fact, recorded: Recorded[Fact]) -> Sequence[Change]:
    """What was said of a report after it was received, and what is shown of it: never the words."""
    match fact:
        case ReportUrged():
            counted = "urged" if fact.level == "urge" else "supervised"
            return [(counted, (fact.report_id, fact.number)), _noted(fact.report_id, counted, {}, recorded)]
        case ReturnVisitRecorded():
            heard = fact.model_dump(mode="json", include={"reached", "resolved", "satisfied", "visited_at"})
            return [_noted(fact.report_id, "return_visit", heard, recorded)]
        case ReportWithdrawn():
            noted = _noted(fact.report_id, "withdrawn", {"reason": fact.reason}, recorded)
            return [("withdrawn", (fact.report_id,)), noted]
        case AppealFiled():
            return [_noted(fact.report_id, "appeal", {"case_id": fact.case_id}, recorded)]
        case ReportVoided():
            return [("voided", (fact.report_id,)), _noted(fact.report_id, "voided", {"reason": fact.reason}, recorded)]
        case ReportReturned():
            why = {"reason": fact.reason, "basis": fact.basis, "number": fact.number}
            return [("returned", (fact.report_id, fact.number)), _noted(fact.report_id, "returned", why, recorded)]
        case AccountsDiffer():
            differ = {"about": fact.about, "known": fact.known, "told": fact.told}
            told_by = recorded.meta.actor.id
            row = (fact.report_id, fact.supplement_id, fact.about, fact.known, fact.told, told_by, recorded.recorded_at)
            return [("differ", row), _noted(fact.report_id, "accounts_differ", differ, recorded)]
        case AccountsSettled():
            told = {"supplement_id": fact.supplement_id, "holds": fact.holds}
            settled = "settled", (fact.report_id, fact.supplement_id)
            return [settled, _noted(fact.report_id, "accounts_settled", told, recorded)]
        case _:
            return ()


def _moved(
    fact: TransferredOut | TransferredIn | TransferTaken | DutyCalled, recorded: Recorded[Fact]
) -> Sequence[Change]:
    match fact:
        case TransferredOut():
            told = {"to": fact.to_township or fact.to_county, "new_report_id": fact.new_report_id}
            noted = _noted(fact.report_id, "transferred_out", told, recorded)
            return [("transferred", (fact.report_id,)), noted]
        case TransferTaken():
            return [("transfer_taken", (fact.report_id,))]
        case TransferredIn():
            told = {"from": fact.from_county, "from_report_id": fact.from_report_id}
            return [_noted(fact.report_id, "transferred_in", told, recorded)]
        case DutyCalled():
            told = fact.model_dump(mode="json", include={"division", "staff_id", "reached", "called_at"})
            noted = _noted(fact.report_id, "duty_called", told, recorded)
            return [noted, ("duty_reached", (fact.report_id,))] if fact.reached else [noted]


def _noted(report_id: str, kind: str, detail: Mapping[str, Any], recorded: Recorded[Fact]) -> Change:
    return "noted", (report_id, kind, recorded.occurred_at, json.dumps(detail), recorded.position)


def _danger(fact: ReportReceived, recorded: Recorded[Fact]) -> Sequence[Change]:
    """Life in danger: somebody on duty is to be called."""
    return [("in_danger", (fact.report_id, recorded.recorded_at))] if fact.urgency == "life_danger" else ()


def _likenesses(fact: ReportReceived) -> Sequence[Change]:
    """By what the report may be found again; nothing of it can be read."""
    if not fact.likenesses:
        return ()
    keys = short_keys(fact.likenesses)
    return [("likeness", (fact.report_id, fact.cause, fact.reported_at, *map(keys.get, FEATURES)))]


def short_keys(likenesses: Iterable[Likeness]) -> Mapping[str, str]:
    """Keys by their kind, as the tables hold them: half of a digest tells all of a county's households apart."""
    return {likeness.kind: likeness.key[:_SHORT] for likeness in likenesses}


def _received(fact: ReportReceived, recorded: Recorded[Fact]) -> tuple[Any, ...]:
    return (
        fact.report_id,
        recorded.division,
        fact.township,
        fact.channel,
        fact.vendor,
        "incomplete" if fact.missing else "received",
        list(fact.missing),
        fact.reported_at,
        recorded.recorded_at,
        recorded.position,
        None if fact.order is None else fact.order.number,
        fact.earlier_report_id,
        json.dumps([term.model_dump(mode="json") for term in fact.terms]),
        fact.returns_before,
    )


def _reply(
    fact: ReplyPrepared | ReplyDelivered | ReplyAbandoned | ReplyRequeued, recorded: Recorded[Fact]
) -> Sequence[Change]:
    match fact:
        case ReplyPrepared():
            row = (fact.reply_id, fact.report_id, recorded.division, fact.kind, fact.document)
            state = "owed" if fact.is_sent else "kept"
            return [("reply_prepared", (*row, recorded.recorded_at, recorded.position, state))]
        case ReplyDelivered():
            return [("reply_settled", (fact.reply_id, "delivered", fact.attempts, None))]
        case ReplyAbandoned():
            return [("reply_settled", (fact.reply_id, "abandoned", fact.attempts, fact.reason))]
        case ReplyRequeued():
            return [("reply_requeued", (fact.reply_id, recorded.recorded_at))]


def _withheld(fact: ReplyWithheld, recorded: Recorded[Fact]) -> Sequence[Change]:
    """It stands among the replies with what it lacks, and is neither sent nor fed."""
    row = (fact.reply_id, fact.report_id, recorded.division, fact.kind, fact.document)
    lacks = f"lacks:{','.join(fact.lacks)}"
    return [
        ("reply_prepared", (*row, recorded.recorded_at, recorded.position, "withheld")),
        ("reply_lacks", (fact.reply_id, lacks)),
    ]


_TABLES = ("reports", "replies", "messages", "receivers", "likenesses", "policies", "differences", "perils")
_OF_THE_REPORT = (("report", 0),)
_INSERTED = {"received": _OF_THE_REPORT, "likeness": (), "noted": (), "policy_heard": ()}
_UPDATED = dict.fromkeys(("asked", "linked", "case_learned"), _OF_THE_REPORT)
_ANSWERED = {
    "reply_prepared": (("report", 1), ("reply", 0)),
    "reply_settled": (("reply", 0),),
    "reply_lacks": (("reply", 0),),
}

REPORTS = ReadModel(
    name="reports",
    version=9,
    tables=_TABLES,
    sql=SQL,
    changes=changes,
    touches=_INSERTED | _UPDATED | _ANSWERED,
)
