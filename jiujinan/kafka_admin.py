"""What we ask of any Kafka broker beside records: whether it answers, and that our topics exist."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

# aiokafka has annotations but neither stubs nor a py.typed marker
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.errors import (  # pyright: ignore[reportMissingTypeStubs]
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)

_LEADER_PATIENCE = 15.0


class TopicFailed(Exception):
    """A broker refused to create a topic; the message names the topic and Kafka's error."""


async def answers(bootstrap: str) -> bool:
    """Whether a broker is up at host:port and knows a broker to talk to."""
    host, port = bootstrap.rsplit(":", 1)
    try:
        _, connection = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    connection.close()
    await connection.wait_closed()
    try:
        async with _admin(bootstrap) as admin:
            return bool((await admin.describe_cluster())["brokers"])
    except KafkaError:
        return False


async def create_topics(
    bootstrap: str,
    topics: Mapping[str, int],
    *,
    replication: int = 1,
    retention_ms: int | None = None,
    max_message_bytes: int | None = None,
) -> None:
    """Create the topics (name to partition count) that are missing, and return once each has its leaders.

    A topic that exists is left exactly as it is. Limits that are None follow the broker's defaults; the embedded
    broker keeps everything in memory and ignores them. Raises TopicFailed.
    """
    limits = {"retention.ms": retention_ms, "max.message.bytes": max_message_bytes}
    configs = {name: str(value) for name, value in limits.items() if value is not None}
    wanted = [_topic(name, count, replication, configs) for name, count in topics.items()]
    async with _admin(bootstrap) as admin:
        answer = await admin.create_topics(wanted)
        for topic in answer.to_object()["topic_errors"]:
            if topic["error_code"] not in (0, TopicAlreadyExistsError.errno):
                raise TopicFailed(f"Kafka 拒绝建立主题 {topic['topic']}:{for_code(topic['error_code']).__name__}")
        await _leaders(admin, list(topics))


def _topic(name: str, partitions: int, replication: int, configs: Mapping[str, str]) -> NewTopic:
    """A topic to create. Kafka takes -1 as the broker's default, which aiokafka's own check does not let pass."""
    topic = NewTopic(name, partitions, max(1, replication), topic_configs=configs)
    topic.replication_factor = replication
    return topic


async def _leaders(admin: AIOKafkaAdminClient, topics: list[str]) -> None:
    try:
        async with asyncio.timeout(_LEADER_PATIENCE):
            while True:
                if await _all_led(admin, topics):
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TopicFailed(f"主题建立后 {_LEADER_PATIENCE:.0f} 秒内没有选出 leader:{'、'.join(topics)}") from None


async def _all_led(admin: AIOKafkaAdminClient, topics: list[str]) -> bool:
    found = await admin.describe_topics(topics)
    partitions = [partition for topic in found for partition in topic["partitions"]]
    return all(topic["error_code"] == 0 for topic in found) and all(p["leader"] >= 0 for p in partitions)


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncGenerator[AIOKafkaAdminClient, None]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
