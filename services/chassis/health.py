"""Probes and metrics over HTTP: alive means that a restart would help nothing, ready that the database answers."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from services.chassis.database import Pool, translated
from services.chassis.event_store import StoreRejected, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Health:
    """What the probes look at."""

    pool: Pool
    registry: CollectorRegistry
    is_alive: bool
    tasks_run: bool
    kafka_connected: bool


def health_routes(health_of: Callable[[Request], Health]) -> APIRouter:
    """Kafka may be away: intake accepts and the others serve reads, so it is told and does not decide readiness."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/startup")
    @router.get("/health/live")
    async def live(request: Request) -> JSONResponse:
        alive = health_of(request).is_alive
        return JSONResponse({"alive": alive}, 200 if alive else 500)

    @router.get("/health/ready")
    async def ready(request: Request) -> JSONResponse:
        health = health_of(request)
        database = await _answers(health.pool)
        told = {"database": database, "kafka": health.kafka_connected, "tasks": health.tasks_run}
        return JSONResponse(told, 200 if database and health.tasks_run else 503)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(health_of(request).registry), media_type=content_type)

    return router


async def _answers(pool: Pool) -> bool:
    try:
        with translated():
            return await pool.fetchval("select true", timeout=2) is True
    except (StoreUnavailable, StoreRejected):
        return False
