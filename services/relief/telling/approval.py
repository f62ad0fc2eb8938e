"""The approval, told: who proposed, who signed, what was paid, skipped, reduced or stopped, and why."""

from events.reasons import because
from events.relief_approval import (
    ApprovalFact,
    ApprovalProposed,
    ApprovalSentBack,
    ApprovalSigned,
    InstalmentCalled,
    InstalmentFact,
    InstalmentFreed,
    InstalmentHeld,
    InstalmentInstructed,
    InstalmentLetGo,
    InstalmentReleased,
    InstalmentShort,
    MeetingHeld,
    Plan,
    PlanDeclined,
    ProposalFact,
    ReliefApproved,
)
from events.yuan import yuan

_LEVELS = {"township": "乡镇(街道)审批", "county": "县级审批", "meeting": "一事一议"}
_BEYOND = {"beyond_natural_year": "超出自然年度", "beyond_months": "超出规定的月数"}
_HOW = {"skipped": "跳过", "reduced": "减发", "stopped": "终止"}


def sentence(fact: ApprovalFact) -> str:
    """What a fact of an approval says."""
    return _proposal(fact) if isinstance(fact, ProposalFact) else _instalment(fact)


def _proposal(fact: ProposalFact) -> str:
    match fact:
        case ApprovalProposed():
            what = "跟进救助" if fact.follow_up else "救助"
            reckoned = "" if fact.reckoned_fen is None else f",按公式测算 {yuan(fact.reckoned_fen)}"
            return f"呈批{what} {_plan(fact.plan)}{reckoned},{_LEVELS[fact.level]}(依据:{fact.basis.clause})。"
        case PlanDeclined():
            return f"分期计划未予同意:{_BEYOND[fact.reason]},涉及 {yuan(fact.amount_fen)}(依据:{fact.clause})。"
        case ApprovalSigned():
            return "签批同意。"
        case ApprovalSentBack():
            return f"退回呈批(原因:{because(fact.reason)})。"
        case MeetingHeld():
            who = f"{len(fact.attendees)}人参加"
            return f"县级协调机制会议 {fact.number}({fact.held_on},{who})决定救助 {yuan(fact.amount_fen)}。"
        case ReliefApproved():
            what = "跟进救助" if fact.follow_up else "救助"
            return f"批准{what} {_plan(fact.plan)},签批人 {'、'.join(fact.approved_by)}。"


def _plan(plan: Plan) -> str:
    return f"{yuan(plan.ceiling_fen)}(分{len(plan.instalments)}期)"


def _instalment(fact: InstalmentFact) -> str:
    match fact:
        case InstalmentCalled():
            return f"请备用金 {fact.fund_id} 占用一期救助金 {yuan(fact.amount_fen)}。"
        case InstalmentHeld():
            return "该期救助金已占用备用金。"
        case InstalmentShort():
            return f"该期救助金备用金不足,尚缺 {yuan(fact.shortfall_fen)}。"
        case InstalmentReleased():
            return "经核实困难仍在持续,同意发放该期救助金。"
        case InstalmentInstructed():
            return "该期救助金正在支付。"
        case InstalmentLetGo():
            rest = f",保留 {yuan(fact.to_fen)}" if fact.to_fen else ""
            return f"{_HOW[fact.how]}一期救助金{rest}(原因:{because(fact.reason)})。"
        case InstalmentFreed():
            return f"该期救助金占用的备用金已释放(原因:{because(fact.reason)})。"
