"""A case told as a story (办理经过): each fact one Chinese sentence, with both of its times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from events.fact import Meta, Recorded
from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    AdvanceVoided,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    CaseOpened,
    FundsReserved,
    FundsShort,
    Goods,
    HouseholdContacted,
    HouseholdRelieved,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtOpened,
    ReliefCameBack,
    ReportLinked,
)

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_SAME_TIME = timedelta(minutes=1)
_CAUSES = {"fire": "火灾", "accident": "意外事件", "illness": "突发重大疾病", "other": "其他急难"}
_URGENCIES = {"life_danger": "危及生命", "urgent": "紧急", "normal": "一般"}
_OUTCOMES = {"relieved": "已救助", "not_relieved": "未救助"}
_REASONS = {
    "over_limit": "超出乡镇(街道)审批额度",
    "already_advanced": "同一急难事由已获先行救助",
}
_PAPERS = {"relief_object": "救助对象", "cause": "救助事由", "amount": "救助金额", "handler_signature": "经办人签字"}

_Handling = CaseOpened | ReportLinked | CaseAccepted | HouseholdContacted | CaseClosed
_Deciding = AdvanceDecided | AdvanceDeclined | FundsReserved | FundsShort | AdvanceVoided


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of a story, with both times; no name, no ID number, no phone stands in it."""

    position: int
    name: str
    occurred_at: datetime
    recorded_at: datetime
    by: str
    sentence: str

    @property
    def came_late(self) -> bool:
        """Whether it was learned noticeably after it happened."""
        return self.recorded_at - self.occurred_at > _SAME_TIME


def story(facts: Iterable[Recorded[CaseFact]]) -> Sequence[Told]:
    """The story in the order in which it happened, whatever the order in which it was learned."""
    ordered = sorted(facts, key=lambda one: (one.occurred_at, one.recorded_at, one.position))
    return [
        Told(one.position, one.fact.NAME, one.occurred_at, one.recorded_at, _by(one.meta), sentence(one.fact))
        for one in ordered
    ]


def line(told: Told) -> str:
    """One line on paper, in the time of Asia/Shanghai: ``2026-11-02 14:05(收到 11-02 19:40) S-1001:已受理。``"""
    learned = f"(收到 {_paper(told.recorded_at, '%m-%d %H:%M')})" if told.came_late else ""
    return f"{_paper(told.occurred_at, '%Y-%m-%d %H:%M')}{learned} {told.by}:{told.sentence}"


def sentence(fact: CaseFact) -> str:
    """What a fact says, for people."""
    match fact:
        case CaseOpened() | ReportLinked() | CaseAccepted() | HouseholdContacted() | CaseClosed():
            return _handled(fact)
        case AdvanceDecided() | AdvanceDeclined() | FundsReserved() | FundsShort() | AdvanceVoided():
            return _decided(fact)
        case HouseholdRelieved() | ReliefCameBack():
            return _helped(fact)
        case PaperworkDebtOpened() | PaperFiled() | PaperworkDebtClosed():
            return _papered(fact)


def yuan(fen: int) -> str:
    """An amount in fen as yuan: ``2000元``, ``0.05元``."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02}元" if rest else f"{whole}元"


def _limit(limit_fen: int | None) -> str:
    return "不设上限" if limit_fen is None else yuan(limit_fen)


def _handled(fact: _Handling) -> str:
    match fact:
        case CaseOpened():
            what = f"{_CAUSES[fact.cause]},{_URGENCIES[fact.urgency]},{fact.persons}人"
            return f"立案:{what},发生地 {fact.township},报告 {fact.report_id}。"
        case ReportLinked():
            return f"同一急难的另一份报告 {fact.report_id} 并入本案。"
        case CaseAccepted():
            return "受理本案。"
        case HouseholdContacted():
            return "与求助人取得联系。" if fact.reached else "联系求助人,未联系上。"
        case CaseClosed():
            return f"办结({_OUTCOMES[fact.outcome]}):{fact.handling}"


def _decided(fact: _Deciding) -> str:
    match fact:
        case AdvanceDecided():
            basis = f"依据:{fact.basis.clause};额度 {_limit(fact.basis.limit_fen)}"
            return f"决定先行救助{_help(fact.amount_fen, fact.goods)},备用金 {fact.fund_id}({basis})。"
        case AdvanceDeclined():
            reason = _REASONS.get(fact.reason, fact.reason)
            return f"申请先行救助 {yuan(fact.asked_fen)},未予同意:{reason}(依据:{fact.basis.clause})。"
        case FundsReserved():
            return f"备用金已占用 {yuan(fact.amount_fen)}。"
        case FundsShort():
            return f"备用金不足:可用 {yuan(fact.available_fen)},尚缺 {yuan(fact.shortfall_fen)};时限照常计算。"
        case AdvanceVoided():
            return f"占用的 {yuan(fact.amount_fen)} 已释放,该决定不再有效(原因:{fact.reason})。"


def _helped(fact: HouseholdRelieved | ReliefCameBack) -> str:
    match fact:
        case HouseholdRelieved():
            return f"求助家庭已收到{_help(fact.amount_fen, fact.goods)},时间 {_paper(fact.relieved_at)}。"
        case ReliefCameBack():
            return f"{yuan(fact.amount_fen)} 被退回(原因:{fact.reason}),时限恢复计算,须重新支付。"


def _papered(fact: PaperworkDebtOpened | PaperFiled | PaperworkDebtClosed) -> str:
    match fact:
        case PaperworkDebtOpened():
            papers = "、".join(_PAPERS.get(paper, paper) for paper in fact.papers)
            provisional = "(该年放假安排尚未公布,日期暂定)" if fact.provisional else ""
            return f"待补手续:{papers},最迟 {fact.due_on}{provisional}(依据:{fact.clause})。"
        case PaperFiled():
            return f"补交材料:{_PAPERS.get(fact.paper, fact.paper)}。"
        case PaperworkDebtClosed():
            return "手续已补齐。"


def _help(amount_fen: int, goods: Sequence[Goods]) -> str:
    money = [f"救助金 {yuan(amount_fen)}"] if amount_fen else []
    items = [f"{item.item} {item.quantity}件(成本 {yuan(item.cost_fen)})" for item in goods]
    return "、".join([*money, *items])


def _by(meta: Meta) -> str:
    actor = meta.actor
    return actor.id if actor.rule is None else f"系统({actor.rule})"


def _paper(moment: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    return moment.astimezone(_SHANGHAI).strftime(form)
