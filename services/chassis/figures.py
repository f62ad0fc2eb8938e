"""The figures that every service shows: how far relay, following and read models are, and what nobody has settled."""

from collections.abc import Mapping, Sequence

from prometheus_client.metrics_core import Metric

from events.topics import service_of
from services.chassis.broker import Bus
from services.chassis.database import Pool, translated
from services.chassis.event_store import EventStore
from services.chassis.metrics import Figures, gauge, labelled
from services.chassis.projection import Projector
from services.chassis.relay import Relay

_DEAD = """
select case when reason like 'failed:%' then 'failed' else split_part(reason, ':', 1) end as reason, count(*)
from dead_letters where settled is null group by 1
"""


def chassis_figures(
    pool: Pool, relay: Relay, bus: Bus, store: EventStore, projectors: Mapping[str, Projector]
) -> Figures:
    """The reader of these figures."""

    async def read() -> Sequence[Metric]:
        with translated():
            dead = await pool.fetch(_DEAD)
        oldest = await relay.oldest()
        views = [(name, (await projector.updated()).timestamp()) for name, projector in projectors.items()]
        lags = [(service_of(topic), lag) for topic, lag in bus.lag().items()]
        return [
            gauge("jiujinan_relay_lag_facts", "Facts not yet looked at by the relay", await relay.lag()),
            gauge(
                "jiujinan_relay_oldest_timestamp_seconds",
                "When the oldest of these was recorded",
                None if oldest is None else oldest.timestamp(),
            ),
            gauge("jiujinan_kafka_connected", "Whether Kafka answers", float(bus.connected.is_set())),
            labelled("jiujinan_view_updated_timestamp_seconds", "Up to when a view knows everything", "view", views),
            labelled("jiujinan_follow_lag_facts", "Records not yet taken in", "source", lags),
            gauge("jiujinan_follow_gaps", "Followed logs that stopped at a gap", len(await store.gaps())),
            labelled(
                "jiujinan_dead_letters_open",
                "Records put aside that nobody has settled",
                "reason",
                [(row["reason"], row["count"]) for row in dead],
            ),
        ]

    return read
