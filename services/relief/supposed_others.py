"""What a decision that is made again finds beside it (推演中的其他个案): other cases as they would be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from events.relief import AdvanceDeclined
from events.relief_words import advance_claim
from services.relief.case_state import Case
from services.relief.policy import Policy
from services.relief.repetition import looks_at_others, looks_otherwise
from services.relief.supposed_advance import Beside
from services.relief.supposed_decision import Made, decision_of, help_of
from services.relief.supposed_households import SupposedHouseholds
from services.relief.supposed_outcome import Given, Outcome, Unknown

_AS_IT_WAS = Given(1)
"""A decision that would have been the same: whatever it gave, it gave something."""


@dataclass(slots=True)
class Others:
    """The households of a county, and who would have the first help for an incident.

    ``read`` gives a case as it was at the fact that is heard, or nothing once it is closed.
    """

    read: Callable[[str], Case | None]
    households: SupposedHouseholds = field(default_factory=SupposedHouseholds)
    _of_incident: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By the claim of a first help, the cases in which something would have been decided otherwise."""
    _declined: dict[str, list[Outcome]] = field(default_factory=dict[str, list[Outcome]])
    """By case, what would have become of advances that were declined in truth."""

    def note(self, case: Case, fact: Made, on: date, outcome: Outcome) -> None:
        """Later decisions are made again beside this one as it would have been."""
        number = decision_of(fact)
        self.households.note(case.case_id, number, case.person, outcome)
        if case.person is not None:
            self._of_incident.setdefault(_incident(case, case.person), set()).add(case.case_id)
        if isinstance(fact, AdvanceDeclined):
            self._declined.setdefault(case.case_id, []).append(outcome)
            fen = outcome.amount_fen if isinstance(outcome, Given) else fact.asked_fen
            self.households.note_declined(help_of(case, number, on, fen))

    def may_differ(self, case: Case, actual: Policy, supposed: Policy) -> bool:
        """Whether other cases may say something else to a decision than they did."""
        if looks_otherwise(actual, supposed):
            return True
        if case.person is None:
            return False
        if _incident(case, case.person) in self._of_incident:
            return True
        return looks_at_others(supposed) and self.households.differs(case.person)

    def really(self, case: Case, fact: Made, policy: Policy) -> Beside:
        """What was beside a decision in truth."""
        is_helped = self.is_helped(fact)
        if case.person is None or not looks_at_others(policy):
            return Beside(is_helped=is_helped)
        return Beside(self.households.had(case.person, case.case_id), is_helped)

    @staticmethod
    def is_helped(fact: Made) -> bool:
        """Whether another case had the person's first help in truth, and nobody had allowed a second."""
        return isinstance(fact, AdvanceDeclined) and fact.reason == "already_advanced"

    def supposedly(self, case: Case, fact: Made, policy: Policy) -> Sequence[Beside]:
        """The least and the most that would have been beside it."""
        really = self.really(case, fact, policy)
        if case.person is None:
            return [really]
        ids = self._of_incident.get(_incident(case, case.person), set()) - {case.case_id}
        others = [other for one in sorted(ids) if (other := self.read(one)) is not None]
        helped = self._helped_first(others, really=really.is_helped)
        if not looks_at_others(policy):
            return [Beside(is_helped=one) for one in helped]
        had = self.households.would_have_had(case.person, case.case_id)
        return [Beside(*both) for both in zip(had, helped, strict=True)]

    def _helped_first(self, others: Sequence[Case], *, really: bool) -> tuple[bool, bool]:
        """Whether one of them would surely, and might, have the first help; or whoever ``really`` has it."""
        if really and not any(other.holds_claim for other in others):
            return True, True
        found = [outcome for other in others for outcome in self._first_helps(other)]
        surely = any(isinstance(one, Given) and one.amount_fen > 0 for one in found)
        return surely, surely or any(isinstance(one, Unknown) for one in found)

    def _first_helps(self, case: Case) -> Sequence[Outcome]:
        """What the decisions would have come to by which a case would have the first help."""
        declined = self._declined.get(case.case_id, ())
        if not case.holds_claim:
            return declined
        stand = [key for key, one in case.decisions.items() if one.standing not in ("replaced", "voided")]
        given = [self.households.outcome_of(case.case_id, key) or _AS_IT_WAS for key in stand]
        return *declined, *given


def _incident(case: Case, person: str) -> str:
    return advance_claim(person, case.opened.cause)
