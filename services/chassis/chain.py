"""The hash chain of a log: each fact's hash covers the one before it, so no fact can change, vanish or move unseen."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from services.chassis.event_store import Stored
from services.chassis.framing import framed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def genesis(service: str, division: str) -> bytes:
    """The hash at position 0, which ties a chain to its service and division."""
    return sha256(framed(service.encode(), division.encode())).digest()


def link(previous: bytes, fact: Stored) -> bytes:
    """The hash of a fact that follows ``previous``. The fact's own ``hash`` and ``public`` are not part of it."""
    return sha256(
        framed(
            previous,
            fact.division.encode(),
            fact.position.to_bytes(8, "big"),
            fact.stream.encode(),
            fact.version.to_bytes(8, "big"),
            fact.name.encode(),
            fact.schema_version.to_bytes(4, "big"),
            fact.fact_id.bytes,
            fact.command_id.bytes,
            _microseconds(fact.occurred_at),
            _microseconds(fact.recorded_at),
            fact.meta,
            fact.data,
        )
    ).digest()


def _microseconds(moment: datetime) -> bytes:
    return ((moment - EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)
