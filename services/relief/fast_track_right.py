"""A township's right to help before paperwork (先行救助权): suspended by its county and given back, always by a person.

What the township cannot decide then, its county does, on the same clock: no household has less help for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from events.fact import Recorded
from events.relief_townships import FastTrackRestored, FastTrackSuspended, TownshipFact
from services.chassis.decider import Circumstances, Decider, Refused

# --- commands


@dataclass(frozen=True, slots=True)
class SuspendFastTrack:
    """Let a township decide no advances any more; the reason as a code, and the county's letter."""

    township: str
    reason: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class RestoreFastTrack:
    """Let the township decide advances again; the reason as a code, and the county's letter."""

    township: str
    reason: str
    document: str = ""


TownshipCommand = SuspendFastTrack | RestoreFastTrack

# --- state


@dataclass(frozen=True, slots=True)
class FastTrackRight:
    """Whether the township may help first."""

    is_suspended: bool = False


def right_of(township: str) -> str:
    """The stream of a township's right to help first."""
    return f"fast-track:{township}"


# --- decide


def decide(right: FastTrackRight, command: TownshipCommand, now: Circumstances) -> Sequence[TownshipFact]:
    """What becomes of the right. Raises ``Refused`` where there is nothing to suspend or to give back."""
    match command:
        case SuspendFastTrack(township, reason, document):
            if right.is_suspended:
                raise Refused("suspended_already", "该乡镇(街道)的先行救助权已经暂停。")
            return (FastTrackSuspended(township=township, reason=reason, document=document),)
        case RestoreFastTrack(township, reason, document):
            if not right.is_suspended:
                raise Refused("not_suspended", "该乡镇(街道)的先行救助权没有暂停,无需恢复。")
            return (FastTrackRestored(township=township, reason=reason, document=document),)


# --- evolve


def evolve(right: FastTrackRight, recorded: Recorded[TownshipFact]) -> FastTrackRight:
    """The right after a fact."""
    return FastTrackRight(isinstance(recorded.fact, FastTrackSuspended))


DECIDER: Decider[TownshipCommand, FastTrackRight, TownshipFact] = Decider(FastTrackRight(), decide, evolve)
