"""What the facts of a case have said to its clocks (时限信号), as the log has them."""

from collections.abc import Iterable
from typing import cast

from events.fact import Recorded, UnknownFact
from events.relief import CaseFact
from events.relief_clocks import ClockFact
from services.chassis.event_store import Stored
from services.chassis.replay import recorded
from services.relief.signal import Signal
from services.relief.signals import signals


def said(rows: Iterable[Stored]) -> list[Signal]:
    """The signals of a case. One that a newer release has written to is left to that release."""
    try:
        facts = [cast("Recorded[CaseFact] | Recorded[ClockFact]", recorded(row)) for row in rows]
    except UnknownFact:
        return []
    return [signal for fact in facts for signal in signals(fact)]
