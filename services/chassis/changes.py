"""What facts change in a read model, put together: the changes of many facts in few statements, as if made in order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from events.fact import Fact, Recorded
from services.chassis.event_store import Stored
from services.chassis.replay import recorded

Change = tuple[str, tuple[Any, ...]]
"""A named statement of the read model, and its arguments."""
Changes = Callable[[Recorded[Fact]], Sequence[Change]]
Touches = Mapping[str, tuple[tuple[str, int], ...]]
"""Of a statement, the rows that it needs to find as those before have left them: a kind, and the argument's place."""
Group = tuple[str, list[tuple[Any, ...]]]
"""A named statement, and the arguments of the changes that it makes at once."""


class Page(NamedTuple):
    """Facts of a log from a position to another, as what they change."""

    division: str
    first: int
    last: int
    groups: Sequence[Group]


def grouped(rows: Iterable[Stored], changes: Changes, touches: Touches) -> Sequence[Group]:
    """What these facts change."""
    return together((change for row in rows for change in changes(recorded(row))), touches)


def together(changes: Iterable[Change], touches: Touches) -> Sequence[Group]:
    """The changes in few groups: each stands behind every earlier one that touches a row of it, as it was told."""
    groups: list[Group] = []
    latest: dict[str, int] = {}
    touched = defaultdict[tuple[str, Any], int](int)
    barrier = 0
    for name, arguments in changes:
        rows = [(kind, arguments[place]) for kind, place in touches.get(name, ())]
        behind = max(map(touched.__getitem__, rows), default=0) if name in touches else len(groups) - 1
        number = latest.get(name, -1)
        if number < max(behind, barrier):
            number = latest[name] = len(groups)
            groups.append((name, []))
        groups[number][1].append(arguments)
        for row in rows:
            touched[row] = number
        barrier = barrier if name in touches else number
    return groups
