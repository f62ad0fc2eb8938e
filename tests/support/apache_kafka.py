"""Apache Kafka 4 in KRaft mode, one node, from jars that Maven fetches; for what the embedded broker cannot show."""

import fcntl
import re
import shutil
import subprocess
from pathlib import Path
from typing import Self

from jiujinan.child import Child, Program, ServerFailed, free_port
from jiujinan.kafka_admin import answers

_PROJECT = Path(__file__).parents[1] / "kafka"
_CLUSTER_ID = "anFuLXRlc3QtY2x1c3Rlcg"
_JAVA = ("java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_START_PATIENCE = 90.0
_STOP_PATIENCE = 30.0


class ApacheKafka:
    """A broker and its controller in one JVM, with its records kept in a directory over kill and restart."""

    def __init__(self, directory: Path, jars: Path) -> None:
        self._directory = directory
        self._jars = jars
        self._port, self._controller_port = free_port(), free_port()
        self._server: Child | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.kill()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Format the directory if it is new, and return when the broker answers. Raises ServerFailed."""
        if not self._properties.exists():
            self._format()
        server = Child(
            Program(
                name="Apache Kafka",
                argv=self._java("kafka.Kafka", str(self._properties)),
                directory=self._directory,
                log=self._directory / "kafka.log",
            )
        )
        await server.ready(lambda: answers(self.bootstrap), _START_PATIENCE)
        self._server = server

    async def kill(self) -> None:
        """SIGKILL."""
        if self._server is not None:
            await self._server.kill()
            self._server = None

    async def stop(self) -> None:
        """An orderly shutdown."""
        if self._server is not None:
            await self._server.stop(_STOP_PATIENCE)
            self._server = None

    async def restart(self) -> None:
        """Start again on the same records and the same ports; an orderly stop comes first if it still runs."""
        await self.stop()
        await self.start()

    @property
    def _properties(self) -> Path:
        return self._directory / "server.properties"

    def _java(self, main: str, *arguments: str) -> tuple[str, ...]:
        logging = f"-Dlog4j2.configurationFile={_PROJECT / 'log4j2.properties'}"
        return (*_JAVA, logging, "-cp", f"{self._jars}/*", main, *arguments)

    def _format(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        draft = self._directory / "server.properties.draft"
        draft.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        command = self._java("kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(draft))
        formatted = subprocess.run(command, capture_output=True, text=True, check=False)
        if formatted.returncode != 0:
            raise ServerFailed(f"kafka storage format: {formatted.stdout}{formatted.stderr}")
        draft.rename(self._properties)

    def _settings(self) -> dict[str, str | int]:
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self._directory / "records"),
            # a killed broker may register again once its session is over
            "broker.heartbeat.interval.ms": 300,
            "broker.session.timeout.ms": 4000,
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
        }


def missing_tools() -> list[str]:
    """Which of Java 17 and Maven this machine lacks."""
    return [name for name, there in (("Java 17", _java_version() >= 17), ("Maven", _has("mvn"))) if not there]


def fetched_jars() -> Path:
    """The directory of the broker's jars, fetched by Maven if pom.xml asks for others. Raises ServerFailed."""
    pom, target = _PROJECT / "pom.xml", _PROJECT / "target"
    target.mkdir(exist_ok=True)
    stamp = target / "fetched.xml"
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_bytes() != pom.read_bytes():
            _fetch(pom, target / "jars")
            shutil.copy(pom, stamp)
    return target / "jars"


def _fetch(pom: Path, jars: Path) -> None:
    fresh = jars.with_name("jars.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    command = ("mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}")
    fetched = subprocess.run(command, capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        raise ServerFailed(f"Maven could not fetch Apache Kafka:\n{fetched.stdout[-2000:]}")
    shutil.rmtree(jars, ignore_errors=True)
    fresh.rename(jars)


def _java_version() -> int:
    if not _has("java"):
        return 0
    answer = subprocess.run(("java", "-version"), capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else 0


def _has(program: str) -> bool:
    return shutil.which(program) is not None
