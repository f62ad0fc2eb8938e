"""Another service, as far as it is heard: its public facts as Kafka records, numbered and chained in one log."""

from dataclasses import dataclass, replace
from datetime import datetime

from events.cloudevents import headers
from events.fact import Public
from events.topics import topic_of
from services.chassis.following import Follower, Record
from tests.support.saying import message_of


@dataclass(slots=True)
class Neighbour:
    """A service that says facts to a follower, without a broker."""

    service: str
    division: str
    follower: Follower
    position: int = 0

    async def says(self, fact: Public, stream: str, at: datetime) -> Record:
        """Say a fact that happened then and was recorded then; it is on disk when this returns."""
        self.position += 1
        message = replace(
            message_of(fact, stream, position=self.position, at=at), service=self.service, division=self.division
        )
        record = Record(topic_of(self.service), 0, self.position, {**headers(message)}, message.data)
        await self.follower.take_in([record])
        return record
