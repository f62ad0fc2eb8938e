"""The SLA figures (时限指标): how many advances are open, overdue, met and missed, from report and from acceptance."""

from collections.abc import Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from services.chassis.metrics import Figures, labelled
from services.chassis.projection import Projector
from services.chassis.writer import Clock
from services.relief.policy_cache import PolicyCache
from services.relief.sla_count import BUCKETS, Counts
from services.relief.sla_counts import SlaCounts


def sla_figures(projector: Projector, cache: PolicyCache, clock: Clock) -> Figures:
    """The reader of these figures. A clock that no case has run on yet shows zeros, so that its first one is seen."""

    counts = SlaCounts()

    async def read() -> Sequence[Metric]:
        now = clock.now()
        async with projector.reading() as connection:
            rows = await counts.read(connection, cache, now)
        return [*_gauges(rows), _outcomes(rows), _ratios(rows)]

    return read


def _gauges(rows: Mapping[str, Counts]) -> Sequence[Metric]:
    earliest = GaugeMetricFamily(
        "jiujinan_sla_earliest_deadline_timestamp_seconds", "The next deadline still ahead", labels=["sla"]
    )
    for name, row in rows.items():
        if row.earliest is not None:
            earliest.add_metric([name], row.earliest.timestamp())
    opened = [(name, float(row.open)) for name, row in rows.items()]
    overdue = [(name, float(row.overdue)) for name, row in rows.items()]
    return [
        labelled("jiujinan_sla_open_cases", "Households still waiting for help", "sla", opened),
        labelled("jiujinan_sla_overdue_cases", "Of these, past the deadline", "sla", overdue),
        earliest,
    ]


def _outcomes(rows: Mapping[str, Counts]) -> Metric:
    family = CounterMetricFamily(
        "jiujinan_sla_outcomes", "Help in time, and deadlines that passed without", labels=["sla", "outcome"]
    )
    for name, row in rows.items():
        family.add_metric([name, "met"], row.met)
        family.add_metric([name, "missed"], row.missed)
        family.add_metric([name, "learned_late"], row.learned_late)
    return family


def _ratios(rows: Mapping[str, Counts]) -> Metric:
    family = HistogramMetricFamily(
        "jiujinan_sla_elapsed_ratio", "Elapsed of allowed time until the first help", labels=["sla"]
    )
    for name, row in rows.items():
        buckets = [(str(le), float(count)) for le, count in zip(BUCKETS, row.within, strict=True)]
        family.add_metric([name], buckets=[*buckets, ("+Inf", float(row.ended))], sum_value=row.ratios)
    return family
