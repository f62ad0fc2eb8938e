"""The SLA figures (时限指标): how many clocks of each kind are open, late, were met and missed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from services.chassis.database import Pool, translated
from services.chassis.metrics import Figures, gauge, labelled
from services.chassis.writer import Clock
from services.relief.agenda import SQL
from services.relief.clock_rules import CLOCKS
from services.relief.clock_stand import BUCKETS, NOT_ENDED


@dataclass(slots=True)
class _Counts:
    """What is counted of the clocks of one kind."""

    open: int = 0
    overdue: int = 0
    earliest: datetime | None = None
    outcomes: dict[str, int] = field(default_factory=lambda: {"met": 0, "missed": 0, "learned_late": 0})
    ended: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    """How many ended in each bucket, and beyond the last."""
    elapsed_ppm: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Count clocks that came to the same."""
        self.outcomes["met"] += row["clocks"] * row["met"]
        self.outcomes["missed"] += row["clocks"] * row["missed"]
        self.outcomes["learned_late"] += row["clocks"] * (row["met"] and row["missed"])
        self.elapsed_ppm += row["elapsed_ppm"]
        if row["bucket"] != NOT_ENDED:
            self.ended[row["bucket"]] += row["clocks"]


def sla_figures(pool: Pool, clock: Clock) -> Figures:
    """The reader of these figures. A clock that no case has run on yet shows zeros, so that its first one is seen."""

    async def read() -> Sequence[Metric]:
        with translated():
            async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
                opened = await connection.fetch(SQL["open"], clock.now())
                totals = await connection.fetch(SQL["totals"])
                judged_until = await connection.fetchval(SQL["stand_as_of"])
        rows = _counted(map(dict, opened), map(dict, totals))
        known = None if judged_until is None else judged_until.timestamp()
        until = gauge("jiujinan_clocks_judged_timestamp_seconds", "Up to when every clock is judged", known)
        return [*_gauges(rows), _outcomes(rows), _ratios(rows), _titles(), until]

    return read


def _counted(opened: Iterable[Mapping[str, Any]], totals: Iterable[Mapping[str, Any]]) -> Mapping[str, _Counts]:
    counted: dict[str, _Counts] = {name: _Counts() for name in CLOCKS}
    for row in opened:
        found = counted[row["clock"]]
        found.open, found.overdue, found.earliest = row["open"], row["overdue"], row["earliest"]
    for row in totals:
        counted[row["clock"]].add(row)
    return counted


def _gauges(rows: Mapping[str, _Counts]) -> Sequence[Metric]:
    earliest = GaugeMetricFamily(
        "jiujinan_sla_earliest_deadline_timestamp_seconds", "The next deadline still ahead", labels=["sla"]
    )
    for name, row in rows.items():
        if row.earliest is not None:
            earliest.add_metric([name], row.earliest.timestamp())
    opened = [(name, float(row.open)) for name, row in rows.items()]
    overdue = [(name, float(row.overdue)) for name, row in rows.items()]
    return [
        labelled("jiujinan_sla_open_cases", "Clocks that are not over", "sla", opened),
        labelled("jiujinan_sla_overdue_cases", "Of these, past the deadline", "sla", overdue),
        earliest,
    ]


def _outcomes(rows: Mapping[str, _Counts]) -> Metric:
    family = CounterMetricFamily(
        "jiujinan_sla_outcomes", "What was done in time, and deadlines that passed without", labels=["sla", "outcome"]
    )
    for name, row in rows.items():
        for outcome, clocks in row.outcomes.items():
            family.add_metric([name, outcome], clocks)
    return family


def _ratios(rows: Mapping[str, _Counts]) -> Metric:
    family = HistogramMetricFamily("jiujinan_sla_elapsed_ratio", "Elapsed of allowed time", labels=["sla"])
    bounds = [*map(str, BUCKETS), "+Inf"]
    for name, row in rows.items():
        buckets = list(zip(bounds, map(float, accumulate(row.ended)), strict=True))
        family.add_metric([name], buckets=buckets, sum_value=row.elapsed_ppm / 1_000_000)
    return family


def _titles() -> Metric:
    """What each clock is called, for whoever is shown it."""
    family = GaugeMetricFamily("jiujinan_sla_info", "What the clocks are called", labels=["sla", "title"])
    for name, kind in CLOCKS.items():
        family.add_metric([name, kind.title], 1)
    return family
