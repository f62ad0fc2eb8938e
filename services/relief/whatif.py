"""What if another policy had held (政策推演): past decisions made again on what was known then, and what would differ.

A decision that would need a fact that nobody was asked for is told apart: it cannot be said what would have been.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import get_args

from events.fact import Recorded
from events.relief import (
    CaseClosed,
    CaseFact,
    HouseholdContacted,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtLifted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReviewRaised,
)
from events.relief_after import RecoveryFact
from events.relief_inquiry import InquiryFact
from events.relief_referral import ReferralFact
from events.shanghai import day_of
from services.relief.case import DECIDER
from services.relief.case_state import Case
from services.relief.policy import Policy
from services.relief.repetition import looks_otherwise
from services.relief.rulebook import Rulebook
from services.relief.supposed_advance import Beside
from services.relief.supposed_decision import Made, MakingAgain, decision_of, was
from services.relief.supposed_households import UnreadOfHousehold
from services.relief.supposed_others import Others
from services.relief.supposed_outcome import Given, Outcome, Unknown
from services.relief.whatif_summary import Difference

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
    _again: MakingAgain = field(default_factory=MakingAgain)
    _others: Others = field(init=False)

    def __post_init__(self) -> None:
        self._others = Others(self._open_case)

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

    def hear_household(self, told: UnreadOfHousehold) -> None:
        """Take in the next fact of a household of the county."""
        self._others.households.hear(told)

    def _decide_again(self, told: Unread) -> None:
        case = self._read(told.case_id)
        one = told.read()
        if isinstance(one.fact, Made) and case is not None:
            self._compare(case, one, one.fact)
        self._waiting[told.case_id] = [replace(told, read=lambda: one)]

    def _read(self, case_id: str) -> Case | None:
        """A case as it was when the fact that is heard was put down."""
        case = self._cases.get(case_id)
        for told in self._waiting.pop(case_id, ()):
            case = DECIDER.evolve(case, told.read())
        self._cases[case_id] = case
        return case

    def _open_case(self, case_id: str) -> Case | None:
        return self._read(case_id) if case_id in self._cases else None

    def _compare(self, case: Case, one: Recorded[CaseFact], fact: Made) -> None:
        on = day_of(one.occurred_at)
        actual, supposed = self.actual.on(on), self.supposed.on(on)
        outcome = self._supposedly(case, one, fact, (actual, supposed))
        if outcome == was(fact):
            return
        before = self._again.outcome(case, one, actual, self._others.really(case, fact, actual))
        if isinstance(before, Given) and before != outcome:
            self._others.note(case, fact, on, outcome)
            household = case.opened.person or case.case_id
            self.differences.append(Difference(case.case_id, decision_of(fact), household, on, before, outcome))

    def _supposedly(self, case: Case, one: Recorded[CaseFact], fact: Made, policies: tuple[Policy, Policy]) -> Outcome:
        """What would have come out; beside other cases only where they may say something else than they did."""
        actual, supposed = policies
        if not self._others.may_differ(case, actual, supposed):
            alone = self._again.outcome(case, one, supposed, Beside(is_helped=self._others.is_helped(fact)))
            if alone == was(fact):
                return alone
        outcome = self._again.whatever(case, one, supposed, self._others.supposedly(case, fact, supposed))
        is_given = isinstance(outcome, Given) and outcome.amount_fen > 0
        unnamed = case.person is None and looks_otherwise(actual, supposed)
        return Unknown("person") if is_given and unnamed else outcome
