"""Serving one service: one process, HTTP on uvloop, everything else inside the application's lifespan."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module

import click
import uvicorn
import uvloop
from fastapi import FastAPI

from jiujinan.environment import SERVICES
from services.chassis.database import translated
from services.chassis.event_store import StoreRejected, StoreUnavailable
from services.chassis.logs import configure
from services.chassis.migrate import WrongSchema
from services.chassis.settings import BadSetting, Settings, read_settings

_DRAIN_SECONDS = 8
"""For the requests under way; consumers then have 20 seconds of their own, so that 30 suffice for all."""

log = logging.getLogger(__name__)


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
def serve(service: str) -> None:
    """启动一个服务,设置取自环境变量;收到 SIGTERM 后在 30 秒内办完手头的事再退出。"""
    settings = read_settings(service)
    configure(settings.log_level)
    uvloop.run(_serve(import_module(f"services.{service}.app").app(settings), settings))


def collect_less_often() -> None:
    """Spare the garbage collector what lives as long as the process, and let a batch's rows die young by themselves.

    With Python's own thresholds it runs every few dozen commands, and takes up to half of a busy writer's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class _Server(uvicorn.Server):
    """A server that a signal ends and nothing more: uvicorn sends it on, which would kill our tasks at their work."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield


async def _serve(app: FastAPI, settings: Settings) -> None:
    server = _Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        )
    )
    with _bound(settings) as listener, _explained(settings.service):
        async with app.router.lifespan_context(app):
            collect_less_often()
            log.info("serving", extra={"service": settings.service})
            await server.serve([listener])
    log.info("served", extra={"service": settings.service})


def _bound(settings: Settings) -> socket.socket:
    """The socket to listen on. It is taken before anything is started."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as taken:
        listener.close()
        raise BadSetting(f"HOST and PORT cannot be used: {taken.strerror}") from None
    return listener


@contextmanager
def _explained(service: str) -> Generator[None]:
    """Say in one line what stops a service. A message that is not ours is not shown: it can repeat values."""
    try:
        with translated():
            yield
    except (BadSetting, WrongSchema, StoreUnavailable, StoreRejected):
        raise
    except Exception as failure:
        ours = isinstance(failure, ValueError) or type(failure).__module__.startswith("services.")
        told = str(failure) if ours else type(failure).__name__
        raise click.ClickException(f"{service} 不能运行:{told}") from None
