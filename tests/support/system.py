"""The whole system at work: three service processes over databases and a broker of their own, and their callers."""

import asyncio
import base64
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from events.topics import TOPICS
from jiujinan.api import Api
from jiujinan.child import Child, Program, free_port
from jiujinan.embedded import SCHEMAS
from jiujinan.embedded_broker import EmbeddedBroker
from jiujinan.installation import SERVICES, Secrets
from jiujinan.kafka_admin import create_topics
from jiujinan.receiver import CallbackReceiver
from services.chassis.database import Pool, open_pool
from tests.support.apache_kafka import ApacheKafka, fetched_jars
from tests.support.broker_choice import BrokerKind
from tests.support.children import end_of, ended
from tests.support.databases import address, create_template, drop
from tests.support.people import TOKENS, access_document
from tests.support.services import ROOT, WEBHOOK_SECRET

_READY_SECONDS = 90.0
_STOP_SECONDS = 30.0
_PERSISTENCE_SECONDS = 90.0
_RETRY_SECONDS = 0.25


class Service:
    """One service's process. It can be killed, and started again on the same port."""

    def __init__(self, program: Program, port: int) -> None:
        self._program = program
        self.home = program.directory
        self.url = f"http://127.0.0.1:{port}"
        self._child: Child | None = None

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        self._child = Child(self._program)

    async def ready(self) -> None:
        """Wait until it answers, and has its database and its broker. Raises ``ServerFailed``."""
        await self._running.ready(self._is_ready, _READY_SECONDS)

    async def stop(self) -> None:
        """Ask the process to end, and see that it ends in order; what has died already is only cleared away."""
        if self._child is None:
            return
        alive = end_of(self._child.pid) is None
        await self._child.stop(_STOP_SECONDS)
        self._child = None
        last = self.log.splitlines()[-1:]
        assert not alive or ('"event": "served"' in "".join(last)), f"had to be killed; its last words: {last}"

    async def death(self) -> int:
        """Wait until the process has ended, whoever ended it; the signal that killed it, or 0."""
        end = await ended(self._running.pid)
        return end.si_status if end.si_code == os.CLD_KILLED else 0

    @property
    def log(self) -> str:
        """What it has logged so far, over all its lives."""
        return self._program.log.read_text(encoding="utf-8", errors="replace")

    @property
    def _running(self) -> Child:
        assert self._child is not None, "not started"
        return self._child

    async def _is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                told = (await client.get(f"{self.url}/health/ready", timeout=2)).json()
        except (httpx.HTTPError, ValueError):
            return False
        return bool(told["database"] and told["kafka"] and told["tasks"])


class Persistent(httpx.AsyncHTTPTransport):
    """A caller who sends a request again, word for word, until somebody answers it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is neither a broken connection nor 503."""
        async with asyncio.timeout(_PERSISTENCE_SECONDS):
            while True:
                try:
                    response = await super().handle_async_request(request)
                except httpx.TransportError:
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                if response.status_code != 503:
                    return response
                await response.aclose()
                await asyncio.sleep(_RETRY_SECONDS)


@dataclass(slots=True)
class Mailbox:
    """The callbacks that the hotline's own system has confirmed, in order."""

    receiver: CallbackReceiver
    _taken: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def messages(self) -> list[dict[str, Any]]:
        """All so far."""
        while not self.receiver.messages.empty():
            self._taken.append(self.receiver.messages.get_nowait())
        return self._taken


@dataclass(frozen=True, slots=True)
class System:
    """A running system."""

    services: Mapping[str, Service]
    second_relief: Service
    """Another process of relief, not started."""
    broker: ApacheKafka | EmbeddedBroker
    databases: Mapping[str, str]
    """The addresses of the services' databases, for the application's role."""
    pools: Mapping[str, Pool]
    api: Api
    mailbox: Mailbox
    sent: list[str] = field(default_factory=list[str])
    """The reports that callers have been confirmed."""


