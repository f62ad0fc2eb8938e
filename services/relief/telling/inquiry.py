"""The general track, told."""

from events.reasons import because
from events.relief_inquiry import (
    HouseholdVisited,
    InquiryFact,
    MeansCheckAnswered,
    MeansCheckRequested,
    MissingTold,
    NoticeEnded,
    NoticeObjected,
    NoticePosted,
    ObjectionAnswered,
    PeersHeard,
    TypeJudged,
)
from services.relief.telling.words import paper_called

_TYPES = {"emergency": "急难型", "expenditure": "支出型"}
_CERTIFIED = {"dibao": "低保", "tekun": "特困", "dibao_edge": "低保边缘", "rigid_spending": "刚性支出困难"}
_SCOPES = {"full": "收入、财产和支出", "spending": "必需支出"}
_RESULTS = {"within": "符合", "over": "超出", "incomplete": "信息不全"}
_LEVELS = {"township": "乡镇(街道)", "village": "村(社区)", "group": "组"}


def sentence(fact: InquiryFact) -> str:
    """What a fact of the general track says."""
    match fact:
        case TypeJudged():
            family = f",{_CERTIFIED[fact.certified]}家庭" if fact.certified else ""
            return f"认定为{_TYPES[fact.relief_type]}救助{family}。"
        case MissingTold():
            return f"一次性告知需补正材料:{'、'.join(map(paper_called, fact.papers))}。"
        case HouseholdVisited():
            goes_on = "困难仍在持续" if fact.hardship_goes_on else "困难已经缓解"
            signed = "双方签字" if fact.both_signed else "未双方签字"
            return f"{len(fact.investigators)}人入户调查,{signed},{goes_on}。"
        case MeansCheckRequested():
            return f"发起家庭经济状况核对({_SCOPES[fact.scope]}),授权日期 {fact.authorised_on}。"
        case MeansCheckAnswered():
            return f"核对结果:{_RESULTS[fact.result]}。"
        case PeersHeard():
            return f"民主评议:{fact.present}人参加,{fact.in_favour}人同意。"
        case NoticePosted() | NoticeObjected() | ObjectionAnswered() | NoticeEnded():
            return _notice(fact)


def _notice(fact: NoticePosted | NoticeObjected | ObjectionAnswered | NoticeEnded) -> str:
    match fact:
        case NoticePosted():
            where = "、".join(_LEVELS[level] for level in fact.levels)
            return f"在{where}公示至 {fact.ends_on}(依据:{fact.clause})。"
        case NoticeObjected():
            return f"公示收到异议(事由:{because(fact.reason)}),暂停并补充调查。"
        case ObjectionAnswered():
            return "异议成立,撤下公示。" if fact.upheld else f"异议不成立,继续公示至 {fact.ends_on}。"
        case NoticeEnded():
            return "公示期满,无异议。"
