"""The fast track, told."""

from events.relief_fast import (
    CaseDiverted,
    DirectReliefListed,
    EmergencyCalled,
    EmergencyLifted,
    FastFact,
    RemedyChosen,
    RestReferred,
    SmallFastDecided,
)
from events.yuan import yuan

_SERVICES = {"ambulance_120": "120急救", "police_110": "110公安", "fire_119": "119消防"}
_SCHEMES = {
    "disaster_resettlement": "突发事件紧急转移安置",
    "medical_emergency_fund": "疾病应急救助",
    "vagrant_rescue": "生活无着流浪乞讨人员救助",
}
_REMEDIES = {"emergency_replenishment": "申请紧急补充", "county_pays": "由县级直接支付", "overdraft": "乡镇垫付"}


def sentence(fact: FastFact) -> str:
    """What a fact of the fast track says."""
    match fact:
        case EmergencyCalled():
            return f"危及生命,先转{_SERVICES[fact.service]}处置(编号 {fact.reference}),个案继续跟进。"
        case CaseDiverted():
            follows = ",基本生活救助另行跟进" if fact.relief_follows else ""
            return f"转{_SCHEMES[fact.scheme]}渠道办理{follows}。"
        case EmergencyLifted():
            return f"紧急情况于 {fact.lifted_on} 解除。"
        case DirectReliefListed():
            return f"在名单 {fact.list_code} 内,参照先行救助直接实施救助(依据:{fact.clause})。"
        case SmallFastDecided():
            return f"小额快救 {yuan(fact.amount_fen)},最迟 {fact.pay_by} 发放(依据:{fact.basis.clause})。"
        case RestReferred():
            return f"其余 {yuan(fact.rest_fen)} 报县级决定,时限不变(依据:{fact.clause})。"
        case RemedyChosen():
            return f"备用金尚缺 {yuan(fact.shortfall_fen)},{_REMEDIES[fact.remedy]}。"
