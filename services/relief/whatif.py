"""What if another policy had held (政策推演): past decisions made again on what was known then, and what would differ.

A decision that would need a fact that nobody was asked for is told apart: it cannot be said what would have been.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import get_args

from events.fact import Recorded
from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    CaseClosed,
    CaseFact,
    HouseholdContacted,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtLifted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReviewRaised,
    advance_claim,
)
from events.relief_after import RecoveryFact
from events.relief_approval import ReliefApproved
from events.relief_fast import SmallFastDecided
from events.relief_inquiry import InquiryFact
from events.relief_referral import ReferralFact
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.case import DECIDER
from services.relief.case_commands import DecideAdvance
from services.relief.case_state import Case, cost_fen
from services.relief.policy import Policy
from services.relief.repetition import looks_otherwise
from services.relief.rulebook import Rulebook
from services.relief.supposed_approval import Given, Unknown, approve_again
from services.relief.supposed_small_fast import give_again

Made = AdvanceDecided | AdvanceDeclined | SmallFastDecided | ReliefApproved
"""A decision that is made again."""

_DECISIONS = frozenset(fact.NAME for fact in get_args(Made))
_SAYS_NOTHING = frozenset(
    fact.NAME
    for fact in (
        *(HouseholdContacted, PaperFiled, ReviewRaised),
        *(PaperworkDebtOpened, PaperworkDebtMoved, PaperworkDebtLifted, PaperworkDebtClosed),
        *get_args(InquiryFact),
        *get_args(ReferralFact),
        *get_args(RecoveryFact),
    )
)
"""What no advance was ever decided by: it need not even be read. A fact that is not named here is read."""

_ANOTHER_CASE = "case:another"
_ANY_FUND = "any"
_COUNTY = ("county_civil_affairs", "county_leader")
"""Who decides advances for a county: what is declined does not say so itself."""


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


@dataclass(frozen=True, slots=True)
class Unread:
    """A fact of a case as its log holds it, which is read only if a decision hangs on it."""

    case_id: str
    name: str
    occurred_at: datetime
    read: Callable[[], Recorded[CaseFact]]


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
    _waiting: dict[str, list[Unread]] = field(default_factory=dict[str, list[Unread]])
    """What a case was told since its last decision: read when it decides again, and never if it does not."""
    _differ: dict[tuple[int, int], bool] = field(default_factory=dict[tuple[int, int], bool])
    _by_standard: dict[tuple[int, str], Policy] = field(default_factory=dict[tuple[int, str], Policy])

    def hear(self, told: Unread) -> None:
        """Take in the next fact of the county. A closed case decides nothing any more, and is forgotten."""
        if told.name in _DECISIONS and self._is_asked(day_of(told.occurred_at)):
            self._decide_again(told)
        elif told.name == CaseClosed.NAME:
            self._cases.pop(told.case_id, None)
            self._waiting.pop(told.case_id, None)
        elif told.name not in _SAYS_NOTHING:
            self._waiting.setdefault(told.case_id, []).append(told)

    def _is_asked(self, on: date) -> bool:
        """Whether a decision of that day is looked at, and anything could have been otherwise."""
        if not self.since <= on <= self.until:
            return False
        self.looked_at += 1
        actual, supposed = self.actual.on(on), self.supposed.on(on)
        key = (id(actual), id(supposed))
        if key not in self._differ:
            self._differ[key] = actual.rules != supposed.rules or actual.standards != supposed.standards
        return self._differ[key]

    def _decide_again(self, told: Unread) -> None:
        case = self._cases.get(told.case_id)
        for before in self._waiting.pop(told.case_id, ()):
            case = DECIDER.evolve(case, before.read())
        one = told.read()
        if isinstance(one.fact, Made) and case is not None:
            self._compare(case, one, one.fact)
        self._cases[told.case_id] = case
        self._waiting[told.case_id] = [replace(told, read=lambda: one)]

    def _compare(self, case: Case, one: Recorded[CaseFact], fact: Made) -> None:
        on = day_of(one.occurred_at)
        actual, supposed = self.actual.on(on), self.supposed.on(on)
        outcome = self._outcome(case, one, fact, supposed)
        if looks_otherwise(actual, supposed):
            outcome = _beside_others(case, fact, outcome)
        if outcome == _was(fact):
            return
        before = self._outcome(case, one, fact, actual)
        if isinstance(before, Given) and before != outcome:
            household = case.opened.person or case.case_id
            self.differences.append(Difference(case.case_id, _number(fact), household, on, before, outcome))

    def _outcome(self, case: Case, one: Recorded[CaseFact], fact: Made, policy: Policy) -> Given | Unknown:
        """The decision made again. Where town and country would be told different things, it must be known which."""
        if isinstance(fact, ReliefApproved):
            return approve_again(case, fact, policy)
        if isinstance(fact, SmallFastDecided):
            return give_again(case, fact, policy)
        rule = policy.rules.township_limit
        if rule is None or rule.percent_of_standard is None or rule.standard is not None:
            return _decide(case, one, fact, policy)
        kinds = [kind for kind in ("urban", "rural") if kind in policy.standards]
        found = {_decide(case, one, fact, self._as_if(policy, kind)) for kind in kinds}
        return found.pop() if len(found) == 1 else Unknown("residence")

    def _as_if(self, policy: Policy, kind: str) -> Policy:
        """A policy with its multiple of one of the standards; the policy of a day is the same object all day."""
        key = (id(policy), kind)
        if key not in self._by_standard:
            self._by_standard[key] = _with_standard(policy, kind)
        return self._by_standard[key]


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


def _was(fact: Made) -> Given:
    match fact:
        case AdvanceDecided():
            return Given(fact.amount_fen + cost_fen(fact.goods))
        case AdvanceDeclined():
            return Given(0, fact.reason)
        case SmallFastDecided():
            return Given(fact.amount_fen)
        case ReliefApproved():
            return Given(fact.plan.ceiling_fen)


def _number(fact: Made) -> str:
    return fact.approval_id if isinstance(fact, ReliefApproved) else fact.decision_id


def _with_standard(policy: Policy, kind: str) -> Policy:
    rule = policy.rules.township_limit
    assert rule is not None
    limit = rule.model_copy(update={"standard": kind})
    rules = policy.rules.model_copy(update={"township_limit": limit})
    return Policy(policy.county, rules, policy.origins, policy.standards)


def _decide(case: Case, one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined, policy: Policy) -> Given:
    try:
        facts = DECIDER.decide(case, _command(one, fact, policy), _circumstances(case, one, fact))
    except Refused as refused:
        return Given(0, refused.code)
    for decided in facts:
        if isinstance(decided, AdvanceDecided):
            return Given(decided.amount_fen + cost_fen(decided.goods))
        if isinstance(decided, AdvanceDeclined):
            return Given(0, decided.reason)
    return Given(0)


def _command(one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined, policy: Policy) -> DecideAdvance:
    """What was asked for, by whoever decided: a county decides inside its own limit."""
    if isinstance(fact, AdvanceDecided):
        made = DecideAdvance(fact.decision_id, fact.fund_id, fact.amount_fen, fact.goods, policy)
        made = replace(made, allowed=fact.although_helped, by_county=fact.by_county)
    else:
        made = DecideAdvance(fact.decision_id, _ANY_FUND, fact.asked_fen, (), policy)
        made = replace(made, by_county=one.meta.actor.role in _COUNTY)
    return replace(made, ahead_of_expense=fact.ahead_of_expense)


def _circumstances(case: Case, one: Recorded[CaseFact], fact: AdvanceDecided | AdvanceDeclined) -> Circumstances:
    """As it was: another case that held the person's advance holds it in what is supposed too."""
    owners: dict[str, str] = {}
    if isinstance(fact, AdvanceDeclined) and fact.reason == "already_advanced" and case.opened.person is not None:
        owners[advance_claim(case.opened.person, case.opened.cause)] = _ANOTHER_CASE
    at: datetime = one.recorded_at
    return Circumstances(one.meta.actor, one.occurred_at, at, owners)


def _beside_others(case: Case, fact: Made, outcome: Given | Unknown) -> Given | Unknown:
    """An outcome where another rule than before would have looked at the household's other cases."""
    if case.opened.person is None and isinstance(fact, AdvanceDecided | AdvanceDeclined):
        return Unknown("person")
    return Unknown("other_cases") if isinstance(outcome, Given) and outcome.amount_fen > 0 else outcome
