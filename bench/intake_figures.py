"""The figures of intake's own work: reports accepted over HTTP, and what phones without signal have kept."""

from collections.abc import Mapping
from functools import partial

from bench import accepting, duplicates
from bench.contest import Contestant, Figure, Goal
from services.intake.app import SCHEMA

_ECHO = "bare validated echo, 64 callers"
_REPORT = "report, 64 callers"
_EITHER = "one query for all signs"


def intake_figures(facts: int) -> Mapping[str, Figure]:
    """Every figure by its short name, in a size that follows from ``facts``."""
    return {"report": _report(), "sync": _sync(facts // 10), "duplicates": _duplicates(facts * 10)}


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


def _duplicates(persons: int) -> Figure:
    """99 of 100 are to be answered in 20 ms."""
    return Figure(
        f"Reports of one household looked for among {persons:,}",
        "searches",
        [
            Contestant(_EITHER, duplicates.either),
            Contestant("search", partial(duplicates.search, 1)),
            Contestant("search, 8 callers", partial(duplicates.search, 8)),
        ],
        [Goal("search", _EITHER)],
        duplicates.fill,
        persons,
        SCHEMA,
    )
