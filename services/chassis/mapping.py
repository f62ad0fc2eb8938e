"""Our facts in the words of the `eventsourcing` library: its stored events and notifications, and back.

The state of such a stored event is three lines: the envelope as JSON, the meta and the data, the last two byte for byte
as the log holds and hashes them. The topic is the fact's written-down name, so what is read is lifted by our upcasts.
An event of an application of the library is kept whole in a ``LibraryEvent``, and comes back as it went in.
"""

from dataclasses import dataclass
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    Cipher,
    Compressor,
    JSONTranscoder,
    Mapper,
    MapperDeserialisationError,
    Notification,
    StoredEvent,
    Transcoder,
)
from eventsourcing.utils import register_topic
from pydantic import AwareDatetime

from events.fact import Fact, Meta, Recorded, UnknownFact, Value, fact_types
from events.upcasts import decode, encode
from services.chassis.event_store import Stored
from services.chassis.sequence import LibraryEvent


class Envelope(Value):
    """What a stored event's own fields do not say: where the fact lies, by which command, when, in which schema."""

    division: str
    position: int
    schema_version: int
    fact_id: UUID
    command_id: UUID
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class FactEvent:
    """A recorded fact as the library's domain event: its originator is the stream."""

    recorded: Recorded[Fact]

    @property
    def originator_id(self) -> str:
        """The stream."""
        return self.recorded.stream

    @property
    def originator_version(self) -> int:
        """The version of the stream after this fact."""
        return self.recorded.version


class FactMapper(Mapper[str]):
    """The library's mapper for facts (``MAPPER_TOPIC=services.chassis.mapping:FactMapper``).

    The transcoder that the library hands over is not used; compressor and cipher are.
    """

    def __init__(
        self,
        transcoder: Transcoder | None = None,
        compressor: Compressor | None = None,
        cipher: Cipher | None = None,
    ) -> None:
        super().__init__(transcoder or JSONTranscoder(), compressor, cipher)
        register_fact_topics()

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The stored event of a ``FactEvent``. Raises ``TypeError`` for any other event."""
        if not isinstance(domain_event, FactEvent):
            raise TypeError(f"not a fact: {type(domain_event).__name__}")
        recorded = domain_event.recorded
        meta = recorded.meta.model_dump_json(exclude_none=True).encode()
        state = _lines(_envelope(recorded, recorded.fact.VERSION), meta, encode(recorded.fact))
        if self.compressor:
            state = self.compressor.compress(state)
        if self.cipher:
            state = self.cipher.encrypt(state)
        return StoredEvent(recorded.stream, recorded.version, recorded.fact.NAME, state)

    def to_domain_event(self, stored_event: StoredEvent) -> FactEvent:
        """The fact in today's schema version.

        Raises ``UnknownFact`` for what a newer release has written, ``MapperDeserialisationError`` for anything else.
        """
        try:
            state = stored_event.state
            if self.cipher:
                state = self.cipher.decrypt(state)
            if self.compressor:
                state = self.compressor.decompress(state)
            return FactEvent(_recorded(stored_event, state))
        except UnknownFact:
            raise
        except Exception:
            what = f"{stored_event.topic} at version {stored_event.originator_version} of its stream"
            raise MapperDeserialisationError(f"cannot read {what}") from None


def stored_event(row: Stored) -> StoredEvent:
    """A row of a log as a stored event: the library's own that it keeps, or a fact in the form of ``FactMapper``."""
    if row.name != LibraryEvent.NAME:
        return StoredEvent(
            row.stream, row.version, row.name, _lines(_envelope(row, row.schema_version), row.meta, row.data)
        )
    event = LibraryEvent.model_validate_json(row.data)
    originator_id = UUID(row.stream) if event.originator == "uuid" else row.stream
    return StoredEvent(originator_id, event.version, event.topic, event.state)


def notification(row: Stored) -> Notification:
    """A row of a log as a notification; its id is the position."""
    event = stored_event(row)
    return Notification(event.originator_id, event.originator_version, event.topic, event.state, id=row.position)


def library_event(event: StoredEvent) -> LibraryEvent:
    """The fact that keeps an event of the library."""
    return LibraryEvent(
        originator="uuid" if isinstance(event.originator_id, UUID) else "text",
        version=event.originator_version,
        topic=event.topic,
        state=event.state,
    )


def register_fact_topics() -> None:
    """Let the library resolve the name of every fact whose module has been imported to its class."""
    for name, fact_type in fact_types().items():
        register_topic(name, fact_type)


def _envelope(of: Stored | Recorded[Fact], schema_version: int) -> Envelope:
    return Envelope(
        division=of.division,
        position=of.position,
        schema_version=schema_version,
        fact_id=of.fact_id,
        command_id=of.command_id,
        occurred_at=of.occurred_at,
        recorded_at=of.recorded_at,
    )


def _lines(envelope: Envelope, meta: bytes, data: bytes) -> bytes:
    return b"\n".join((envelope.model_dump_json().encode(), meta, data))


def _recorded(event: StoredEvent, state: bytes) -> Recorded[Fact]:
    first, meta, data = state.split(b"\n", 2)
    envelope = Envelope.model_validate_json(first)
    return Recorded(
        division=envelope.division,
        position=envelope.position,
        stream=str(event.originator_id),
        version=event.originator_version,
        fact=decode(event.topic, envelope.schema_version, data),
        fact_id=envelope.fact_id,
        command_id=envelope.command_id,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        meta=Meta.model_validate_json(meta),
    )
