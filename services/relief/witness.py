"""A witness in a unit of work: that a case has still the facts that somebody has seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from events.relief import CaseFact
from services.chassis.decider import Circumstances, Decider
from services.relief import case
from services.relief.case_state import Case


@dataclass(frozen=True, slots=True)
class NothingSince:
    """A case has still the facts that somebody judged by; given with the version that it must be at."""


def _nothing(state: Case | None, command: NothingSince, now: Circumstances) -> Sequence[CaseFact]:
    return ()


WITNESS: Decider[NothingSince, Case | None, CaseFact] = Decider(None, _nothing, case.DECIDER.evolve)
