"""Mounting a service: what it brings, put on the chassis and run inside one HTTP application's lifespan."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers
from starlette.types import Scope

from services.chassis import problems
from services.chassis.access import Access, load_access
from services.chassis.body_limit import BodyLimit
from services.chassis.broker import Bus, Following
from services.chassis.clock import SystemClock
from services.chassis.database import Pool, open_pool
from services.chassis.deciding import Deciders
from services.chassis.figures import chassis_figures
from services.chassis.following import Follower, Reaction
from services.chassis.guard import Guard, faults_by_route
from services.chassis.health import Health, health_routes
from services.chassis.housekeeping import keep_house
from services.chassis.http import Door
from services.chassis.keyring import CachedKeyring, Keyring
from services.chassis.master_keys import MasterKeys
from services.chassis.metrics import Figures, Snapshot, WriterMetrics
from services.chassis.migrate import check_schema, migrations
from services.chassis.openapi import Api
from services.chassis.postgres_event_store import PostgresEventStore
from services.chassis.postgres_keyring import PostgresKeyring
from services.chassis.projection import Projector, ReadModel
from services.chassis.pseudonyms import Pseudonyms
from services.chassis.reference import reference_routes
from services.chassis.relay import Relay
from services.chassis.sealing import Sealer, Seals
from services.chassis.settings import Settings
from services.chassis.tracing import RequestNumber
from services.chassis.writer import Writer

DEAD_LETTERS = "dead-letters"
"""The sealing subject of records that could not be taken in."""


log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Mounted:
    """A service at work: what its routes, reactions and tasks may use."""

    settings: Settings
    pool: Pool
    clock: SystemClock
    keyring: Keyring
    sealer: Sealer
    pseudonyms: Pseudonyms
    access: Access
    store: PostgresEventStore
    writer: Writer
    relay: Relay
    bus: Bus
    projectors: Mapping[str, Projector]
    registry: CollectorRegistry
    door: Door
    follower: Follower
    own: object = None
    """What the service itself brought, for its routes and reactions."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    lives_without_kafka: bool = False

    def is_alive(self) -> bool:
        """Whether every task of the service and every consumer is running, and Kafka has not been away too long."""
        kafka_came = self.lives_without_kafka or self.bus.away_seconds <= self.settings.kafka_away_seconds
        return kafka_came and not self.bus.has_dead_consumer and self.tasks_run()

    def tasks_run(self) -> bool:
        """Whether every task of the service is still running."""
        return not any(task.done() for task in self.tasks)


