"""Another service, as far as it is heard: its public facts as Kafka records, numbered and chained in one log."""

from dataclasses import dataclass
from datetime import datetime

from events.cloudevents import Message, headers
from events.fact import Public
from events.topics import topic_of
from events.upcasts import encode
from services.chassis.following import Follower, Record


@dataclass(slots=True)
class Neighbour:
    """A service that says facts to a follower, without a broker."""

    service: str
    division: str
    follower: Follower
    position: int = 0

    async def says(self, fact: Public, stream: str, at: datetime) -> Record:
        """Say a fact that happened then and was recorded then; it is on disk when this returns."""
        previous, self.position = self.position, self.position + 1
        message = Message(
            service=self.service,
            division=self.division,
            position=self.position,
            previous=previous,
            name=fact.NAME,
            schema_version=fact.VERSION,
            stream=stream,
            occurred_at=at,
            recorded_at=at,
            correlation=stream.partition(":")[2] or stream,
            causation="test",
            traceparent=None,
            data=encode(fact),
        )
        record = Record(topic_of(self.service), 0, self.position, {**headers(message)}, message.data)
        await self.follower.take_in([record])
        return record
