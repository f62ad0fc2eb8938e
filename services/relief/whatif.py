"""What if another policy had held (政策推演): past decisions made again on what was known then, and what would differ.

A decision that would need a fact that nobody was asked for is told apart: it cannot be said what would have been.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from events.fact import Recorded
from events.policy import PolicyPublished, Rules
from events.relief import AdvanceDecided, AdvanceDeclined, CaseFact, advance_claim
from services.chassis.decider import Circumstances, Refused
from services.relief.case import DECIDER
from services.relief.case_commands import DecideAdvance
from services.relief.case_state import Case, cost_fen
from services.relief.policy import Policy
from services.relief.rulebook import Rulebook
from services.relief.working_days import day_of

Missing = Literal["residence", "hardship_months", "person"]
"""What was never asked: 城乡类别, 困难持续月数, 身份."""

_ANOTHER_CASE = "case:another"
_ANY_FUND = "any"


@dataclass(frozen=True, slots=True)
class Given:
    """What a decision came to: how much was given, in fen, and if nothing, why not."""

    amount_fen: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It cannot be told, because this was never asked."""

    missing: Missing


@dataclass(frozen=True, slots=True)
class Difference:
    """A past decision, as it was and as it would have been."""

    case_id: str
    decision_id: str
    household: str
    on: date
    before: Given
    after: Given | Unknown

    @property
    def change_fen(self) -> int:
        """By how much more or less would have been given, where that can be told."""
        return self.after.amount_fen - self.before.amount_fen if isinstance(self.after, Given) else 0


@dataclass(slots=True)
class Comparison:
    """A county's past decisions under two rulebooks; facts are to be told in the order of the log."""

    actual: Rulebook
    supposed: Rulebook
    since: date
    until: date
    looked_at: int = 0
    differences: list[Difference] = field(default_factory=list[Difference])
    _cases: dict[str, Case | None] = field(default_factory=dict[str, Case | None])

    def hear(self, one: Recorded[CaseFact]) -> None:
        """Take in the next fact of the county."""
        fact = one.fact
        case = self._cases.get(fact.case_id)
        if isinstance(fact, AdvanceDecided | AdvanceDeclined) and case is not None:
            on = day_of(one.occurred_at)
            if self.since <= on <= self.until:
                self._decide_again(case, one, fact, on)
        self._cases[fact.case_id] = DECIDER.evolve(case, one)

    def _decide_again(
        self, case: Case, one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined, on: date
    ) -> None:
        self.looked_at += 1
        actual, supposed = self.actual.on(on), self.supposed.on(on)
        if actual.rules == supposed.rules and actual.standards == supposed.standards:
            return
        before, after = (_outcome(case, one, fact, policy) for policy in (actual, supposed))
        missing = _never_asked(case, actual.rules, supposed.rules)
        outcome = after if missing is None else Unknown(missing)
        if isinstance(before, Given) and before != outcome:
            household = case.opened.person or case.case_id
            self.differences.append(Difference(case.case_id, fact.decision_id, household, on, before, outcome))


@dataclass(frozen=True, slots=True)
class Summary:
    """The differences of a comparison in numbers: decisions, households, fen."""

    looked_at: int
    decisions: int
    households: int
    more_fen: int
    less_fen: int
    unknown: Mapping[str, int]


def summary(looked_at: int, differences: Sequence[Difference]) -> Summary:
    """Count differences of any number of counties."""
    told = [one for one in differences if isinstance(one.after, Given)]
    missing = [one.after.missing for one in differences if isinstance(one.after, Unknown)]
    return Summary(
        looked_at=looked_at,
        decisions=len(told),
        households=len({one.household for one in told}),
        more_fen=sum(one.change_fen for one in told if one.change_fen > 0),
        less_fen=-sum(one.change_fen for one in told if one.change_fen < 0),
        unknown={name: missing.count(name) for name in sorted(set(missing))},
    )


def supposing(sets: Iterable[PolicyPublished], since: date) -> Iterator[PolicyPublished]:
    """The sets of a file as if they had held in the past: of each division the first one from ``since`` on."""
    seen: set[str] = set()
    for one in sorted(sets, key=lambda found: found.effective_from):
        first = one.division not in seen
        seen.add(one.division)
        yield one.model_copy(update={"effective_from": min(one.effective_from, since)}) if first else one


def _outcome(
    case: Case, one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined, policy: Policy
) -> Given | Unknown:
    """The decision made again. Where town and country would be told different things, it must be known which it is."""
    rule = policy.rules.township_limit
    if rule is None or rule.percent_of_standard is None or rule.standard is not None:
        return _decide(case, one, fact, policy)
    kinds = [kind for kind in ("urban", "rural") if kind in policy.standards]
    found = {_decide(case, one, fact, _with_standard(policy, kind)) for kind in kinds}
    return found.pop() if len(found) == 1 else Unknown("residence")


def _with_standard(policy: Policy, kind: str) -> Policy:
    rule = policy.rules.township_limit
    assert rule is not None
    limit = rule.model_copy(update={"standard": kind})
    rules = policy.rules.model_copy(update={"township_limit": limit})
    return Policy(policy.county, rules, policy.origins, policy.standards)


def _decide(case: Case, one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined, policy: Policy) -> Given:
    try:
        facts = DECIDER.decide(case, _command(fact, policy), _circumstances(case, one, fact))
    except Refused as refused:
        return Given(0, refused.code)
    for decided in facts:
        if isinstance(decided, AdvanceDecided):
            return Given(decided.amount_fen + cost_fen(decided.goods))
        if isinstance(decided, AdvanceDeclined):
            return Given(0, decided.reason)
    return Given(0)


def _command(fact: AdvanceDecided | AdvanceDeclined, policy: Policy) -> DecideAdvance:
    if isinstance(fact, AdvanceDecided):
        return DecideAdvance(fact.decision_id, fact.fund_id, fact.amount_fen, fact.goods, policy)
    return DecideAdvance(fact.decision_id, _ANY_FUND, fact.asked_fen, (), policy)


def _circumstances(case: Case, one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined) -> Circumstances:
    """As it was: another case that held the person's advance holds it in what is supposed too."""
    owners: dict[str, str] = {}
    if isinstance(fact, AdvanceDeclined) and fact.reason == "already_advanced" and case.opened.person is not None:
        owners[advance_claim(case.opened.person, case.opened.cause)] = _ANOTHER_CASE
    at: datetime = one.recorded_at
    return Circumstances(one.meta.actor, one.occurred_at, at, owners)


def _never_asked(case: Case, actual: Rules, supposed: Rules) -> Missing | None:
    """What the supposed rules would have asked for and the actual ones did not."""
    if supposed.amount_formula is not None and supposed.amount_formula != actual.amount_formula:
        return "hardship_months"
    limit = supposed.township_limit
    by_household = limit is not None and limit.scope == "household_year" and limit != actual.township_limit
    capped = supposed.household_cap is not None and supposed.household_cap != actual.household_cap
    return "person" if (by_household or capped) and case.opened.person is None else None
