"""What is said about a closed case (办理情况): Chinese, fit to be published, without name, amount or diagnosis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.relief.case_state import Case

_DECLINED = {
    "over_limit": "所需救助超出乡镇(街道)审批额度,须按规定由县级审批",
    "already_advanced": "同一急难事由已获先行救助,不再重复救助",
    "disqualified": "不符合本地规定的申请条件",
    "below_minimum": "所需救助低于规定的单次最低救助额",
    "expense_not_incurred": "有关支出尚未发生,可在支出发生后按实际自付部分申请",
}

_PAPERS = {"none": "", "owed": "有关手续正在按规定补办。", "filed": "有关手续已补齐。"}


@dataclass(frozen=True, slots=True)
class Done:
    """What was done in a case, as far as the public may know."""

    accepted: bool
    reached: bool
    money: bool
    goods: bool
    in_advance: bool
    """Before any paper; else it was approved first."""
    papers: Literal["none", "owed", "filed"]
    declined: Sequence[str]
    """The reasons of the advances that were declined."""


def done_in(case: Case) -> Done:
    """What was done in a case."""
    return Done(
        accepted=case.accepted_at is not None,
        reached=case.contacted_at is not None,
        money=any(relief.payment_id is not None for relief in case.reliefs),
        goods=any(relief.payment_id is None for relief in case.reliefs),
        in_advance=any(case.approvals.of_hold(relief.decision_id) is None for relief in case.reliefs),
        papers=_papers(case),
        declined=case.declined,
    )


def _papers(case: Case) -> Literal["none", "owed", "filed"]:
    if not case.debts:
        return "none"
    return "owed" if any(debt.missing for debt in case.debts.values()) else "filed"


def handling(done: Done) -> str:
    """The sentences for the hotline's closure form (公开答复内容)."""
    relieved = done.money or done.goods
    return "".join((_first_steps(done), _relief(done) if relieved else _no_relief(done)))


def _first_steps(done: Done) -> str:
    accepted = "乡镇(街道)已受理" if done.accepted else "乡镇(街道)已收到诉求"
    reached = "并与求助人取得联系" if done.reached else "经多方联系,暂未联系上求助人"
    return f"{accepted},{reached}。"


def _relief(done: Done) -> str:
    given = "、".join(word for word, given in (("救助金", done.money), ("救助物资", done.goods)) if given)
    how = "按急难型临时救助先行发放" if done.in_advance else "按规定审批发放"
    return f"已{how}{given}。{_PAPERS[done.papers]}"


def _no_relief(done: Done) -> str:
    reasons = ";".join(dict.fromkeys(_DECLINED[reason] for reason in done.declined if reason in _DECLINED))
    return f"本次未给予先行救助:{reasons}。" if reasons else "经了解,本次未给予先行救助。"
