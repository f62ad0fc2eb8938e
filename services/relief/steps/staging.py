"""Until when instalments may run (分阶段救助的期限): to the end of the natural year, or for some months."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from events.relief_approval import Grounds, Plan, PlanDeclined, Planned
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.policy import Policy, required


@dataclass(frozen=True, slots=True)
class Beyond:
    """The instalments that run too far, and the clause that says so."""

    reason: Literal["beyond_natural_year", "beyond_months"]
    instalments: Sequence[Planned]
    clause: str


def beyond(plan: Plan, policy: Policy, approved_on: date) -> Beyond | None:
    """What of a plan the policy does not allow. A single instalment is no staging. Raises ``NoPolicy``."""
    if len(plan.instalments) == 1:
        return None
    rule = required(policy.rules.staging, "staging")
    if rule.within == "natural_year":
        late = [one for one in plan.instalments if one.due_on.year > approved_on.year]
        if late:
            return Beyond("beyond_natural_year", late, rule.clause)
    if rule.months_at_most is None:
        return None
    last = months_after(approved_on, rule.months_at_most)
    late = [one for one in plan.instalments if one.due_on > last]
    return Beyond("beyond_months", late, rule.clause) if late else None


def must_be_stageable(plan: Plan, policy: Policy, grounds: Grounds | None) -> None:
    """Raise ``Refused`` where the policy stages only longer hardship, or only in equal parts."""
    rule = policy.rules.staging
    if rule is None or len(plan.instalments) == 1:
        return
    if rule.from_months is not None:
        _must_last(rule.from_months, None if grounds is None else grounds.hardship_months)
    if rule.equal and len({one.amount_fen for one in plan.instalments}) > 1:
        raise Refused("unequal_instalments", "按规定各期救助金应当等额,请调整分期。")


def _must_last(from_months: int, months: int | None) -> None:
    if months is None:
        raise Refused("grounds_missing", "分阶段救助须测算困难持续时间,请先登记困难持续月数。")
    if months <= from_months:
        raise Refused("hardship_too_short", f"困难持续时间超过{from_months}个月的才分阶段救助,请一次性发放。")


def declined(case_id: str, approval_id: str, plan: Plan, policy: Policy, now: Circumstances) -> PlanDeclined | None:
    """The plan as declined, where the policy does not allow all of it. Raises ``NoPolicy``."""
    late = beyond(plan, policy, day_of(now.occurred_at))
    if late is None:
        return None
    return PlanDeclined(
        case_id=case_id,
        approval_id=approval_id,
        reason=late.reason,
        instalments=tuple(one.instalment_id for one in late.instalments),
        amount_fen=sum(one.amount_fen for one in late.instalments),
        clause=late.clause,
        declined_for=now.actor.id,
    )


def last_day(plan: Plan, policy: Policy, approved_on: date) -> date | None:
    """Until when the policy lets a plan run, the day included; nothing for a single instalment."""
    rule = policy.rules.staging
    if rule is None or len(plan.instalments) == 1:
        return None
    year = date(approved_on.year, 12, 31) if rule.within == "natural_year" else None
    months = None if rule.months_at_most is None else months_after(approved_on, rule.months_at_most)
    return min((day for day in (year, months) if day is not None), default=None)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the month's last where it has none such: 31 August and six, 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
