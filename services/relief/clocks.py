"""The clocks of a case (时限): what runs, stands still, was met and was broken, as a pure function of its signals."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from events.relief_clocks import ClockName, Verdict
from events.shanghai import day_of
from services.relief.clock_due import due_of, first_due, given_due, heeds_from
from services.relief.clock_rules import CLOCKS, Term, counted_from
from services.relief.pauses import pauses
from services.relief.policy import Policy
from services.relief.rulebook import Rulebook
from services.relief.segments import Segment, counted, stretches
from services.relief.signal import ALL, Signal, is_stale, is_unreached
from services.relief.working_days import Calendar

_BROKEN: frozenset[Verdict] = frozenset({"target_missed", "breached"})
_ENDING = frozenset({"stop", "decided", "give_up", "judged"})
"""The kinds of signals by which a clock may be over, or be judged to be."""
_RANKS = {name: rank for rank, name in enumerate(CLOCKS)}
_LATE: Mapping[str, Verdict] = {"must": "breached", "may": "target_missed", "stands": "met"}


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. ``judged`` marks those that are broken when they are late; others are shown beside them.

    ``stopped_at`` is when it was stopped, or when the case was closed without help. ``elapsed`` leaves pauses out.
    """

    name: ClockName
    judged: bool
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    elapsed: timedelta
    verdict: Verdict
    term: Term
    segments: tuple[Segment, ...]
    calendar: Calendar
    counted_from: date
    """The day from which its days are counted, itself not counted."""
    put_off: Signal | None = None
    """What put its deadline off (延期), which then is ``sent_due_at``."""
    lifted: Signal | None = None
    """What said when the emergency was over, where it is counted from there."""
    subject: str = ""
    sent_due_at: datetime | None = None
    """The deadline that was sent with its start, or given later, and holds instead of the policy's."""
    heeds_from: datetime | None = None
    """From when on standing still puts it off; none where the deadline that was sent holds whatever happens."""
    provisional: bool = False
    recorded: Verdict | None = None
    """What was recorded of it last: a breach, or its correction."""
    known_by: datetime | None = None
    """When it was known to be stopped, or was judged: rules that were published later do not bind it.

    Nothing where it was stopped only by what a later set says of it.
    """
    was_met: bool = False
    """A stop in time was withdrawn again."""
    warned_of: datetime | None = None
    """The deadline that was warned of last."""
    halted_until: datetime | None = None
    """Until when those who wait were told that it stands still by the policy's own rule; none where it runs on."""
    reports: tuple[str, ...] = ()
    """Whose reporters it concerns: the report that it is of, or else all of the case."""
    unreached: bool = False
    """The household was not reached when it was last tried before the deadline (联系不上)."""

    @property
    def is_broken(self) -> bool:
        """Whether it is late."""
        return self.verdict in _BROKEN

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return self.verdict == "running" and self.segments[-1].is_paused

    @property
    def warn_at(self) -> datetime:
        """When so much of its time is used that it is expected to be broken."""
        return self.started_at + (self.due_at - self.started_at) * self.term.warn_percent / 100

    def is_predicted(self, now: datetime) -> bool:
        """Whether it is expected to be broken: it runs, and little of its time is left."""
        return self.verdict == "running" and now >= self.warn_at

    @property
    def may_warn(self) -> bool:
        """Whether nobody has been warned yet of the deadline that it runs to."""
        return self.judged and self.verdict == "running" and not self.is_paused and self.warned_of != self.due_at

    @property
    def is_unrecorded(self) -> bool:
        """Whether what is on record differs from what is so now."""
        if self.recorded is None:
            return self.judged and self.is_broken
        return self.judged and self.is_broken != (self.recorded in _BROKEN)


def clocks(said: Iterable[Signal], rulebook: Rulebook, now: datetime) -> tuple[Clock, ...]:
    """Every clock that a case has started, under the set in force at its start. Without a term there is no clock.

    The order in which the signals were learned makes no difference. What is stopped, or was judged, is counted by
    the rules and working days as they were published then; what runs, as they are published now.
    """
    found = _by_clock(said)
    reports = tuple(sorted(subject for name, subject in found if name == "reply"))
    keys = sorted(found, key=lambda key: (_RANKS[key[0]], found[key][0].at, key[1]))
    running = (_clock(found[key], rulebook, now, (key[1], reports)) for key in keys)
    return tuple(clock for clock in running if clock is not None)


