"""Holds whose time is over are let go (到期释放). The fund's own clock judges: this only asks it to look."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from events.fact import Actor
from services.chassis.mount import Mounted
from services.chassis.unit import Directed, Unit
from services.ledger.hold_commands import Expire
from services.ledger.ids import fund_stream
from services.ledger.journal import SQL
from services.ledger.looking import Looking

_NAMESPACE = UUID("0e1c7f0a-5f36-5c1b-9a2e-6d0f6a3f5d11")
_RULE = Actor(id="ledger", role="system", scope="", rule="hold_expired")


class Expired(NamedTuple):
    """A hold whose time seems to be over."""

    division: str
    fund_id: str
    hold_id: str


def expiry(service: Mounted) -> Looking:
    """The one of a service at work."""

    async def due(now: datetime) -> Sequence[Unit]:
        async with service.projectors["journal"].reading() as books:
            return [asking(Expired(*row), now) for row in await books.fetch(SQL["expired"], now)]

    return Looking("expiry", due, service.writer, service.clock)


def asking(hold: Expired, now: datetime) -> Unit:
    """What is asked of a hold's fund."""
    return Unit(
        division=hold.division,
        parts=(Directed(fund_stream(hold.fund_id), Expire(hold.hold_id)),),
        command_id=uuid5(_NAMESPACE, f"{hold.division}|{hold.hold_id}|{now.isoformat()}"),
        actor=_RULE,
        occurred_at=now,
    )
