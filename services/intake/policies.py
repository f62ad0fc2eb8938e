"""What a division has published (政策), as intake has heard it: operators answer callers with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from events.fact import Recorded
from events.intake_desk import PolicyHeard
from events.policy import PolicyPublished
from services.chassis.decider import Circumstances, Decider

STREAM = "policy"
"""The stream of a division's sets, in that division's own log."""


@dataclass(frozen=True, slots=True)
class HearPolicy:
    """Keep a set that was published."""

    published: PolicyPublished


def decide(known: frozenset[str], command: HearPolicy, now: Circumstances) -> Sequence[PolicyHeard]:
    """The set, as it was published; one that is known already gives nothing."""
    heard = PolicyHeard.model_validate(command.published, from_attributes=True)
    return () if heard.set_id in known else (heard,)


def evolve(known: frozenset[str], recorded: Recorded[PolicyHeard]) -> frozenset[str]:
    """The ids of the sets that are known after one more."""
    return known | {recorded.fact.set_id}


DECIDER: Decider[HearPolicy, frozenset[str], PolicyHeard] = Decider(frozenset(), decide, evolve)
