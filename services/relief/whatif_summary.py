"""What another policy would have changed (推演结果汇总), decision by decision and in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.relief.supposed_outcome import Given, Unknown


@dataclass(frozen=True, slots=True)
class Difference:
    """A past decision, as it was and as it would have been."""

    case_id: str
    decision_id: str
    household: str
    on: date
    before: Given
    after: Given | Unknown

    @property
    def change_fen(self) -> int:
        """By how much more or less would have been given, where that can be told."""
        return self.after.amount_fen - self.before.amount_fen if isinstance(self.after, Given) else 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The differences of a comparison in numbers: decisions, households, fen."""

    looked_at: int
    decisions: int
    households: int
    more_fen: int
    less_fen: int
    unknown: Mapping[str, int]


def summary(looked_at: int, differences: Sequence[Difference]) -> Summary:
    """Count differences of any number of counties."""
    told = [one for one in differences if isinstance(one.after, Given)]
    missing = [one.after.missing for one in differences if isinstance(one.after, Unknown)]
    return Summary(
        looked_at=looked_at,
        decisions=len(told),
        households=len({one.household for one in told}),
        more_fen=sum(one.change_fen for one in told if one.change_fen > 0),
        less_fen=-sum(one.change_fen for one in told if one.change_fen < 0),
        unknown={name: missing.count(name) for name in sorted(set(missing))},
    )
