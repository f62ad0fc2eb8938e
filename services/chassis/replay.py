"""Replay: from stored bytes to facts, and from facts to states."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from events.fact import Fact, Meta, Recorded
from events.upcasts import decode
from services.chassis.decider import Decider
from services.chassis.event_store import Stored, StreamKey


class Known(NamedTuple):
    """A stream's state at a version."""

    version: int
    state: Any


States = dict[StreamKey, Known]


_METAS_KEPT = 1_024
_meta = lru_cache(_METAS_KEPT)(Meta.model_validate_json)
"""All facts of a unit bear the same bytes."""


def recorded(row: Stored) -> Recorded[Fact]:
    """The fact behind stored bytes. Raises ``UnknownFact`` for what a newer release has written."""
    return as_recorded(row, decode(row.name, row.schema_version, row.data), _meta(row.meta))


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
