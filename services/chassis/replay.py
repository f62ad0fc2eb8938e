"""Replay: from stored bytes to facts, and from facts to states."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from events.fact import Fact, Meta, Recorded, UnknownFact
from events.upcasts import decode
from services.chassis.decider import Decider
from services.chassis.event_store import EventStore, Stored, StreamKey
from services.chassis.unit import StreamUnreadable

State = TypeVar("State")


class Known(NamedTuple):
    """A stream's state at a version."""

    version: int
    state: Any


States = dict[StreamKey, Known]


_KEPT = 4_096
_meta = lru_cache(_KEPT)(Meta.model_validate_json)
"""All facts of a unit bear the same bytes."""
_decoded = lru_cache(_KEPT)(decode)
"""What one read model has just read the next one reads as well."""
_PAGE_BYTES = 65_536
_LONG_BYTES = 4_096
"""Facts that are longer, as lines of a statement are, would fill the memory."""


def recorded(row: Stored) -> Recorded[Fact]:
    """The fact behind stored bytes. Raises ``UnknownFact`` for what a newer release has written."""
    reads = _decoded if len(row.data) < _LONG_BYTES else decode
    return as_recorded(row, reads(row.name, row.schema_version, row.data), _meta(row.meta))


def as_recorded(row: Stored, fact: Fact, meta: Meta) -> Recorded[Fact]:
    """A stored row with its fact and meta already at hand."""
    division, position, stream, version, _, _, fact_id, command_id, occurred_at, recorded_at, *_ = row
    return Recorded(division, position, stream, version, fact, fact_id, command_id, occurred_at, recorded_at, meta)


def fold(known: Known, decider: Decider[Any, Any, Any], facts: Sequence[Stored]) -> Known:
    """A state brought forward by the facts that follow it."""
    state = known.state
    for fact in facts:
        state = decider.evolve(state, recorded(fact))
    return Known(known.version + len(facts), state)


async def known_of(store: EventStore, stream: StreamKey, decider: Decider[Any, Any, Any]) -> Known:
    """A stream as its log has it now. Raises ``StreamUnreadable`` for what a newer release has written.

    Others have their turn in between: an account's statements take a second to fold.
    """
    facts = await store.load({stream: 0})
    known = Known(0, decider.initial)
    try:
        for page in _pages(facts):
            known = fold(known, decider, page)
            await asyncio.sleep(0)
    except UnknownFact:
        raise StreamUnreadable from None
    return known


def _pages(facts: Iterable[Stored]) -> Iterator[Sequence[Stored]]:
    """Facts in pieces that are each decoded in some milliseconds."""
    page: list[Stored] = []
    size = 0
    for fact in facts:
        page.append(fact)
        size += len(fact.data)
        if size >= _PAGE_BYTES:
            yield page
            page, size = [], 0
    yield page


async def state_of(store: EventStore, stream: StreamKey, decider: Decider[Any, State, Any]) -> State:
    """The state alone of a stream as its log has it now. Raises ``StreamUnreadable``."""
    return (await known_of(store, stream, decider)).state
