"""Whether a vendor's callbacks are on: a receiver that says it is gone (410) is left alone until it is enabled."""

from collections.abc import Sequence
from dataclasses import dataclass

from events.fact import Recorded
from events.intake_desk import CallbackDisabled, CallbackEnabled, CallbackFact
from services.chassis.decider import Circumstances, Decider

LOG = "000000"
"""The log of what belongs to no county: one receiver hears of many."""


@dataclass(frozen=True, slots=True)
class DisableCallback:
    """Send nothing more: the receiver answered 410 to this reply."""

    vendor: str
    reply_id: str


@dataclass(frozen=True, slots=True)
class EnableCallback:
    """Send again."""

    vendor: str


CallbackCommand = DisableCallback | EnableCallback


def stream_of(vendor: str) -> str:
    """The stream of a vendor's callbacks."""
    return f"callback:{vendor}"


def decide(is_off: bool, command: CallbackCommand, now: Circumstances) -> Sequence[CallbackFact]:
    """On or off; what is so already gives nothing."""
    match command:
        case DisableCallback(vendor, reply_id):
            return () if is_off else (CallbackDisabled(vendor=vendor, reply_id=reply_id),)
        case EnableCallback(vendor):
            return (CallbackEnabled(vendor=vendor, enabled_by=now.actor.id),) if is_off else ()


def evolve(is_off: bool, recorded: Recorded[CallbackFact]) -> bool:
    """Whether callbacks are off after one more fact."""
    return isinstance(recorded.fact, CallbackDisabled)


DECIDER: Decider[CallbackCommand, bool, CallbackFact] = Decider(False, decide, evolve)
