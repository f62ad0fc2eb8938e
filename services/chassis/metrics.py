"""Metrics that every service has, and a home for figures that are read from the database at intervals.

Labels are bounded: never a case, a person or a free text.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

REFRESH_SECONDS = 5.0

log = logging.getLogger(__name__)

Figures = Callable[[], Awaitable[Sequence[Metric]]]
"""Reads figures from the database; called in the background, never during a scrape."""


class WriterMetrics:
    """How the writer is doing."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._size = Histogram(
            "jiujinan_writer_batch_size",
            "Units of work committed together",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=registry,
        )
        self._seconds = Histogram(
            "jiujinan_writer_commit_seconds",
            "From the lock of the logs to the commit",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=registry,
        )

    def committed(self, units: int, facts: int, seconds: float) -> None:
        """A batch has been committed."""
        self._size.observe(units)
        self._seconds.observe(seconds)


@dataclass(slots=True, eq=False)
class Snapshot(Collector):
    """The figures as they were at the last refresh. A scrape reads memory only."""

    figures: Sequence[Figures]
    _metrics: list[Metric] = field(default_factory=list[Metric])

    def collect(self) -> Iterator[Metric]:
        """What Prometheus is shown."""
        return iter(self._metrics)

    async def run(self) -> None:
        """Refresh until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS)

    async def first(self, patience_seconds: float = 10.0) -> None:
        """Refresh before a service answers. Figures that take longer, over a long history, hold up no start."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                await self.refresh()

    async def refresh(self) -> None:
        """Read all figures anew; while they cannot be read the last ones stay, and their age shows."""
        try:
            self._metrics = [metric for read in self.figures for metric in await read()]
        except Exception:
            log.exception("figures_unavailable")


def gauge(name: str, help_text: str, value: float | None) -> Metric:
    """A gauge without labels; without a value it is named, and has none to show."""
    return GaugeMetricFamily(name, help_text, value=value)


def labelled(name: str, help_text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    """A gauge with one bounded label."""
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in values:
        family.add_metric([key], value)
    return family
