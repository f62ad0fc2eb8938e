"""A signal (时限信号): what one fact says to one clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from events.relief_clocks import ClockName, Verdict
from events.rules import NoticeTerm, PauseCause

_AHEAD_AT_MOST = timedelta(minutes=5)

ALL = "*"
"""The subject of a signal that every clock of that name heeds."""

SignalKind = Literal[
    "start",
    "since",
    "called",
    "called_off",
    "stop",
    "decided",
    "withdraw",
    "give_up",
    "pause",
    "resume",
    "halted",
    "lifted",
    "extended",
    "warned",
    "judged",
    "tried",
    "reached",
]
"""``called`` is for a clock that is there only once it is asked for: until then its start alone makes none.

``since`` is such a start for one subject; it can be withdrawn as a stop can. ``lifted`` says on which day (``until``)
an emergency was over, from whose end the clock may be counted. ``warned`` says of which deadline (``until``).
``extended`` says until when (``until``) a deadline is put off. ``tried`` and ``reached`` tell whether the household
could be spoken to; neither stops or pauses anything. ``halted`` says until when it was told to stand still by the
policy's own rule, or, without that, that it runs on.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The fact behind a signal: where it stands in its log, both its times, and who acted.

    Where it stands is no part of what it says: the same facts learned in another order are the same signals.
    """

    division: str
    position: int = field(compare=False)
    fact: str
    occurred_at: datetime
    recorded_at: datetime
    by: str

    @property
    def at(self) -> datetime:
        """When the fact happened, as clocks take it."""
        return known_by(self.occurred_at, self.recorded_at)


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that a fact says to a clock. ``subject`` tells clocks of one name apart: a report, a debt.

    ``key`` names a stop, so that it can be withdrawn, or a pause, so that it can be ended. ``until`` is the expiry of
    a pause, or of a start the deadline that was sent with it and holds instead of the policy's.
    """

    clock: ClockName
    kind: SignalKind
    at: datetime
    source: Source
    subject: str = ""
    key: str = ""
    why: str = ""
    until: datetime | None = None
    verdict: Verdict | None = None
    cause: PauseCause | None = None
    """Why a pause begins by what has happened: it does so only where the policy lets that cause pause the clock."""
    term: NoticeTerm | None = None
    """How long what begins here is to last by its own fact; otherwise the policy of its start says it."""
    length: int | None = None
    """By how much in the clock's own unit a deadline is put off."""


def is_stale(stop: Signal, started_at: datetime) -> bool:
    """Whether a stop that every clock heeds lies before this one's start, and so was never about it.

    A sender's clock may be five minutes ahead: what was answered sooner than that was answered.
    """
    return stop.kind == "stop" and stop.subject == ALL and started_at - stop.at > _AHEAD_AT_MOST


def is_unreached(said: Iterable[Signal], due_at: datetime) -> bool:
    """Whether nobody was reached when it was last tried by a deadline; the signals are told in their order."""
    tries = [one for one in said if one.kind in ("tried", "reached") and one.at <= due_at]
    return bool(tries) and tries[-1].kind == "tried"


def known_by(moment: datetime, recorded_at: datetime) -> datetime:
    """A moment as clocks take it: what was said to lie more than five minutes ahead counts as when it was learned."""
    return recorded_at if moment - recorded_at > _AHEAD_AT_MOST else moment
