"""The walk over the broker, from the report to the reservation: three service processes, called over HTTP."""

import asyncio
import json
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import uvloop
from aiokafka import AIOKafkaConsumer  # pyright: ignore[reportMissingTypeStubs]  aiokafka ships no stubs
from rich.console import Console
from standardwebhooks import Webhook

from bench.contest import Run, Stage
from bench.load import closed_loop
from bench.wire import Wire
from events.shanghai import SHANGHAI
from events.topics import LEDGER, RELIEF
from jiujinan.api import Api
from jiujinan.chance import Chance
from jiujinan.child import free_port
from jiujinan.embedded import Running, started
from jiujinan.installation import HOTLINE
from jiujinan.invented import InventedCounty
from jiujinan.progress import Progress
from jiujinan.receiver import CallbackReceiver
from services.chassis.clock import SystemClock

COUNTY = "320115"
TOWNSHIPS = tuple(f"{COUNTY}{number:03}" for number in range(1, 9))
HELP_FEN = 200_000
FUND_FEN = 10**11
_AWAITED = {"relief.case_opened": "report_id", "ledger.reserved": "hold_id"}
"""The facts that a household's helpers wait for, and the field that tells them which is theirs."""


@dataclass(frozen=True, slots=True)
class Helpers:
    """The hotline, the officer and the leader, who help one household after the other."""

    running: Running
    ear: "_Ear"
    intake: Wire
    relief: Wire
    webhook: Webhook

    async def walk(self, number: str, order: bytes) -> None:
        """From the hotline's order to the reservation of the advance."""
        report = (await self._push(number, order))["report_id"]
        case = (await self.ear.hears("relief.case_opened", report))["case_id"]
        await self._command("officer-01", case, "accept", {})
        decided = await self._command("leader-01", case, "advances", {"amount_fen": HELP_FEN})
        await self.ear.hears("ledger.reserved", decided["decision_id"])

    async def _push(self, number: str, order: bytes) -> dict[str, Any]:
        now = SystemClock().now()
        signed = {
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self.webhook.sign(number, now, order.decode()),
        }
        return await self.intake.post(f"/adapters/12345/{HOTLINE}", signed, order)

    async def _command(self, staff_id: str, case: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "authorization": f"Bearer {self.running.secrets.token(staff_id)}",
            "idempotency-key": what,
            "content-type": "application/json",
        }
        return await self.relief.post(f"/v1/cases/{case}/{what}", headers, json.dumps(body).encode())


class _Ear:
    """Hears the services' facts on the broker, and wakes who waits for one."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], asyncio.Future[dict[str, Any]]] = {}

    def hears(self, name: str, about: str) -> "asyncio.Future[dict[str, Any]]":
        """The fact of that name about that thing."""
        return self._heard.setdefault((name, about), asyncio.get_running_loop().create_future())

    async def listen(self, consumer: Any) -> None:
        """Take in all that comes, until cancelled."""
        async for record in consumer:
            name = dict(record.headers)["ce_type"].decode()
            if name in _AWAITED:
                fact = json.loads(record.value)
                heard = self.hears(name, fact[_AWAITED[name]])
                if not heard.done():
                    heard.set_result(fact)


def walk(callers: int, stage: Stage) -> Run:
    """Let so many households walk at once; as soon as one is helped, the next one calls."""
    return uvloop.run(_walk(callers, stage))


async def _walk(callers: int, stage: Stage) -> Run:
    orders = Orders()
    async with _system() as (running, ear), _helpers(callers, running, ear) as helpers:
        await _fund(running)

        async def call(caller: int) -> None:
            await helpers[caller].walk(*orders.next())

        return await closed_loop(callers, stage.seconds, call)


@asynccontextmanager
async def _system() -> AsyncGenerator[tuple[Running, _Ear]]:
    """The embedded installation in a directory of its own, its hotline's receiver, and an ear on its broker."""
    async with AsyncExitStack() as stack:
        data = stack.enter_context(own_directory())
        running = await stack.enter_async_context(started(data, free_base(), Progress(Console(file=StringIO()))))
        await stack.enter_async_context(CallbackReceiver(running.secrets.webhook, running.callback_port))
        told: Mapping[str, str] = json.loads((data / "environment.json").read_text())
        yield running, await stack.enter_async_context(_listening(told["KAFKA_BOOTSTRAP"]))


@asynccontextmanager
async def _listening(bootstrap: str) -> AsyncGenerator[_Ear]:
    consumer: Any = AIOKafkaConsumer(
        RELIEF, LEDGER, bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=20
    )
    await consumer.start()
    ear = _Ear()
    listening = asyncio.create_task(ear.listen(consumer))
    try:
        yield ear
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await consumer.stop()


@asynccontextmanager
async def _helpers(callers: int, running: Running, ear: _Ear) -> AsyncGenerator[list[Helpers]]:
    webhook = Webhook(running.secrets.webhook)
    urls = (running.urls["intake"], running.urls["relief"])
    wires = [(await Wire.to(urls[0]), await Wire.to(urls[1])) for _ in range(callers)]
    try:
        yield [Helpers(running, ear, intake, relief, webhook) for intake, relief in wires]
    finally:
        for pair in wires:
            for wire in pair:
                wire.close()


async def _fund(running: Running) -> None:
    """More money than can be asked for, in every township."""
    year = SystemClock().now().astimezone(SHANGHAI).year
    money = {"amount_fen": FUND_FEN, "source": "province", "document": "bench"}
    shares = [{"township": place, "amount_fen": FUND_FEN // len(TOWNSHIPS)} for place in TOWNSHIPS]
    allocation = {"county": COUNTY, "year": year, "document": "bench", "source": "province", "allocations": shares}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        api = Api(client, running.urls, running.secrets)
        await api.post("ledger", "/v1/funds", "finance-01", "open", {"county": COUNTY, "year": year})
        await api.post("ledger", f"/v1/funds/{COUNTY}-{year}/appropriations", "finance-01", "money", money)
        await api.post("ledger", "/v1/allocations", "finance-01", "shares", allocation)


class Orders:
    """Work orders of households that have not called before, in every township alike."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._county = InventedCounty(0, Chance(1))

    def next(self) -> tuple[str, bytes]:
        """An order's number, and the order."""
        number, household = next(self._numbers), self._county.household()
        order = {
            "orderNum": f"BENCH{number:012}",
            "callTime": f"{SystemClock().now().astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            "callerType": "1",
            "callerName": household.name,
            "callerPhone": household.phone,
            "idCard": household.id_number,
            "questionCode": "0701",
            "areaCode": TOWNSHIPS[number % len(TOWNSHIPS)],
            "description": "家中因电器故障起火,家具和被褥被烧毁,急需救助。",
        }
        return str(order["orderNum"]), json.dumps(order, ensure_ascii=False).encode()


@contextmanager
def own_directory() -> Generator[Path]:
    """A new directory that any user can get through: as root, the servers run as another one."""
    directory = Path(tempfile.mkdtemp(prefix="jiujinan-bench-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def free_base() -> int:
    """A port below four that nobody listens on: the services', and the callbacks'."""
    while True:
        base = free_port()
        with suppress(OSError), ExitStack() as stack:
            for port in range(base + 1, base + 5):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return base
