"""The PostgreSQL of the bench, fsync on, with a fresh database for every turn."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.contest import Figure, Run, Stage, Wrong
from jiujinan.postgres_server import PostgresServer
from services.chassis.migrate import migrate, migrations

_PASSWORD = "for-the-bench-only"
_OWNER, _APP = "bench_owner", "bench_app"
MASTER_KEY = bytes(range(32))
"""What wraps the keys in the one key database of all turns."""
_KEYRING, _KEYRING_SCHEMA = "keyring", "services.chassis.migrations.keyring"


class Databases:
    """Databases of one server in a directory, which is gone with its data when the bench ends."""

    def __init__(self, directory: Path, superuser_dsn: str, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.directory = directory
        self._superuser_dsn = superuser_dsn
        self._admin = admin
        self._numbers = count(1)

    async def version(self) -> str:
        """The server's version."""
        return await self._admin.fetchval("show server_version")

    async def template(self, figure: Figure) -> str:
        """A figure's migrated service database, to be copied, with its facts where there is a seed."""
        name = f"template_{next(self._numbers)}"
        await self._migrated(name, *figure.schema)
        if figure.seed is not None:
            await figure.seed(self._address(name, _APP), figure.facts)
        return name

    async def make_keyring(self) -> None:
        """The one key database of all turns."""
        await self._migrated(_KEYRING, _KEYRING_SCHEMA)

    async def _migrated(self, name: str, *schema: str) -> None:
        await self._admin.execute(f"create database {name} owner {_OWNER}")
        handover = await asyncpg.connect(self._address(name))
        await handover.execute(f"alter schema public owner to {_OWNER}")
        await handover.close()
        await migrate(self._address(name, _OWNER), migrations(*schema), app_role=_APP)

    @asynccontextmanager
    async def stage(self, template: str, seconds: float, facts: int) -> AsyncGenerator[Stage]:
        """A copy of a template for one turn. The server has nothing left to write out when it begins."""
        name = f"turn_{next(self._numbers)}"
        await self._admin.execute(f"create database {name} template {template} owner {_OWNER}")
        await self._admin.execute("checkpoint")
        keyring = self._address(_KEYRING, _APP)
        yield Stage(self._address(name, _APP), self._address(name, _OWNER), seconds, facts, keyring)
        await self._admin.execute(f"drop database {name} with (force)")

    async def check(self, stage: Stage, kept: str, runs: Sequence[Run]) -> None:
        """Raise ``Wrong`` unless the database holds what was acknowledged."""
        connection = await asyncpg.connect(stage.owner_dsn)
        found = await connection.fetchval(kept)
        await connection.close()
        said = sum(run.acknowledged for run in runs)
        if found != said:
            raise Wrong(f"{said} acknowledged, {found} kept")

    async def make_roles(self) -> None:
        """The two roles of a service."""
        for role in (_OWNER, _APP):
            await self._admin.execute(f"create role {role} login password '{_PASSWORD}'")

    def _address(self, database: str, role: str | None = None) -> str:
        parts = urlsplit(self._superuser_dsn)
        netloc = parts.netloc if role is None else f"{role}:{_PASSWORD}@{parts.hostname}:{parts.port}"
        return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


@asynccontextmanager
async def databases() -> AsyncGenerator[Databases]:
    """A server of its own on a free port, for the length of a block."""
    with _directory() as directory:
        async with PostgresServer(directory / "postgres") as server:
            admin = await asyncpg.connect(server.superuser_dsn())
            made = Databases(directory, server.superuser_dsn(), admin)
            await made.make_roles()
            await made.make_keyring()
            yield made
            await admin.close()


@contextmanager
def _directory() -> Generator[Path]:
    """A new directory that any user can get through: as root, PostgreSQL runs as another one."""
    directory = Path(tempfile.mkdtemp(prefix="jiujinan-bench-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)
