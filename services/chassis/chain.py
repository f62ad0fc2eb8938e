"""The hash chain of a log: each fact's hash covers the one before it, so no fact can change, vanish or move unseen."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct

from services.chassis.event_store import Stored
from services.chassis.framing import framed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH = Struct(">I").pack
_NUMBER = Struct(">Iq").pack
_BETWEEN_NAME_AND_META = Struct(">III16sI16sIqIqI").pack


def genesis(service: str, division: str) -> bytes:
    """The hash at position 0, which ties a chain to its service and division."""
    return sha256(framed(service.encode(), division.encode())).digest()


def link(previous: bytes, fact: Stored) -> bytes:
    """The hash of a fact that follows ``previous``. The fact's own ``hash`` and ``public`` are not part of it.

    What is hashed is ``framed`` of the parts; packing the lengths of fixed parts with them takes half the time.
    """
    division, stream, name = fact.division.encode(), fact.stream.encode(), fact.name.encode()
    fixed = _BETWEEN_NAME_AND_META(
        *(4, fact.schema_version, 16, fact.fact_id.bytes, 16, fact.command_id.bytes),
        *(8, (fact.occurred_at - EPOCH) // _MICROSECOND, 8, (fact.recorded_at - EPOCH) // _MICROSECOND),
        len(fact.meta),
    )
    parts = (
        *(_LENGTH(len(previous)), previous, _LENGTH(len(division)), division, _NUMBER(8, fact.position)),
        *(_LENGTH(len(stream)), stream, _NUMBER(8, fact.version), _LENGTH(len(name)), name),
        *(fixed, fact.meta, _LENGTH(len(fact.data)), fact.data),
    )
    return sha256(b"".join(parts)).digest()


def linked(previous: bytes, fact: Stored) -> Stored:
    """A fact that has no hash yet, with the one that makes it follow ``previous``."""
    return Stored(*fact[:-1], link(previous, fact))
