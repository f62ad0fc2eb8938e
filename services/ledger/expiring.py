"""Holds whose time is over are let go (到期释放). The fund's own clock judges: this only asks it to look."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from events.fact import Actor
from services.chassis.mount import Mounted
from services.chassis.tireless import tireless
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Clock, Writer
from services.ledger.hold_commands import Expire
from services.ledger.ids import fund_stream
from services.ledger.journal import SQL

_LOOKS_EVERY_SECONDS = 60.0
_NAMESPACE = UUID("0e1c7f0a-5f36-5c1b-9a2e-6d0f6a3f5d11")
_RULE = Actor(id="ledger", role="system", scope="", rule="hold_expired")


class Expired(NamedTuple):
    """A hold whose time seems to be over."""

    division: str
    fund_id: str
    hold_id: str


@dataclass(frozen=True, slots=True)
class Expiry:
    """Asks the funds to let go what has expired, until cancelled."""

    expired: Callable[[datetime], Awaitable[Sequence[Expired]]]
    writer: Writer
    clock: Clock

    async def run(self) -> None:
        """Look again and again. A hold that cannot be let go now holds up no other, and is asked for anew."""
        while True:
            with tireless("expiry"):
                now = self.clock.now()
                for hold in await self.expired(now):
                    with tireless("expiry"):
                        await self.writer.submit(_asking(hold, now))
            await self.clock.sleep(_LOOKS_EVERY_SECONDS)


def expiry(service: Mounted) -> Expiry:
    """The one of a service at work."""

    async def expired(now: datetime) -> Sequence[Expired]:
        async with service.projectors["journal"].reading() as books:
            return [Expired(*row) for row in await books.fetch(SQL["expired"], now)]

    return Expiry(expired, service.writer, service.clock)


def _asking(hold: Expired, now: datetime) -> Unit:
    return Unit(
        division=hold.division,
        parts=(Directed(fund_stream(hold.fund_id), Expire(hold.hold_id)),),
        command_id=uuid5(_NAMESPACE, f"{hold.division}|{hold.hold_id}|{now.isoformat()}"),
        actor=_RULE,
        occurred_at=now,
    )
