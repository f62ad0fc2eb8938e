"""What became of a report, told: each fact one Chinese sentence, in which nobody is named."""

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
from events.reasons import because

_CHANNELS = {
    "hotline": "12345热线",
    "village": "村级信息员",
    "hospital": "医疗机构",
    "monitor": "监测平台",
    "media": "媒体网络",
    "window": "一门受理窗口",
    "department": "部门名单",
}
_CAUSES = {"fire": "火灾", "accident": "意外事件", "illness": "突发重大疾病", "other": "其他急难"}
_URGENCIES = {"life_danger": "危及生命", "urgent": "紧急", "normal": "一般"}
_IDENTITIES = {"known": "身份已核验", "claimed": "身份为自述", "unknown": "身份不明"}
_REPLIES = {
    "report_received": "已收到",
    "report_linked": "已并案",
    "report_accepted": "已受理",
    "report_returned": "退回",
    "report_transferred": "已转办",
    "report_incomplete": "待补充",
    "report_correction": "已作废",
    "case_contacted": "已联系",
    "case_advance_decided": "已决定先行救助",
    "case_makeup_due": "须补手续",
    "case_closure_amended": "办结表已补充附件",
    "case_reopened": "重新办理",
    "clock_paused": "时限暂停",
    "clock_resumed": "时限恢复",
    "clock_warning": "时限预警",
    "clock_breached": "已超时限",
    "clock_corrected": "时限更正",
    "case_advance_paid": "已先行救助",
    "case_payment_returned": "救助款被退回",
    "case_closed": "已办结",
}

_RESOLVED = {"resolved": "已解决", "unresolved": "未解决", "partly": "部分解决", "declined": "不办理"}
_SATISFIED = {"satisfied": "满意", "mostly": "基本满意", "dissatisfied": "不满意", "unrated": "未评价"}

_VERDICTS = {"same": "确认为同一户", "different": "确认不是同一户", "open": "撤销此前判断"}

_MISSING = {"/place": "发生地"}
_HOLDS = {"known": "原先所报", "told": "补充所称"}

_Asking = HelpNeeded | HelpAskedAgain | NeedJoined | NeedLeft | CaseNumberLearned
_Later = (
    AccountsDiffer | ReportUrged | ReturnVisitRecorded | ReportWithdrawn | AppealFiled | ReportReturned | ReportVoided
)
_Moved = TransferredOut | TransferredIn | TransferTaken
_Filed = DutyCalled | DuplicatesSuspected | DuplicateDecided | AccountsSettled | AttachmentStored
_Answer = ReplyWithheld | ReplyCompleted | ReplyPrepared | ReplyDelivered | ReplyAbandoned | ReplyRequeued


def sentence(fact: IntakeFact) -> str:
    """What a fact says, for people."""
    match fact:
        case ReportReceived() | ReportSupplemented() | ReportClosed():
            return _reported(fact)
        case HelpNeeded() | HelpAskedAgain() | NeedJoined() | NeedLeft() | CaseNumberLearned():
            return _asked(fact)
        case (
            AccountsDiffer()
            | ReportUrged()
            | ReturnVisitRecorded()
            | ReportWithdrawn()
            | AppealFiled()
            | ReportReturned()
            | ReportVoided()
        ):
            return _said_later(fact)
        case TransferredOut() | TransferredIn() | TransferTaken():
            return _moved(fact)
        case DutyCalled() | DuplicatesSuspected() | DuplicateDecided() | AccountsSettled() | AttachmentStored():
            return _filed(fact)
        case (
            ReplyWithheld() | ReplyCompleted() | ReplyPrepared() | ReplyDelivered() | ReplyAbandoned() | ReplyRequeued()
        ):
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
        case NeedJoined():
            return f"报告 {fact.linked_report_id} 的 {len(fact.match_keys)} 条线索并入,今后据此报告的也并入办理。"
        case NeedLeft():
            return f"并入的报告 {fact.linked_report_id} 已退回或转出。"
        case CaseNumberLearned():
            return f"报告 {fact.report_id} 由个案 {fact.case_id} 办理。"


def _said_later(fact: _Later) -> str:
    match fact:
        case AccountsDiffer():
            return f"补充所称的发生地 {fact.told} 与原先的 {fact.known} 不一致,两说并存,待人工确认。"
        case ReportUrged():
            return f"第{fact.number}次{'催办' if fact.level == 'urge' else '督办'}。"
        case ReturnVisitRecorded():
            return f"热线回访:{'已接通' if fact.reached else '未接通'}{_outcome(fact)}。"
        case ReportWithdrawn():
            return f"报告人撤回报告(原因:{because(fact.reason)})。"
        case AppealFiled():
            return "对热线考核结果提出申诉。"
        case ReportVoided():
            return f"报告作废,属登记有误(原因:{because(fact.reason)})。"
        case ReportReturned():
            return f"第{fact.number}次退单(原因:{because(fact.reason)};依据:{fact.basis})。"


def _outcome(fact: ReturnVisitRecorded) -> str:
    solved = "" if fact.resolved is None else f",{_RESOLVED[fact.resolved]}"
    return solved + ("" if fact.satisfied is None else f",{_SATISFIED[fact.satisfied]}")


def _moved(fact: _Moved) -> str:
    match fact:
        case TransferredOut():
            place = fact.to_township or fact.to_county
            return f"转 {place} 办理,对方报告 {fact.new_report_id}(原因:{because(fact.reason)};依据:{fact.basis})。"
        case TransferredIn():
            return f"由 {fact.from_county} 转入,原报告 {fact.from_report_id},时限从原接报时起算。"
        case TransferTaken():
            return f"转出地已由报告 {fact.new_report_id} 接办。"


def _filed(fact: _Filed) -> str:
    match fact:
        case DuplicatesSuspected():
            others = "、".join(candidate.report_id for candidate in fact.candidates)
            return f"与报告 {others} 疑似重复,待人工判断。"
        case DuplicateDecided():
            return f"与报告 {fact.other_report_id}:{_VERDICTS[fact.verdict]}。"
        case AccountsSettled():
            return f"发生地的两种说法已经判断:以{_HOLDS[fact.holds]}为准。"
        case AttachmentStored():
            return f"附件 {fact.sha256[:8]} 已收到。"
        case DutyCalled():
            return f"呼叫 {fact.division} 值班人员 {fact.staff_id}:{'已接通' if fact.reached else '未接通'}。"


def _answered(fact: _Answer) -> str:
    match fact:
        case ReplyWithheld():
            return f"办结表不完整,暂不发送,须人工补全({len(fact.lacks)}项)。"
        case ReplyCompleted():
            return f"办结表由 {fact.completed_by} 补全({len(fact.supplied)}项)。"
        case ReplyPrepared():
            return f"拟答复报告人:{_REPLIES.get(fact.kind, fact.kind)}。"
        case ReplyDelivered():
            return f"答复 {fact.reply_id} 第{fact.attempts}次发送时送达。"
        case ReplyAbandoned():
            return f"答复 {fact.reply_id} 发送{fact.attempts}次未送达,须人工处理(原因:{because(fact.reason)})。"
        case ReplyRequeued():
            return f"答复 {fact.reply_id} 重新发送。"


def _source(fact: ReportReceived) -> str:
    order = "" if fact.order is None else f"工单 {fact.order.number} "
    return f"{_CHANNELS[fact.channel]}({fact.vendor}){order}"


def _missing(pointers: tuple[str, ...]) -> str:
    return f";尚缺{'、'.join(_MISSING.get(pointer, pointer) for pointer in pointers)}" if pointers else ""
