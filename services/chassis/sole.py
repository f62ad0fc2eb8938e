"""Of all processes of a service, one at a time does a thing: an advisory lock, held by a connection."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import asyncpg

from services.chassis.database import Connection, Pool, translated

_BACK_OFF_SECONDS = 1.0


@asynccontextmanager
async def sole(pool: Pool, lock: int) -> AsyncGenerator[Connection, None]:
    """Wait to be the one process that holds a lock, for the length of a block.

    The lock lives and dies with the connection that is given: whoever works in the block asks it something in each
    round, and so learns that it is lost. Raises ``StoreUnavailable``.
    """
    with translated():
        async with pool.acquire() as connection:
            try:
                while not await connection.fetchval("select pg_try_advisory_lock($1)", lock):  # noqa: ASYNC110
                    await asyncio.sleep(_BACK_OFF_SECONDS)
                yield connection
            finally:
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await connection.execute("select pg_advisory_unlock_all()")
