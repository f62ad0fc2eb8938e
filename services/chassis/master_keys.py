"""Master keys: what the keys of data subjects are wrapped with at rest. They come from settings and can rotate."""

from dataclasses import dataclass, field
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis.framing import framed
from services.chassis.keyring import KEY_BYTES, DataKey

_NONCE_BYTES = 12


class CannotUnwrap(Exception):
    """A stored key does not open: its master key is not among ours or is another one, or the row was changed."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A master key (主密钥) of 32 bytes and the id that rows name it by. Raises ``ValueError`` for another length."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"master key {self.id} has {len(self.secret)} bytes, not {KEY_BYTES}")


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored. ``wrapped`` is nonce and ciphertext, or ``None`` once the key is destroyed."""

    subject: str
    key_id: str
    master_id: str
    wrapped: bytes | None = field(repr=False)


class MasterKeys:
    """The master key that wraps, and older ones that still unwrap until every key is wrapped anew.

    A key is wrapped with AES-256-GCM, bound to its subject and id, so that two rows cannot change places.
    """

    def __init__(self, current: MasterKey, *older: MasterKey) -> None:
        self.current_id = current.id
        self._ciphers = {master.id: AESGCM(master.secret) for master in (current, *older)}
        if len(self._ciphers) <= len(older):
            raise ValueError("two master keys have the same id")

    def wrap(self, subject: str, key: DataKey) -> WrappedKey:
        """The key under the current master key."""
        if key.secret is None:
            return WrappedKey(subject, key.key_id, self.current_id, None)
        nonce = urandom(_NONCE_BYTES)
        aad = _authenticated(subject, key.key_id, self.current_id)
        ciphertext = self._ciphers[self.current_id].encrypt(nonce, key.secret, aad)
        return WrappedKey(subject, key.key_id, self.current_id, nonce + ciphertext)

    def unwrap(self, stored: WrappedKey) -> DataKey:
        """The key itself. Raises ``CannotUnwrap``."""
        if stored.wrapped is None:
            return DataKey(stored.key_id, None)
        cipher = self._ciphers.get(stored.master_id)
        if cipher is None:
            raise CannotUnwrap(f"key {stored.key_id} is under master key {stored.master_id}, which is not configured")
        nonce, ciphertext = stored.wrapped[:_NONCE_BYTES], stored.wrapped[_NONCE_BYTES:]
        try:
            aad = _authenticated(stored.subject, stored.key_id, stored.master_id)
            return DataKey(stored.key_id, cipher.decrypt(nonce, ciphertext, aad))
        except (InvalidTag, ValueError):
            raise CannotUnwrap(f"key {stored.key_id} does not open under master key {stored.master_id}") from None


def _authenticated(subject: str, key_id: str, master_id: str) -> bytes:
    return framed(subject.encode(), key_id.encode(), master_id.encode())
