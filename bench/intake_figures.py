"""The figures of intake's own work: reports accepted over HTTP, and what phones without signal have kept."""

from collections.abc import Mapping
from functools import partial

from bench import accepting
from bench.contest import Contestant, Figure, Goal
from services.intake.app import SCHEMA

_ECHO = "bare validated echo, 64 callers"
_REPORT = "report, 64 callers"


def intake_figures(items: int) -> Mapping[str, Figure]:
    """Every figure by its short name; ``items`` is how many a phone brings."""
    return {"report": _report(), "sync": _sync(items)}


def _report() -> Figure:
    return Figure(
        "Reports of 1 KiB over HTTP, answered when they are durable",
        "reports",
        [
            Contestant(_ECHO, partial(accepting.echo, 64)),
            Contestant("report, 8 callers", partial(accepting.accept, 8)),
            Contestant(_REPORT, partial(accepting.accept, 64)),
        ],
        [Goal(_REPORT, _ECHO, 0.5)],
        schema=SCHEMA,
    )


def _sync(items: int) -> Figure:
    """500 a second is 10,000 in twenty seconds."""
    return Figure(
        f"{items:,} items of village phones, in batches of 200",
        "items",
        [Contestant("sync", partial(accepting.sync, items))],
        [],
        schema=SCHEMA,
    )
