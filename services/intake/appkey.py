"""The older signature of hotline platforms (appkey, timestamp, nonce, sign): inside five minutes, and each nonce once.

``sign`` is the HMAC-SHA256, in hexadecimal, of appkey, timestamp, nonce and the raw body, one after the other.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from services.chassis.access import Expired, Unauthenticated

WINDOW = timedelta(minutes=5)
_KEPT = 100_000


def sign(secret: str, appkey: str, stamp: str, nonce: str, body: bytes) -> str:
    """The signature of a request; ``stamp`` is milliseconds since 1970."""
    return hmac.new(secret.encode(), f"{appkey}{stamp}{nonce}".encode() + body, sha256).hexdigest()


@dataclass(slots=True)
class Nonces:
    """The nonces that this process has seen lately. What got past it would still be answered as a repetition."""

    _seen: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def check(self, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise ``Unauthenticated`` unless the request is signed and was not seen before, ``Expired`` if not of now."""
        appkey, stamp, nonce = (headers.get(name, "") for name in ("appkey", "timestamp", "nonce"))
        told = headers.get("sign", "").lower().encode()
        expected = (sign(secret, appkey, stamp, nonce, body).encode() for secret in secrets)
        is_signed = any(hmac.compare_digest(one, told) for one in expected)
        if not nonce or not is_signed:
            raise Unauthenticated
        if not _is_of_now(stamp, now):
            raise Expired
        if not self._is_new(f"{appkey}|{nonce}", now):
            raise Unauthenticated

    def _is_new(self, nonce: str, now: datetime) -> bool:
        seen = self._seen.get(nonce)
        if seen is not None and now - seen <= 2 * WINDOW:
            return False
        if len(self._seen) >= _KEPT:
            self._seen.pop(next(iter(self._seen)))
        self._seen[nonce] = now
        return True


def _is_of_now(stamp: str, now: datetime) -> bool:
    return (
        stamp.isascii() and stamp.isdigit() and abs(now.timestamp() - int(stamp[:16]) / 1000) <= WINDOW.total_seconds()
    )
