"""The Kafka topics: one per service that publishes, keyed by division, with a partition count that never changes."""

from collections.abc import Mapping

PARTITIONS = 12
"""Fixed: another count would move a division to another partition and break its order."""

INTAKE = "jiujinan.intake.v1"
RELIEF = "jiujinan.relief.v1"
LEDGER = "jiujinan.ledger.v1"

TOPICS: Mapping[str, int] = {INTAKE: PARTITIONS, RELIEF: PARTITIONS, LEDGER: PARTITIONS}

RETENTION_MS = 14 * 24 * 3600 * 1000
MAX_MESSAGE_BYTES = 1024 * 1024


def topic_of(service: str) -> str:
    """The topic that a service publishes to."""
    return f"jiujinan.{service}.v1"


def service_of(topic: str) -> str:
    """The service that publishes to a topic."""
    return topic.split(".")[1]
