"""What a reporter is told at once (告知): where the report stands, in a sentence to read aloud."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.intake import (
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
    Term,
    TransferTaken,
)
from events.intake_later import (
    AccountsDiffer,
    AccountsSettled,
    AppealFiled,
    AttachmentStored,
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
from events.relief_clocks import ClockName
from events.shanghai import in_shanghai


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
            return _received(fact)
        case ReportSupplemented():
            status = "incomplete" if fact.still_missing else "received"
            return {"report_id": fact.report_id, "status": status, "missing": list(fact.still_missing)}
        case HelpNeeded():
            return {"status": "received", "owner_division": fact.township}
        case HelpAskedAgain():
            return {"status": "linked", "owner_division": fact.county, "first_report_id": fact.first_report_id}
        case AccountsDiffer():
            return {"conflicts": [fact.about]}
        case ReportVoided():
            return {"report_id": fact.report_id, "status": "voided"}
        case ReportUrged() | ReturnVisitRecorded() | ReportWithdrawn() | AppealFiled() | ReportReturned():
            return _noted(fact)
        case TransferredOut():
            told = {"report_id": fact.report_id, "status": "transferred", "owner_division": fact.to_county}
            return told | {"new_report_id": fact.new_report_id}
        case DuplicatesSuspected():
            return {"possible_duplicates": [candidate.report_id for candidate in fact.candidates]}
        case DutyCalled() | DuplicateDecided() | AccountsSettled() | AttachmentStored():
            return _filed(fact)
        case TransferredIn() | TransferTaken() | NeedJoined() | NeedLeft() | CaseNumberLearned() | ReportClosed():
            return {}
        case ReplyCompleted():
            return {"report_id": fact.report_id, "status": "completed", "reply_id": fact.reply_id}
        case ReplyWithheld() | ReplyPrepared() | ReplyDelivered() | ReplyAbandoned() | ReplyRequeued():
            return {}


def _filed(fact: DutyCalled | DuplicateDecided | AccountsSettled | AttachmentStored) -> Mapping[str, Any]:
    match fact:
        case DutyCalled():
            return {"report_id": fact.report_id, "status": "called", "reached": fact.reached}
        case DuplicateDecided():
            told = {"other_report_id": fact.other_report_id, "verdict": fact.verdict}
            return {"report_id": fact.report_id, "status": "compared"} | told
        case AccountsSettled():
            told = {"supplement_id": fact.supplement_id, "holds": fact.holds}
            return {"report_id": fact.report_id, "status": "settled"} | told
        case AttachmentStored():
            return {"report_id": fact.report_id, "status": "stored", "sha256": fact.sha256}


def _received(fact: ReportReceived) -> Mapping[str, Any]:
    return {
        "report_id": fact.report_id,
        "status": "incomplete" if fact.township is None else "received",
        "missing": list(fact.missing),
        "owner_division": fact.township or fact.county,
        "previous_report_id": fact.earlier_report_id,
        "clocks": [_clock(term) for term in fact.terms],
        "status_url": f"/v1/reports/{fact.report_id}",
        "possible_duplicates": [],
    }


def _clock(term: Term) -> Mapping[str, str]:
    started_at, due_at = (in_shanghai(moment).isoformat() for moment in (term.started_at, term.due_at))
    return {"name": term.name, "started_at": started_at, "due_at": due_at, "basis": term.basis}


def _noted(
    fact: ReportUrged | ReturnVisitRecorded | ReportWithdrawn | AppealFiled | ReportReturned,
) -> Mapping[str, Any]:
    match fact:
        case ReportUrged():
            return {"report_id": fact.report_id, "status": "urged", "level": fact.level, "number": fact.number}
        case ReturnVisitRecorded():
            return {"report_id": fact.report_id, "status": "visited"}
        case ReportWithdrawn():
            return {"report_id": fact.report_id, "status": "withdrawn"}
        case AppealFiled():
            return {"report_id": fact.report_id, "status": "appealed", **_evidence(fact.case_id, fact.clock)}
        case ReportReturned():
            return {"report_id": fact.report_id, "status": "returned", "number": fact.number}


def _evidence(case_id: str | None, clock: ClockName | None) -> Mapping[str, str | None]:
    """Where relief shows what speaks for an appeal: the case history, the certificate of the clock (时限证明)."""
    if case_id is None:
        return {"evidence_url": None, "certificate_url": None, "certificate_page_url": None}
    case = f"/v1/cases/{case_id}"
    certificate = None if clock is None else f"{case}/clocks/{clock}/certificate"
    return {
        "evidence_url": f"{case}/history",
        "certificate_url": certificate,
        "certificate_page_url": None if certificate is None else f"{certificate}.html",
    }


def _is_life_in_danger(facts: Sequence[IntakeFact]) -> bool:
    return any(isinstance(fact, ReportReceived | HelpNeeded) and fact.urgency == "life_danger" for fact in facts)


_CALL_FIRST = "有生命危险的,请先拨打110或120,火情请拨119。"

_ACKNOWLEDGED: Mapping[str, str] = {
    "received": "您的报告已收到,已转急难发生地的乡镇(街道)办理,工作人员会尽快联系。",
    "linked": "您的报告已收到。这户的急难情况此前已有人报告,现已一并办理,请不必重复报告。",
    "urged": "已记下您的催促,已转承办的乡镇(街道)加紧办理。",
    "visited": "回访结果已收到。",
    "withdrawn": "您的报告已撤回。承办的乡镇(街道)仍会核实是否需要救助。",
    "appealed": "申诉已收到,办理时限的全部记录可作为依据。",
    "transferred": "您的报告已转急难发生地的县(市、区)办理,时限从最初收到时起算。",
    "called": "已记录值班呼叫。",
    "compared": "已记下对疑似重复的判断。",
    "settled": "已记下对两种说法的判断。",
    "stored": "附件已收到。",
    "completed": "办结表已补全,即发送给热线。",
    "voided": "这份报告已作废,不再办理。",
    "returned": "工单已退回热线,退回的理由和依据已一并送达。",
    "incomplete": "您的报告已收到,但还不清楚急难发生在哪里,请补充所在的县(市、区)和乡镇(街道),以便马上转办。",
}
