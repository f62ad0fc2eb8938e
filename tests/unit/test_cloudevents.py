"""Facts travel as CloudEvents that other people's libraries read; a damaged record is named, never repeated."""

import json
import string
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from events.cloudevents import DATA_AT_MOST, Malformed, Message, headers, read

SHANGHAI = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
MESSAGE = Message(
    service="relief",
    division="990101",
    position=1042,
    previous=1040,
    name="relief.case_opened",
    schema_version=3,
    stream="case:0001",
    occurred_at=datetime(2026, 11, 1, 23, 40, tzinfo=SHANGHAI),
    recorded_at=datetime(2026, 11, 2, 0, 10, 0, 42, tzinfo=UTC),
    correlation="story-1",
    causation="fact-7",
    traceparent=TRACE,
    data='{"case_id": "0001",  "cause": "火灾"}\n'.encode(),
)
HEADERS: Mapping[str, str | None] = headers(MESSAGE)
REQUIRED = sorted(set(HEADERS) - {"ce_traceparent"})
SECRET = "990101199001011234"

BAD = {
    "ce_specversion": ("", "0.3", "1.00", "1.0 "),
    "content-type": ("", "text/plain", "application/jsonp", "application/cloudevents+json"),
    "ce_id": (
        *("", "1042", "990101:", "990101:0", "990101:-1", "990101:01042", "990101:1042\n", " 990101:1042"),
        *("99010:1042", "9901011:1042", "99010a:1042", "９９０１０１:1042", "990101:１０４２", "990101:1" + "0" * 18),
    ),
    "ce_source": (
        *("", "/jiujinan/", "/jiujinan/Relief", "/elsewhere/relief", "/jiujinan/relief/x"),
        "/jiujinan/" + "a" * 33,
    ),
    "ce_type": ("", "relief", "Relief.case_opened", "relief.case opened", "relief." + "a" * 65, "relief.case_opened\n"),
    "ce_subject": ("", "a" * 129, "case:\x00", "case:\n", "case:\ud800"),
    "ce_time": (
        *("", "2026-11-02", "2026-11-02T00:10:00", "2026-11-02 00:10:00Z", "20261102T001000Z", "2026-W45-1T00:10:00Z"),
        *("2026-11-31T00:10:00Z", "2026-11-02T25:10:00Z", "2026-11-02T00:10:00+25:00", "0001-01-01T00:00:00+08:00"),
        *("２０２６-11-02T00:10:00Z", "2026-11-02T00:10:00.Z", "2026-11-02T00:10:00Z\n", "0000-11-02T00:10:00Z"),
    ),
    "ce_recordedtime": ("", "now", "1793578200", "2026-13-01T00:00:00Z"),
    "ce_dataschema": (
        *("", "urn:jiujinan:relief.case_opened", "urn:jiujinan:relief.case_closed:3", "https://example.org/case.json"),
        *(f"urn:jiujinan:relief.case_opened:{version}" for version in ("", "0", "03", "x", "10000", "３")),
    ),
    "ce_sequence": ("", "1042", f"{1041:020}", f"{1042:021}", "x" * 20),
    "ce_previous": ("", "-1", "01040", "1042", "1043", "１", "1e3", "1040\n"),
    "ce_correlationid": ("", "a" * 65, "a\tb"),
    "ce_causationid": ("", "a" * 65, "a\x7fb"),
}


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Any message that our services can write."""
    word = st.text(string.ascii_lowercase, min_size=1, max_size=31)
    text = st.characters(exclude_categories=["Cc", "Cs"])
    moments = st.timedeltas(timedelta(days=-700_000), timedelta(days=2_900_000)).map(EPOCH.__add__)
    position = draw(st.integers(1, 10**18 - 1))
    return Message(
        service=draw(word),
        division=f"{draw(st.integers(0, 999_999)):06}",
        position=position,
        previous=draw(st.integers(0, position - 1)),
        name=f"{draw(word)}.{draw(word)}_{draw(word)}",
        schema_version=draw(st.integers(1, 9999)),
        stream=draw(st.text(text, min_size=1, max_size=128)),
        occurred_at=draw(moments),
        recorded_at=draw(moments),
        correlation=draw(st.text(text, min_size=1, max_size=64)),
        causation=draw(st.text(text, min_size=1, max_size=64)),
        traceparent=draw(st.none() | st.integers(1, 16**16 - 1).map(lambda n: f"00-{n:032x}-{n:016x}-01")),
        data=draw(st.binary(min_size=1, max_size=64)),
    )


def refused(changed: Mapping[str, str | None], value: bytes | None = MESSAGE.data) -> Malformed:
    with pytest.raises(Malformed) as info:
        read(changed, value)
    return info.value


def outcome(received: Mapping[str, str | None], value: bytes | None) -> str:
    try:
        read(received, value)
    except Malformed as malformed:
        return malformed.code
    return "read"


def as_bytes(written: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in written.items()}


def as_text(received: Mapping[str, bytes]) -> dict[str, str]:
    return {name: text.decode() for name, text in received.items()}


# --- what is written ---


def test_the_envelope_is_written_to_the_letter() -> None:
    assert headers(MESSAGE) == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": "990101:1042",
        "ce_source": "/jiujinan/relief",
        "ce_type": "relief.case_opened",
        "ce_subject": "case:0001",
        "ce_time": "2026-11-01T15:40:00.000000Z",
        "ce_recordedtime": "2026-11-02T00:10:00.000042Z",
        "ce_dataschema": "urn:jiujinan:relief.case_opened:3",
        "ce_sequence": "00000000000000001042",
        "ce_previous": "1040",
        "ce_correlationid": "story-1",
        "ce_causationid": "fact-7",
        "ce_traceparent": TRACE,
    }


def test_a_message_without_a_trace_carries_no_header_for_it() -> None:
    assert "ce_traceparent" not in headers(replace(MESSAGE, traceparent=None))


@given(first=st.integers(1, 10**18 - 1), second=st.integers(1, 10**18 - 1))
def test_sequences_sort_as_text_as_their_positions_do(first: int, second: int) -> None:
    written = [headers(replace(MESSAGE, position=p, previous=0))["ce_sequence"] for p in (first, second)]
    assert (written[0] < written[1]) == (first < second)


def test_a_message_that_is_logged_by_mistake_does_not_show_its_data() -> None:
    assert "case_id" not in repr(MESSAGE)


# --- there and back ---


@given(messages())
def test_what_is_written_reads_as_it_was(message: Message) -> None:
    assert read(headers(message), message.data) == message


@given(messages())
def test_the_bytes_that_arrive_are_the_bytes_that_were_stored(message: Message) -> None:
    assert read(headers(message), message.data).data is message.data


def test_times_are_read_into_utc() -> None:
    message = read({**HEADERS, "ce_time": "2026-11-02T08:10:00.123456789+08:00"}, MESSAGE.data)
    assert message.occurred_at == datetime(2026, 11, 2, 0, 10, 0, 123456, tzinfo=UTC)
    assert (message.occurred_at.utcoffset(), message.recorded_at.utcoffset()) == (timedelta(0), timedelta(0))


def test_header_names_are_read_whatever_their_case() -> None:
    assert read({name.title(): text for name, text in HEADERS.items()}, MESSAGE.data) == MESSAGE


def test_headers_that_are_not_ours_are_passed_over() -> None:
    assert read({**HEADERS, "correlation_id": None, "ce_partitionkey": "x"}, MESSAGE.data) == MESSAGE


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_content_type_may_have_parameters_and_capitals(kind: str) -> None:
    assert read({**HEADERS, "content-type": kind}, MESSAGE.data) == MESSAGE


@pytest.mark.parametrize("trace", [None, "", "junk", f"ff{TRACE[2:]}", TRACE.upper(), f"{TRACE}\n", TRACE * 9])
def test_a_trace_that_is_not_one_is_dropped_and_the_fact_is_taken_in(trace: str | None) -> None:
    assert read({**HEADERS, "ce_traceparent": trace}, MESSAGE.data) == replace(MESSAGE, traceparent=None)


# --- the official library ---


def test_the_official_library_reads_what_we_write() -> None:
    record = KafkaMessage(as_bytes(headers(MESSAGE)), MESSAGE.division.encode(), MESSAGE.data)
    event = from_binary_event(record)
    assert isinstance(event, CloudEvent)
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": "990101:1042",
        "source": "/jiujinan/relief",
        "type": "relief.case_opened",
        "subject": "case:0001",
        "time": MESSAGE.occurred_at,
        "datacontenttype": "application/json",
        "dataschema": "urn:jiujinan:relief.case_opened:3",
        "recordedtime": "2026-11-02T00:10:00.000042Z",
        "sequence": "00000000000000001042",
        "previous": "1040",
        "correlationid": "story-1",
        "causationid": "fact-7",
        "traceparent": TRACE,
        "partitionkey": "990101",
    }
    assert event.get_data() == json.loads(MESSAGE.data)


@given(messages())
def test_we_read_what_the_official_library_writes(message: Message) -> None:
    extensions = {"recordedtime", "sequence", "previous", "correlationid", "causationid", "traceparent"}
    ours = {name.removeprefix("ce_"): text for name, text in headers(message).items()}
    attributes: dict[str, Any] = {name: text for name, text in ours.items() if name in extensions} | {
        "id": ours["id"],
        "source": ours["source"],
        "type": ours["type"],
        "subject": ours["subject"],
        "time": message.occurred_at,
        "datacontenttype": "application/json",
        "dataschema": ours["dataschema"],
        "partitionkey": message.division,
    }
    record = to_binary_event(CloudEvent(attributes, message.data))
    assert record.key == message.division
    assert read(as_text(record.headers), record.value) == message


def test_a_structured_event_is_refused_by_the_first_header_it_lacks() -> None:
    assert refused({"content-type": "application/cloudevents+json"}).code == "missing_header:ce_specversion"


# --- damage ---


@pytest.mark.parametrize("name", REQUIRED)
def test_a_header_that_is_missing_is_named(name: str) -> None:
    assert refused({key: text for key, text in HEADERS.items() if key != name}).code == f"missing_header:{name}"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_header_that_is_null_or_not_text_is_named(name: str) -> None:
    assert refused({**HEADERS, name: None}).code == f"bad_header:{name}"


def test_every_header_that_is_needed_has_its_bad_examples() -> None:
    assert sorted(BAD) == REQUIRED


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_a_header_that_does_not_fit_is_named(name: str, text: str) -> None:
    assert refused({**HEADERS, name: text}).code == f"bad_header:{name}"


@pytest.mark.parametrize("value", [None, b""])
def test_a_record_without_data_is_refused(value: bytes | None) -> None:
    assert refused(HEADERS, value).code == "no_data"


def test_data_is_taken_in_up_to_one_mebibyte_and_not_a_byte_more() -> None:
    assert len(read(HEADERS, bytes(DATA_AT_MOST)).data) == 1024 * 1024
    assert refused(HEADERS, bytes(DATA_AT_MOST + 1)).code == "too_large"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_refusal_never_repeats_what_was_received(name: str) -> None:
    refusal = refused({**HEADERS, name: f"\n{SECRET}"}, SECRET.encode())
    assert SECRET not in "".join(traceback.format_exception(refusal)) + repr(refusal)
    assert (refusal.__cause__, refusal.__context__) == (None, None)


def test_a_time_that_the_calendar_does_not_have_is_not_repeated_either() -> None:
    refusal = refused({**HEADERS, "ce_time": "2026-02-30T00:00:00Z"})
    assert (str(refusal), refusal.__cause__, refusal.__context__) == ("bad_header:ce_time", None, None)


@given(
    headers=st.dictionaries(st.sampled_from(sorted(HEADERS)) | st.text(), st.none() | st.text()),
    value=st.none() | st.binary(),
)
def test_whatever_arrives_is_read_or_refused_by_a_code_of_ours(
    headers: dict[str, str | None], value: bytes | None
) -> None:
    codes = {f"{why}_header:{name}" for why in ("missing", "bad") for name in REQUIRED}
    for received in (headers, {**HEADERS, **headers}):
        assert outcome(received, value) in codes | {"no_data", "read"}
