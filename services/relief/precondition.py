"""The precondition (If-Match) of a command to another stream than its case's: the case has no newer fact."""

from collections.abc import Sequence
from dataclasses import dataclass

from events.relief import CaseFact
from services.chassis.decider import Circumstances, Decider
from services.relief import case
from services.relief.case_state import Case


@dataclass(frozen=True, slots=True)
class NothingSince:
    """Nothing has happened to a case since the version that its caller has seen, with which it is given."""


def _nothing(state: Case | None, command: NothingSince, now: Circumstances) -> Sequence[CaseFact]:
    return ()


PRECONDITION: Decider[NothingSince, Case | None, CaseFact] = Decider(None, _nothing, case.DECIDER.evolve)
