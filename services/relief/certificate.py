"""The certificate of a clock (时限证明): every stretch, what began and ended it, who, by which rule, and its proof.

It can be checked without us: ``deploy/check_certificate.py`` counts it again and hashes the facts that it cites.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from events.shanghai import day_of, in_shanghai
from services.chassis.event_store import Stored
from services.relief.clock_rules import CLOCKS
from services.relief.clocks import Clock
from services.relief.policy import Policy
from services.relief.segments import Segment
from services.relief.signal import Signal

FORM = "jiujinan.clock_certificate/1"

Position = tuple[str, int]
"""A fact's place: the division of its log, and its position there."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a certificate is about, and when it was issued."""

    case_id: str
    division: str
    at: datetime
    policy: Policy
    """The set in force at the clock's start."""


def cited(clock: Clock) -> Sequence[Position]:
    """The facts that a clock's certificate rests on, in the order of the log."""
    ends = [signal for part in clock.segments for signal in (part.began_by, *part.joined, part.ended_by)]
    signals = [signal for signal in (*ends, clock.lifted, clock.put_off) if signal is not None]
    return sorted({(one.source.division, one.source.position) for one in signals})


def certificate(clock: Clock, issue: Issue, proofs: Mapping[Position, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The certificate as a document of plain values, with its own digest."""
    document: dict[str, Any] = {
        "form": FORM,
        "case_id": issue.case_id,
        "division": issue.division,
        "clock": clock.name,
        "subject": clock.subject,
        "title": CLOCKS[clock.name].title,
        "issued_at": _iso(issue.at),
        "rule": _rule(clock, issue.policy),
        "calendar": _calendar(clock),
        "started_at": _iso(clock.started_at),
        "due_at": _iso(clock.due_at),
        "stopped_at": None if clock.stopped_at is None else _iso(clock.stopped_at),
        "verdict": clock.verdict,
        "judged": clock.judged,
        "recorded": clock.recorded,
        "provisional": clock.provisional,
        "segments": [_segment(one) for one in clock.segments],
        "sums": _sums(clock.segments),
        "facts": [proofs[place] for place in cited(clock)],
    }
    return document | {"digest": digest(document)}


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a certificate without its digest."""
    content = {name: value for name, value in document.items() if name != "digest"}
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def proof(row: Stored, previous: bytes) -> Mapping[str, Any]:
    """What is needed to hash a fact again."""
    return {
        "division": row.division,
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "name": row.name,
        "schema_version": row.schema_version,
        "fact_id": str(row.fact_id),
        "command_id": str(row.command_id),
        "occurred_at": row.occurred_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "meta": row.meta.decode(),
        "data": row.data.decode(),
        "previous": previous.hex(),
        "hash": row.hash.hex(),
    }


def _rule(clock: Clock, policy: Policy) -> Mapping[str, Any]:
    term, sent, heeds = clock.term, clock.sent_due_at, clock.heeds_from
    return {
        "clause": term.clause,
        "length": term.length,
        "unit": term.unit,
        "modal": term.modal,
        "rolls": term.rolls,
        "after_days": (clock.counted_from - day_of(clock.started_at)).days,
        "sent_due_at": None if sent is None else _iso(sent),
        "heeds_from": None if heeds is None else _iso(heeds),
        "policy_hash": policy.policy_hash,
        "sets": sorted({origin.source.set_id for origin in policy.origins.values()}),
    }


def _calendar(clock: Clock) -> Mapping[str, Any]:
    calendar = clock.calendar
    return {
        "version": calendar.version,
        "years": sorted(calendar.years),
        "days_off": [str(day) for day in sorted(calendar.days_off)],
        "days_worked": [str(day) for day in sorted(calendar.days_worked)],
    }


def _segment(one: Segment) -> Mapping[str, Any]:
    return {
        "kind": "paused" if one.is_paused else "running",
        "begins_at": _iso(one.begins_at),
        "ends_at": _iso(one.ends_at),
        "microseconds": _microseconds(one.length),
        "until": None if one.until is None else _iso(one.until),
        "days": one.days,
        "began_by": _signal(one.began_by),
        "ended_by": None if one.ended_by is None else _signal(one.ended_by),
        "joined": [_signal(signal) for signal in one.joined],
    }


def _signal(one: Signal) -> Mapping[str, Any]:
    source = one.source
    return {"position": source.position, "fact": source.fact, "by": source.by, "why": one.why}


def _sums(segments: Sequence[Segment]) -> Mapping[str, int]:
    running = [one for one in segments if not one.is_paused]
    paused = [one for one in segments if one.is_paused]
    return {
        "running_microseconds": sum(_microseconds(one.length) for one in running),
        "paused_microseconds": sum(_microseconds(one.length) for one in paused),
        "running_days": sum(one.days for one in running),
        "paused_days": sum(one.days for one in paused),
    }


def _microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _iso(moment: datetime) -> str:
    return in_shanghai(moment).isoformat()
