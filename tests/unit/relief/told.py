"""A case that is told command after command, for tests that tell more than one step; and who gives the commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from events.fact import Actor, Recorded
from events.relief import CaseFact
from events.relief_approval import Plan
from events.relief_clocks import ClockName
from services.chassis.decider import Circumstances, Refused
from services.relief import next_steps
from services.relief.case import DECIDER
from services.relief.case_commands import AcceptCase, CaseCommand, RecordContact
from services.relief.case_state import Case
from services.relief.clocks import Clock, clocks
from services.relief.policy import Policy
from services.relief.signals import signals
from services.relief.steps.approval import ProposeApproval, SignApproval
from tests.support.given import recorded
from tests.unit.relief.facts import PERSON, at, book, opened, policy, published

A = "approval-1"
OFFICER = Actor(id="S-1", role="township_officer", scope="")
LEADER = Actor(id="S-2", role="township_leader", scope="")
BUREAU = Actor(id="S-3", role="county_civil_affairs", scope="")
HEAD = Actor(id="S-4", role="county_leader", scope="")
SEPTEMBER = at("09-15 10:00")


@dataclass(slots=True)
class Told:
    """A case that commands and ledger's words are given to, one after the other."""

    policy: Policy
    now: datetime = SEPTEMBER
    facts: list[CaseFact] = field(default_factory=list[CaseFact])
    known_as: list[Recorded[CaseFact]] = field(default_factory=list[Recorded[CaseFact]])
    case: Case | None = None
    owners: Mapping[str, str] = field(default_factory=dict[str, str])

    def happens(self, *facts: CaseFact) -> None:
        for fact in facts:
            self.facts.append(fact)
            self.known_as.append(recorded(fact, len(self.facts), self.now))
            self.case = DECIDER.evolve(self.case, self.known_as[-1])

    def does(self, command: CaseCommand, actor: Actor = OFFICER) -> Sequence[CaseFact]:
        found = DECIDER.decide(self.case, command, Circumstances(actor, self.now, self.now, self.owners))
        self.happens(*found)
        return found

    def refuses(self, command: CaseCommand, actor: Actor = OFFICER) -> str:
        with pytest.raises(Refused) as refusal:
            DECIDER.decide(self.case, command, Circumstances(actor, self.now, self.now, self.owners))
        return refusal.value.code

    def proposes(self, plan: Plan, approval_id: str = A, *, follow_up: bool = False) -> Sequence[CaseFact]:
        return self.does(ProposeApproval(approval_id, follow_up, plan, self.policy))

    def signs(self, *actors: Actor, approval_id: str = A) -> Sequence[CaseFact]:
        return [fact for actor in actors for fact in self.does(SignApproval(approval_id, self.policy), actor)]

    def standings(self) -> list[str]:
        assert self.case is not None
        return [one.standing for one in self.case.approvals.instalments.values()]

    def standing_fen(self) -> int:
        assert self.case is not None
        return self.case.approvals.standing_fen

    def names(self) -> list[str]:
        """What has happened, by name."""
        return [fact.NAME.removeprefix("relief.") for fact in self.facts]

    def next_steps(self) -> dict[str, str]:
        """What the worklist says of each thing in the case."""
        found: dict[str, str] = {}
        for change, (_, about, *step) in (one for fact in self.facts for one in next_steps.changes(fact)):
            found.pop(about, None) if change == "step_done" else None
            if change == "steps_done":
                found = {key: one for key, one in found.items() if one not in about}
            if change == "step" or (change == "step_again" and about in found):
                found[about] = step[0]
        return found

    @property
    def known(self) -> Case:
        """The case as it is."""
        assert self.case is not None
        return self.case

    def clock(self, now: datetime, name: ClockName = "advance_from_report") -> Clock:
        """A clock at a moment: of the advance from the first report, unless another is named."""
        said = [signal for one in self.known_as for signal in signals(one)]
        return next(one for one in clocks(said, book(published()), now) if one.name == name)


def told(found: Policy | None = None, *, person: str | None = PERSON, accepted: bool = True) -> Told:
    """A case of 2 November, reported at 08:10; accepted, and its household reached, unless said otherwise."""
    one = Told(found or policy(), now=at("11-02 09:00"))
    one.happens(opened(person=person))
    if accepted:
        one.does(AcceptCase())
        one.does(RecordContact(reached=True))
    return one
