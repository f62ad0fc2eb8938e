"""What every service's database needs now and then, whoever calls or does not."""

import asyncio

from services.chassis.database import Pool, translated
from services.chassis.tireless import tireless

_EVERY_SECONDS = 6 * 3600.0


async def keep_house(pool: Pool) -> None:
    """Make room for the months to come, and let go of answers that nobody asks for any more."""
    while True:
        with tireless("housekeeping"), translated():
            await pool.execute("select keep_handled_partitions()")
        await asyncio.sleep(_EVERY_SECONDS)
