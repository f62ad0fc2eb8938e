"""The older signature of hotline platforms (appkey, timestamp, nonce, sign): inside five minutes, and each nonce once.

``sign`` is the HMAC-SHA256, in hexadecimal, of appkey, timestamp, nonce and the raw body, one after the other. What was
taken in under a nonce of a moment is kept with its answer, so every process knows that it has served; what was refused
has changed nothing, and may be sent again.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes

from services.chassis.access import Expired, Unauthenticated

WINDOW = timedelta(minutes=5)
_SENDING_BYTES = 32


def sign(secret: str, appkey: str, stamp: str, nonce: str, body: bytes) -> str:
    """The signature of a request; ``stamp`` is milliseconds since 1970."""
    return hmac.new(secret.encode(), f"{appkey}{stamp}{nonce}".encode() + body, sha256).hexdigest()


def check(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise ``Unauthenticated`` unless the request is signed and bears a nonce, ``Expired`` if it is not of now."""
    appkey, stamp, nonce = (headers.get(name, "") for name in ("appkey", "timestamp", "nonce"))
    told = headers.get("sign", "").lower().encode()
    expected = (sign(secret, appkey, stamp, nonce, body).encode() for secret in secrets)
    is_signed = any(hmac.compare_digest(one, told) for one in expected)
    if not nonce or not is_signed:
        raise Unauthenticated
    if not _is_of_now(stamp, now):
        raise Expired


def known_by(headers: Mapping[str, str]) -> str:
    """By what a checked request is known: its moment with its nonce, as they are signed.

    A nonce is kept for longer than the window, and a platform's may be short: alone it comes again in another order.
    """
    return headers["timestamp"] + headers["nonce"]


def sending() -> bytes:
    """What one sending has and no other, not even the same request sent again."""
    return token_bytes(_SENDING_BYTES)


def _is_of_now(stamp: str, now: datetime) -> bool:
    return (
        stamp.isascii() and stamp.isdigit() and abs(now.timestamp() - int(stamp[:16]) / 1000) <= WINDOW.total_seconds()
    )
