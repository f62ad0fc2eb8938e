"""One process of a service as the chassis runs it, a writer, a follower and a relay; it can be killed at any await."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.chassis.committing import Committer
from services.chassis.event_store import Fenced, SourceKey, StoreUnavailable, StreamKey
from services.chassis.relay import Cursor, PublishFailed, publish
from services.chassis.replay import States
from services.chassis.states import StateCache
from services.chassis.unit import Outcome, Unit
from services.chassis.writer import Writer
from tests.simulation.bus import Entry, Member, Partition, source_of

if TYPE_CHECKING:
    from tests.simulation.service import Service

DAWN = datetime(2026, 11, 2, 0, 10, tzinfo=UTC)
"""Where virtual time begins: 08:10 in Asia/Shanghai, on a Monday."""
_IDLE_SECONDS = 0.2
_POLL_SECONDS = 1.0
_GRACE_SECONDS = 1.0


class JumpingClock:
    """A machine's clock: virtual time, and by how much it is wrong."""

    def __init__(self) -> None:
        self.wrong_by = timedelta()

    def now(self) -> datetime:
        """What this machine takes for the present moment."""
        return DAWN + timedelta(seconds=asyncio.get_running_loop().time()) + self.wrong_by

    async def sleep(self, seconds: float) -> None:
        """Wait, in virtual time."""
        await asyncio.sleep(seconds)


class OpenWriter(Writer):
    """The writer, whose committer can be chosen, and whose units of work somebody is told of."""

    def open(self, committer: Committer, told: Callable[[Unit], None]) -> None:
        """Put this committer in the place of its own, and tell of every unit from now on."""
        self._committer = committer
        self._tell = told

    async def submit(self, unit: Unit) -> Outcome:
        self._tell(unit)
        return await super().submit(unit)

    async def take_in(self, units: Iterable[Unit]) -> list[Outcome | BaseException]:
        heard = list(units)
        for unit in heard:
            self._tell(unit)
        return await super().take_in(heard)


class Process:
    """A process from its start to its crash; its caches, and its place in the topics, go with it."""

    def __init__(self, service: "Service", name: str) -> None:
        self.service = service
        self.name = name
        self.clock = JumpingClock()
        self.states = StateCache(service.faults.chance.choice([32, 50_000]))
        self.writer = self._writer()
        self.follower = service.parts.follower(service.name, self.writer, service.reactions, lambda body: b"sealed")
        self.member = Member(service.bus, service.name, service.follows)
        self.is_alive = False
        self._tasks: list[asyncio.Task[None]] = []
        self._calls: set[asyncio.Task[Outcome]] = set()
        self._wake = asyncio.Event()
        self._heard: dict[SourceKey, int] = {}
        """The last position of each source that came this way."""

    def _writer(self) -> OpenWriter:
        service, chance = self.service, self.service.faults.chance
        room: asyncio.Queue[Any] = asyncio.Queue(chance.choice([4, 64, 4_096]))
        writer = service.parts.writer(service.store, service.deciders, self.clock, queue=room)
        keep_after = chance.choice([3, 10_000])
        mind = service.parts.committer(
            service.store, service.deciders, self.clock, (self,), keep_after=keep_after, _states=self.states
        )
        writer.open(mind, service.auditor.spoken_to)
        return writer

    def start(self) -> None:
        """Begin to work."""
        self.is_alive = True
        self._tasks = [self._spawned(work) for work in (self.writer.run(), self._follow(), self._relay())]

    def crash(self) -> None:
        """Stop, wherever each task is."""
        self.is_alive = False
        for task in self._tasks:
            task.cancel()
        asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._check_calls)

    def call(self, unit: Unit) -> "asyncio.Task[Outcome]":
        """A caller's command, as a request's handler gives it to the writer."""
        call = asyncio.get_running_loop().create_task(self._submitted(unit))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return call

    async def _submitted(self, unit: Unit) -> Outcome:
        """A request that has not reached its handler when the process dies finds nobody there."""
        if not self.is_alive:
            raise ConnectionError
        return await self.writer.submit(unit)

    def committed(self, units: int, facts: int, seconds: float) -> None:
        """The writer has committed: look into the outbox at once."""
        if facts:
            self._wake.set()

    def cached(self, keys: Iterable[StreamKey]) -> States:
        """What is remembered of these streams."""
        missing = set(self.states.missing(keys))
        return {key: self.states.get(key) for key in keys if key not in missing}

    async def take_in(self) -> None:
        """Take the next records in, then acknowledge them; what fails comes again."""
        fetched, behind = self.member.fetch()
        if not fetched:
            return
        try:
            await self.follower.take_in([entry.record for entry in fetched])
        except (StoreUnavailable, Fenced):
            return
        self.acknowledge(behind)
        self._check_let_go(fetched)

    def acknowledge(self, behind: dict[Partition, int]) -> None:
        """Keep the offsets; nothing before them may be undone."""
        for partition, reached in self.member.acknowledge(behind):
            followed = self.service.auditor.followed.get(source_of(partition), 0)
            if followed < reached:
                self.service.report("acknowledged_undone", f"{partition} to {reached}, but followed to {followed}")

    def _check_let_go(self, fetched: Iterable[Entry]) -> None:
        """What was let go behind a gap keeps the alarm on until it has been followed."""
        for entry in fetched:
            self._heard[entry.source] = max(self._heard.get(entry.source, 0), entry.position)
        alarms = {(gap.source, gap.division) for gap in self.service.store.stopped()}
        for source, position in self._heard.items():
            if self.service.auditor.followed.get(source, 0) < position and source not in alarms:
                self.service.report("gap_unnoticed", f"{self.name} has let go of {source} {position}")

    async def publish_log(self, cursor: Cursor) -> None:
        """Publish what a cursor is behind of, then move it.

        Raises ``PublishFailed``, ``Fenced`` when another relay was there, ``StoreUnavailable``.
        """
        rows = [row async for row in self.service.store.read(cursor.division, after=cursor.position) if row.public]
        sent = await publish(self.service.bus, self.service.name, rows, cursor.sent)
        await self.service.save(cursor, max([cursor.head, *(row.position for row in rows)]), sent)

    def _check_calls(self) -> None:
        """A writer that is stopped leaves nobody waiting."""
        if self._calls:
            self.service.report("left_waiting", f"{len(self._calls)} callers of {self.name}")

    def _spawned(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if self.is_alive:
            failure = None if task.cancelled() else task.exception()
            self.service.report("task_died", f"{self.name}: {failure!r}")

    async def _follow(self) -> None:
        self.member.join()
        while True:
            await self.take_in()
            await asyncio.sleep(self.service.faults.chance.random() * _IDLE_SECONDS)

    async def _relay(self) -> None:
        while True:
            self._wake.clear()
            try:
                async with self.service.one_relay():
                    for cursor in await self.service.ahead():
                        await self.publish_log(cursor)
            except (StoreUnavailable, Fenced, PublishFailed):
                self.service.note(f"{self.name} fails to publish")
                await asyncio.sleep(_IDLE_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._wake.wait()
