"""The one way to PostgreSQL: a pool, and the driver's errors in our words."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from services.chassis.event_store import Doubled, Fenced, StoreRejected, StoreUnavailable

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

_WORTH_ANOTHER_TRY = ("08", "25", "40", "53", "55", "57", "58")
"""SQLSTATE classes of a database that is away, full or busy, as opposed to one that refuses what it was given."""

_DOUBLED = "23505"
_FENCED = "JJN01"
"""The SQLSTATE of our own fence."""
_MET: Mapping[str, type[Exception]] = {_DOUBLED: Doubled, _FENCED: Fenced}
"""What comes of another process that was there first."""


@contextmanager
def translated() -> Generator[None]:
    """Turn the driver's errors into ours, without their text: it can repeat stored values."""
    try:
        yield
    except asyncpg.PostgresError as error:
        state = str(error.sqlstate or "")
        if state in _MET:
            raise _MET[state](state) from None
        if state[:2] in _WORTH_ANOTHER_TRY:
            raise StoreUnavailable(state) from None
        raise StoreRejected(state) from None
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if isinstance(error, ValueError):  # a value that the driver itself cannot send
            raise StoreRejected(type(error).__name__) from None
        raise StoreUnavailable(type(error).__name__) from None


async def open_pool(dsn: str, *, size: int = 8) -> Pool:
    """A pool for a service's database. Sessions are left as they are on release: ours never change them."""

    async def leave_as_it_is(connection: Connection) -> None:
        return

    return await asyncpg.create_pool(
        dsn, min_size=1, max_size=size, command_timeout=30, reset=leave_as_it_is, statement_cache_size=200
    )
