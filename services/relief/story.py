"""A case told as a story (办理经过): each fact one Chinese sentence, with both of its times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.fact import Meta, Recorded
from events.reasons import because
from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    AdvanceLetGo,
    AdvanceVoided,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    CaseOpened,
    FundsReserved,
    FundsShort,
    HouseholdContacted,
    HouseholdRelieved,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtLifted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReliefCameBack,
    ReportLinked,
    ReviewRaised,
    StepFact,
)
from events.relief_approval import ApprovalFact
from events.relief_clocks import ClockFact
from events.relief_fast import FastFact
from events.relief_inquiry import InquiryFact
from events.relief_persons import PersonFact
from events.relief_referral import ReferralFact
from events.yuan import yuan
from services.relief.telling import afterwards, approval, clocks, fast_track, inquiry, persons
from services.relief.telling.words import helped_with, limit, on_paper, paper_called

_SAME_TIME = timedelta(minutes=1)
_CAUSES = {"fire": "火灾", "accident": "意外事件", "illness": "突发重大疾病", "other": "其他急难"}
_URGENCIES = {"life_danger": "危及生命", "urgent": "紧急", "normal": "一般"}
_OUTCOMES = {"relieved": "已救助", "not_relieved": "未救助"}

_Handling = CaseOpened | ReportLinked | CaseAccepted | HouseholdContacted | CaseClosed
_Debt = PaperworkDebtOpened | PaperworkDebtMoved | PaperworkDebtLifted
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


def story(facts: Iterable[Recorded[CaseFact] | Recorded[ClockFact]]) -> Sequence[Told]:
    """The story in the order in which it happened, whatever the order in which it was learned."""
    ordered = sorted(facts, key=lambda one: (one.occurred_at, one.recorded_at, one.position))
    return [
        Told(one.position, one.fact.NAME, one.occurred_at, one.recorded_at, _by(one.meta), sentence(one.fact))
        for one in ordered
    ]


def line(told: Told) -> str:
    """One line on paper, in the time of Asia/Shanghai: ``2026-11-02 14:05(收到 11-02 19:40) S-1001:已受理。``

    The year in which it was learned is said where it is another.
    """
    happened, learned = on_paper(told.occurred_at), on_paper(told.recorded_at)
    shown = learned.removeprefix(happened[:5])
    return f"{happened}{f'(收到 {shown})' if told.came_late else ''} {told.by}:{told.sentence}"


def sentence(fact: CaseFact | ClockFact) -> str:
    """What a fact says, for people."""
    if isinstance(fact, ClockFact):
        return clocks.sentence(fact)
    if isinstance(fact, StepFact):
        return _step(fact)
    match fact:
        case AdvanceLetGo():
            return f"先行救助不再发放(原因:{because(fact.reason)}),请释放占用的备用金。"
        case ReviewRaised():
            return f"提请复核:{because(fact.reason)}(涉及 {fact.about})。"
        case CaseOpened() | ReportLinked() | CaseAccepted() | HouseholdContacted() | CaseClosed():
            return _handled(fact)
        case AdvanceDecided() | AdvanceDeclined() | FundsReserved() | FundsShort() | AdvanceVoided():
            return _decided(fact)
        case HouseholdRelieved() | ReliefCameBack():
            return _helped(fact)
        case PaperworkDebtOpened() | PaperworkDebtMoved() | PaperworkDebtLifted():
            return _owed(fact)
        case PaperFiled() | PaperworkDebtClosed():
            return _papered(fact)


def _step(fact: StepFact) -> str:
    if isinstance(fact, ApprovalFact):
        return approval.sentence(fact)
    if isinstance(fact, InquiryFact):
        return inquiry.sentence(fact)
    if isinstance(fact, FastFact):
        return fast_track.sentence(fact)
    if isinstance(fact, PersonFact):
        return persons.sentence(fact)
    return afterwards.referral(fact) if isinstance(fact, ReferralFact) else afterwards.sentence(fact)


def _handled(fact: _Handling) -> str:
    match fact:
        case CaseOpened():
            what = f"{_CAUSES[fact.cause]},{_URGENCIES[fact.urgency]},{fact.persons}人"
            return f"立案:{what},发生地 {fact.township},报告 {fact.report_id}。"
        case ReportLinked():
            origin = "" if fact.came_from is None else f"(由 {fact.came_from.county} 转来)"
            return f"同一急难的另一份报告 {fact.report_id}{origin}并入本案。"
        case CaseAccepted():
            return "受理本案。"
        case HouseholdContacted():
            return "与求助人取得联系。" if fact.reached else "联系求助人,未联系上。"
        case CaseClosed():
            return f"办结({_OUTCOMES[fact.outcome]}):{fact.handling}"


def _decided(fact: _Deciding) -> str:
    match fact:
        case AdvanceDecided():
            basis = f"依据:{fact.basis.clause};额度 {limit(fact.basis.limit_fen)}"
            again = "经批准再次" if fact.although_helped else ""
            return f"决定{again}先行救助{helped_with(fact.amount_fen, fact.goods)},备用金 {fact.fund_id}({basis})。"
        case AdvanceDeclined():
            reason = because(fact.reason)
            return f"申请先行救助 {yuan(fact.asked_fen)},未予同意:{reason}(依据:{fact.basis.clause})。"
        case FundsReserved():
            return f"备用金已占用 {yuan(fact.amount_fen)}。"
        case FundsShort():
            return f"备用金不足:可用 {yuan(fact.available_fen)},尚缺 {yuan(fact.shortfall_fen)};时限照常计算。"
        case AdvanceVoided():
            return f"占用的 {yuan(fact.amount_fen)} 已释放,该决定不再有效(原因:{because(fact.reason)})。"


def _helped(fact: HouseholdRelieved | ReliefCameBack) -> str:
    match fact:
        case HouseholdRelieved():
            return f"求助家庭已收到{helped_with(fact.amount_fen, fact.goods)},时间 {on_paper(fact.relieved_at)}。"
        case ReliefCameBack():
            return f"{yuan(fact.amount_fen)} 被退回(原因:{because(fact.reason)}),时限恢复计算,须重新支付。"


def _owed(fact: _Debt) -> str:
    match fact:
        case PaperworkDebtOpened():
            papers = "、".join(paper_called(paper) for paper in fact.papers)
            return f"待补手续:{papers},最迟 {fact.due_on}{_provisional(fact)}(依据:{fact.clause})。"
        case PaperworkDebtMoved():
            return f"补齐手续的期限改为 {fact.due_on}{_provisional(fact)}。"
        case PaperworkDebtLifted():
            return "该笔救助已全部退回,不再待补手续。"


def _papered(fact: PaperFiled | PaperworkDebtClosed) -> str:
    match fact:
        case PaperFiled():
            return f"补交材料:{paper_called(fact.paper)}。"
        case PaperworkDebtClosed():
            return "手续已补齐。"


def _provisional(fact: PaperworkDebtOpened | PaperworkDebtMoved) -> str:
    return "(该年放假安排尚未公布,日期暂定)" if fact.provisional else ""


def _by(meta: Meta) -> str:
    actor = meta.actor
    return actor.id if actor.rule is None else f"系统({actor.rule})"