def policy_of(clock: Clock, rulebook: Rulebook) -> Policy:
    """The set that binds a clock."""
    known = rulebook if clock.known_by is None else rulebook.as_of(clock.known_by)
    return known.on(day_of(clock.started_at))


def _by_clock(said: Iterable[Signal]) -> Mapping[tuple[ClockName, str], Sequence[Signal]]:
    """The signals of each clock that has a start, sorted by when they happened."""
    listed = sorted(said, key=_order)
    found: dict[ClockName, dict[str, list[Signal]]] = {}
    for one in listed:
        if one.kind in ("start", "called") and one.subject != ALL:
            found.setdefault(one.clock, {}).setdefault(one.subject, [])
    for one in listed:
        for subject, own in found.get(one.clock, {}).items():
            if one.subject in (subject, ALL):
                own.append(one)
    return {(name, key): own for name, of_name in found.items() for key, own in of_name.items() if _is_there(own)}


def _is_there(said: Sequence[Signal]) -> bool:
    """A clock needs a start, and one that has to be asked for must not have been called off again."""
    called = [one.kind for one in said if one.kind in ("called", "called_off")]
    return bool(_starts(said)) and called[-1:] != ["called_off"]


def _starts(said: Sequence[Signal]) -> Sequence[Signal]:
    """What it may be counted from, in order."""
    withdrawn = {one.key for one in said if one.kind == "withdraw"}
    return [one for one in said if one.kind == "start" or (one.kind == "since" and one.key not in withdrawn)]


def _order(one: Signal) -> tuple[datetime, str, str, datetime, str, datetime, datetime, int]:
    source = one.source
    told = (one.why, source.occurred_at, source.recorded_at, source.position)
    return one.at, one.kind, one.key, one.until or one.at, *told


_Whose = tuple[str, tuple[str, ...]]
"""The subject of a clock, and the reports of its case."""


def _clock(said: Sequence[Signal], rulebook: Rulebook, now: datetime, whose: _Whose) -> Clock | None:
    """Rules that were published after it was over, by the rules of its time, change nothing."""
    for known in sorted({one.source.recorded_at for one in said if one.kind in _ENDING}):
        then = rulebook.as_of(known)
        if then is rulebook:
            break
        found = _under(then, said, now, whose)
        if found is not None and found.known_by == known:
            return found
    return _as_published_now(said, rulebook, now, whose)


def _as_published_now(said: Sequence[Signal], rulebook: Rulebook, now: datetime, whose: _Whose) -> Clock | None:
    """What still ran when the latest rules came is bound by them; where there was no rule, nothing ran."""
    found = _under(rulebook, said, now, whose)
    if found is None or found.known_by is None or (then := rulebook.as_of(found.known_by)) is rulebook:
        return found
    ran = then.term(found.name, day_of(found.started_at)) is not None
    return replace(found, known_by=None) if ran else None


