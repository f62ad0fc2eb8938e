"""Who it is, told; nobody is named."""

from events.reasons import because
from events.relief_persons import (
    DuplicateChecked,
    HomeCountyAnswered,
    HomeCountyTold,
    IdentityEstablished,
    IdentityWithdrawn,
    LastingCauseFound,
    PersonFact,
    PoliceAnswered,
    PoliceAsked,
    RepeatFound,
    RepeatWithdrawn,
)

_CHECKED = {"pending": "未在规定时间内答复,先行办理", "none": "未发现重复", "found": "发现可能重复"}

_AT_HOME = {"nothing_against": "无异议", "helped_there": "已在户籍地救助", "not_of_here": "非本地户籍"}
_ANSWERED = {"found": "已查明", "not_found": "未能查明"}


def sentence(fact: PersonFact) -> str:
    """What a fact about the person says."""
    match fact:
        case IdentityEstablished():
            return "求助对象身份已经核实。"
        case IdentityWithdrawn():
            return f"身份核实撤销(原因:{because(fact.reason)}),已作出的决定不变。"
        case RepeatFound():
            return f"同一人同一急难已由 {fact.other} 救助,提请事后审核。"
        case RepeatWithdrawn():
            return "重复救助的认定撤销。"
        case LastingCauseFound():
            return f"同一事由自 {fact.since} 起持续较长,按规定应转介到其他社会救助(依据:{fact.clause})。"
        case PoliceAsked():
            return f"请公安机关核查身份{f'(文号 {fact.reference})' if fact.reference else ''}。"
        case PoliceAnswered():
            return f"公安机关身份核查答复:{_ANSWERED[fact.result]}。"
        case HomeCountyTold():
            return f"告知户籍地 {fact.home_county},请其配合审核;救助不因此等待。"
        case HomeCountyAnswered():
            return f"户籍地 {fact.home_county} 答复:{_AT_HOME[fact.result]}。"
        case DuplicateChecked():
            return f"跨县查重:{_CHECKED[fact.result]}。"
