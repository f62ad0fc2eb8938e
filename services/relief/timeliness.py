"""How long households waited (时效), as their clocks are judged: in hours or working days, from their start."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from services.relief.clocks import Clock


class Waited(BaseModel):
    """Of some clocks: how many were in time and late, and how long they ran, without what stood still."""

    model_config = ConfigDict(frozen=True)

    judged: int
    in_time: int
    late: int
    longest_seconds: int | None
    median_seconds: int | None
    in_time_permyriad: int | None
    """Of those that were judged, in hundredths of a per cent, rounded half up; nothing where there are none."""


def waited(clocks: Sequence[Clock]) -> Waited:
    """What became of clocks that are over, and of those that run and are late; one that may still be in time waits."""
    judged = [clock for clock in clocks if clock.verdict == "met" or clock.is_broken]
    taken = sorted(clock.elapsed for clock in judged)
    late = sum(clock.is_broken for clock in judged)
    in_time = len(judged) - late
    return Waited(
        judged=len(judged),
        in_time=in_time,
        late=late,
        longest_seconds=_seconds(taken[-1]) if taken else None,
        median_seconds=_seconds(_median(taken)) if taken else None,
        in_time_permyriad=(2 * in_time * 10_000 + len(judged)) // (2 * len(judged)) if judged else None,
    )


def _median(taken: Sequence[timedelta]) -> timedelta:
    return (taken[(len(taken) - 1) // 2] + taken[len(taken) // 2]) / 2


def _seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)
