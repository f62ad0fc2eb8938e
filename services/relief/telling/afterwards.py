"""What follows, told: the county's look, money back, refusals and how they were delivered, referrals."""

from events.reasons import because
from events.relief_after import (
    AfterFact,
    CaseEndedEarly,
    CountyFact,
    CountyOverrode,
    DebtJudged,
    EndingFact,
    EntryCorrected,
    FilingReceived,
    LetterDelivered,
    PostReviewConcluded,
    ReconsiderationNoted,
    RecoveryFact,
    RecoveryOrdered,
    RecoverySettled,
    ReliefRefused,
    ReportLeft,
    SampleDrawn,
    TownshipMoved,
    WaiverDeclined,
    WaiverProposed,
)
from events.relief_referral import ReferralAnswered, ReferralClosed, ReferralFact, ReferralSent
from events.yuan import yuan
from services.relief.telling.words import on_paper

_FINDINGS = {"eligible": "符合条件", "ineligible_in_good_faith": "不符合条件,当事人无过错", "fraud": "骗取救助"}
_OUTCOMES = {"admitted": "准予列支", "refused": "不予列支"}
_LEFT = {"returned": "退回热线", "voided": "作废"}
_SETTLED = {"received": "收回", "waived": "免予追回", "offset": "抵扣", "returned": "退汇冲销", "declined": "不能追回"}
_DELIVERED = {"in_person": "当面", "post": "邮寄", "left_at_home": "留置", "public_notice": "公告"}
_DISPUTES = {"reconsideration": "行政复议", "litigation": "行政诉讼"}
_ENDS = {"death": "救助对象死亡", "lost": "救助对象失联", "withdrawn": "求助人撤回"}
_PARTNERS = {"department": "有关部门", "charity": "慈善组织", "social_work": "社工机构", "volunteers": "志愿服务组织"}
_RESULTS = {"helped": "已给予帮助", "not_helped": "未能给予帮助", "withdrawn": "已撤回"}


def sentence(fact: AfterFact) -> str:
    """What a later fact says."""
    if isinstance(fact, CountyFact):
        return _county(fact)
    if isinstance(fact, TownshipMoved):
        places = f"由乡镇(街道){fact.from_township} 变更为 {fact.to_township}"
        return f"个案{places}办理(原因:{because(fact.reason)});尚未支付的予以释放,由新的乡镇(街道)重新决定。"
    return _recovery(fact) if isinstance(fact, RecoveryFact) else _ending(fact)


def _county(fact: CountyFact) -> str:
    match fact:
        case FilingReceived():
            return "决定已报县级备案。"
        case CountyOverrode():
            amounts = f"由 {yuan(fact.decided_fen)} 变更为 {yuan(fact.to_fen)}"
            return f"县级变更救助金额,{amounts}(原因:{because(fact.reason)});原决定保留备查。"
        case SampleDrawn():
            return f"列入县级抽查 {fact.sample_id}。"
        case PostReviewConcluded():
            barred = f",{fact.barred_until} 前不予受理" if fact.barred_until else ""
            document = f"(文书:{fact.document})" if fact.document else ""
            return f"事后审核:{_FINDINGS[fact.finding]}{document}{barred}。"
        case DebtJudged():
            return f"逾期未补手续的救助,县级{_OUTCOMES[fact.outcome]}(原因:{because(fact.reason)})。"


def _recovery(fact: RecoveryFact) -> str:
    match fact:
        case RecoveryOrdered():
            basis = f",依据:{fact.basis}" if fact.basis else ""
            return f"决定追回 {yuan(fact.amount_fen)}(原因:{because(fact.reason)}{basis})。"
        case RecoverySettled():
            left = "" if fact.left_fen is None else f",尚欠 {yuan(fact.left_fen)}"
            return f"{_SETTLED[fact.how]} {yuan(fact.amount_fen)}{left}。"
        case WaiverProposed():
            return f"拟{_SETTLED[fact.how]} {yuan(fact.amount_fen)}(原因:{because(fact.reason)}),待另一人确认。"
        case WaiverDeclined():
            return "免予追回未获确认,仍应追回。"


def _ending(fact: EndingFact) -> str:
    match fact:
        case ReliefRefused():
            return f"不予救助(原因:{because(fact.reason)}),已出具书面决定。"
        case LetterDelivered():
            return f"书面决定已{_DELIVERED[fact.how]}送达,时间 {on_paper(fact.delivered_at)}。"
        case ReconsiderationNoted():
            return f"当事人提起{_DISPUTES[fact.kind]}({fact.reference})。"
        case ReportLeft():
            where = _LEFT.get(fact.how, f"转 {fact.to_county} 办理")
            rest = ",本县(市、区)不再办理;尚未支付的予以释放" if fact.is_last else ""
            return f"一份报告已{where}{rest}。"
        case CaseEndedEarly():
            return f"救助终止:{_ENDS[fact.why]};已发放的不再收回。"
        case EntryCorrected():
            return f"更正:{fact.about} 的{fact.what}登记有误,原记录保留。"


def referral(fact: ReferralFact) -> str:
    """What a fact of a referral says."""
    match fact:
        case ReferralSent():
            return f"转介{_PARTNERS[fact.partner]}({fact.need}),请于 {fact.answer_by} 前答复。"
        case ReferralAnswered():
            why = "" if fact.reason is None else f"(原因:{because(fact.reason)})"
            return "对方接受转介。" if fact.accepted else f"对方不接受转介{why}。"
        case ReferralClosed():
            return f"转介办结:{_RESULTS[fact.result]}。"
