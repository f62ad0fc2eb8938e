"""The key database, as the tools open it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from jiujinan.installation import KEYRING_SCHEMA
from services.chassis.database import Pool, open_pool, translated
from services.chassis.migrate import check_schema, migrations


@asynccontextmanager
async def key_database(url: str) -> AsyncGenerator[Pool]:
    """The key database, if it is of this release. Raises ``WrongSchema``, ``StoreUnavailable``."""
    with translated():
        async with await open_pool(url, size=1) as pool:
            async with pool.acquire() as connection:
                await check_schema(connection, migrations(*KEYRING_SCHEMA))
            yield pool
