"""The whole system on one machine without a container: database, broker and the three services, one data directory.

Only settings differ from a spread installation. The broker forgets when it stops, so each start publishes again
what its followers have not taken in yet.
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from events.topics import MAX_MESSAGE_BYTES, RETENTION_MS, TOPICS
from jiujinan.child import Child, Program, ServerFailed
from jiujinan.embedded_broker import EmbeddedBroker
from jiujinan.environment import PLACES
from jiujinan.installation import (
    KEYRING_SCHEMA,
    SERVICES,
    Secrets,
    create_databases,
    dsn,
    load_secrets,
    migrate_databases,
    write_access,
)
from jiujinan.kafka_admin import create_topics
from jiujinan.occupancy import claimed, must_be_free
from jiujinan.postgres_server import PostgresServer
from jiujinan.progress import Progress
from jiujinan.republishing import republish_unfollowed
from jiujinan.server_directory import unreachable_parent
from services.intake.app import SCHEMA as INTAKE_SCHEMA
from services.ledger.app import SCHEMA as LEDGER_SCHEMA
from services.relief.app import SCHEMA as RELIEF_SCHEMA

SCHEMAS = {"intake": INTAKE_SCHEMA, "relief": RELIEF_SCHEMA, "ledger": LEDGER_SCHEMA, "keyring": KEYRING_SCHEMA}
_READY_PATIENCE = 60.0
_STOP_PATIENCE = 30.0
_ASKING = "auditor-01"
_READS = {"intake": "/v1/services", "relief": "/v1/cases/none", "ledger": "/v1/funds"}
"""What a service answers only to whom it knows."""
_FILES = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Running:
    """An embedded installation at work."""

    urls: Mapping[str, str]
    secrets: Secrets
    callback_port: int


def data_directory(chosen: Path | None) -> Path:
    """Where to keep the data: as chosen, else ``.data`` here, else a place that the database's user can get to.

    It is created where it is not there yet, open for passing through. Raises ``ServerFailed``.
    """
    for place in (chosen,) if chosen is not None else PLACES:
        if unreachable_parent(place.absolute() / "postgres") is None:
            place.mkdir(mode=0o711, parents=True, exist_ok=True)
            return place.absolute()
    raise ServerFailed("数据库的运行用户进不了数据目录的上级目录,请用 --data 指定另一个目录。")


@asynccontextmanager
async def started(data: Path, port_base: int, progress: Progress) -> AsyncGenerator[Running, None]:
    """Start everything, and stop it in reverse order behind the block.

    Raises ``ServerFailed`` before anything is started where the directory or a port is in use.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(claimed(data))
        must_be_free(port_base)
        known = load_secrets(data / "secrets")
        with progress.step("启动 PostgreSQL 18"):
            server = await stack.enter_async_context(PostgresServer(data / "postgres"))
        with progress.step("建立并升级四个数据库"):
            await create_databases(server, known)
            await migrate_databases(server, known, SCHEMAS)
        with progress.step("启动消息代理,建立主题"):
            broker = await stack.enter_async_context(EmbeddedBroker(data / "broker"))
            await create_topics(
                broker.bootstrap, TOPICS, retention_ms=RETENTION_MS, max_message_bytes=MAX_MESSAGE_BYTES
            )
        environment = _environment(server, broker, known, data, port_base)
        with progress.step("补发各服务尚未收到的事实"):
            await republish_unfollowed(environment, broker.bootstrap)
        with progress.step("启动 intake、relief、ledger 三个服务"):
            await asyncio.gather(*(_serve(name, environment, data, port_base, stack) for name in SERVICES))
        urls = {name: _url(port_base, name) for name in SERVICES}
        yield Running(urls, known, port_base + 4)


def _url(port_base: int, service: str) -> str:
    return f"http://127.0.0.1:{port_base + 1 + SERVICES.index(service)}"


def _environment(
    server: PostgresServer, broker: EmbeddedBroker, known: Secrets, data: Path, port_base: int
) -> dict[str, str]:
    """What the services and the operators' tools are told. Kept beside the secrets for ``--data``."""
    callback = f"http://127.0.0.1:{port_base + 4}/callback"
    environment = {
        "KAFKA_BOOTSTRAP": broker.bootstrap,
        "KAFKA_IDEMPOTENCE": "false",
        "KAFKA_SESSION_SECONDS": "6",
        "CALLBACK_MAY_REACH": "127.0.0.0/8",
        "EVIDENCE_URL": (data / "evidence").resolve().as_uri(),
        "KEYRING_URL": dsn(server, known, "keyring", "app"),
        "MASTER_KEY": known.values["MASTER_KEY"],
        "PEPPER": known.values["PEPPER"],
        "ACCESS_FILE": str(write_access(data / "secrets", known, callback)),
        "POLICIES_DIR": str(_FILES / "policies"),
        **{f"{name.upper()}_URL": dsn(server, known, name, "app") for name in SERVICES},
    }
    file = data / "environment.json"
    file.touch(mode=0o600, exist_ok=True)
    file.write_text(json.dumps(environment, indent=1), encoding="utf-8")
    return environment


async def _serve(name: str, environment: Mapping[str, str], data: Path, port_base: int, stack: AsyncExitStack) -> None:
    (data / "logs").mkdir(exist_ok=True)
    token = load_secrets(data / "secrets").token(_ASKING)
    child = Child(service_program(name, environment, data, port_base))
    stack.push_async_callback(child.stop, _STOP_PATIENCE)
    await child.ready(lambda: is_ready(name, _url(port_base, name), token), _READY_PATIENCE)


def service_program(name: str, environment: Mapping[str, str], data: Path, port_base: int) -> Program:
    """One of the services as a process that runs the very code that runs here, wherever else a copy is installed."""
    own = {
        "DATABASE_URL": environment[f"{name.upper()}_URL"],
        "HOST": "127.0.0.1",
        "PORT": str(port_base + 1 + SERVICES.index(name)),
        "PYTHONPATH": str(_FILES),
    }
    return Program(
        name=f"服务 {name}",
        argv=(sys.executable, "-P", "-m", "jiujinan.cli", "serve", name),
        directory=data,
        log=data / "logs" / f"{name}.log",
        environment={**environment, **own},
    )


async def is_ready(name: str, url: str, token: str) -> bool:
    """Whether what answers here is ready and ours: another installation does not know the token."""
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=2) as client:
            told = (await client.get("/health/ready")).json()
            ours = await client.get(_READS[name], headers={"authorization": f"Bearer {token}"})
    except (httpx.HTTPError, ValueError):
        return False
    return bool(told["database"] and told["kafka"] and told["tasks"]) and ours.status_code != 401
