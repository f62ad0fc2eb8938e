"""The bank's side of the money, told: batches, statements, matches and differences, each fact one Chinese sentence."""

from collections.abc import Mapping

from events.bank import (
    AccountFact,
    BankAccountRegistered,
    BatchAnswered,
    BatchDrawn,
    BatchExported,
    BatchFact,
    Doubt,
    ExceptionAssigned,
    ExceptionEscalated,
    ExceptionOpened,
    LayoutFact,
    LayoutSaved,
    Level,
    LineMatched,
    LineUnmatched,
    Rule,
    StatementImported,
    StatementLinesRead,
    Treatment,
    TreatmentApproved,
    TreatmentProposed,
    TreatmentRejected,
)
from events.reasons import because
from events.yuan import yuan_of

DOUBTS: Mapping[Doubt, str] = {
    "bank_only": "银行已收付、账面未记",
    "book_only": "账面已付、银行未记",
    "amount_diff": "金额不符",
    "duplicate_suspect": "疑似重复",
    "wrong_payee": "收款人不符",
    "batch_short": "批次不平",
    "returned": "退汇",
    "late_payment": "逾期付款",
    "unknown_credit": "不明来款",
}
_RULES: Mapping[Rule, str] = {
    "number": "支付编号",
    "serial": "银行流水号",
    "batch": "代发批次号",
    "party": "户名账号",
    "returned": "退汇",
    "reversal": "冲正",
    "manual": "人工",
}
_LEVELS: Mapping[Level, str] = {"warned": "已提醒本单位", "county": "已上报县级"}
_TREATMENTS: Mapping[Treatment, str] = {"other_business": "其他业务", "explained": "未达账项", "match": "人工勾对"}

_Treating = (
    ExceptionOpened | ExceptionAssigned | ExceptionEscalated | TreatmentProposed | TreatmentApproved | TreatmentRejected
)


def sentence(fact: AccountFact | LayoutFact | BatchFact) -> str:
    """What a fact of the bank's side says, for people; nobody is named."""
    match fact:
        case BankAccountRegistered():
            return f"{fact.registered_by} 登记银行账户 {fact.account_id}〔账号已加密〕。"
        case LayoutSaved():
            return f"{fact.saved_by} 保存对账单表头对照 {fact.layout_id}。"
        case BatchDrawn():
            amount = yuan_of(sum(item.amount_fen for item in fact.items))
            return f"{fact.drawn_by} 编制代发批次 {fact.batch_number}:{len(fact.items)} 笔,{amount} 元。"
        case BatchExported():
            return f"{fact.exported_by} 导出代发文件:{len(fact.payments)} 笔(文件摘要 {fact.sha256[:12]})。"
        case BatchAnswered():
            succeeded = sum(item.succeeded for item in fact.results)
            return f"银行回盘:成功 {succeeded} 笔,失败 {len(fact.results) - succeeded} 笔。"
        case StatementImported() | StatementLinesRead() | LineMatched() | LineUnmatched():
            return _stated(fact)
        case _:
            return _treated(fact)


def _stated(fact: StatementImported | StatementLinesRead | LineMatched | LineUnmatched) -> str:
    match fact:
        case StatementImported():
            days = f"{fact.first_day} 至 {fact.last_day}"
            balance = f"期末余额 {yuan_of(fact.closing_fen)} 元"
            return f"{fact.imported_by} 导入对账单 {fact.file}({days}):{fact.lines} 笔,{balance}。"
        case StatementLinesRead():
            return f"读入对账单明细 {len(fact.lines)} 笔〔摘要和户名已加密〕。"
        case LineMatched():
            return f"勾对 {yuan_of(fact.amount_fen)} 元(依据:{_RULES[fact.rule]})。"
        case LineUnmatched():
            return f"取消勾对 {fact.match_id}(原因:{because(fact.reason)})。"


def _treated(fact: _Treating) -> str:
    match fact:
        case ExceptionOpened():
            amount = yuan_of(fact.amount_fen)
            return f"对账差异 {fact.exception_id}:{DOUBTS[fact.kind]},{amount} 元({fact.since})。"
        case ExceptionAssigned():
            return f"对账差异 {fact.exception_id} 由 {fact.owner} 负责。"
        case ExceptionEscalated():
            return f"对账差异 {fact.exception_id} 已 {fact.age_days} 天未了结,{_LEVELS[fact.level]}。"
        case TreatmentProposed():
            told = f"{_TREATMENTS[fact.treatment]}(原因:{because(fact.reason)})"
            return f"{fact.proposed_by} 对差异 {fact.exception_id} 提出意见:{told}。"
        case TreatmentApproved():
            return f"{fact.approved_by} 复核同意差异 {fact.exception_id} 按{_TREATMENTS[fact.treatment]}处理。"
        case TreatmentRejected():
            return f"复核退回差异 {fact.exception_id} 的意见(原因:{because(fact.reason)})。"
