"""The states that a writer keeps between batches: a bounded cache that knows which of them may be stale."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from services.chassis.event_store import Head, StreamKey
from services.chassis.replay import Known, States


class StateCache:
    """Recently used states. A log that another process has written to makes its states doubtful, not wrong:

    each state remembers in which epoch of its log it was known to be true, and a new epoch begins whenever the
    log's head is not where this process left it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._states: OrderedDict[StreamKey, tuple[Known, int]] = OrderedDict()
        self._epochs: dict[str, int] = {}
        self._left_at: dict[str, int] = {}

    def logs(self) -> frozenset[str]:
        """The logs that this process has written to or looked at."""
        return frozenset(self._left_at)

    def missing(self, keys: Iterable[StreamKey]) -> list[StreamKey]:
        """The streams among these whose states are not here."""
        return [key for key in keys if key not in self._states]

    def get(self, key: StreamKey) -> Known:
        """A state that is here."""
        return self._states[key][0]

    def put(self, states: States) -> None:
        """Keep states that are true now; the least recently used ones make room."""
        for key, known in states.items():
            self._states[key] = (known, self._epochs.get(key[0], 0))
            self._states.move_to_end(key)
        while len(self._states) > self._size:
            self._states.popitem(last=False)

    def drop(self, key: StreamKey) -> None:
        """Forget one state."""
        self._states.pop(key, None)

    def locked(self, heads: Mapping[str, Head]) -> None:
        """These heads have just been locked: where one has moved, a new epoch begins."""
        for division, head in heads.items():
            if self._left_at.get(division) != head.position:
                self._epochs[division] = self._epochs.get(division, 0) + 1

    def doubtful(self, keys: Iterable[StreamKey]) -> dict[StreamKey, int]:
        """The versions of those states that may have a tail by now."""
        entries = ((key, self._states[key]) for key in keys)
        return {key: known.version for key, (known, epoch) in entries if epoch != self._epochs.get(key[0], 0)}

    def left(self, positions: Mapping[str, int]) -> None:
        """This process has left the heads of these logs here."""
        self._left_at |= positions

    def forget(self) -> None:
        """Drop everything: after a failed append nobody knows what is true."""
        self._states.clear()
        self._left_at.clear()
