"""The scheduler (时限调度): puts down each breach when it happens, once, however often it starts and wherever it runs.

What is due is worked out from the logs; its agenda only says where to begin. A case is judged once its facts have had
a moment to settle, not at each of them. What it puts down is decided under the lock of the county's log, so a second
one that says the same adds nothing.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from events.fact import Actor
from services.chassis.event_store import EventStore, Fenced, Stored, StoreUnavailable
from services.chassis.tireless import tireless
from services.chassis.unit import Directed, Unit, VersionConflict
from services.chassis.writer import Busy, Clock, Writer
from services.relief.agenda import Agenda, Heard, Note
from services.relief.clock_book import JudgeClock, TellHalt, clocks_of
from services.relief.clock_stand import Stand, stand_of
from services.relief.clocks import policy_of
from services.relief.halts import halted_until, told_at
from services.relief.policy_cache import Policies, PolicyCache
from services.relief.precondition import NothingSince
from services.relief.said import said
from services.relief.signals import SILENT
from services.relief.steps.case_file import stream_of
from services.relief.watch import CaseKey, DueList, assess

_NAMESPACE = UUID("5b3f7a52-3a55-5c39-9b0e-2f1d0c6b7e11")
_ACTOR = Actor(id="relief", role="system", scope="", rule="judges_clocks")
_POLL_SECONDS = 0.25
_BACK_OFF_SECONDS = 1.0
_CASES_AT_ONCE = 50
"""So few that whoever else has work in this process need not wait."""

_PAGE = 10_000
_SETTLED = timedelta(seconds=0.5)
"""For so long further facts of a case may come before it is judged; what is due by then is put down that much later."""

_AGAIN_AFTER = timedelta(seconds=5)
"""After how long a case is judged again whose judging failed."""

_KEPT_AFTER = timedelta(seconds=1)
"""How soon what was found out is on the agenda, where the figures are read."""
_KEPT_EVERY = timedelta(seconds=5)
"""How often it is said there that nothing new was found out."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Scheduler:
    """Watches the clocks of all cases until cancelled."""

    store: EventStore
    writer: Writer
    cache: PolicyCache
    clock: Clock
    agenda: Agenda
    due: DueList = field(default_factory=DueList)
    heard: DueList = field(default_factory=DueList)
    _policies: Policies | None = None
    _positions: dict[str, int] = field(default_factory=dict[str, int])
    _noted: dict[CaseKey, Sequence[Stand] | None] = field(default_factory=dict[CaseKey, Sequence[Stand] | None])
    """The cases that are not on the agenda as they are, and where the clocks stand of those that were judged."""
    _kept_at: datetime | None = None

    async def run(self) -> None:
        """Look, put down, rest, again and again."""
        while True:
            rest = _BACK_OFF_SECONDS
            with tireless("clocks"):
                await self.turn()
                rest = self._rest()
            await self.clock.sleep(rest)

    async def turn(self) -> None:
        """Take in what was said since the last turn, and judge some cases, those first of which a clock is due."""
        if self._policies is not self.cache.policies:
            await self._begin()
        await self._follow()
        now = self.clock.now()
        due = self.due.take(now, _CASES_AT_ONCE)
        await self._look_at(due + self.heard.take(now, _CASES_AT_ONCE - len(due)))
        await self._keep()

    def _rest(self) -> float:
        moments = [moment for moment in (self.due.next_due(), self.heard.next_due()) if moment is not None]
        if not moments:
            return _POLL_SECONDS
        return min(_POLL_SECONDS, max((min(moments) - self.clock.now()).total_seconds(), 0.0))

    async def _begin(self) -> None:
        """Under other rules, which may bind any clock, nothing holds but what was noted under the same."""
        policies = self.cache.policies
        kept = await self.agenda.open(policies.edition)
        self._policies, self._positions, self._noted = policies, dict(kept.positions), {}
        self.due, self.heard = DueList(), DueList()
        for key, at in kept.looks.items():
            self.due.put(key, at)

    async def _follow(self) -> None:
        for head in await self.store.heads():
            settled_at = min(head.recorded_at, self.clock.now()) + _SETTLED
            while (after := self._positions.get(head.division, 0)) < head.position:
                upto = min(after + _PAGE, head.position)
                for stream, name in await self.store.written(head.division, after, upto):
                    self._hear(head.division, stream, name, settled_at)
                self._positions[head.division] = upto

    def _hear(self, division: str, stream: str, name: str, settled_at: datetime) -> None:
        kind, _, case_id = stream.partition(":")
        key = (division, case_id)
        if kind in ("case", "clocks") and name not in SILENT and self.heard.of(key) is None:
            self.heard.put(key, settled_at)
            self._noted.setdefault(key)

    async def _look_at(self, cases: Sequence[CaseKey]) -> None:
        """Judge some cases on all that is known of them, and forget none of them before that is put down.

        One that cannot be judged holds up no other.
        """
        now = self.clock.now()
        for key in cases:
            self.heard.put(key, now)
        streams = {(division, stream): 0 for division, one in cases for stream in (stream_of(one), clocks_of(one))}
        rows: dict[CaseKey, list[Stored]] = {key: [] for key in cases}
        for row in await self.store.load(streams) if streams else ():
            rows[row.division, row.stream.partition(":")[2]].append(row)
        for key, own in rows.items():
            try:
                self.heard.put(key, None if await self._judge(key, own) else now)
            except (StoreUnavailable, Fenced, Busy):
                raise
            except Exception:
                log.exception("clock_failed", extra={"division": key[0], "case": key[1]})
                self.heard.put(key, now + _AGAIN_AFTER)

    async def _keep(self) -> None:
        """Note from time to time what a later start need not find out again, and what the figures count."""
        now = self.clock.now()
        if self._policies is None or (self._kept_at is not None and now < self._kept_at + self._patience):
            return
        self._kept_at = now
        waiting = [moment for moment in (self.due.next_due(), self.heard.next_due()) if moment is not None]
        heard = Heard(self._policies.edition, self._positions, min([now, *waiting]))
        notes = {key: Note(self._next_look(key), stands) for key, stands in self._noted.items()}
        if await self.agenda.keep(heard, notes):
            self._noted.clear()

    @property
    def _patience(self) -> timedelta:
        return _KEPT_AFTER if self._noted else _KEPT_EVERY

    def _next_look(self, key: CaseKey) -> datetime | None:
        return min((at for at in (self.due.of(key), self.heard.of(key)) if at is not None), default=None)

    async def _judge(self, key: CaseKey, rows: Sequence[Stored]) -> bool:
        """Put down what is not on record; say whether the case still was what it was judged by."""
        division, case_id = key
        rulebook = self.cache.policies.rulebook(division)
        found = assess(said(rows), rulebook, self.clock.now())
        self.due.put(key, found.look_at)
        self._noted[key] = [stand_of(one) for one in found.clocks]
        version = max((row.version for row in rows if row.stream == stream_of(case_id)), default=0)
        judged = [JudgeClock(case_id, one, policy_of(one, rulebook).policy_hash) for one in found.unrecorded]
        for command in (*judged, *(TellHalt(case_id, one) for one in found.untold)):
            try:
                await self.writer.submit(self._unit(division, command, version, len(rows)))
            except VersionConflict:
                return False
        return True

    def _unit(self, division: str, command: JudgeClock | TellHalt, version: int, facts: int) -> Unit:
        clock, case_id = command.clock, command.case_id
        what = clock.verdict if isinstance(command, JudgeClock) else f"halted {halted_until(clock)}"
        name = f"{division}|{case_id}|{clock.name}|{clock.subject}|{what}|{facts}"
        return Unit(
            division=division,
            parts=(
                Directed(stream_of(case_id), NothingSince(), expects=version),
                Directed(clocks_of(case_id), command),
            ),
            command_id=uuid5(_NAMESPACE, name),
            actor=_ACTOR,
            occurred_at=_when(command, self.clock),
            correlation=case_id,
        )


def _when(command: JudgeClock | TellHalt, time: Clock) -> datetime:
    clock = command.clock
    if isinstance(command, TellHalt):
        return told_at(clock)
    if clock.verdict == "running" and clock.recorded is None:
        return clock.warn_at
    return clock.due_at if clock.is_broken and clock.recorded is None else time.now()
