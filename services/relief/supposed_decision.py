"""A past decision made again under another policy (推演决定), beside what other cases gave or would have given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from events.fact import Recorded
from events.relief import AdvanceDecided, AdvanceDeclined, CaseFact
from events.relief_approval import ReliefApproved
from events.relief_fast import SmallFastDecided
from events.relief_household import CountedHelp
from events.shanghai import day_of
from services.relief.case_state import Case, cost_fen
from services.relief.policy import Policy
from services.relief.repetition import looks_at_others
from services.relief.supposed_advance import Beside, advance_again, unless_repeated
from services.relief.supposed_approval import approve_again
from services.relief.supposed_outcome import Given, Outcome, Unknown
from services.relief.supposed_small_fast import give_again

Made = AdvanceDecided | AdvanceDeclined | SmallFastDecided | ReliefApproved
"""A decision that is made again."""


@dataclass(slots=True)
class MakingAgain:
    """Makes decisions again; the policy of a day is the same object all day, and so are its variants."""

    _by_standard: dict[tuple[int, str], Policy] = field(default_factory=dict[tuple[int, str], Policy])

    def whatever(self, case: Case, one: Recorded[CaseFact], policy: Policy, beside: Sequence[Beside]) -> Outcome:
        """What comes out, whichever of these was beside it; or that it hangs on that."""
        several = [each for at, each in enumerate(beside) if each not in beside[:at]]
        found = [self.outcome(case, one, policy, each) for each in several]
        unknown = next((outcome for outcome in found if isinstance(outcome, Unknown)), None)
        if unknown is not None:
            return unknown
        amounts = {outcome.amount_fen for outcome in found if isinstance(outcome, Given)}
        return found[0] if len(amounts) == 1 else Unknown("other_cases")

    def outcome(self, case: Case, one: Recorded[CaseFact], policy: Policy, beside: Beside) -> Outcome:
        """What comes out beside that. Where town and country would be told different things, it must be known which."""
        assert isinstance(one.fact, Made)
        counts = looks_at_others(policy)
        asked = help_of(case, decision_of(one.fact), day_of(one.occurred_at)) if counts else None
        outcome = self._alone(case, one, asked, policy, beside)
        return outcome if asked is None else unless_repeated(outcome, asked, policy, beside.had)

    def _alone(
        self, case: Case, one: Recorded[CaseFact], asked: CountedHelp | None, policy: Policy, beside: Beside
    ) -> Outcome:
        fact = one.fact
        if isinstance(fact, ReliefApproved):
            return approve_again(case, fact, policy)
        if isinstance(fact, SmallFastDecided):
            return give_again(case, fact, policy, is_helped=beside.is_helped)
        rule = policy.rules.township_limit
        if rule is None or rule.percent_of_standard is None or rule.standard is not None:
            return advance_again(case, one, asked, policy, beside)
        kinds = [kind for kind in ("urban", "rural") if kind in policy.standards]
        found = {advance_again(case, one, asked, self._as_if(policy, kind), beside) for kind in kinds}
        return found.pop() if len(found) == 1 else Unknown("residence")

    def _as_if(self, policy: Policy, kind: str) -> Policy:
        """A policy with its multiple of one of the standards."""
        key = (id(policy), kind)
        if key not in self._by_standard:
            self._by_standard[key] = _with_standard(policy, kind)
        return self._by_standard[key]


def was(fact: Made) -> Given:
    """What a decision came to in truth."""
    match fact:
        case AdvanceDecided():
            return Given(fact.amount_fen + cost_fen(fact.goods))
        case AdvanceDeclined():
            return Given(0, fact.reason)
        case SmallFastDecided():
            return Given(fact.amount_fen)
        case ReliefApproved():
            return Given(fact.plan.ceiling_fen)


def decision_of(fact: Made) -> str:
    """The number of a decision."""
    return fact.approval_id if isinstance(fact, ReliefApproved) else fact.decision_id


def help_of(case: Case, decision_id: str, on: date, amount_fen: int = 0) -> CountedHelp | None:
    """A decision as its household counts it; nothing while nobody knows who it is."""
    if case.person is None:
        return None
    return CountedHelp(
        case_id=case.case_id,
        decision_id=decision_id,
        person=case.person,
        cause=case.opened.cause,
        on=on,
        amount_fen=amount_fen,
    )


def _with_standard(policy: Policy, kind: str) -> Policy:
    rule = policy.rules.township_limit
    assert rule is not None
    limit = rule.model_copy(update={"standard": kind})
    rules = policy.rules.model_copy(update={"township_limit": limit})
    return Policy(policy.county, rules, policy.origins, policy.standards)
