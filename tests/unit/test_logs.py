"""What a library says is written sparingly, and without its words."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest

from services.chassis.logs import configure

_SAID = "connection to 陶样山 19900001201 refused"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a service writes, for the length of a test."""
    root, lines = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    with redirect_stderr(lines):
        configure("INFO")
    yield lines
    root.handlers = handlers
    root.setLevel(level)


def say(second: float, name: str = "aiokafka", line: int = 312, error: type[Exception] | None = None) -> None:
    """One line of the log, said at that second of a day."""
    failed = None if error is None else (error, error(_SAID), None)
    record = logging.LogRecord(name, logging.ERROR, "/site-packages/aiokafka/client.py", line, _SAID, (), failed)
    record.created = 1_800_000_000.0 + second
    logging.getLogger(name).handle(record)


def lines(written: io.StringIO) -> list[dict[str, object]]:
    """What was written, each line's few fields but its time."""
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    return [{key: value for key, value in line.items() if key not in ("time", "level")} for line in told]


def test_what_a_library_repeats_is_written_once_a_minute_with_how_often(written: io.StringIO) -> None:
    for second in (0, 0.1, 0.2, 59.9, 60.0, 60.1, 120.1):
        say(second)
    line = {"logger": "aiokafka", "event": "library", "at": "client.py:312"}
    assert lines(written) == [line, {**line, "count": 3}, {**line, "count": 1}]


def test_what_it_says_elsewhere_or_of_another_error_is_another_thing(written: io.StringIO) -> None:
    for _ in range(2):
        say(0)
        say(0, line=400)
        say(0, name="aiokafka.consumer")
        say(0, error=OSError)
    assert [(line["logger"], line["at"], line.get("error")) for line in lines(written)] == [
        ("aiokafka", "client.py:312", None),
        ("aiokafka", "client.py:400", None),
        ("aiokafka.consumer", "client.py:312", None),
        ("aiokafka", "client.py:312", "OSError"),
    ]


def test_a_clock_that_is_set_back_silences_nobody(written: io.StringIO) -> None:
    say(3_600)
    say(0)
    assert len(lines(written)) == 2


def test_our_own_lines_are_all_written(written: io.StringIO) -> None:
    for _ in range(3):
        say(0, name="services.relief.scheduler")
    assert [line["event"] for line in lines(written)] == [_SAID] * 3
