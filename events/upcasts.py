"""Reading what was written by an earlier release: old schema versions are lifted, step by step, to today's."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from events.fact import Fact, UnknownFact, fact_types

Document = dict[str, Any]


def _appeal_gets_its_call(old: Document) -> Document:
    """1 -> 2: a report names its source order as one object, because a vendor's push sequence joined the number."""
    lifted = {key: value for key, value in old.items() if key != "order_number"}
    number = old["order_number"]
    return lifted | {"order": None if number is None else {"number": number, "push": 1}}


UPCASTS: Mapping[tuple[str, int], Callable[[Document], Document]] = {
    ("intake.report_received", 1): _appeal_gets_its_call,
}
"""By stored name and the version that is lifted by one. An upcast moves sealed envelopes and never opens them."""


def encode(fact: Fact) -> bytes:
    """The bytes that are stored, hashed and sent for a fact: compact JSON in the order of its fields."""
    return fact.__pydantic_serializer__.to_json(fact)


def decode(name: str, version: int, data: bytes, *, extra: Literal["forbid", "ignore"] = "forbid") -> Fact:
    """Today's fact for stored or received bytes.

    Our own log is read closed; what other services send is read with ``extra="ignore"``, so that they may add fields.
    Raises ``UnknownFact`` for a name or version this release does not know, ``ValueError`` for bytes that do not fit.
    """
    fact_type = fact_types().get(name)
    if fact_type is None or version > fact_type.VERSION:
        raise UnknownFact(name)
    if version == fact_type.VERSION:
        return fact_type.model_validate_json(data, extra=extra)
    try:
        document: Document = json.loads(data)
        for step in range(version, fact_type.VERSION):
            document = UPCASTS[name, step](document)
    except (LookupError, TypeError, AttributeError):
        raise ValueError("bytes do not fit the version they claim") from None
    return fact_type.model_validate_json(json.dumps(document), extra=extra)
