"""Public facts as one service hears them of another: on their way, the first of their log unless said otherwise."""

from datetime import datetime

from events.cloudevents import Message
from events.fact import Fact
from events.upcasts import encode
from tests.support.given import NOON


def message(name: str, data: bytes, stream: str, *, position: int = 1, at: datetime = NOON) -> Message:
    """A message of this name and content, from a log all of whose facts are public."""
    return Message(
        service=name.partition(".")[0],
        division="990101",
        position=position,
        previous=position - 1,
        name=name,
        schema_version=1,
        stream=stream,
        occurred_at=at,
        recorded_at=at,
        correlation=stream.partition(":")[2] or stream,
        causation="test",
        traceparent=None,
        data=data,
    )


def message_of(fact: Fact, stream: str, *, position: int = 1, at: datetime = NOON) -> Message:
    """The fact as the service says it whose story it belongs to."""
    return message(fact.NAME, encode(fact), stream, position=position, at=at)
