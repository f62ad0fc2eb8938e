"""Somebody who arms services, and starts each again when it has died."""

import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.running import tasks
from tests.support.system import Service, System


def arm(service: Service, point: str) -> None:
    """Let a service die at a point: ``after_commit relief.case_opened 4``, ``before_answer contacts 4``."""
    (service.home / "fuse.new").write_text(point, encoding="utf-8")
    (service.home / "fuse.new").rename(service.home / "fuse")


@dataclass(slots=True)
class Warden:
    """Watches over the services of a system that were started as ``tests.support.failing_service``."""

    services: Mapping[str, Service]
    deaths: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Who has died, and of which signal."""

    async def watch(self, name: str) -> None:
        """Start a service again whenever it dies of SIGKILL; leave it when it dies of something else."""
        service = self.services[name]
        while (died_of := await service.death()) == signal.SIGKILL:
            self.deaths.append((name, died_of))
            await service.stop()
            service.start()
        self.deaths.append((name, died_of))


@asynccontextmanager
async def warden_of(system: System) -> AsyncGenerator[Warden, None]:
    """A warden at work."""
    watching = Warden(system.services)
    async with tasks(*(watching.watch(name) for name in system.services)):
        yield watching
