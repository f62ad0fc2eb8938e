"""What the codes of reasons are called (原因): for people, who read sentences.

Codes are open: whoever gives a reason may use one of their own, which is told as it came.
"""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "account_closed": "收款账户已销户",
    "address_forbidden": "回调地址不允许访问",
    "already_advanced": "同一急难事由已获先行救助",
    "arose_there": "急难发生在当地",
    "bank_returned": "银行退回",
    "below_minimum": "低于单次最低救助额",
    "by_the_caller": "报告人本人要求",
    "charity_referral": "可转介慈善组织",
    "disqualified": "曾骗取救助,尚在不予受理的期限内",
    "duplicate_elsewhere": "其他地方已受理同一事项",
    "expense_not_incurred": "支出尚未发生,本地政策没有先期垫付",
    "expired": "到期未支付",
    "fraud": "骗取救助",
    "hardship_ended": "困难已经缓解",
    "hardship_found_less": "困难程度轻于申报",
    "hardship_goes_on": "困难仍在持续",
    "helped_while_barred": "在不予受理的期限内给予了救助",
    "household_declined": "求助家庭放弃",
    "household_died": "求助人死亡",
    "household_left": "求助家庭已离开本地",
    "in_transit": "未达账项",
    "mistake": "登记有误",
    "mistaken": "登记有误",
    "name_differs": "户名不符",
    "need_is_over": "急难已经解除",
    "no_answer": "对方没有答复",
    "no_callback": "没有登记回调地址",
    "no_evidence": "没有凭据",
    "no_money": "资金不足",
    "not_confirmed": "对方没有确认收到",
    "not_here": "不属本地办理",
    "not_needed": "不再需要",
    "not_ours": "不属本单位",
    "not_received": "款项未到账",
    "over_limit": "超出乡镇(街道)审批额度",
    "paid_elsewhere": "已由其他渠道支付",
    "papers_never_filed": "手续一直未补",
    "received_before_decision": "到账时间早于决定时间",
    "received_over_decided": "到账金额超过决定金额",
    "recorded_late": "事后补记,超过规定时间",
    "recovery_declined": "追回没有执行",
    "repeat_found": "发现重复救助",
    "returned_after_closing": "办结后款项被退回",
    "returned_after_recovery": "追回后款项被退回",
    "test_record": "测试记录",
    "too_late": "已超过可支付的期限",
    "township_moved": "办理的乡镇(街道)变更",
    "unreachable": "无法连接",
    "voided_after_closing": "办结后占用被释放",
    "wrong_amount": "金额有误",
    "wrong_entry": "登记有误",
    "wrong_line": "明细有误",
    "wrong_payment": "支付有误",
    "wrong_person": "对象有误",
    "wrong_township": "乡镇(街道)有误",
    "year_closed": "年度已经结账",
}


def because(code: str) -> str:
    """What a reason is called; a code that has no words here is told as it is."""
    return REASONS.get(code, code)
