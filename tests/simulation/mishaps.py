"""What befalls the processes and the broker, and the people who start and publish again what they see amiss."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from events.intake import HelpNeeded
from events.ledger import Reserved
from events.relief import AdvanceDecided
from events.topics import INTAKE, LEDGER, RELIEF, topic_of
from services.chassis.event_store import StoreUnavailable
from services.chassis.relay import PublishFailed
from tests.simulation.bus import Bus
from tests.simulation.faults import Fault, Faults
from tests.simulation.service import Service

_STRANGER = "stranger"
_HEEDED = {INTAKE: HelpNeeded.NAME, RELIEF: AdvanceDecided.NAME, LEDGER: Reserved.NAME}
"""A fact of each topic that somebody heeds."""

Planted = tuple[str, str, int]
"""The service that has to bury a planted record, the record's source, and its position there."""
_Lack = tuple[Service, str, int]
"""A log that has to be published again, from behind a position."""


@dataclass(slots=True, kw_only=True)
class Mishaps:
    """Everything that happens by itself."""

    services: list[Service]
    faults: Faults
    bus: Bus
    note: Callable[[str], None]
    planted: list[Planted] = field(default_factory=list[Planted])
    _forgotten: list[_Lack] = field(default_factory=list[_Lack])

    async def happen(self) -> None:
        """One occasion after the other, until cancelled."""
        mishaps: dict[Fault, Callable[[], None]] = {
            "crash": lambda: self.faults.chance.choice(self.services).kill(),
            "second_process": self._second_process,
            "clock_jump": self._clock_jump,
            "outage": self._outage,
            "topic_lost": self.lose_topics,
            "malformed": self._malformed,
        }
        while True:
            await asyncio.sleep(self.faults.chance.expovariate(2.0))
            for fault, befall in mishaps.items():
                if self.faults.strikes(fault):
                    befall()

    async def supervise(self) -> None:
        """Start a service again some time after its last process has gone, until cancelled."""
        while True:
            await asyncio.sleep(self.faults.chance.random())
            for service in self.services:
                if not service.processes:
                    service.start()

    async def operate(self) -> None:
        """Publish again what the broker has forgotten, and what the alarms about gaps ask for, until cancelled."""
        while True:
            await asyncio.sleep(self.faults.chance.uniform(0.5, 2.0))
            lacks, self._forgotten = [*self._forgotten, *self._alarms()], []
            for service, division, after in lacks:
                try:
                    await service.republish(division, after)
                except (StoreUnavailable, PublishFailed):
                    self._forgotten.append((service, division, after))

    def _alarms(self) -> list[_Lack]:
        sources = {service.name: service for service in self.services}
        gaps = (gap for service in self.services for gap in service.store.stopped())
        return [(sources[gap.source], gap.division, gap.followed) for gap in gaps]

    def _second_process(self) -> None:
        """A second pod, or a zombie: all write to the same logs and follow the same topics."""
        service = self.faults.chance.choice(self.services)
        if len(service.processes) < 3:
            service.start()

    def _clock_jump(self) -> None:
        service = self.faults.chance.choice(self.services)
        for process in service.processes:
            process.clock.wrong_by = timedelta(seconds=self.faults.chance.uniform(-90_000, 90_000))
            self.note(f"{process.name} is wrong by {process.clock.wrong_by}")

    def _outage(self) -> None:
        """The database is away, perhaps for longer than a writer tries."""
        store = (service := self.faults.chance.choice(self.services)).store
        store.away_until = asyncio.get_running_loop().time() + self.faults.chance.uniform(0.0, 6.0)
        self.note(f"{service.name} has no database until {store.away_until:.4f}")

    def lose_topics(self) -> None:
        """The broker forgets everything; somebody notices, and has every log published again."""
        self.note("the broker forgets everything")
        self.bus.forget()
        for service in self.services:
            followers = [follower for follower in self.services if topic_of(service.name) in follower.follows]
            for division in service.auditor.divisions():
                followed = [follower.auditor.followed.get((service.name, division), 0) for follower in followers]
                self._forgotten.append((service, division, min(followed, default=0)))

    def _malformed(self) -> None:
        """A record that is none of ours, or that no release can read yet."""
        if not self.bus.partitions:
            return
        topic, partition = self.faults.chance.choice(list(self.bus.partitions))
        unread = _unread(name := _HEEDED[topic])
        headers = self.faults.chance.choice([{}, {"ce_id": None}, unread])
        offset = self.bus.plant((topic, partition), (headers, b"{}"))
        source, position = (_STRANGER, 1) if headers is unread else (f"{topic}/{partition}", offset + 1)
        self.note(f"a strange record on {topic}/{partition} at {offset}")
        followers = [service for service in self.services if topic in service.follows]
        buried = [service for service in followers if headers is not unread or name in service.reactions]
        self.planted += [(service.name, source, position) for service in buried]


def _unread(name: str) -> dict[str, str | None]:
    """The headers of a fact whose schema version nobody knows."""
    return {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": "990101:1",
        "ce_source": f"/jiujinan/{_STRANGER}",
        "ce_type": name,
        "ce_subject": "stranger:1",
        "ce_time": "2026-11-02T00:10:00Z",
        "ce_recordedtime": "2026-11-02T00:10:00Z",
        "ce_dataschema": f"urn:jiujinan:{name}:9",
        "ce_sequence": f"{1:020}",
        "ce_previous": "0",
        "ce_correlationid": "strange",
        "ce_causationid": "strange",
    }
