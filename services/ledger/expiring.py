"""Holds whose time is over are let go (到期释放). The fund's own clock judges: this only asks it to look."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid5

from events.fact import Actor
from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.mount import Mounted
from services.chassis.unit import Directed, Unit
from services.ledger.hold import Expire
from services.ledger.ids import fund_stream
from services.ledger.journal import SQL

_LOOKS_EVERY_SECONDS = 60.0
_NAMESPACE = UUID("0e1c7f0a-5f36-5c1b-9a2e-6d0f6a3f5d11")
_RULE = Actor(id="ledger", role="system", scope="", rule="hold_expired")

log = logging.getLogger(__name__)


async def keep_expiring(service: Mounted) -> None:
    """Look again and again, until cancelled."""
    while True:
        with suppress(StoreUnavailable, StoreRejected):
            await let_expire(service, service.clock.now())
        await asyncio.sleep(_LOOKS_EVERY_SECONDS)


async def let_expire(service: Mounted, now: datetime) -> int:
    """Ask every fund to let go what has expired by now; give how many holds were asked about."""
    async with service.projectors["journal"].reading() as books:
        rows = await books.fetch(SQL["expired"], now)
    for row in rows:
        unit = Unit(
            division=row["division"],
            parts=(Directed(fund_stream(row["fund_id"]), Expire(row["hold_id"])),),
            command_id=uuid5(_NAMESPACE, f"{row['division']}|{row['hold_id']}|{now.isoformat()}"),
            actor=_RULE,
            occurred_at=now,
        )
        await service.writer.submit(unit)
    return len(rows)