def _under(rulebook: Rulebook, said: Sequence[Signal], now: datetime, whose: _Whose) -> Clock | None:
    subject, reports = whose
    term = _term(_starts(said), rulebook)
    if term is None:
        return None
    start = _start(_starts(said), term)
    put_off = next((one for one in reversed(said) if one.kind == "extended"), None)
    lifted = next((one for one in reversed(said) if one.kind == "lifted"), None)
    said = [one for one in said if not is_stale(one, start.at)]
    withdrawn = {one.key for one in said if one.kind == "withdraw"}
    judged = [one for one in said if one.kind == "judged"]
    end, was_stopped = _end(said, term, withdrawn)
    calendar = rulebook.calendar()
    ended_at = max(start.at, now if end is None else end.at)
    still = pauses(said, term)
    since = heeds_from(start, put_off, said, term)
    first = _counted_from(start, term, lifted)
    given = given_due(first_due(start, first, term, calendar), put_off, said, term, calendar)
    due = due_of(given, since, term, still, calendar)
    segments = stretches(start, end, ended_at, still)
    return Clock(
        name=start.clock,
        subject=subject,
        sent_due_at=start.until if put_off is None else given.ends_at,
        heeds_from=since,
        judged=_is_judged(start.clock, term),
        started_at=start.at,
        due_at=due.ends_at,
        provisional=due.provisional,
        stopped_at=None if end is None else end.at,
        elapsed=sum((one.length for one in segments if not one.is_paused), timedelta()),
        verdict=_verdict(term, late=ended_at > due.ends_at, ended=end is not None, met=was_stopped),
        term=term,
        segments=tuple(segments if term.unit == "hour" else [counted(one, term.unit, calendar) for one in segments]),
        calendar=calendar,
        counted_from=first,
        put_off=put_off,
        lifted=lifted if term.deemed_days is not None else None,
        recorded=_recorded(judged),
        known_by=_known_by(judged, end),
        was_met=bool(withdrawn) and _was_met(said, term, withdrawn, due.ends_at),
        halted_until=_halted_until(said),
        warned_of=next((one.until for one in reversed(said) if one.kind == "warned"), None),
        reports=(subject,) if subject in reports else reports,
        unreached=is_unreached(said, due.ends_at),
    )


def _start(starts: Sequence[Signal], term: Term) -> Signal:
    return starts[-1] if term.modal == "stands" else starts[0]


def _term(starts: Sequence[Signal], rulebook: Rulebook) -> Term | None:
    """By what it runs: the policy of its start, and how long its own fact says that it lasts."""
    term = rulebook.term(starts[0].clock, day_of(starts[0].at))
    own = None if term is None else _start(starts, term).term
    return term if term is None or own is None else replace(term, length=own.days, unit=own.unit)


def _end(said: Sequence[Signal], term: Term, withdrawn: Set[str]) -> tuple[Signal | None, bool]:
    """What ended the clock, and whether that was what it ran for: the first stop that was not taken back."""
    stop = next((one for one in said if one.kind in ("stop", term.stops) and one.key not in withdrawn), None)
    if stop is not None:
        return stop, True
    return next((one for one in said if one.kind == "give_up"), None), False


def _was_met(said: Sequence[Signal], term: Term, withdrawn: Set[str], due_at: datetime) -> bool:
    return any(one.kind in ("stop", term.stops) and one.key in withdrawn and one.at <= due_at for one in said)


def _known_by(judged: Sequence[Signal], end: Signal | None) -> datetime | None:
    """The moment by which rules and working days must have been published to count for it."""
    known = judged if end is None else (*judged, end)
    return min((one.source.recorded_at for one in known), default=None) if known else None


def _is_judged(name: ClockName, term: Term) -> bool:
    if term.judged_from is None:
        return True
    return name == ("advance_from_report" if term.judged_from == "reported" else "advance_from_acceptance")


def _recorded(judged: Sequence[Signal]) -> Verdict | None:
    return max(judged, key=_learned).verdict if judged else None


def _halted_until(said: Sequence[Signal]) -> datetime | None:
    """What was told last; after an officer's word those who wait know nothing more of the policy's own pauses."""
    told = [one for one in said if one.kind == "halted" or (one.kind in ("pause", "resume") and not one.key)]
    last = max(told, key=_learned, default=None)
    return last.until if last is not None and last.kind == "halted" else None


def _learned(one: Signal) -> tuple[datetime, int]:
    return one.source.recorded_at, one.source.position


def _verdict(term: Term, *, late: bool, ended: bool, met: bool) -> Verdict:
    if late:
        return _LATE[term.modal]
    if not ended:
        return "running"
    return "met" if met else "lapsed"


# --- counting


def _counted_from(start: Signal, term: Term, lifted: Signal | None) -> date:
    lifted_on = None if lifted is None or lifted.until is None else day_of(lifted.until)
    return counted_from(day_of(start.at), term.deemed_days, lifted_on)