async def mounted_service(request: Request) -> Mounted:
    """The service behind a request, as a dependency of routes."""
    return request.app.state.mounted


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What a service brings to the chassis.

    ``own`` is made first, ``reactions`` next, when what they may use is there; ``prepare`` runs before the first
    request; ``tasks`` run beside the chassis' own until the end.
    """

    name: str
    schema: Sequence[str]
    """The packages with the numbered steps of its database."""
    deciders: Deciders
    follows: tuple[str, ...]
    router: APIRouter
    api: Api | None = None
    """What its OpenAPI document says beside the routes."""
    read_models: Sequence[ReadModel] = ()
    own: Callable[[Mounted], object] = lambda mounted: None
    reactions: Callable[[Mounted], Mapping[str, tuple[str, Reaction]]] = lambda mounted: {}
    prepare: Callable[[Mounted], Awaitable[None]] | None = None
    tasks: Callable[[Mounted], Sequence[Coroutine[Any, Any, None]]] = lambda mounted: ()
    figures: Callable[[Mounted], Sequence[Figures]] = lambda mounted: ()
    large_bodies: tuple[str, ...] = ()
    """How the paths end, as patterns, by which it takes in files, which may be larger than other requests."""
    lives_without_kafka: bool = False
    """Whether a process is of use however long Kafka stays away."""


def create_app(settings: Settings, blueprint: Blueprint, clock: SystemClock | None = None) -> FastAPI:
    """The service's HTTP application; everything else lives in its lifespan."""

    faults = faults_by_route()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        async with running(settings, blueprint, clock) as mounted:
            app.state.mounted = mounted
            mounted.registry.register(faults)
            yield

    title = f"jiujinan {blueprint.name}"
    app = FastAPI(title=title, version=version("jiujinan"), lifespan=lifespan, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False  # it would lead to whatever host the caller has named
    app.add_middleware(BodyLimit, large=blueprint.large_bodies, known=_known)
    app.add_middleware(Guard, faults=faults)
    app.add_middleware(RequestNumber)
    problems.register(app)
    app.include_router(blueprint.router)
    app.include_router(health_routes(_health))
    if blueprint.api is not None:
        app.openapi = cache(partial(blueprint.api.document, app))
        app.include_router(reference_routes())
    return app


def _known(scope: Scope) -> None:
    """Raise ``Unauthenticated`` unless the request bears a token of somebody."""
    mounted: Mounted = scope["app"].state.mounted
    mounted.access.person(Headers(scope=scope).get("authorization"))


def _health(request: Request) -> Health:
    mounted: Mounted = request.app.state.mounted
    return Health(
        pool=mounted.pool,
        registry=mounted.registry,
        is_alive=mounted.is_alive(),
        tasks_run=mounted.tasks_run(),
        kafka_connected=mounted.bus.connected.is_set(),
    )


@asynccontextmanager
async def running(
    settings: Settings, blueprint: Blueprint, clock: SystemClock | None = None
) -> AsyncGenerator[Mounted, None]:
    """The service with all its tasks, for the length of a block."""
    async with AsyncExitStack() as stack:
        mounted = await assembled(settings, blueprint, stack, clock)
        stack.push_async_callback(_stop, mounted.tasks)
        _start(mounted, mounted.writer.run())
        if blueprint.prepare is not None:
            await blueprint.prepare(mounted)
        for work in (keep_house(mounted.pool), mounted.bus.run(), mounted.relay.run(), *blueprint.tasks(mounted)):
            _start(mounted, work)
        for projector in mounted.projectors.values():
            _start(mounted, projector.run())
        own = chassis_figures(mounted.pool, mounted.relay, mounted.bus, mounted.store, mounted.projectors)
        snapshot = Snapshot([own, *blueprint.figures(mounted)])
        await snapshot.first()
        mounted.registry.register(snapshot)
        _start(mounted, snapshot.run())
        yield mounted


async def assembled(
    settings: Settings, blueprint: Blueprint, stack: AsyncExitStack, clock: SystemClock | None = None
) -> Mounted:
    """The service put together, without any of its tasks; the stack closes what it opened."""
    pool = await _checked_pool(settings, blueprint, stack)
    keyring = await _keyring(settings, stack)
    sealer = Sealer(keyring)
    seals = await sealer.prepare([DEAD_LETTERS])
    registry = CollectorRegistry()
    clock = clock or SystemClock()
    store = PostgresEventStore(pool, blueprint.name)
    projectors = {model.name: Projector(pool, model) for model in blueprint.read_models}
    bus = Bus(settings.kafka_bootstrap, settings.kafka_idempotence, session_seconds=settings.kafka_session_seconds)
    relay = Relay(pool, blueprint.name, bus)
    writer = Writer(store, blueprint.deciders, clock, (relay, *projectors.values(), WriterMetrics(registry)))
    access = load_access(settings.access_file, settings.policies_dir / "roles.yaml")
    pseudonyms = Pseudonyms(settings.pepper)
    mounted = Mounted(
        settings=settings,
        pool=pool,
        clock=clock,
        keyring=keyring,
        sealer=sealer,
        pseudonyms=pseudonyms,
        access=access,
        store=store,
        writer=writer,
        relay=relay,
        bus=bus,
        projectors=projectors,
        registry=registry,
        door=Door(writer, access, pseudonyms),
        follower=Follower(blueprint.name, writer, {}, lambda body: _sealed(seals, body)),
    )
    mounted.lives_without_kafka = blueprint.lives_without_kafka
    mounted.own = blueprint.own(mounted)
    mounted.follower.reactions = blueprint.reactions(mounted)
    if blueprint.follows:
        bus.followings = [Following(blueprint.name, blueprint.follows, mounted.follower.take_in)]
    return mounted


async def _checked_pool(settings: Settings, blueprint: Blueprint, stack: AsyncExitStack) -> Pool:
    pool = await stack.enter_async_context(await open_pool(settings.database_url))
    async with pool.acquire() as connection:
        await check_schema(connection, migrations(*blueprint.schema))
    return pool


async def _keyring(settings: Settings, stack: AsyncExitStack) -> Keyring:
    pool = await stack.enter_async_context(await open_pool(settings.keyring_url, size=4))
    return CachedKeyring(PostgresKeyring(pool, MasterKeys(*settings.master_keys)), time.monotonic)


def _sealed(seals: Seals, body: bytes) -> bytes:
    return seals.seal(DEAD_LETTERS, "body", body.decode("utf-8", "backslashreplace")).model_dump_json().encode()


def _start(mounted: Mounted, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    task.add_done_callback(_report)
    mounted.tasks.append(task)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("task_died", exc_info=task.exception())


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End the tasks in reverse order, so that the writer is the last to go."""
    for task in reversed(tasks):
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
