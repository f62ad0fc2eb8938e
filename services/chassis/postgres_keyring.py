"""The keyring on PostgreSQL: keys wrapped at rest, in a database of their own that is backed up apart."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple

from services.chassis.database import Pool, translated
from services.chassis.gathering import Gathering
from services.chassis.keyring import DataKey, Erasure
from services.chassis.master_keys import MasterKeys, WrappedKey
from services.chassis.sql import statements

_SQL = statements("services.chassis", "postgres_keyring.sql")
_REWRAPPED_AT_ONCE = 500


class PostgresKeyring:
    """Keys in the key database, with the application's role. Reading them also raises ``CannotUnwrap``.

    A destroyed key may linger in dead rows, the write-ahead log and backups, but only wrapped: it is beyond reach for
    good once all keys are wrapped anew and the old master key is destroyed.
    """

    def __init__(self, pool: Pool, masters: MasterKeys) -> None:
        self._pool = pool
        self._masters = masters
        self._together = Gathering(self._kept)

    async def keys(self, subjects: Collection[str]) -> Mapping[str, DataKey]:
        """One statement for all who ask at a time; another only for keys that another process is just making."""
        kept = await self._together.answer(subjects)
        return {subject: self._masters.unwrap(kept[subject]) for subject in subjects}

    async def _kept(self, asked: Sequence[Collection[str]]) -> Sequence[Mapping[str, WrappedKey]]:
        subjects = {subject for each in asked for subject in each}
        keys = await self._fetch_or_make(subjects)
        late = subjects - keys.keys()
        return [keys | await self._fetch_or_make(late) if late else keys] * len(asked)

    async def destroy(self, erasure: Erasure) -> bool:
        """As the protocol says."""
        return await destroy(self._pool, erasure)

    async def erasures(self) -> Sequence[Erasure]:
        """As the protocol says."""
        return await erasures(self._pool)

    async def _fetch_or_make(self, subjects: Collection[str]) -> dict[str, WrappedKey]:
        candidates = [self._masters.wrap(subject, DataKey.fresh()) for subject in subjects]
        with translated():
            rows = await self._pool.fetch(_SQL["keys"], *_columns(candidates))
        stored = [WrappedKey(*row) for row in rows]
        return {key.subject: key for key in stored}


async def destroy(pool: Pool, erasure: Erasure) -> bool:
    """Destroy a key and remember the erasure, in one statement; no master key is needed."""
    with translated():
        return await pool.fetchval(_SQL["destroy"], *astuple(erasure))


async def erasures(pool: Pool) -> Sequence[Erasure]:
    """Every erasure so far, in order of time."""
    with translated():
        return [Erasure(*row) for row in await pool.fetch(_SQL["erasures"])]


async def replay_erasures(pool: Pool, erasures: Collection[Erasure]) -> int:
    """Destroy again what a restored backup has brought back; the number of keys destroyed. Before any service starts.

    A subject that the backup does not know is entered as erased, so that nobody makes it a key.
    """
    with translated():
        return await pool.fetchval(
            _SQL["replay"],
            [erasure.subject for erasure in erasures],
            [erasure.destroyed_at for erasure in erasures],
            [erasure.reason for erasure in erasures],
            [erasure.actor for erasure in erasures],
        )


async def key_ids(pool: Pool, subjects: Collection[str]) -> Mapping[str, str | None]:
    """The ids of the keys that these subjects have; none for whose key is destroyed. Nobody gets a key by it."""
    with translated():
        return {row["subject"]: row["key_id"] for row in await pool.fetch(_SQL["key_ids"], list(subjects))}


async def left_under_others(pool: Pool, master_id: str) -> int:
    """How many living keys are wrapped under another master key than this one."""
    with translated():
        return await pool.fetchval(_SQL["left"], master_id)


async def rewrap(owner: Pool, masters: MasterKeys, progress: Callable[[int], None] = lambda keys: None) -> int:
    """Wrap every living key under the current master key, with the owner's role; the number of keys wrapped anew.

    Every service must wrap with the new master key before this runs, and know the old one until it has ended.
    Raises ``CannotUnwrap``; what was done until then stays done, and running it again carries on.
    """
    total, after = 0, ""
    while True:
        with translated():
            rows = await owner.fetch(_SQL["not_under"], masters.current_id, after, _REWRAPPED_AT_ONCE)
        if not rows:
            return total
        anew = [masters.wrap(key.subject, masters.unwrap(key)) for key in (WrappedKey(*row) for row in rows)]
        with translated():
            total += await owner.fetchval(_SQL["rewrap"], *_columns(anew))
        progress(len(anew))
        after = anew[-1].subject


def _columns(keys: Sequence[WrappedKey]) -> tuple[list[str], list[str], list[str], list[bytes | None]]:
    return (
        [key.subject for key in keys],
        [key.key_id for key in keys],
        [key.master_id for key in keys],
        [key.wrapped for key in keys],
    )
