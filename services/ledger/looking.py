"""What the ledger looks for again and again, and asks of its funds and accounts: they judge, by their own clock."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.tireless import tireless
from services.chassis.unit import Unit
from services.chassis.writer import Clock, Writer

_LOOKS_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Looking:
    """Asks what is due, until cancelled: a question that is put twice changes nothing the second time."""

    task: str
    due: Callable[[datetime], Awaitable[Sequence[Unit]]]
    writer: Writer
    clock: Clock

    async def run(self) -> None:
        """Look again and again."""
        while True:
            with tireless(self.task):
                await self.look()
            await self.clock.sleep(_LOOKS_EVERY_SECONDS)

    async def look(self) -> None:
        """Look once. What cannot be done now holds up nothing else, and is asked for anew."""
        for unit in await self.due(self.clock.now()):
            with tireless(self.task):
                await self.writer.submit(unit)
