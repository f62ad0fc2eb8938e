"""What a reporter is told at once (告知): where the report stands, in a sentence to read aloud."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.intake import (
    CaseNumberLearned,
    HelpAskedAgain,
    HelpNeeded,
    IntakeFact,
    ReplyAbandoned,
    ReplyDelivered,
    ReplyPrepared,
    ReportClosed,
    ReportReceived,
    ReportSupplemented,
)


def acknowledgement(facts: Sequence[IntakeFact]) -> Mapping[str, Any]:
    """The answer from the facts just decided: ids, codes and a sentence, nothing about a person."""
    told: dict[str, Any] = {}
    for fact in facts:
        told |= _told(fact)
    if told:
        told["ack_text"] = (_CALL_FIRST if _is_life_in_danger(facts) else "") + _ACKNOWLEDGED[told["status"]]
    return told


def _told(fact: IntakeFact) -> Mapping[str, Any]:
    match fact:
        case ReportReceived():
            status = "incomplete" if fact.township is None else "received"
            told = {"report_id": fact.report_id, "status": status, "missing": list(fact.missing)}
            return told | {"owner_division": fact.township or fact.county}
        case ReportSupplemented():
            status = "incomplete" if fact.still_missing else "received"
            return {"report_id": fact.report_id, "status": status, "missing": list(fact.still_missing)}
        case HelpNeeded():
            return {"status": "received", "owner_division": fact.township}
        case HelpAskedAgain():
            return {"status": "linked", "owner_division": fact.county, "first_report_id": fact.first_report_id}
        case CaseNumberLearned() | ReplyPrepared() | ReplyDelivered() | ReplyAbandoned() | ReportClosed():
            return {}


def _is_life_in_danger(facts: Sequence[IntakeFact]) -> bool:
    return any(isinstance(fact, ReportReceived | HelpNeeded) and fact.urgency == "life_danger" for fact in facts)


_CALL_FIRST = "有生命危险的,请先拨打110或120,火情请拨119。"

_ACKNOWLEDGED: Mapping[str, str] = {
    "received": "您的报告已收到,已转急难发生地的乡镇(街道)办理,工作人员会尽快联系。",
    "linked": "您的报告已收到。这户的急难情况此前已有人报告,现已一并办理,请不必重复报告。",
    "incomplete": "您的报告已收到,但还不清楚急难发生在哪里,请补充所在的县(市、区)和乡镇(街道),以便马上转办。",
}
