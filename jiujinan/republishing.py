"""After the embedded broker has forgotten everything: publish again what its followers have not taken in."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from services.chassis.broker import Bus
from services.chassis.database import open_pool, translated
from services.chassis.relay import Relay

FOLLOWERS = {"intake": ("relief",), "relief": ("intake", "ledger"), "ledger": ("relief",)}
"""Who follows each service."""


async def republish_unfollowed(environment: Mapping[str, str], bootstrap: str) -> int:
    """Publish each log again from where the slowest of its followers stands; give how many facts were sent."""
    bus = Bus(bootstrap, idempotent=False)
    running = asyncio.create_task(bus.run())
    try:
        await bus.connected.wait()
        return sum([await _republish(service, environment, bus) for service in FOLLOWERS])
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _republish(service: str, environment: Mapping[str, str], bus: Bus) -> int:
    followed = [await _followed(environment[f"{name.upper()}_URL"], service) for name in FOLLOWERS[service]]
    async with await open_pool(environment[f"{service.upper()}_URL"], size=2) as pool:
        relay = Relay(pool, service, bus)
        with translated():
            divisions = [row["division"] for row in await pool.fetch("select division from log_heads order by 1")]
        counts = [
            await relay.republish(division, after=min(positions.get(division, 0) for positions in followed))
            for division in divisions
        ]
    return sum(counts)


async def _followed(url: str, source: str) -> dict[str, int]:
    async with await open_pool(url, size=1) as pool:
        with translated():
            rows = await pool.fetch("select division, position from followed where source = $1", source)
    return {row["division"]: row["position"] for row in rows}
