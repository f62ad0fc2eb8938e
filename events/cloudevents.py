"""CloudEvents 1.0 in Kafka's binary mode: a fact's envelope travels as headers, its stored bytes as the value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

DATA_AT_MOST = 1024 * 1024
"""A fact of more bytes than this is not taken in."""

_ID = re.compile(r"([0-9]{6}):([1-9][0-9]{0,17})")
_SOURCE = re.compile(r"/jiujinan/([a-z][a-z0-9-]{0,31})")
_TYPE = re.compile(r"[a-z]{1,32}\.[a-z0-9_]{1,64}")
_SCHEMA = re.compile(r"urn:jiujinan:([a-z0-9_.]{1,97}):([1-9][0-9]{0,3})")
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,128}")
_CHAIN_ID = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
_JSON = re.compile(r"application/json(\s*;.*)?", re.IGNORECASE)
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_Headers = Mapping[str, str | None]


class Malformed(ValueError):
    """A record that is none of ours, or is damaged. ``code`` says why, and never repeats what was received.

    Codes: ``missing_header:<name>``, ``bad_header:<name>``, ``no_data``, ``too_large``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """A public fact on its way: whose log it is from, what it follows there, and its bytes as they were stored.

    ``previous`` is the position of the log's public fact before it, 0 for the first. ``stream`` is the fact's own.
    """

    service: str
    division: str
    position: int
    previous: int
    name: str
    schema_version: int
    stream: str
    occurred_at: datetime
    recorded_at: datetime
    correlation: str
    causation: str
    traceparent: str | None
    data: bytes = field(repr=False)


def dataschema(name: str, version: int) -> str:
    """The identifier of a fact's JSON Schema."""
    return f"urn:jiujinan:{name}:{version}"


def headers(message: Message) -> dict[str, str]:
    """The record's headers. Its key is the division, its value ``message.data`` as it is."""
    attributes = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": f"{message.division}:{message.position}",
        "ce_source": f"/jiujinan/{message.service}",
        "ce_type": message.name,
        "ce_subject": message.stream,
        "ce_time": _written(message.occurred_at),
        "ce_recordedtime": _written(message.recorded_at),
        "ce_dataschema": dataschema(message.name, message.schema_version),
        "ce_sequence": f"{message.position:020}",
        "ce_previous": str(message.previous),
        "ce_correlationid": message.correlation,
        "ce_causationid": message.causation,
    }
    if message.traceparent is not None:
        attributes["ce_traceparent"] = message.traceparent
    return attributes


def read(headers: Mapping[str, str | None], value: bytes | None) -> Message:
    """The message behind a record; ``None`` stands for a header that is null or not UTF-8.

    Unknown headers are ignored, and so is a trace that is not one: tracing never stops a fact.
    Raises ``Malformed``.
    """
    received = {name.lower(): text for name, text in headers.items()}
    _expect(received, "ce_specversion", "1.0")
    _match(received, "content-type", _JSON)
    division, number = _match(received, "ce_id", _ID).groups()
    position = int(number)
    _expect(received, "ce_sequence", f"{position:020}")
    name = _match(received, "ce_type", _TYPE)[0]
    return Message(
        service=_match(received, "ce_source", _SOURCE)[1],
        division=division,
        position=position,
        previous=_previous(received, position),
        name=name,
        schema_version=_schema_version(received, name),
        stream=_match(received, "ce_subject", _SUBJECT)[0],
        occurred_at=_moment(received, "ce_time"),
        recorded_at=_moment(received, "ce_recordedtime"),
        correlation=_match(received, "ce_correlationid", _CHAIN_ID)[0],
        causation=_match(received, "ce_causationid", _CHAIN_ID)[0],
        traceparent=_trace(received),
        data=_data(value),
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _text(received: _Headers, name: str) -> str:
    if name not in received:
        raise Malformed(f"missing_header:{name}")
    text = received[name]
    if text is None:
        raise Malformed(f"bad_header:{name}")
    return text


def _match(received: _Headers, name: str, pattern: re.Pattern[str]) -> re.Match[str]:
    found = pattern.fullmatch(_text(received, name))
    if found is None:
        raise Malformed(f"bad_header:{name}")
    return found


def _expect(received: _Headers, name: str, wanted: str) -> None:
    if _text(received, name) != wanted:
        raise Malformed(f"bad_header:{name}")


def _previous(received: _Headers, position: int) -> int:
    previous = int(_match(received, "ce_previous", _NUMBER)[0])
    if previous >= position:
        raise Malformed("bad_header:ce_previous")
    return previous


def _schema_version(received: _Headers, name: str) -> int:
    of, version = _match(received, "ce_dataschema", _SCHEMA).groups()
    if of != name:
        raise Malformed("bad_header:ce_dataschema")
    return int(version)


def _moment(received: _Headers, name: str) -> datetime:
    """A moment in UTC. The parser's own error repeats the text, so it is not the cause of ours."""
    moment = _parsed(_match(received, name, _TIME)[0])
    if moment is None:
        raise Malformed(f"bad_header:{name}")
    return moment


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _trace(received: _Headers) -> str | None:
    text = received.get("ce_traceparent")
    return text if text is not None and _TRACE.fullmatch(text) else None


def _data(value: bytes | None) -> bytes:
    if not value:
        raise Malformed("no_data")
    if len(value) > DATA_AT_MOST:
        raise Malformed("too_large")
    return value
