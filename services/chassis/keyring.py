"""Where the keys of data subjects live: one key each, created once, destroyed for ever."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes, token_hex
from typing import Protocol

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one data subject (数据密钥), 256 bits. ``secret`` is ``None`` once the key is destroyed."""

    key_id: str
    secret: bytes | None = field(repr=False)

    @classmethod
    def fresh(cls) -> "DataKey":
        """A new random key."""
        return cls(token_hex(16), token_bytes(KEY_BYTES))


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a subject's key was destroyed (删除个人信息): when, for which reason (a code), by whom (a staff id)."""

    subject: str
    destroyed_at: datetime
    reason: str
    actor: str


class Keyring(Protocol):
    """The keys of data subjects. All methods raise ``StoreUnavailable`` when the keys cannot be asked for."""

    async def keys(self, subjects: Collection[str]) -> Mapping[str, DataKey]:
        """The key of each subject, created where there was none. A destroyed key comes without its secret."""
        ...

    async def destroy(self, erasure: Erasure) -> bool:
        """Destroy the subject's key for ever. False if there was none, or none any more: the first erasure stands."""
        ...

    async def erasures(self) -> Sequence[Erasure]:
        """Every erasure so far, in order of time: kept apart from the backups, and replayed after a restore."""
        ...


class MemoryKeyring:
    """Keys in this process only, for tests."""

    def __init__(self) -> None:
        self._keys: dict[str, DataKey] = {}
        self._erasures: list[Erasure] = []

    async def keys(self, subjects: Collection[str]) -> Mapping[str, DataKey]:
        """As the protocol says."""
        return {subject: self._keys.setdefault(subject, DataKey.fresh()) for subject in subjects}

    async def destroy(self, erasure: Erasure) -> bool:
        """As the protocol says."""
        key = self._keys.get(erasure.subject)
        if key is None or key.secret is None:
            return False
        self._keys[erasure.subject] = DataKey(key.key_id, None)
        self._erasures.append(erasure)
        return True

    async def erasures(self) -> Sequence[Erasure]:
        """As the protocol says."""
        return sorted(self._erasures, key=lambda erasure: (erasure.destroyed_at, erasure.subject))


class CachedKeyring:
    """Another keyring, with the keys last used at hand.

    A key is remembered for ``lifetime`` seconds from before it was asked for, so a key that another process destroys
    stops opening here that soon; one destroyed through this keyring is dropped at once. At most ``capacity`` keys.
    """

    def __init__(
        self, ring: Keyring, monotonic: Callable[[], float], *, lifetime: float = 300.0, capacity: int = 10_000
    ) -> None:
        self._ring = ring
        self._monotonic = monotonic
        self._lifetime = lifetime
        self._capacity = capacity
        self._remembered: OrderedDict[str, tuple[float, DataKey]] = OrderedDict()
        self._destructions = 0

    async def keys(self, subjects: Collection[str]) -> Mapping[str, DataKey]:
        """As the protocol says."""
        asked_at, destructions = self._monotonic(), self._destructions
        known = self._recall(subjects, asked_at)
        unknown = [subject for subject in subjects if subject not in known]
        if not unknown:
            return known
        fetched = await self._ring.keys(unknown)
        if destructions == self._destructions:  # else a key destroyed while we asked could be remembered alive
            self._remember(fetched, asked_at + self._lifetime)
        return {**known, **fetched}

    async def destroy(self, erasure: Erasure) -> bool:
        """As the protocol says. The key is dropped even if the answer is lost on the way."""
        try:
            return await self._ring.destroy(erasure)
        finally:
            self._destructions += 1
            self._remembered.pop(erasure.subject, None)

    async def erasures(self) -> Sequence[Erasure]:
        """As the protocol says."""
        return await self._ring.erasures()

    def _recall(self, subjects: Collection[str], now: float) -> dict[str, DataKey]:
        recalled: dict[str, DataKey] = {}
        for subject in subjects:
            until, key = self._remembered.get(subject) or (now, None)
            if key is not None and now < until:
                self._remembered.move_to_end(subject)
                recalled[subject] = key
        return recalled

    def _remember(self, keys: Mapping[str, DataKey], until: float) -> None:
        for subject, key in keys.items():
            self._remembered[subject] = (until, key)
            self._remembered.move_to_end(subject)
        while len(self._remembered) > self._capacity:
            self._remembered.popitem(last=False)
