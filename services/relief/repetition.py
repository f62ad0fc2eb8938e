"""Repetition (重复救助), judged on what a household has had: the same cause in a window, and the household's year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from events.relief_household import CountedHelp, HelpElsewhere, RepeatRuleName
from events.relief_persons import LastingCauseFound
from events.rules import HouseholdCap, RepeatRule, SecondAdvance, TownshipLimit, Window
from services.chassis.decider import Refused
from services.relief.limits import township_limit
from services.relief.policy import Policy
from services.relief.steps.staging import months_after


@dataclass(frozen=True, slots=True)
class Repetition:
    """A rule that is used up: the earlier cases that do so, who may allow more, and the clause."""

    rule: RepeatRuleName
    cases: tuple[str, ...]
    override_roles: tuple[str, ...]
    clause: str


def repetitions(helps: Iterable[CountedHelp], asked: CountedHelp, policy: Policy) -> Sequence[Repetition]:
    """The rules that a household has used up, were ``asked`` given beside ``helps``. Several decisions of one case are
    one relief for the cause, and all their amounts count for the year.
    """
    others = [one for one in helps if one.decision_id != asked.decision_id]
    rules = policy.rules
    found = (
        None if rules.same_cause is None else _same_cause(others, asked, rules.same_cause),
        None if rules.household_cap is None else _cap(others, asked, rules.household_cap),
    )
    return [one for one in found if one is not None]


def lasting(helps: Iterable[CountedHelp], asked: CountedHelp, policy: Policy) -> LastingCauseFound | None:
    """What is put down of help for a cause that lasts; nothing where it does not, or no level says when it would."""
    rule = policy.rules.lasting_cause
    if rule is None:
        return None
    same = [one for one in helps if one.cause == asked.cause and one.decision_id != asked.decision_id]
    had = [one.on for one in same if rule.subject == "household" or one.person == asked.person]
    since = asked.on
    for on in sorted((day for day in had if day <= asked.on), reverse=True):
        if on < months_after(since, -rule.apart_at_most_months):
            break
        since = on
    if asked.on <= months_after(since, rule.months):
        return None
    return LastingCauseFound(case_id=asked.case_id, decision_id=asked.decision_id, since=since, clause=rule.clause)


def told_elsewhere_fen(told: Iterable[HelpElsewhere], asked: CountedHelp) -> int:
    """What others have given for the cause in the twelve months before, in fen, as far as they have told amounts."""
    same = (one for one in told if one.cause == asked.cause and one.person == asked.person)
    return sum(one.amount_fen or 0 for one in same if months_after(asked.on, -12) < one.on <= asked.on)


def used_up(helps: Sequence[CountedHelp], policy: Policy) -> Mapping[RepeatRuleName, Repetition]:
    """The rules that are broken by what a household has had, each with all the cases that break it."""
    found: dict[RepeatRuleName, Repetition] = {}
    ordered = sorted(helps, key=lambda one: (one.on, one.case_id, one.decision_id))
    for number, asked in enumerate(ordered):
        for one in repetitions(ordered[:number], asked, policy):
            before = found[one.rule].cases if one.rule in found else ()
            cases = tuple(sorted({*before, *one.cases, asked.case_id}))
            found[one.rule] = replace(one, cases=cases)
    return found


def elsewhere_fen(helps: Iterable[CountedHelp], asked: CountedHelp, policy: Policy) -> int:
    """What other cases gave in the year, in fen, where the township's limit counts by it (按户年度)."""
    rule = policy.rules.township_limit
    if rule is None or rule.scope != "household_year" or rule.window is None:
        return 0
    had = (one for one in _inside(helps, asked.on, rule.window) if one.case_id != asked.case_id)
    return sum(one.amount_fen for one in had if rule.subject == "household" or one.person == asked.person)


def must_be_inside_the_year(helps: Iterable[CountedHelp], asked: CountedHelp, policy: Policy) -> None:
    """The case has judged by what was known before: here it is judged by what is so. Raises ``Refused``."""
    earlier_fen = elsewhere_fen(helps, asked, policy)
    if earlier_fen > 0 and not township_limit(policy).allows(earlier_fen + asked.amount_fen):
        raise Refused("over_household_limit", "该户本年度救助已超出乡镇(街道)审批额度,请报县级审批或由有权人员批准。")


def overridable(
    policy: Policy, *, is_helped: bool
) -> Sequence[RepeatRule | HouseholdCap | TownshipLimit | SecondAdvance]:
    """The rules that look at what a household has had, whatever the case.

    Raises ``Refused`` where another case has helped first and nobody may allow more.
    """
    if is_helped and policy.rules.second_advance is None:
        raise Refused("override_not_yours", "按规定您无权批准重复救助,请由有权人员办理。")
    second = policy.rules.second_advance if is_helped else None
    rules, limit = policy.rules, policy.rules.township_limit
    by_the_year = limit if limit is not None and limit.scope == "household_year" else None
    return [one for one in (second, rules.same_cause, rules.household_cap, by_the_year) if one is not None]


def looks_at_others(policy: Policy) -> bool:
    """Whether any rule looks at what a household had in other cases."""
    rules, limit = policy.rules, policy.rules.township_limit
    by_the_year = limit is not None and limit.scope == "household_year"
    return by_the_year or rules.same_cause is not None or rules.household_cap is not None


def looks_otherwise(before: Policy, after: Policy) -> bool:
    """Whether another rule than before looks at what a household had in other cases; one that is let go does not."""
    limits = [one.rules.township_limit for one in (after, before)]
    by_the_year = [one if one is not None and one.scope == "household_year" else None for one in limits]
    rules = [
        (after.rules.same_cause, before.rules.same_cause),
        (after.rules.household_cap, before.rules.household_cap),
        (by_the_year[0], by_the_year[1]),
    ]
    return any(rule is not None and rule != earlier for rule, earlier in rules)


def _same_cause(helps: Sequence[CountedHelp], asked: CountedHelp, rule: RepeatRule) -> Repetition | None:
    same = [one for one in _inside(helps, asked.on, rule.window) if one.cause == asked.cause]
    if rule.subject == "person":
        same = [one for one in same if one.person == asked.person]
    cases = _cases(same, asked)
    if len(cases) < rule.times:
        return None
    return Repetition("same_cause", cases, rule.override_roles, rule.clause)


def _cap(helps: Sequence[CountedHelp], asked: CountedHelp, rule: HouseholdCap) -> Repetition | None:
    """The year's number of cases, or its amount in fen; exactly the amount is inside."""
    had = _inside(helps, asked.on, rule.window)
    total_fen = sum(one.amount_fen for one in had) + asked.amount_fen
    too_often = rule.times is not None and len(_cases(had, asked)) >= rule.times
    if not too_often and (rule.limit_fen is None or total_fen <= rule.limit_fen):
        return None
    return Repetition("household_cap", _cases(had, asked), rule.override_roles, rule.clause)


def _inside(helps: Iterable[CountedHelp], on: date, window: Window) -> Sequence[CountedHelp]:
    """What lies in the natural year of a day, or less than twelve months from it."""
    if window == "natural_year":
        return [one for one in helps if one.on.year == on.year]
    return [one for one in helps if _within_a_year(one.on, on)]


def _within_a_year(one: date, other: date) -> bool:
    first, last = sorted((one, other))
    return first > months_after(last, -12)


def _cases(helps: Iterable[CountedHelp], asked: CountedHelp) -> tuple[str, ...]:
    return tuple(sorted({one.case_id for one in helps} - {asked.case_id}))
