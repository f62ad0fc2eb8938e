"""Read model: what became of each report, and which replies are still owed to its sender."""

from collections.abc import Sequence
from typing import Any

from events.fact import Fact, Recorded
from events.intake import (
    CaseNumberLearned,
    HelpAskedAgain,
    HelpNeeded,
    ReplyAbandoned,
    ReplyDelivered,
    ReplyPrepared,
    ReportClosed,
    ReportReceived,
    ReportSupplemented,
)
from services.chassis.projection import Change, ReadModel
from services.chassis.sql import statements

SQL = statements("services.intake", "reports.sql")


def changes(recorded: Recorded[Fact]) -> Sequence[Change]:
    """What a fact changes in the tables."""
    match recorded.fact:
        case ReportReceived() as fact:
            return [("received", _received(fact, recorded))]
        case ReportSupplemented() as fact:
            settled = not fact.still_missing
            return [("supplemented", (fact.report_id, fact.township, list(fact.still_missing), settled))]
        case HelpNeeded() as fact:
            return [("asked", (fact.report_id, fact.township))]
        case HelpAskedAgain() as fact:
            return [("linked", (fact.report_id, fact.first_report_id))]
        case CaseNumberLearned() as fact:
            return [("case_learned", (fact.report_id, fact.case_id))]
        case ReportClosed() as fact:
            return [("closed", (fact.report_id,))]
        case fact:
            return _reply(fact, recorded)


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
    )


def _reply(fact: Fact, recorded: Recorded[Fact]) -> Sequence[Change]:
    match fact:
        case ReplyPrepared():
            row = (fact.reply_id, fact.report_id, recorded.division, fact.kind, fact.document)
            return [("reply_prepared", (*row, recorded.recorded_at, recorded.position))]
        case ReplyDelivered():
            return [("reply_settled", (fact.reply_id, "delivered", fact.attempts))]
        case ReplyAbandoned():
            return [("reply_settled", (fact.reply_id, "abandoned", fact.attempts))]
        case _:
            return ()


REPORTS = ReadModel(name="reports", version=1, tables=("reports", "replies"), sql=SQL, changes=changes)
