"""Sealing personal data: an envelope belongs to one data subject and one field, and opens only while the key lives."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from os import urandom
from typing import Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from events.fact import Sealed
from services.chassis.framing import framed
from services.chassis.keyring import DataKey, Keyring
from services.chassis.sealed_file import SealedFile, written

_NONCE_BYTES = 12
_TAG_BYTES = 16


class NotAuthentic(Exception):
    """An envelope was changed, or moved to another subject or field, or was sealed under another key."""


class SuiteUnavailable(Exception):
    """A cipher suite that this release, or the OpenSSL it runs on, does not have."""


class NotPrepared(LookupError):
    """A subject whose key was not prepared beforehand: a bug of the caller."""


class Erased(Exception):
    """Nothing can be sealed for a subject whose key is destroyed."""


class NotText(ValueError):
    """A string that UTF-8 cannot hold (a lone surrogate)."""


class Suite(StrEnum):
    """How an envelope is sealed: AES-256-GCM, or SM4-GCM (国密) where a deployment must use it."""

    A256GCM = "A256GCM"
    SM4GCM = "SM4GCM"

    def is_available(self) -> bool:
        """Whether the linked OpenSSL has this suite."""
        try:
            _cipher(self, bytes(32)).encrypt(bytes(_NONCE_BYTES), b"", b"")
        except UnsupportedAlgorithm:
            return False
        return True


class Seals:
    """The keys of some data subjects, ready to seal and open with. Short-lived: it would outlast an erasure."""

    def __init__(self, keys: Mapping[str, DataKey], suite: Suite = Suite.A256GCM) -> None:
        self._keys = keys
        self._suite = suite
        self._ciphers: dict[tuple[str, Suite], _Aead] = {}

    def seal(self, subject: str, field: str, text: str) -> Sealed:
        """Put text into an envelope. Raises ``Erased``, ``NotPrepared``, ``NotText``."""
        key_id, nonce, ciphertext = self._sealed(subject, field, _utf8(text))
        box = b64encode(nonce + ciphertext).decode()
        return Sealed(suite=self._suite, key_id=key_id, subject=subject, field=field, box=box)

    def seal_file(self, subject: str, field: str, data: bytes) -> bytes:
        """A file in an envelope, as ``read_file`` reads it. Raises ``Erased``, ``NotPrepared``."""
        key_id, nonce, ciphertext = self._sealed(subject, field, data)
        head = Sealed(suite=self._suite, key_id=key_id, subject=subject, field=field, box="")
        return written(head, nonce, ciphertext)

    def _sealed(self, subject: str, field: str, data: bytes) -> tuple[str, bytes, bytes]:
        """By which key, the nonce, and the ciphertext."""
        key = self._key(subject)
        if key.secret is None:
            raise Erased("the key of this subject is destroyed")
        nonce = urandom(_NONCE_BYTES)
        aad = _authenticated(self._suite, key.key_id, subject, field)
        return key.key_id, nonce, self._cipher_of(subject, self._suite, key.secret).encrypt(nonce, data, aad)

    def open(self, envelope: Sealed) -> str | None:
        """The text, or ``None`` where its subject is erased.

        Raises ``NotAuthentic``, ``NotPrepared``, ``SuiteUnavailable``.
        """
        secret = self._secret(envelope)
        return None if secret is None else self._opened(envelope, secret, _unboxed(envelope.box)).decode()

    def open_file(self, file: SealedFile) -> bytes | None:
        """The file's bytes, or ``None`` where its subject is erased. Raises what ``open`` raises."""
        if file.head.box:
            text = self.open(file.head)
            return None if text is None else b64decode(text)
        secret = self._secret(file.head)
        return None if secret is None else self._opened(file.head, secret, file.box)

    def _secret(self, envelope: Sealed) -> bytes | None:
        key = self._key(envelope.subject)
        if key.secret is not None and envelope.key_id != key.key_id:
            raise NotAuthentic("the envelope names another key than its subject's")
        return key.secret

    def _opened(self, head: Sealed, secret: bytes, box: bytes) -> bytes:
        suite = _suite(head.suite)
        aad = _authenticated(suite, head.key_id, head.subject, head.field)
        if len(box) < _NONCE_BYTES + _TAG_BYTES:
            raise NotAuthentic("the box is not a nonce and a ciphertext")
        try:
            cipher = self._cipher_of(head.subject, suite, secret)
            return cipher.decrypt(box[:_NONCE_BYTES], memoryview(box)[_NONCE_BYTES:], aad)
        except InvalidTag:
            raise NotAuthentic("the envelope is not as it was sealed") from None

    def _key(self, subject: str) -> DataKey:
        key = self._keys.get(subject)
        if key is None:
            raise NotPrepared("the key of this subject was not prepared")
        return key

    def _cipher_of(self, subject: str, suite: Suite, secret: bytes) -> "_Aead":
        known = self._ciphers.get((subject, suite))
        if known is None:
            known = self._ciphers[subject, suite] = _cipher(suite, secret)
        return known


class Sealer:
    """Gets keys ready, so that sealing and opening are then plain functions. Raises ``SuiteUnavailable`` at once."""

    def __init__(self, ring: Keyring, suite: Suite = Suite.A256GCM) -> None:
        if not suite.is_available():
            raise SuiteUnavailable(f"the linked OpenSSL has no {suite}")
        self._ring = ring
        self._suite = suite

    async def prepare(self, subjects: Iterable[str]) -> Seals:
        """The keys of these subjects, created where there were none. Raises ``StoreUnavailable``."""
        return Seals(await self._ring.keys(frozenset(subjects)), self._suite)


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...

    def decrypt(self, nonce: bytes, data: memoryview, associated_data: bytes) -> bytes: ...


class _Sm4Gcm:
    """SM4-GCM in the shape of the library's ``AESGCM``: the tag follows the ciphertext."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        encryptor = Cipher(self._algorithm, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: memoryview, associated_data: bytes) -> bytes:
        decryptor = Cipher(self._algorithm, GCM(nonce, bytes(data[-_TAG_BYTES:]))).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(data[:-_TAG_BYTES]) + decryptor.finalize()


def _cipher(suite: Suite, secret: bytes) -> _Aead:
    match suite:
        case Suite.A256GCM:
            return AESGCM(_derived(secret, suite, 32))
        case Suite.SM4GCM:
            return _Sm4Gcm(_derived(secret, suite, 16))


def _derived(secret: bytes, suite: Suite, length: int) -> bytes:
    """A key for one suite alone, so that a change of suite never uses one key with two ciphers."""
    return HKDF(SHA256(), length, salt=None, info=suite.encode()).derive(secret)


def _suite(name: str) -> Suite:
    with suppress(ValueError):
        return Suite(name)
    raise SuiteUnavailable(f"the envelope's suite is none of {', '.join(Suite)}")


def _authenticated(suite: Suite, key_id: str, subject: str, field: str) -> bytes:
    return framed(*(part.encode() for part in (suite, key_id, subject, field)))


def _unboxed(box: str) -> bytes:
    """Nonce and ciphertext. Only the one canonical spelling of a box is accepted."""
    try:
        raw = b64decode(box, validate=True)
    except (binascii.Error, ValueError):
        raise NotAuthentic("the box is not base64") from None
    if b64encode(raw).decode() != box:
        raise NotAuthentic("the box is spelt in another way")
    return raw


def _utf8(text: str) -> bytes:
    with suppress(UnicodeEncodeError):
        return text.encode()
    raise NotText("the text has lone surrogates")  # outside the handler: the codec's error holds the text
