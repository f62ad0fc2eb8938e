"""Committing a batch, in one of two ways: under the lock of its logs' heads, or fenced by where this process left them.

Under the lock everything is read afresh. Behind the fence a batch is decided on what the batch before it will leave,
while that one is still on its way; the database takes it only if every head stands exactly there, so that another
process's writing is noticed, never overwritten. What was decided on a wrong belief is decided again under the lock.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from events.fact import UnknownFact
from services.chassis.decider import Decider
from services.chassis.deciding import Batch, Deciders
from services.chassis.event_store import Append, EventStore, Found, Head, Snapshot, Stored, StreamKey, Wanted
from services.chassis.replay import Known, States, fold
from services.chassis.states import StateCache
from services.chassis.unit import Outcome, Unit

CACHED_STREAMS = 50_000
KEEP_AFTER = 10_000
"""A state that took this many facts to fold is kept beside the log."""

Answers = list[Outcome | Exception]
Streams = Mapping[StreamKey, Decider[Any, Any, Any]]


class Clock(Protocol):
    """Where time enters."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Observer(Protocol):
    """Who wants to know of each commit: metrics, and the relay."""

    def committed(self, units: int, facts: int, seconds: float) -> None:
        """A batch has been committed; ``seconds`` is how long it took to decide and to write."""
        ...


