"""What a reporter's system hears while its case is dealt with (办理动态), if it has asked for that."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.intake.channels.replies import Envelope, Reply, message, on_paper


def receipts(envelope: Envelope) -> Mapping[str, str]:
    """What can be said of a report that has just come, by kind: which of it is so is known once it is taken in."""
    told = {
        "report.received": "报告已收到,已转急难发生地的乡镇(街道)办理。",
        "report.incomplete": "报告已收到,还须补充急难发生在哪里。",
        "report.linked": "报告已收到,这户的急难情况此前已有人报告,现已一并办理。",
    }
    written = (message(envelope, event, {"text": text}) for event, text in told.items())
    return {reply.kind: reply.document for reply in written}


def contacted(envelope: Envelope, case_id: str, at: datetime, *, reached: bool) -> Reply:
    """Somebody tried to speak to the household (联系)."""
    text = "工作人员已与困难群众取得联系。" if reached else "工作人员已联系困难群众,暂未联系上。"
    data = {"case_id": case_id, "contacted_at": on_paper(at), "reached": reached, "text": text}
    return message(envelope, "case.contacted", data)


def advance_decided(envelope: Envelope, case_id: str, amount_fen: int) -> Reply:
    """Help before paperwork was decided (先行救助). How much, in fen, only finance hears."""
    data = {"case_id": case_id, "text": "已决定先行救助,正在发放。"}
    return message(envelope, "case.advance_decided", data | envelope.amount(amount_fen))


def makeup_due(envelope: Envelope, case_id: str, due_on: date) -> Reply:
    """Papers are owed for help that came first (补手续), until the end of a day. The order may be closed before."""
    data = {"case_id": case_id, "due_on": due_on.isoformat(), "text": f"有关手续须于{due_on.isoformat()}前补齐。"}
    return message(envelope, "case.makeup_due", data)


def closure_amended(envelope: Envelope) -> Reply:
    """Documents have come after the closure form (补送附件): what else the form says is added when it is decided on."""
    data = {"text": "办结后又收到附件,现补送办结表,以本次为准。"}
    return message(envelope, "case.closure_amended", data)


def reopened(envelope: Envelope, case_id: str, previous_report_id: str) -> Reply:
    """What was dealt with is dealt with anew (重办)."""
    data = {
        "case_id": case_id,
        "previous_report_id": previous_report_id,
        "text": "此前已办结的诉求再次提出,现重新办理。",
    }
    return message(envelope, "case.reopened", data)


def referred(envelope: Envelope, case_id: str, scheme: str) -> Reply:
    """Another scheme is responsible (转办), by its code."""
    data = {"case_id": case_id, "scheme": scheme, "text": "该情形由其他救助制度负责,已转办。"}
    return message(envelope, "report.transferred", data)


def clock(envelope: Envelope, event: str, case_id: str, told: Mapping[str, Any]) -> Reply:
    """Something was put down of a deadline (时限): ``told`` names it, and says what."""
    texts = {
        "clock.paused": "有关时限依规定暂停计算。",
        "clock.resumed": "有关时限恢复计算。",
        "clock.warning": "有关时限将到,正在加紧办理。",
        "clock.breached": "有关事项未在时限内办结,正在督促办理。",
        "clock.corrected": "有关时限的判定已更正,原记录保留。",
    }
    return message(envelope, event, {"case_id": case_id, **told, "text": texts[event]})
