"""What became of a clock, told: it stood still, it ran on, it was broken, and what was judged was put right."""

from events.relief_clocks import (
    ClockBroken,
    ClockContinued,
    ClockCorrected,
    ClockExtended,
    ClockFact,
    ClockHalted,
    ClockPaused,
    ClockResumed,
    ClockWarned,
    Verdict,
)
from services.relief.clock_rules import CLOCKS
from services.relief.telling.words import on_paper

_CAUSES = {
    "means_check": "信息核对",
    "letter_inquiry": "信函索证",
    "publicity": "公示",
    "objection": "异议",
    "applicant_unreachable": "联系不上求助人",
    "coordination_meeting": "一事一议",
}
_VERDICTS: dict[Verdict, str] = {
    "running": "计时中",
    "met": "按时",
    "target_missed": "未达目标",
    "breached": "超时",
    "lapsed": "未救助而终止",
}


def sentence(fact: ClockFact) -> str:
    """What a fact of a clock says."""
    title = CLOCKS[fact.clock].title
    match fact:
        case ClockPaused():
            until = on_paper(fact.expires_at)
            return f"“{title}”时限暂停,最迟至 {until}(原因:{_CAUSES[fact.cause]},批准人 {fact.authorised_by})。"
        case ClockResumed():
            return f"“{title}”时限恢复计算。"
        case ClockExtended():
            by = f"{fact.authorised_by},文号 {fact.reference}" if fact.reference else fact.authorised_by
            return f"“{title}”时限延期至 {on_paper(fact.due_at)}(批准人 {by})。"
        case ClockHalted():
            until = on_paper(fact.expires_at)
            return f"“{title}”时限依政策暂停,最迟至 {until}(原因:{_CAUSES[fact.cause]},依据:{fact.clause})。"
        case ClockContinued():
            return f"“{title}”时限依政策恢复计算,应于 {on_paper(fact.due_at)} 前完成。"
        case ClockWarned():
            return f"“{title}”时限预警:应于 {on_paper(fact.due_at)} 前完成,时间已所剩不多(依据:{fact.clause})。"
        case ClockBroken():
            why = ",求助人联系不上" if fact.unreached else ""
            due = on_paper(fact.due_at)
            return f"“{title}”时限{_VERDICTS[fact.verdict]}{why}:应于 {due} 前完成(依据:{fact.clause})。"
        case ClockCorrected():
            return f"“{title}”时限更正:{_VERDICTS[fact.was]}改判为{_VERDICTS[fact.verdict]},原记录保留。"
