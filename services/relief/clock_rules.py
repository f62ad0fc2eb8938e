"""Which rule of the policy each clock runs by (时限依据), and what the clock is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from events.policy import Rules
from events.relief_clocks import ClockName
from events.rules import Deadline, ExtendableLimit, Modal, TimeLimit, Unit


@dataclass(frozen=True, slots=True)
class Term:
    """A deadline as a clock takes it: how long, by which clause, and what may make it stand still."""

    length: int
    unit: Unit
    modal: Modal | Literal["stands"]
    """``stands`` is a time that has to pass: it is met by being over, and begins anew when it is started again."""
    clause: str
    rolls: bool = False
    pausable: tuple[str, ...] = ()
    pause_days_at_most: int | None = None
    warn_percent: int = 75
    deemed_days: int | None = None
    """Where it is counted from the end of the emergency: after how many natural days that is deemed to be over."""
    extension_at_most: int = 0
    """By how much in its unit it may be put off (延期), once."""
    stops: Literal["stop", "decided"] = "stop"
    """Whether what the household has received stops it, or already what was decided."""
    judged_from: Literal["reported", "accepted"] | None = None


@dataclass(frozen=True, slots=True)
class ClockKind:
    """What a clock is called, and its term in a county's rules, if there is one."""

    title: str
    term: Callable[[Rules], Term | None]


def _limit(rule: TimeLimit | None) -> Term | None:
    return None if rule is None else _term(rule, rule.unit)


def _term(rule: Deadline, unit: Unit) -> Term:
    return Term(
        length=rule.length,
        unit=unit,
        modal=rule.modal,
        clause=rule.clause,
        rolls=rule.rolls,
        pausable=rule.pausable,
        pause_days_at_most=rule.pause_days_at_most,
        warn_percent=rule.warn_percent,
    )


def _extendable(rule: ExtendableLimit | None) -> Term | None:
    return None if rule is None else replace(_term(rule, rule.unit), extension_at_most=rule.extension_at_most)


def _advance(rules: Rules) -> Term | None:
    rule = rules.advance
    if rule is None:
        return None
    stops = "decided" if rule.stop == "decided" else "stop"
    return replace(_term(rule, rule.unit), stops=stops, judged_from=rule.start)


def _make_up(rules: Rules) -> Term | None:
    rule = rules.make_up
    return None if rule is None else replace(_term(rule, rule.unit), deemed_days=rule.deemed_lifted_days)


def counted_from(starts_on: date, deemed_days: int | None, lifted_on: date | None) -> date:
    """From which day a term is counted: its start, or the end of the emergency as it was said or is deemed.

    An emergency that was over before the help came makes nothing begin before it.
    """
    if deemed_days is None:
        return starts_on
    return starts_on + timedelta(days=deemed_days) if lifted_on is None else max(starts_on, lifted_on)


def _small_fast(rules: Rules) -> Term | None:
    rule = rules.small_fast
    if rule is None:
        return None
    return Term(length=rule.days, unit="natural_day", modal="must", clause=rule.clause, rolls=rule.rolls)


def _publicity(rules: Rules) -> Term | None:
    rule = rules.publicity
    posting = None if rule is None else rule.expenditure or rule.emergency
    if rule is None or posting is None:
        return None
    return Term(length=posting.days, unit=posting.unit, modal="stands", clause=rule.clause, pausable=("objection",))


CLOCKS: Mapping[ClockName, ClockKind] = {
    "reply": ClockKind("答复", lambda rules: _limit(rules.reply)),
    "advance_from_report": ClockKind("先行救助(自报告起)", _advance),
    "advance_from_acceptance": ClockKind("先行救助(自受理起)", _advance),
    "advance_from_transfer": ClockKind("先行救助(自接到转办起)", _advance),
    "small_fast": ClockKind("小额快救", _small_fast),
    "make_up": ClockKind("补齐手续", _make_up),
    "general": ClockKind("一般程序", lambda rules: _limit(rules.general)),
    "general_township": ClockKind("一般程序(乡镇)", lambda rules: _limit(rules.general_township)),
    "general_county": ClockKind("一般程序(县级)", lambda rules: _limit(rules.general_county)),
    "publicity": ClockKind("公示", _publicity),
    "filing": ClockKind("备案", lambda rules: _limit(rules.filing)),
    "hotline_return": ClockKind("热线退单", lambda rules: _limit(rules.hotline_return)),
    "hotline_finish": ClockKind("热线办结", lambda rules: _extendable(rules.hotline_finish)),
    "police_check": ClockKind("公安身份核查", lambda rules: _limit(rules.police_check)),
    "means_check": ClockKind("家庭经济状况核对", lambda rules: _limit(rules.means_check_report)),
    "means_check_start": ClockKind("发起核对", lambda rules: _limit(rules.means_check_start)),
    "acceptance": ClockKind("受理通知", lambda rules: _limit(rules.acceptance_notice)),
    "severe_measures": ClockKind("重大急难措施", lambda rules: _limit(rules.severe_measures)),
    "payment": ClockKind("公示后发放", lambda rules: _limit(rules.payment)),
}
"""Every clock, in the order in which they are shown."""
