"""The auditor of one service: told of every commit as it happens, it checks what must hold after each one."""

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events.cloudevents import Message
from events.fact import Fact, Recorded
from services.chassis.chain import EPOCH, genesis, link
from services.chassis.decider import Decider
from services.chassis.deciding import Deciders
from services.chassis.event_store import Advance, Append, ClaimKey, Handled, SourceKey, Stored, StreamKey
from services.chassis.replay import recorded
from services.chassis.unit import Unit
from tests.simulation.violation import Report


class _Log:
    """A log as the auditor has seen it grow."""

    def __init__(self, service: str, division: str) -> None:
        self.rows: list[Stored] = []
        self.hash = genesis(service, division)
        self.recorded_at: datetime = EPOCH
        self.public: list[int] = []
        self.published: set[int] = set()
        self.published_upto = 0
        """Where the public facts are, which of them were on the bus, and how many are behind the outbox's cursor."""


class Auditor:
    """Keeps its own account of logs, commands, claims and sources; ``heard`` gets each fact and its state."""

    def __init__(self, service: str, deciders: Deciders, report: Report) -> None:
        self.report = report
        self.heard: Callable[[Recorded[Fact], Any], None] = lambda known, state: None
        self.facts: list[Recorded[Fact]] = []
        self.handled: dict[UUID, Handled] = {}
        self.followed: dict[SourceKey, int] = {}
        self.history: dict[StreamKey, list[Any]] = {}
        """The state of each stream at each version, folded from the stored bytes."""
        self._service = service
        self._deciders = deciders
        self._streams: dict[str, Decider[Any, Any, Any]] = {}
        """The decider of each stream that was ever spoken to."""
        self._logs: dict[str, _Log] = {}
        self._done: set[UUID] = set()
        """The commands, callers' and followed ones, that have had an effect."""
        self._owners: dict[ClaimKey, str] = {}

    def spoken_to(self, unit: Unit) -> None:
        """A process is given a unit of work: whose streams these are is known by what is said to them."""
        self._streams |= {part.stream: self._deciders[type(part.command)] for part in unit.parts}

    def divisions(self) -> list[str]:
        """The logs."""
        return sorted(self._logs)

    def end(self, division: str) -> int:
        """The position of a log's last fact."""
        return len(self._log(division).rows)

    def end_hash(self, division: str) -> bytes:
        """The hash of a log's last fact, which all before it have gone into."""
        return self._log(division).hash

    def public(self, division: str) -> list[int]:
        """Where a log's facts are that travel."""
        return self._log(division).public

    def committed(self, append: Append) -> None:
        """A batch counts from now on."""
        effects: defaultdict[UUID, list[Stored]] = defaultdict(list)
        for row in append.facts:
            effects[row.command_id].append(row)
            self._check_row(row)
            self._take(row, recorded(row))
        for command_id, rows in effects.items():
            self._check_effect(command_id, rows, append)
        for handled in append.handled:
            self._check_handled(handled, effects.get(handled.command_id, []))
        for source, advance in append.followed.items():
            self._check_followed(source, advance)

    def published(self, message: Message) -> None:
        """A message is on the bus: it must be a fact of the log, and name the public one before it."""
        log, place = self._log(message.division), f"{message.name} at {message.division}:{message.position}"
        number = bisect_left(log.public, message.position)
        if log.public[number : number + 1] != [message.position]:
            self.report("published_unknown", place)
            return
        row = log.rows[message.position - 1]
        if (row.data, row.name, row.stream) != (message.data, message.name, message.stream):
            self.report("published_unknown", place)
        if message.previous != (log.public[number - 1] if number else 0):
            self.report("published_wrongly_linked", f"{place} after {message.previous}")
        log.published.add(row.position)

    def published_upto(self, division: str, position: int) -> None:
        """A cursor of the outbox has moved: all before it must have been on the bus."""
        log = self._log(division)
        upto = bisect_right(log.public, position)
        missing = [known for known in log.public[log.published_upto : upto] if known not in log.published]
        if missing:
            self.report("cursor_ahead", f"{division} at {position}, but {missing} were never published")
        log.published_upto = max(upto, log.published_upto)

    def _log(self, division: str) -> _Log:
        if division not in self._logs:
            self._logs[division] = _Log(self._service, division)
        return self._logs[division]

    def _check_row(self, row: Stored) -> None:
        log = self._log(row.division)
        place = f"{row.division}:{row.position} {row.name}"
        if row.position != len(log.rows) + 1:
            self.report("position", f"{place} follows {len(log.rows)}")
        if row.hash != link(log.hash, row):
            self.report("chain", place)
        if row.recorded_at < log.recorded_at:
            self.report("time_went_back", f"{place}: {row.recorded_at} after {log.recorded_at}")
        log.rows.append(row)
        log.hash, log.recorded_at = row.hash, row.recorded_at
        if row.public:
            log.public.append(row.position)

    def _take(self, row: Stored, known: Recorded[Fact]) -> None:
        decider = self._streams[row.stream]
        states = self.history.setdefault((row.division, row.stream), [decider.initial])
        if row.version != len(states):
            self.report("version", f"{row.stream} {row.version} follows {len(states) - 1}")
        states.append(decider.evolve(states[-1], known))
        self.facts.append(known)
        self._check_claims(row, known.fact)
        self.heard(known, states[-1])

    def _check_claims(self, row: Stored, fact: Fact) -> None:
        for claim in fact.takes():
            owner = self._owners.setdefault((row.division, claim), row.stream)
            if owner != row.stream:
                self.report("claim_twice", f"{row.stream} takes what {owner} holds")
        for claim in fact.releases():
            if self._owners.get((row.division, claim)) == row.stream:
                del self._owners[row.division, claim]

    def _check_effect(self, command_id: UUID, rows: list[Stored], append: Append) -> None:
        """Once only, and with the answer to its caller, or with the advance over the fact that it was heard from."""
        names = [row.name for row in rows]
        if command_id in self._done:
            self.report("effect_twice", f"{names}")
        self._done.add(command_id)
        cause = json.loads(rows[0].meta)["causation"]
        if cause == str(command_id):
            if not any(handled.command_id == command_id for handled in append.handled):
                self.report("effect_unanswered", f"{names}")
            return
        source, division, position = cause.split(":")
        advance = append.followed.get((source, division))
        if advance is None or not advance.expected < int(position) <= advance.position:
            self.report("effect_unfollowed", f"{names} because of {cause}")

    def _check_handled(self, handled: Handled, rows: list[Stored]) -> None:
        if handled.command_id in self.handled:
            self.report("handled_twice", handled.outcome.decode())
        told: Mapping[str, Any] = json.loads(handled.outcome)
        if told["facts"] != [row.name for row in rows] or (rows and told["position"] != rows[-1].position):
            self.report("answer_untrue", f"{handled.outcome.decode()} for {[row.name for row in rows]}")
        self.handled[handled.command_id] = handled

    def _check_followed(self, source: SourceKey, advance: Advance) -> None:
        before = self.followed.get(source, 0)
        if advance.expected != before or advance.position <= before:
            self.report("followed", f"{source}: {advance} after {before}")
        self.followed[source] = advance.position
