"""Logs as one JSON object a line: an event's code and the few fields that are known to carry no personal data.

Of what a library says only the place in its code is written, and what it repeats only once a minute: a client that
cannot reach its broker would say thousands of lines of the same.
"""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

from services.chassis.tracing import trace_id

_FIELDS = ("service", "source", "division", "followed", "error", "case", "trace", "status", "count", "route")
"""Only these extras are ever written. An exception's text is not: it can repeat what was sent."""


_LOGGERS = ("services", "jiujinan")
_OURS = (*_LOGGERS, "events")
_ROOT = Path(__file__).parents[2]
_REPEATED_SECONDS = 60.0


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        line |= {"event": record.msg} if _is_of_us(record) else {"event": "library", "at": _line_of(record)}
        if number := trace_id():
            line["request"] = number
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _place(record.exc_info[2]) or line.get("at")
        return json.dumps(line, ensure_ascii=False, default=str)


class _Sparing(logging.Filter):
    """Lets a library say the same once a minute, and says the next time how often it was held back (``count``)."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[object, ...], tuple[float, int]] = {}
        """When each was last written, by the seconds of its record, and how often it has come since."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _is_of_us(record):
            return True
        said = (record.name, _line_of(record), record.exc_info and record.exc_info[0])
        written, held_back = self._said.get(said, (0.0, 0))
        if 0 <= record.created - written < _REPEATED_SECONDS:
            self._said[said] = (written, held_back + 1)
            return False
        self._said[said] = (record.created, 0)
        if held_back:
            record.count = held_back
        return True


def _is_of_us(record: logging.LogRecord) -> bool:
    return record.name.startswith(_LOGGERS)


def _line_of(record: logging.LogRecord) -> str:
    return f"{record.module}.py:{record.lineno}"


def _place(trace: TracebackType | None) -> str | None:
    """The last line of ours that an exception came through, as ``services/chassis/http.py:80``."""
    frames = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(trace)]
    ours = [(file.relative_to(_ROOT), line) for file, line in frames if _is_ours(file)]
    return f"{ours[-1][0].as_posix()}:{ours[-1][1]}" if ours else None


def _is_ours(file: Path) -> bool:
    return any(file.is_relative_to(_ROOT / package) for package in _OURS)


def formatter() -> logging.Formatter:
    """How a line is written."""
    return _JsonFormatter()


def configure(level: str) -> None:
    """Send everything to standard error as JSON; libraries only from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter())
    handler.addFilter(_Sparing())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for ours in _LOGGERS:
        logging.getLogger(ours).setLevel(level)
