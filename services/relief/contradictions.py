"""What is wrong with a policy set (矛盾): each finding names the place in the set and the reason in Chinese."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from events.policy import PolicyPublished
from events.rules import MoneyLimit, Rule
from services.relief.policy import RULES

_SMALL_FAST_DAYS = 3
"""小额快救一般不超过3天 (2026): a slower one is not what it says it is."""


class Contradiction(NamedTuple):
    """A place in a set, by the names of its fields, and what is wrong with it."""

    path: tuple[str, ...]
    reason: str


def contradictions(found: PolicyPublished) -> Iterator[Contradiction]:
    """Everything that contradicts itself in a set, in the order in which it is checked."""
    for check in _CHECKS:
        yield from check(found)


def against(found: PolicyPublished, above: PolicyPublished) -> Iterator[Contradiction]:
    """Where a set breaks a floor or ceiling that a higher level had laid down when it came into force."""
    for name, title in RULES.items():
        own, bound = _rule(found, name), _rule(above, name)
        if own is None or bound is None or bound.binds == "value":
            continue
        if own.inside(bound) != own:
            word = "下限" if bound.binds == "floor" else "上限"
            yield Contradiction((name,), f"{title}超出上级规定的{word}({bound.clause})")
        elif not _is_comparable(own, bound):
            yield Contradiction((name,), f"{title}与上级规定的单位不同,无法比较({bound.clause})")


def _rule(found: PolicyPublished, name: str) -> Rule | None:
    return getattr(found, name)


def _is_comparable(own: Rule, bound: Rule) -> bool:
    mine, other = own.measure(), bound.measure()
    return mine is not None and other is not None and mine.unit == other.unit


def _clauses(found: PolicyPublished) -> Iterator[Contradiction]:
    for name in RULES:
        rule = _rule(found, name)
        if rule is not None and not rule.clause.strip():
            yield Contradiction((name, "clause"), "应写明依据的文件和条款")


def _bounds(found: PolicyPublished) -> Iterator[Contradiction]:
    for name in RULES:
        rule = _rule(found, name)
        if rule is not None and rule.binds != "value" and rule.measure() is None:
            yield Contradiction((name, "binds"), "这一项没有数值,不能作为上限或下限")


def _amounts(found: PolicyPublished) -> Iterator[Contradiction]:
    for name in RULES:
        rule = _rule(found, name)
        if isinstance(rule, MoneyLimit) and _kinds(rule) != 1:
            yield Contradiction((name,), "金额、标准倍数、不设上限三者应当且只能写一项")


def _kinds(rule: MoneyLimit) -> int:
    return (rule.limit_fen is not None) + (rule.percent_of_standard is not None) + rule.unlimited


def _make_up(found: PolicyPublished) -> Iterator[Contradiction]:
    rule = found.make_up
    if rule is not None and (rule.anchor == "emergency_lifted") != (rule.deemed_lifted_days is not None):
        reason = "自紧急情况解除起算时,必须规定视为解除的天数;否则不得规定"
        yield Contradiction(("make_up", "anchor"), reason)


def _minimum(found: PolicyPublished) -> Iterator[Contradiction]:
    least, limit = found.minimum_relief, found.township_limit
    if least is None or limit is None or limit.limit_fen is None:
        return
    if least.limit_fen > limit.limit_fen:
        yield Contradiction(("minimum_relief", "limit_fen"), "单次最低救助额高于乡镇审批额度")


def _staging(found: PolicyPublished) -> Iterator[Contradiction]:
    rule = found.staging
    if rule is not None and rule.months_at_most is None and rule.within is None:
        yield Contradiction(("staging",), "分阶段救助应规定最长月数或自然年度")


def _overdraft(found: PolicyPublished) -> Iterator[Contradiction]:
    rule = found.overdraft
    if rule is not None and rule.allowed != (rule.cap_fen is not None and rule.settled is not None):
        yield Contradiction(("overdraft",), "允许垫付时应规定上限和承担方式;不允许时不得规定")
    forbidden = rule is not None and not rule.allowed
    if forbidden and found.remedies is not None and "overdraft" in found.remedies.order:
        yield Contradiction(("remedies", "order"), "不允许垫付,却列为备用金不足的处理办法")


def _orders(found: PolicyPublished) -> Iterator[Contradiction]:
    for name, rule in (("remedies", found.remedies), ("draw_order", found.draw_order)):
        if rule is not None and len(set(rule.order)) != len(rule.order):
            yield Contradiction((name, "order"), "顺序中有重复")


def _tiers(found: PolicyPublished) -> Iterator[Contradiction]:
    rule = found.amount_formula
    if rule is not None and len({one.tier for one in rule.tiers}) != len(rule.tiers):
        yield Contradiction(("amount_formula", "tiers"), "困难档次有重复")


def _household_cap(found: PolicyPublished) -> Iterator[Contradiction]:
    rule = found.household_cap
    if rule is not None and rule.times is None and rule.limit_fen is None:
        yield Contradiction(("household_cap",), "家庭年度限额应规定次数或金额")


def _general(found: PolicyPublished) -> Iterator[Contradiction]:
    whole = found.general
    for name in ("general_township", "general_county"):
        part = getattr(found, name)
        if whole and part and part.unit == whole.unit and part.length > whole.length:
            yield Contradiction((name, "length"), "分段时限长于总时限")


def _by_the_year(found: PolicyPublished) -> Iterator[Contradiction]:
    rule = found.township_limit
    if rule is None:
        return
    if rule.scope == "household_year" and (rule.window is None or rule.subject is None):
        yield Contradiction(
            ("township_limit", "scope"), "按户年度计算的额度,应规定自然年度或连续十二个月,以及按人还是按户"
        )
    if rule.scope != "household_year" and (rule.window or rule.subject or rule.override_roles):
        yield Contradiction(("township_limit", "scope"), "只有按户年度计算的额度才规定年度、对象和特批人员")


def _small_fast(found: PolicyPublished) -> Iterator[Contradiction]:
    rule = found.small_fast
    if rule is not None and rule.unlimited:
        yield Contradiction(("small_fast", "unlimited"), "小额快救必须有上限")
    if rule is not None and rule.days > _SMALL_FAST_DAYS:
        yield Contradiction(("small_fast", "days"), f"小额快救不得超过{_SMALL_FAST_DAYS}天")


_CHECKS: tuple[Callable[[PolicyPublished], Iterator[Contradiction]], ...] = (
    *(_clauses, _bounds, _amounts, _make_up, _minimum),
    *(_staging, _overdraft, _orders, _tiers, _household_cap, _general, _small_fast, _by_the_year),
)
