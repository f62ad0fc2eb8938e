"""Facts in the library's words: what goes in comes back, old versions are lifted, and bytes stay bytes."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from eventsourcing.cipher import AESCipher
from eventsourcing.compressor import ZlibCompressor
from eventsourcing.persistence import JSONTranscoder, Mapper, MapperDeserialisationError, StoredEvent
from eventsourcing.popo import POPOFactory
from eventsourcing.utils import Environment, resolve_topic
from hypothesis import given
from hypothesis import strategies as st

from events.fact import Actor, Fact, Meta, Recorded, UnknownFact
from events.upcasts import UPCASTS, Document, encode
from services.chassis.event_store import Stored
from services.chassis.mapping import FactEvent, FactMapper, library_event, notification, stored_event
from services.chassis.replay import recorded as replayed
from services.chassis.sequence import LibraryEvent


class Renamed(Fact, name="test.renamed", version=3):
    """A name changed; earlier versions said less."""

    name: str
    by: str
    why: str


def add_who(old: Document) -> Document:
    return old | {"by": "nobody"}


def add_why(old: Document) -> Document:
    return old | {"why": f"as {old['by']} said"}


@dataclass(frozen=True)
class NoFact:
    """An event of an application of the library."""

    originator_id: str
    originator_version: int


META = Meta(actor=Actor(id="S-1", role="clerk", scope="990101"), correlation="c", causation="d")
MOMENT = datetime(2026, 11, 2, 0, 10, 30, 123456, tzinfo=UTC)
RECORDED: Recorded[Fact] = Recorded(
    division="990101",
    position=7,
    stream="case:1",
    version=3,
    fact=Renamed(name="新", by="张三无此人", why="\n"),
    fact_id=UUID(int=1),
    command_id=UUID(int=2),
    occurred_at=MOMENT,
    recorded_at=MOMENT + timedelta(microseconds=1),
    meta=META,
)
ROW = Stored(
    division=RECORDED.division,
    position=RECORDED.position,
    stream=RECORDED.stream,
    version=RECORDED.version,
    name=Renamed.NAME,
    schema_version=Renamed.VERSION,
    fact_id=RECORDED.fact_id,
    command_id=RECORDED.command_id,
    occurred_at=RECORDED.occurred_at,
    recorded_at=RECORDED.recorded_at,
    meta=META.model_dump_json(exclude_none=True).encode(),
    data=encode(RECORDED.fact),
    public=False,
    hash=bytes(32),
)


@pytest.fixture
def mapper() -> FactMapper:
    return FactMapper()


@given(
    text=st.text(st.characters(exclude_categories=["Cs"])),
    stream=st.text(),
    position=st.integers(1, 2**62),
    version=st.integers(1, 2**31 - 1),
    occurred_at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
)
def test_a_fact_comes_back_as_it_was(
    text: str, stream: str, position: int, version: int, occurred_at: datetime
) -> None:
    mapper = FactMapper()
    fact = RECORDED._replace(
        stream=stream,
        version=version,
        position=position,
        occurred_at=occurred_at,
        fact=Renamed(name=text, by=text, why=text),
    )
    event = mapper.to_stored_event(FactEvent(fact))
    assert (event.originator_id, event.originator_version, event.topic) == (stream, version, "test.renamed")
    assert mapper.to_domain_event(event) == FactEvent(fact)


def test_a_row_of_the_log_is_read_as_the_service_itself_reads_it(mapper: FactMapper) -> None:
    assert mapper.to_domain_event(stored_event(ROW)).recorded == replayed(ROW) == RECORDED


def test_a_row_and_its_fact_give_the_same_stored_event(mapper: FactMapper) -> None:
    assert stored_event(ROW) == mapper.to_stored_event(FactEvent(RECORDED))


def test_the_bytes_that_were_hashed_are_not_encoded_anew() -> None:
    row = ROW._replace(meta=b'{ "odd" : 1 }', data=b'{ "spaced"\n:  "out" }')
    envelope, meta, data = stored_event(row).state.split(b"\n", 2)
    assert (meta, data) == (row.meta, row.data)
    assert json.loads(envelope) == {
        "division": "990101",
        "position": 7,
        "schema_version": 3,
        "fact_id": str(UUID(int=1)),
        "command_id": str(UUID(int=2)),
        "occurred_at": "2026-11-02T00:10:30.123456Z",
        "recorded_at": "2026-11-02T00:10:30.123457Z",
    }


def test_a_notification_bears_the_position(mapper: FactMapper) -> None:
    notified = notification(ROW)
    assert (notified.id, notified.originator_id, notified.originator_version) == (7, "case:1", 3)
    assert mapper.to_domain_event(notified).recorded == RECORDED


@pytest.mark.parametrize(
    ("version", "data", "why"),
    [(1, b'{"name":"ox"}', "as nobody said"), (2, b'{"name":"ox","by":"hen"}', "as hen said")],
)
def test_what_an_earlier_release_wrote_is_lifted_to_today(
    mapper: FactMapper, monkeypatch: pytest.MonkeyPatch, version: int, data: bytes, why: str
) -> None:
    monkeypatch.setitem(UPCASTS, ("test.renamed", 1), add_who)
    monkeypatch.setitem(UPCASTS, ("test.renamed", 2), add_why)
    event = mapper.to_domain_event(stored_event(ROW._replace(schema_version=version, data=data)))
    assert isinstance(event.recorded.fact, Renamed)
    assert event.recorded.fact.why == why


@pytest.mark.parametrize("row", [ROW._replace(name="test.of_tomorrow"), ROW._replace(schema_version=4)])
def test_what_a_newer_release_wrote_is_unknown(mapper: FactMapper, row: Stored) -> None:
    with pytest.raises(UnknownFact):
        mapper.to_domain_event(stored_event(row))


@pytest.mark.parametrize("state", [b"", b"{}", b"{}\n{}\n{}", stored_event(ROW).state[:-1], b"\xff\n\xff\n\xff"])
def test_a_state_that_cannot_be_read_is_named_without_being_repeated(mapper: FactMapper, state: bytes) -> None:
    with pytest.raises(MapperDeserialisationError) as refusal:
        mapper.to_domain_event(StoredEvent("case:1", 3, "test.renamed", state))
    assert str(refusal.value) == "cannot read test.renamed at version 3 of its stream"
    assert refusal.value.__suppress_context__


def test_an_event_that_is_no_fact_is_refused(mapper: FactMapper) -> None:
    with pytest.raises(TypeError):
        mapper.to_stored_event(NoFact("x", 1))


def test_the_library_makes_the_mapper_with_its_cipher_and_compressor() -> None:
    environment = Environment(
        env={
            "MAPPER_TOPIC": "services.chassis.mapping:FactMapper",
            "COMPRESSOR_TOPIC": "eventsourcing.compressor:ZlibCompressor",
            "CIPHER_KEY": AESCipher.create_key(16),
        }
    )
    made: Mapper[str] = POPOFactory(environment).mapper(JSONTranscoder())
    assert isinstance(made, FactMapper)
    assert isinstance(made.compressor, ZlibCompressor)
    event = made.to_stored_event(FactEvent(RECORDED))
    assert b"case" not in event.state
    assert "张三".encode() not in event.state
    assert made.to_domain_event(event) == FactEvent(RECORDED)


def test_the_library_resolves_a_facts_name_to_its_class(mapper: FactMapper) -> None:
    assert resolve_topic("test.renamed") is Renamed
    assert resolve_topic("library.event") is LibraryEvent


@pytest.mark.parametrize("originator_id", [UUID(int=3), "text", str(UUID(int=3))])
def test_an_event_of_the_librarys_own_comes_back_from_the_log_as_it_was(originator_id: UUID | str) -> None:
    event = StoredEvent(originator_id, 0, "any:Topic", bytes(range(256)))
    row = ROW._replace(
        stream=str(originator_id),
        version=1,
        name=LibraryEvent.NAME,
        schema_version=LibraryEvent.VERSION,
        data=encode(library_event(event)),
    )
    assert stored_event(row) == event
    assert notification(row).id == 7
