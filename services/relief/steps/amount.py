"""How much may be approved (救助金额测算): the county's formula on what the household was found to need."""

from dataclasses import dataclass
from typing import TypeVar

from events.relief import CaseOpened
from events.relief_approval import Grounds
from events.rules import AmountFormula, Residence
from services.chassis.decider import Refused
from services.relief.policy import Policy

Found = TypeVar("Found", int, str)

_DAYS_OF_A_MONTH = 30
"""By how many days a month's standard is divided, where amounts go by the day."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a formula gives, in fen, and the clause that says so."""

    amount_fen: int
    clause: str


def with_told(policy: Policy, grounds: Grounds | None, told_fen: int) -> Grounds | None:
    """The grounds with at least what others have told that they gave, where the formula counts other relief.

    It does where it deducts it, and where all help together is at most the actual expense.
    """
    rule = policy.rules.amount_formula
    if grounds is None or rule is None:
        return grounds
    if "other_relief" not in rule.deducts and (rule.deducts or not rule.cap_actual_expense):
        return grounds
    return grounds.model_copy(update={"paid_by_others_fen": max(grounds.paid_by_others_fen, told_fen)})


def reckoned(policy: Policy, opened: CaseOpened, grounds: Grounds | None) -> Reckoned | None:
    """What the county's formula gives; nothing where it has none.

    Raises ``Refused`` where the formula asks for what is not known, ``NoStandard`` without a low-income standard.
    """
    rule = policy.rules.amount_formula
    if rule is None:
        return None
    if grounds is None:
        raise Refused("grounds_missing", "本县(市、区)按公式测算救助金额,请先登记困难持续时间等测算依据。")
    month_fen = policy.standard_fen(_standard(rule, grounds))
    amount_fen = _by_time(rule, month_fen * _percent(rule, grounds) // 100, opened, grounds)
    if rule.cap_percent_of_standard is not None:
        amount_fen = min(amount_fen, month_fen * rule.cap_percent_of_standard // 100)
    if rule.deducts:
        amount_fen -= grounds.paid_by_others_fen
    if rule.cap_actual_expense:
        amount_fen = min(amount_fen, _own_expense_fen(grounds))
    return Reckoned(max(amount_fen, 0), rule.clause)


def _standard(rule: AmountFormula, grounds: Grounds) -> Residence:
    """Whose standard it goes by: rural people long settled here are treated as urban."""
    if rule.standard is not None:
        return rule.standard
    settled = rule.urban_after_months is not None and (grounds.resident_months or 0) >= rule.urban_after_months
    return "urban" if settled else grounds.residence or "urban"


def _percent(rule: AmountFormula, grounds: Grounds) -> int:
    if not rule.tiers:
        return 100
    tier = _known(grounds.tier, "困难档次")
    found = next((one.percent for one in rule.tiers if one.tier == tier), None)
    if found is None:
        raise Refused("unknown_tier", "本县(市、区)办法没有这一困难档次,请核对。")
    return found


def _by_time(rule: AmountFormula, month_fen: int, opened: CaseOpened, grounds: Grounds) -> int:
    match rule.kind:
        case "standard_persons_months":
            months = _known(grounds.hardship_months, "困难持续月数")
            return month_fen * opened.persons * min(months, rule.months_at_most or months)
        case "standard_persons_days":
            days = _known(grounds.hardship_days, "困难持续天数")
            limit = next((one.days for one in rule.days_at_most if one.cause == opened.cause), days)
            return month_fen * opened.persons * min(days, limit) // _DAYS_OF_A_MONTH


def _own_expense_fen(grounds: Grounds) -> int:
    return _known(grounds.expense_fen, "实际支出") - grounds.paid_by_others_fen


def _known(found: Found | None, what: str) -> Found:
    if found is None:
        raise Refused("grounds_missing", f"测算救助金额尚缺{what},请先登记。")
    return found


def must_be_within(found: Reckoned | None, total_fen: int) -> None:
    """Raise ``Refused`` where more is to be approved than the formula gives."""
    if found is not None and total_fen > found.amount_fen:
        raise Refused("over_formula", "呈批总额超过按本县(市、区)办法测算的救助金额;确需提高的,请提请一事一议。")


def must_be_without_income(policy: Policy, grounds: Grounds | None) -> None:
    """Raise ``Refused`` where nothing was earned for a shorter time (连续无收入) than the policy asks for."""
    rule = policy.rules.no_income
    months = None if grounds is None else grounds.months_without_income
    if rule is not None and months is not None and months < rule.months:
        raise Refused("income_lately", f"因失去收入申请救助的,须连续{rule.months}个月无收入来源。")


def must_be_resident(policy: Policy, grounds: Grounds | None) -> None:
    """Raise ``Refused`` where expenditure relief asks for a time of residence (居住期限) that is not known or not met.

    Emergency relief never asks: it is given where the need arose.
    """
    rule = policy.rules.residence
    if rule is None:
        return
    months = None if grounds is None else grounds.resident_months
    if months is None:
        raise Refused("residence_unknown", "申请支出型救助有居住期限要求,请先登记在本地的居住月数。")
    if months < rule.months:
        raise Refused("not_resident", f"申请支出型救助须在本地居住满{rule.months}个月;遭遇急难的,按急难型救助办理。")
