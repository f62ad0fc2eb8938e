"""Logs as one JSON object a line: an event's code and the few fields that are known to carry no personal data."""

import json
import logging
from datetime import UTC, datetime

_FIELDS = ("service", "source", "division", "followed", "error", "case", "trace", "status", "count", "route")
"""Only these extras are ever written. An exception's text is not: it can repeat what was sent."""


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.msg if record.name.startswith(("services", "jiujinan")) else "library",
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Send everything to standard error as JSON; libraries only from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("services", "jiujinan"):
        logging.getLogger(ours).setLevel(level)
