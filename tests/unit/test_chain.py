"""The chain hashes exactly what is written down: the framed parts of a fact, behind the hash before it."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.chain import genesis, link, linked
from services.chassis.event_store import Stored
from services.chassis.framing import framed

MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year > 1)
FACTS = st.builds(
    Stored,
    division=st.text(min_size=1, max_size=12),
    position=st.integers(1, 2**62),
    stream=st.text(min_size=1, max_size=60),
    version=st.integers(1, 2**31 - 1),
    name=st.text(min_size=1, max_size=40),
    schema_version=st.integers(1, 1_000),
    fact_id=st.uuids(),
    command_id=st.uuids(),
    occurred_at=MOMENTS,
    recorded_at=MOMENTS,
    meta=st.binary(max_size=300),
    data=st.binary(max_size=300),
    public=st.booleans(),
    hash=st.just(b""),
)


@given(FACTS)
def test_a_link_covers_the_framed_parts_of_the_fact(fact: Stored) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    times = ((moment - epoch) // timedelta(microseconds=1) for moment in (fact.occurred_at, fact.recorded_at))
    before = genesis("relief", "990101")
    parts = (
        before,
        fact.division.encode(),
        fact.position.to_bytes(8, "big"),
        fact.stream.encode(),
        fact.version.to_bytes(8, "big"),
        fact.name.encode(),
        fact.schema_version.to_bytes(4, "big"),
        fact.fact_id.bytes,
        fact.command_id.bytes,
        *(time.to_bytes(8, "big", signed=True) for time in times),
        fact.meta,
        fact.data,
    )
    assert link(before, fact) == sha256(framed(*parts)).digest()
    assert linked(before, fact) == fact._replace(hash=link(before, fact))
