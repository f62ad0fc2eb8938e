"""Kafka record batches that no client of ours would write: with headers whose names are no text."""

import gzip
import struct
from collections.abc import Sequence
from typing import Any

from aiokafka.client import AIOKafkaClient  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.protocol.produce import ProduceRequest  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.record.default_records import DefaultRecordBatchBuilder  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.record.util import calc_crc32c  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.structs import TopicPartition  # pyright: ignore[reportMissingTypeStubs]

ODD = "odd?name"
"""Stands for ``ODD_NAME`` while a batch is built: as long, and found nowhere else."""
ODD_NAME = b"odd\xffname"
_HEADER_BYTES = 61

Said = tuple[bytes | None, Sequence[tuple[str, bytes | None]]]
"""A body and its headers."""


def batch(*records: Said) -> bytes:
    """One batch of these records; a header named ``ODD`` gets the odd name."""
    builder: Any = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    for offset, (body, headers) in enumerate(records):
        builder.append(offset, None, None, body, list(headers))
    return with_checksum(bytes(builder.build()).replace(ODD.encode(), ODD_NAME))


def zipped(plain: bytes) -> bytes:
    """The batch, compressed."""
    header, body = bytearray(plain[:_HEADER_BYTES]), gzip.compress(plain[_HEADER_BYTES:])
    header[22] |= 1
    struct.pack_into(">i", header, 8, _HEADER_BYTES - 12 + len(body))
    return with_checksum(bytes(header) + body)


def with_checksum(plain: bytes) -> bytes:
    """The batch with the checksum that its bytes have now."""
    return plain[:17] + struct.pack(">I", calc_crc32c(plain[21:])) + plain[21:]


async def produce(bootstrap: str, topic: str, plain: bytes) -> None:
    """Put a batch as it is into every partition of a topic."""
    client: Any = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        await client.add_topic(topic)
        for partition in sorted(client.cluster.partitions_for_topic(topic)):
            leader = client.cluster.leader_for_partition(TopicPartition(topic, partition))
            request = ProduceRequest(None, -1, 10_000, [(topic, [(partition, plain)])])
            answer = await client.send(leader, request)
            [[_, [[_, error, *_]]]] = answer.topics
            assert error == 0, error
    finally:
        await client.close()
