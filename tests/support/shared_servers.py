"""One PostgreSQL and one broker for all workers of a test run, each started when a test first asks for it.

The controller process owns them: workers ask it over a Unix socket, and it ends them when the run ends. If it is
killed they die with it, as children do.
"""

import asyncio
import json
import shutil
import socket
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Event, Thread
from typing import Literal, get_args

from jiujinan.child import ServerFailed
from jiujinan.embedded_broker import EmbeddedBroker
from jiujinan.postgres_server import PostgresServer
from tests.support.apache_kafka import ApacheKafka, fetched_jars
from tests.support.broker_choice import BrokerChoice, BrokerKind

Wanted = Literal["postgres", "broker", "broker_kind"]

_PATIENCE = 300.0


class SharedServers:
    """The controller's side: answers what is wanted with an address, starting the server on the first request."""

    def __init__(self, choice: BrokerChoice) -> None:
        # 0711: as root, PostgreSQL runs as another user and has to get through
        self._directory = Path(tempfile.mkdtemp(prefix="jiujinan-test-"))
        self._directory.chmod(0o711)
        self._choice = choice
        self.fallback_reason = ""
        self._listening = Event()
        self._answers: dict[Wanted, asyncio.Task[str]] = {}
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="shared-servers")

    @property
    def address(self) -> str:
        """The path of the socket, for `ask`."""
        return str(self._directory / "socket")

    def start(self) -> None:
        """Listen; no server is started yet."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.address)
        self._thread.start()
        self._listening.wait()

    def stop(self) -> None:
        """End every server and remove its data."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        shutil.rmtree(self._directory)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        listener = await asyncio.start_unix_server(self._reply, sock=self._socket)
        async with AsyncExitStack() as self._running, listener:
            self._listening.set()
            await self._over.wait()
            for answer in self._answers.values():
                answer.cancel()
            await asyncio.gather(*self._answers.values(), return_exceptions=True)

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readline()).decode().strip()
        wanted = next(known for known in get_args(Wanted) if known == asked)
        try:
            reply = {"answer": await self._answer(wanted)}
        except ServerFailed as failure:
            reply = {"failure": str(failure)}
        writer.write(json.dumps(reply).encode())
        await writer.drain()
        writer.close()

    async def _answer(self, wanted: Wanted) -> str:
        if wanted not in self._answers:
            self._answers[wanted] = asyncio.create_task(self._find(wanted))
        return await asyncio.shield(self._answers[wanted])

    async def _find(self, wanted: Wanted) -> str:
        match wanted:
            case "postgres":
                server = PostgresServer(self._directory / "postgres", outlives_power_cuts=False)
                return (await self._running.enter_async_context(server)).superuser_dsn()
            case "broker_kind":
                return await self._broker_kind()
            case "broker":
                return await self._broker()

    async def _broker_kind(self) -> BrokerKind:
        if self._choice.kind == "apache":
            try:
                await asyncio.to_thread(fetched_jars)
            except ServerFailed as failure:
                if not self._choice.fallback:
                    raise
                self.fallback_reason = str(failure)
                return "embedded"
        return self._choice.kind

    async def _broker(self) -> str:
        match await self._answer("broker_kind"):
            case "given":
                return self._choice.bootstrap
            case "apache":
                broker = ApacheKafka(self._directory / "kafka", await asyncio.to_thread(fetched_jars))
            case _:
                broker = EmbeddedBroker(self._directory / "broker")
        return (await self._running.enter_async_context(broker)).bootstrap


def ask(address: str, wanted: Wanted) -> str:
    """A worker's side: what is wanted, once it is there. Raises ServerFailed."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE)
        connection.connect(address)
        connection.sendall(f"{wanted}\n".encode())
        with connection.makefile() as file:
            reply = json.load(file)
    if "failure" in reply:
        raise ServerFailed(reply["failure"])
    return reply["answer"]
