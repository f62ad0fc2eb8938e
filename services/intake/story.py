"""What became of a report, told: each fact one Chinese sentence, in which nobody is named."""

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

_CHANNELS = {"hotline": "12345热线", "village": "村级信息员", "hospital": "医疗机构"}
_CAUSES = {"fire": "火灾", "accident": "意外事件", "illness": "突发重大疾病", "other": "其他急难"}
_URGENCIES = {"life_danger": "危及生命", "urgent": "紧急", "normal": "一般"}
_IDENTITIES = {"known": "身份已核验", "claimed": "身份为自述", "unknown": "身份不明"}
_REPLIES = {
    "report_received": "已收到",
    "report_linked": "已并案",
    "report_accepted": "已受理",
    "case_advance_paid": "已先行救助",
    "case_closed": "已办结",
}

_Asking = HelpNeeded | HelpAskedAgain | CaseNumberLearned
_Answer = ReplyPrepared | ReplyDelivered | ReplyAbandoned


def sentence(fact: IntakeFact) -> str:
    """What a fact says, for people."""
    match fact:
        case ReportReceived() | ReportSupplemented() | ReportClosed():
            return _reported(fact)
        case HelpNeeded() | HelpAskedAgain() | CaseNumberLearned():
            return _asked(fact)
        case ReplyPrepared() | ReplyDelivered() | ReplyAbandoned():
            return _answered(fact)


def _reported(fact: ReportReceived | ReportSupplemented | ReportClosed) -> str:
    match fact:
        case ReportReceived():
            who = f"求助人{'' if fact.name is None else '〔姓名已加密〕'}{_IDENTITIES[fact.identity]}"
            what = f"{_CAUSES[fact.cause]},{_URGENCIES[fact.urgency]},{fact.persons}人"
            return f"{_source(fact)}报告 {fact.report_id}:{what};{who}{_missing(fact.missing)}。"
        case ReportSupplemented():
            place = "" if fact.township is None else f",发生地 {fact.township}"
            return f"补充报告{place}{_missing(fact.still_missing)}。"
        case ReportClosed():
            return f"报告 {fact.report_id} 办结。"


def _asked(fact: _Asking) -> str:
    match fact:
        case HelpNeeded():
            return f"发生地 {fact.township} 需要救助,转该地办理。"
        case HelpAskedAgain():
            return f"与报告 {fact.first_report_id} 属同一急难,并入办理。"
        case CaseNumberLearned():
            return f"报告 {fact.report_id} 由个案 {fact.case_id} 办理。"


def _answered(fact: _Answer) -> str:
    match fact:
        case ReplyPrepared():
            return f"拟答复报告人:{_REPLIES.get(fact.kind, fact.kind)}。"
        case ReplyDelivered():
            return f"答复 {fact.reply_id} 第{fact.attempts}次发送时送达。"
        case ReplyAbandoned():
            return f"答复 {fact.reply_id} 发送{fact.attempts}次未送达,须人工处理(原因:{fact.reason})。"


def _source(fact: ReportReceived) -> str:
    order = "" if fact.order is None else f"工单 {fact.order.number} "
    return f"{_CHANNELS[fact.channel]}({fact.vendor}){order}"


def _missing(pointers: tuple[str, ...]) -> str:
    return f";尚缺 {'、'.join(pointers)}" if pointers else ""