@asynccontextmanager
async def running_system(
    postgres: str, broker_kind: BrokerKind, *entry: str, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[System, None]:
    """Start everything, and end it behind the block.

    ``entry`` are the arguments that make Python start a service, up to its name.
    """
    async with AsyncExitStack() as stack:
        directory = _directory(stack)
        receiver = await stack.enter_async_context(CallbackReceiver(WEBHOOK_SECRET))
        broker = _broker(broker_kind, directory)
        stack.push_async_exit(broker)
        _, databases = await asyncio.gather(broker.start(), _databases(postgres, stack))
        await create_topics(broker.bootstrap, TOPICS)
        told = {**_environment(directory, receiver, broker, databases), **(environment or {})}
        services, second_relief = await _services(directory, entry, told, databases, stack)
        pools = {name: await stack.enter_async_context(await open_pool(databases[name], size=2)) for name in SERVICES}
        client = await stack.enter_async_context(httpx.AsyncClient(transport=Persistent(), timeout=30))
        urls = {name: service.url for name, service in services.items()}
        api = Api(client, urls, Secrets({"webhook": WEBHOOK_SECRET, **TOKENS}))
        yield System(services, second_relief, broker, databases, pools, api, Mailbox(receiver))


def _directory(stack: AsyncExitStack) -> Path:
    """A new directory below which a server may have its own; unlike pytest's, any user can get through it."""
    directory = Path(tempfile.mkdtemp(prefix="jiujinan-test-"))
    stack.callback(shutil.rmtree, directory)
    directory.chmod(0o711)
    return directory


def _broker(kind: BrokerKind, directory: Path) -> ApacheKafka | EmbeddedBroker:
    """A broker of the system's own, because its topics have fixed names; of the kind that the suite uses."""
    if kind == "apache":
        return ApacheKafka(directory / "kafka", fetched_jars())
    return EmbeddedBroker(directory / "broker")


async def _databases(postgres: str, stack: AsyncExitStack) -> Mapping[str, str]:
    made = await asyncio.gather(*(create_template(postgres, *packages) for packages in SCHEMAS.values()))
    databases = {name: address(postgres, one, f"{one}_app") for name, one in zip(SCHEMAS, made, strict=True)}
    for dsn in databases.values():
        stack.push_async_callback(drop, postgres, dsn)
    return databases


def _environment(
    directory: Path,
    receiver: CallbackReceiver,
    broker: ApacheKafka | EmbeddedBroker,
    databases: Mapping[str, str],
) -> Mapping[str, str]:
    access = directory / "access.yaml"
    access.write_text(yaml.safe_dump(access_document(receiver.url, WEBHOOK_SECRET)), encoding="utf-8")
    return {
        "PYTHONPATH": str(ROOT),
        "KEYRING_URL": databases["keyring"],
        "KAFKA_BOOTSTRAP": broker.bootstrap,
        "KAFKA_IDEMPOTENCE": str(isinstance(broker, ApacheKafka)).lower(),
        "KAFKA_SESSION_SECONDS": "6",
        "CALLBACK_MAY_REACH": "127.0.0.0/8",
        "MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
        "PEPPER": base64.b64encode(bytes(range(32, 64))).decode(),
        "ACCESS_FILE": str(access),
        "POLICIES_DIR": str(ROOT / "policies"),
    }


async def _services(
    directory: Path,
    entry: tuple[str, ...],
    told: Mapping[str, str],
    databases: Mapping[str, str],
    stack: AsyncExitStack,
) -> tuple[Mapping[str, Service], Service]:
    """The three, ready, and a second relief that is not started."""

    def made(name: str, home: str) -> Service:
        return _service(name, directory / home, entry, {**told, "DATABASE_URL": databases[name]})

    services, second_relief = {name: made(name, name) for name in SERVICES}, made("relief", "second-relief")
    stack.push_async_callback(_stop, second_relief, *services.values())
    for service in services.values():
        service.start()
    await asyncio.gather(*(service.ready() for service in services.values()))
    return services, second_relief


def _service(name: str, home: Path, entry: tuple[str, ...], told: Mapping[str, str]) -> Service:
    home.mkdir()
    port = free_port()
    program = Program(
        name=f"服务 {name}",
        argv=(sys.executable, *entry, name),
        directory=home,
        log=home / "service.log",
        environment={**told, "HOST": "127.0.0.1", "PORT": str(port)},
    )
    return Service(program, port)


async def _stop(*services: Service) -> None:
    await asyncio.gather(*(service.stop() for service in services))
