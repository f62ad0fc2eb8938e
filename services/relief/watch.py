"""What is to be put down of a case's clocks now, and when to look again (时限监看)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from services.relief.clocks import Clock, clocks
from services.relief.halts import halted_until, is_untold
from services.relief.rulebook import Rulebook
from services.relief.signal import Signal

_MOMENT = timedelta(milliseconds=1)
"""What is due at a moment is not late before it has passed."""

CaseKey = tuple[str, str]
"""A case: the division of its log, and its id."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """All clocks of a case, and when to look at it again.

    ``unrecorded`` are those whose verdict or warning is not on record yet, or is on record otherwise.
    ``untold`` are those of which nobody has heard that they stand still by the policy's own rule, or run on again.
    """

    clocks: Sequence[Clock]
    unrecorded: Sequence[Clock]
    untold: Sequence[Clock]
    look_at: datetime | None


def assess(said: Iterable[Signal], rulebook: Rulebook, now: datetime) -> Assessment:
    """Judge all clocks of a case at a moment."""
    found = clocks(said, rulebook, now)
    warns = [one for one in found if one.may_warn]
    due = [one.due_at + _MOMENT for one in found if one.judged and one.verdict == "running"]
    due += [one.warn_at for one in warns if one.warn_at > now]
    due += [until + _MOMENT for one in found if (until := halted_until(one)) is not None]
    unrecorded = [one for one in found if one.is_unrecorded or (one in warns and one.warn_at <= now)]
    return Assessment(found, unrecorded, [one for one in found if is_untold(one)], min(due, default=None))


@dataclass(slots=True)
class DueList:
    """When each case is to be looked at next; the last word on a case counts."""

    _due: dict[CaseKey, datetime] = field(default_factory=dict[CaseKey, datetime])
    _heap: list[tuple[datetime, CaseKey]] = field(default_factory=list[tuple[datetime, CaseKey]])

    def __len__(self) -> int:
        return len(self._due)

    def of(self, case: CaseKey) -> datetime | None:
        """When a case is to be looked at."""
        return self._due.get(case)

    def put(self, case: CaseKey, due_at: datetime | None) -> None:
        """Look at a case from that moment on, or not at all."""
        if due_at is None:
            self._due.pop(case, None)
        elif self._due.get(case) != due_at:
            self._due[case] = due_at
            heappush(self._heap, (due_at, case))

    def next_due(self) -> datetime | None:
        """The nearest moment."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: datetime, at_most: int) -> list[CaseKey]:
        """Cases whose moment has come, the longest due first; they are forgotten here."""
        found: list[CaseKey] = []
        while len(found) < at_most and (due_at := self.next_due()) is not None and due_at <= now:
            _, case = heappop(self._heap)
            del self._due[case]
            found.append(case)
        return found
