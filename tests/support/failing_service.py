"""A service that dies at a named point of the walk, or forgets what protects it: ``serve`` with failing parts.

``python -m tests.support.failing_service relief`` looks at the file ``fuse`` in its directory whenever it passes a
point. While that holds ``after_commit relief.case_opened 4``, the process kills itself at the fourth such fact. With
``FORGETS`` in its environment, neither ``handled`` nor ``followed`` is ever found or written.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.cloudevents import Message as FactMessage
from jiujinan.serving import serve
from services.chassis.broker import Bus
from services.chassis.database import translated
from services.chassis.event_store import Append, Found, Head, Transaction, Wanted
from services.chassis.following import Follower, Record
from services.chassis.postgres_event_store import PostgresEventStore, PostgresTransaction
from services.chassis.settings import Settings
from services.chassis.unit import Unit

FORGETS = "FORGETS" in os.environ


class Fuse:
    """Burns where its file says, once: the file is gone before the process is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passed: Counter[str] = Counter()

    def passes(self, point: str, names: Iterable[str]) -> None:
        """The process is at a point, with these facts or on this route."""
        if not self._file.exists():
            return
        armed = self._file.read_text(encoding="utf-8")
        at, name, number = armed.split()
        self._passed[armed] += sum(one == name for one in names) if point == at else 0
        if self._passed[armed] >= int(number):
            self._file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


FUSE = Fuse(Path("fuse").absolute())


def _forgotten(found: Found) -> Found:
    return replace(found, handled={}, followed={}) if FORGETS else found


class FailingTransaction(PostgresTransaction):
    """Its process may die between the write and the commit."""

    names: Sequence[str] = ()

    async def look(self, wanted: Wanted) -> Found:
        return _forgotten(await super().look(wanted))

    async def write(self, append: Append) -> None:
        await super().write(replace(append, handled=[], followed={}) if FORGETS else append)
        self.names = [fact.name for fact in append.facts]
        FUSE.passes("before_commit", self.names)


class FailingStore(PostgresEventStore):
    """Its process may die when a batch is on disk and nobody has been answered."""

    @asynccontextmanager
    async def transaction(self, divisions: Sequence[str]) -> AsyncGenerator[Transaction]:
        async with super().transaction(divisions) as transaction:
            yield transaction
        assert isinstance(transaction, FailingTransaction)
        FUSE.passes("after_commit", transaction.names)

    async def look(self, wanted: Wanted) -> Found:
        return _forgotten(await super().look(wanted))

    async def append(self, append: Append, heads: Mapping[str, Head]) -> None:
        # its one statement commits itself: in a transaction there is a moment between the two
        with translated():
            async with self._pool.acquire() as connection, connection.transaction():
                await FailingTransaction(connection, heads).write(append)
        FUSE.passes("after_commit", [fact.name for fact in append.facts])


class FailingBus(Bus):
    """Its process may die when Kafka has a fact and the relay's cursor does not know it yet."""

    async def send(self, topic: str, message: FactMessage) -> Awaitable[object]:
        return self._acknowledged(await super().send(topic, message), message.name)

    async def _acknowledged(self, acknowledgement: Awaitable[object], name: str) -> object:
        result = await acknowledgement
        FUSE.passes("after_publish", [name])
        return result


class FailingFollower(Follower):
    """Its process may die when facts are taken in and Kafka's offset is not committed."""

    async def take_in(self, records: Sequence[Record]) -> None:
        await super().take_in(records)
        FUSE.passes("after_take_in", [record.headers.get("ce_type") or "" for record in records])

    async def unit(self, record: Record) -> Unit:
        unit = await super().unit(record)
        if not FORGETS or unit.heard is None:
            return unit
        # a follower that remembers nothing would take every fact but a log's first for a gap
        return unit._replace(heard=unit.heard._replace(previous=None))


class FailingAnswers:
    """Its process may die when a command is done and its caller has not heard."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["method"] == "POST" and message["status"] < 300:
                FUSE.passes("before_answer", [scope["path"].rpartition("/")[2]])
            await send(message)

        await self._app(scope, receive, watched)


def _replace(module: str, **parts: object) -> None:
    vars(import_module(module)).update(parts)


def main(name: str) -> None:
    """Serve as the command does, mounted on failing parts."""
    _replace("services.chassis.postgres_event_store", PostgresTransaction=FailingTransaction)
    _replace("services.chassis.mount", PostgresEventStore=FailingStore, Bus=FailingBus, Follower=FailingFollower)
    home = import_module(f"services.{name}.app")
    made = home.app

    def app(settings: Settings) -> FastAPI:
        application: FastAPI = made(settings)
        application.add_middleware(FailingAnswers)
        return application

    _replace(home.__name__, app=app)
    serve([name])


if __name__ == "__main__":
    main(sys.argv[1])
