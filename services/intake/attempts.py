"""When a reply is tried: a fixed schedule from its preparation, each wait a little shorter or longer for each reply.

So that receivers who were away are not met by everything at once when they are back; the difference follows from the
reply's id, and a restart neither hurries nor forgets.
"""

from datetime import timedelta
from hashlib import sha256

SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""The waits before each attempt, one after the other: about three days in all."""

JITTER_PERCENT = 5
"""By how much a wait is shorter or longer at most."""

_STEPS = 10_000


def moments(reply_id: str) -> tuple[timedelta, ...]:
    """How long after its preparation each attempt of a reply is due."""
    waits = (wait * _percent(reply_id, number) / 100 for number, wait in enumerate(SCHEDULE))
    passed, due = timedelta(), list[timedelta]()
    for wait in waits:
        passed += wait
        due.append(passed)
    return tuple(due)


def begun(reply_id: str, elapsed: timedelta) -> int:
    """How many attempts the schedule has begun this long after a reply was prepared."""
    return sum(1 for due in moments(reply_id) if due <= elapsed) or 1


def _percent(reply_id: str, number: int) -> float:
    drawn = int.from_bytes(sha256(f"{reply_id}|{number}".encode()).digest()[:8], "big") % (_STEPS + 1)
    return 100 + JITTER_PERCENT * (2 * drawn / _STEPS - 1)