@dataclass(frozen=True, slots=True)
class Ahead:
    """A batch that was decided before the one in front of it was committed."""

    append: Append
    heads: Mapping[str, Head]
    answers: Answers
    belief: int
    began: float


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found for a batch, and what the batches in front of it will leave."""

    found: Found
    belief: int

    def over(self, flight: Append) -> "Looked":
        """The same, once what is in flight is there."""
        return replace(self, found=overlaid(self.found, flight))


@dataclass(slots=True)
class Committer:
    """Decides and commits batches, and remembers what is true between them."""

    store: EventStore
    deciders: Deciders
    clock: Clock
    observers: Sequence[Observer] = ()
    keep_after: int = KEEP_AFTER
    _states: StateCache = field(default_factory=lambda: StateCache(CACHED_STREAMS))
    _heads: dict[str, Head] = field(default_factory=dict[str, Head])
    """Where this process has left each log, or is about to."""
    _flight: Append = field(default_factory=Append)
    _belief: int = 0

    def forget(self) -> None:
        """Drop everything remembered: after a failed append nobody knows what is true."""
        self._states.forget()
        self._heads.clear()
        self._flight = Append()
        self._belief += 1

    async def commit(self, units: Sequence[Unit]) -> Answers:
        """Decide and commit under the lock. Nothing may be in flight."""
        began = asyncio.get_running_loop().time()
        streams = self._streams(units)
        unreadable = await self._prepare(units, streams)
        async with self.store.transaction(sorted({unit.division for unit in units})) as transaction:
            self._states.locked(transaction.heads)
            readable = [key for key in streams if key not in unreadable]
            found = await transaction.look(wanted(units, self._states.doubtful(readable)))
            unreadable |= self._bring_forward(found.tails, streams)
            batch = self._batch(transaction.heads, found, set(readable) - unreadable)
            answers = [batch.settle(unit) for unit in units]
            if not batch.append.is_empty():
                await transaction.write(batch.append)
        self._heads |= {**transaction.heads, **batch.append.heads}
        self._flight = Append()
        self._states.put(batch.states)
        self._done(transaction.heads, batch.append, answers, began)
        return answers

    async def look_ahead(self, units: Sequence[Unit]) -> Looked | None:
        """What the units need to be decided ahead; ``None`` where this process cannot know enough for that."""
        belief = self._belief
        if not {unit.division for unit in units} <= self._heads.keys() or await self._prepare(
            units, self._streams(units)
        ):
            return None
        return Looked(await self.store.look(wanted(units, {})), belief).over(self._flight)

    def decide_ahead(self, units: Sequence[Unit], looked: Looked) -> Ahead | None:
        """Decide on what the batch in flight will leave."""
        began = asyncio.get_running_loop().time()
        divisions, streams = {unit.division for unit in units}, self._streams(units)
        if looked.belief != self._belief or self._states.missing(streams) or self._states.doubtful(streams):
            return None
        heads = {division: self._heads[division] for division in divisions}
        batch = self._batch(heads, looked.found, set(streams))
        answers = [batch.settle(unit) for unit in units]
        if batch.append.heads.keys() != divisions or _answers_without_facts(units, batch.append):
            return None  # what does not move a head has no fence: another process may have written it meanwhile
        self._heads |= batch.append.heads
        self._flight = batch.append
        self._states.put(batch.states)
        return Ahead(batch.append, heads, answers, looked.belief, began)

    def still_believes(self, ahead: Ahead) -> bool:
        """Whether what it was decided on has come true so far."""
        return ahead.belief == self._belief

    async def send(self, ahead: Ahead) -> Answers:
        """Commit what was decided ahead. Raises ``Fenced`` when a log is not where it was believed to be."""
        await self.store.append(ahead.append, ahead.heads)
        self._done(ahead.heads, ahead.append, ahead.answers, ahead.began)
        return ahead.answers

    def _done(self, heads: Mapping[str, Head], append: Append, answers: Answers, began: float) -> None:
        self._states.left({division: head.position for division, head in {**heads, **append.heads}.items()})
        seconds = asyncio.get_running_loop().time() - began
        for observer in self.observers:
            observer.committed(len(answers), len(append.facts), seconds)

    def _batch(self, heads: Mapping[str, Head], found: Found, readable: set[StreamKey]) -> Batch:
        states = {key: self._states.get(key) for key in readable}
        return Batch(self.deciders, heads, found, states, self.clock.now())

    def _streams(self, units: Sequence[Unit]) -> dict[StreamKey, Decider[Any, Any, Any]]:
        """Every stream that the units are for, with its decider."""
        return {
            (unit.division, part.stream): self.deciders[type(part.command)] for unit in units for part in unit.parts
        }

    async def _prepare(self, units: Sequence[Unit], streams: Streams) -> set[StreamKey]:
        """Before any lock: create logs that are new, load states that are not at hand; give what cannot be read.

        What was forgotten meanwhile may have changed since it was loaded, and is not kept.
        """
        belief = self._belief
        new = {unit.division for unit in units} - self._states.logs()
        if new:
            await self.store.open_logs(sorted(new))
        missing = self._states.missing(streams)
        if not missing:
            return set()
        starts = {key: Known(0, streams[key].initial) for key in missing} | await self._kept(missing, streams)
        rows = await self.store.load({key: known.version for key, known in starts.items()})
        if belief != self._belief:
            return set(missing)
        self._states.put(starts)
        unreadable = self._bring_forward(rows, streams)
        await self._keep({key: starts[key] for key in missing if key not in unreadable}, streams)
        return unreadable

    async def _kept(self, keys: Sequence[StreamKey], streams: Streams) -> States:
        """The states that are kept beside the log, in the shape that this release reads."""
        able = [key for key in keys if streams[key].kept is not None]
        states: States = {}
        for snapshot in await self.store.snapshots(able) if able else ():
            key = (snapshot.division, snapshot.stream)
            kept = streams[key].kept
            if kept is not None and kept.shape == snapshot.shape:
                states[key] = Known(snapshot.version, kept.load(snapshot.state))
        return states

    async def _keep(self, starts: States, streams: Streams) -> None:
        """Keep what took long to fold, for the next start."""
        for key, start in starts.items():
            known, kept = self._states.get(key), streams[key].kept
            if kept is not None and known.version - start.version >= self.keep_after:
                await self.store.keep(Snapshot(*key, known.version, kept.shape, kept.dump(known.state)))

    def _bring_forward(self, tails: Sequence[Stored], streams: Streams) -> set[StreamKey]:
        """Fold stored facts into the states at hand; give the streams that this release cannot read."""
        unreadable: set[StreamKey] = set()
        for key, rows in groupby(tails, key=lambda row: (row.division, row.stream)):
            try:
                self._states.put({key: fold(self._states.get(key), streams[key], list(rows))})
            except UnknownFact:
                self._states.drop(key)
                unreadable.add(key)
        return unreadable


def _answers_without_facts(units: Sequence[Unit], append: Append) -> bool:
    """Whether a command came to nothing but its answer, which leaves the head where it was."""
    moving = {fact.command_id for fact in append.facts}
    kept = {row.command_id for row in append.handled}
    return any(unit.command_id not in moving and not kept.isdisjoint(unit.answered_under) for unit in units)


def wanted(units: Sequence[Unit], streams: Mapping[StreamKey, int]) -> Wanted:
    """What the store must be asked for these units."""
    heard = [unit.heard for unit in units if unit.heard is not None]
    return Wanted(
        commands=[command_id for unit in units for command_id in unit.answered_under],
        claims=list({(unit.division, key) for unit in units for part in unit.parts for key in part.asks}),
        streams=streams,
        sources=list({(h.source, h.division) for h in heard}),
        subjects=list({(h.source, h.division, h.subject) for h in heard}),
    )


def overlaid(found: Found, flight: Append) -> Found:
    """What will be found once the append in flight is there; that it may be there already makes no difference."""
    owners = dict(found.owners)
    for key, claim in flight.claims.items():
        if claim.held:
            owners[key] = claim.stream
        elif owners.get(key) == claim.stream:
            del owners[key]
    return replace(
        found,
        owners=owners,
        handled={**found.handled, **{row.command_id: row for row in flight.handled}},
        followed={**found.followed, **{key: advance.position for key, advance in flight.followed.items()}},
        parked=found.parked | {(letter.source, letter.division, letter.subject) for letter in flight.dead},
    )
