"""A whole service in this process, on databases of its own: with callers of every role, and without a broker."""

import asyncio
import base64
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import yaml
from fastapi import FastAPI

from events.shanghai import SHANGHAI
from services.chassis.clock import SystemClock
from services.chassis.master_keys import MasterKey
from services.chassis.mount import Blueprint, Mounted, create_app
from services.chassis.settings import Settings
from tests.support.databases import copy_of, create_template, drop

ROOT = Path(__file__).parents[2]
KEYRING_SCHEMA = ("services.chassis.migrations.keyring",)
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret for tests only, nothing").decode()
UNUSED_PORT = "127.0.0.1:9"

ROLES = (
    "village_informant",
    "hospital_system",
    "monitor_system",
    "media_desk",
    "window_clerk",
    "department_clerk",
    "township_officer",
    "township_leader",
    "township_finance",
    "county_civil_affairs",
    "county_finance",
    "auditor",
    "operator",
    "hotline_system",
)


def token(role: str, scope: str) -> str:
    """The bearer token of the tests' one person of a role in a scope."""
    return f"token-{role}-{scope}"


def bearer(role: str, scope: str, key: str | None = None) -> dict[str, str]:
    """The headers of a call by that person; with a key, of a command."""
    headers = {"authorization": f"Bearer {token(role, scope)}"}
    return headers if key is None else headers | {"idempotency-key": key}


def access_document(
    scopes: tuple[str, ...], callback: str | None, hotlines: tuple[str, ...] = ("demo",)
) -> Mapping[str, Any]:
    """One person of every role in every scope, and the hotlines, which share their secrets and their callback."""
    people = [
        {
            "token_sha256": sha256(token(role, scope).encode()).hexdigest(),
            "staff_id": f"{role}-{scope}",
            "role": role,
            "scope": scope,
        }
        for role in ROLES
        for scope in scopes
    ]
    hotline: dict[str, Any] = {"role": "hotline_system", "scope": "", "secrets": [WEBHOOK_SECRET]}
    if callback is not None:
        hotline["callback"] = {"url": callback, "secret": WEBHOOK_SECRET}
    return {"people": people, "systems": [hotline | {"id": name} for name in hotlines]}


class NoonClock(SystemClock):
    """The machine's clock, put to noon of today in Asia/Shanghai: what happened hours ago happened today."""

    def __init__(self) -> None:
        now = super().now()
        self._ahead = now.astimezone(SHANGHAI).replace(hour=12, minute=0, second=0) - now

    def now(self) -> datetime:
        return super().now() + self._ahead


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service at work: its insides, and a client that speaks HTTP to it."""

    mounted: Mounted
    client: httpx.AsyncClient
    owner_dsn: str
    app: FastAPI


RunService = Callable[..., AbstractAsyncContextManager[RunningService]]


@pytest.fixture(scope="session")
async def templates(postgres: str) -> dict[tuple[str, ...], str]:
    """The migrated databases made so far, by the packages of their schema."""
    return {}


@pytest.fixture
async def run_service(postgres: str, templates: dict[tuple[str, ...], str], tmp_path: Path) -> RunService:
    """Run a service: ``async with run_service(BLUEPRINT, scopes=("320115",)) as service``."""

    async def database(stack: AsyncExitStack, packages: tuple[str, ...]) -> tuple[str, str]:
        if packages not in templates:
            templates[packages] = await create_template(postgres, *packages)
        app_dsn, owner_dsn = await copy_of(postgres, templates[packages])
        stack.push_async_callback(drop, postgres, app_dsn)
        return app_dsn, owner_dsn

    @asynccontextmanager
    async def run(
        blueprint: Blueprint,
        *,
        scopes: tuple[str, ...] = ("320115", "320115001"),
        callback: str | None = None,
        hotlines: tuple[str, ...] = ("demo",),
        bootstrap: str = UNUSED_PORT,
        clock: SystemClock | None = None,
        **changed: Any,
    ) -> AsyncGenerator[RunningService, None]:
        async with AsyncExitStack() as stack:
            app_dsn, owner_dsn = await database(stack, tuple(blueprint.schema))
            keyring_dsn, _ = await database(stack, KEYRING_SCHEMA)
            access = tmp_path / f"access-{blueprint.name}.yaml"
            access.write_text(yaml.safe_dump(access_document(scopes, callback, hotlines)), encoding="utf-8")
            settings = Settings(
                service=blueprint.name,
                database_url=app_dsn,
                keyring_url=keyring_dsn,
                kafka_bootstrap=bootstrap,
                kafka_idempotence=False,
                kafka_session_seconds=6,
                kafka_away_seconds=900,
                host="127.0.0.1",
                port=0,
                master_keys=(MasterKey("m1", bytes(range(32))),),
                pepper=bytes(range(32, 64)),
                access_file=access,
                policies_dir=ROOT / "policies",
                log_level="WARNING",
                callback_may_reach=(ip_network("127.0.0.0/8"),),
                evidence_url=f"file://{tmp_path}/evidence",
            )
            app = create_app(replace(settings, **changed), blueprint, clock)
            mounted = await stack.enter_async_context(_lifespan(app))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://test"))
            yield RunningService(mounted, client, owner_dsn, app)

    return run


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[Mounted, None]:
    async with app.router.lifespan_context(app):
        yield app.state.mounted


@asynccontextmanager
async def second_process(service: RunningService, blueprint: Blueprint) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Another process of the service on the same databases, and a client that speaks to it."""
    app = create_app(service.mounted.settings, blueprint)
    async with _lifespan(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


@asynccontextmanager
async def served(service: RunningService) -> AsyncGenerator[str, None]:
    """The service at an address of its own, for callers that bring their own client."""
    config = uvicorn.Config(service.app, lifespan="off", log_config=None)
    server, port = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[port])
    serving = asyncio.create_task(server.main_loop())
    try:
        yield f"http://127.0.0.1:{port.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        await server.shutdown(sockets=[port])
