"""How fast one caller may go: a bucket of calls each, refilled all the time; an empty one is answered 429."""

from collections.abc import Callable
from dataclasses import dataclass, field

import yaml
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.problems import Problem

_CALLERS_KEPT = 10_000


@dataclass(slots=True)
class Pace:
    """The buckets of all callers. ``burst`` calls at once, and ``per_second`` in the long run."""

    burst: int
    per_second: float
    clock: Callable[[], float]
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    """What was left when a caller last called, and when that was."""

    def take(self, caller: str) -> None:
        """Let one call through. Raises ``Problem`` (429)."""
        now = self.clock()
        left, since = self._buckets.pop(caller, (float(self.burst), now))
        # a clock that was set back refills nothing, and takes nothing away
        left = min(self.burst, left + max(now - since, 0.0) * self.per_second)
        if len(self._buckets) >= _CALLERS_KEPT:
            self._buckets.pop(next(iter(self._buckets)))
        self._buckets[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if left < 1:
            raise Problem(429, "too_fast", "提交过于频繁,请稍后再试。")


class _Speed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    burst: int = Field(ge=1)
    per_second: float = Field(gt=0)


def parse(text: str, clock: Callable[[], float]) -> Pace:
    """The pace that a YAML document allows. Raises ``ValueError``."""
    speed = _Speed.model_validate(yaml.safe_load(text))
    return Pace(speed.burst, speed.per_second, clock)
