"""Reports accepted over HTTP, durably, beside the same framework's bare validated echo; and the batches of phones."""

import json
import shutil
import sys
import tempfile
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import uvloop

from bench.contest import Run, Stage, wait_for_the_others
from bench.load import closed_loop
from bench.server import MASTER_KEY
from bench.walking import free_base, own_directory
from bench.wire import Wire
from events.topics import MAX_MESSAGE_BYTES, RETENTION_MS, TOPICS
from jiujinan.child import Child, Program, free_port
from jiujinan.embedded import service_program
from jiujinan.embedded_broker import EmbeddedBroker
from jiujinan.installation import Secrets, load_secrets, write_access
from jiujinan.kafka_admin import create_topics

_ROOT = Path(__file__).parents[1]
_INFORMANT = "village-341825"
_BATCH = 200
_FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红波辉鹏飞梅琴建国文斌宁松柏峰岩江海"


def report(number: int) -> dict[str, Any]:
    """About 1 KiB: a household not reported before, with namesakes and neighbours as a county has them."""
    family, given = _FAMILIES[number % len(_FAMILIES)], _GIVEN[number // len(_FAMILIES) % len(_GIVEN)]
    return {
        "source": {"system": "village-app", "external_id": f"bench-{number}"},
        "device_id": "vp-341825105-01",
        "app_version": "1.4.2",
        "occurred_at": "2026-11-02T06:40:00+08:00",
        "reporter": {"kind": "village_cadre", "name": "吕样青", "phone": "19900002302", "is_secret": False},
        "subject": {
            "identity_status": "claimed",
            "name": f"{family}样{given}",
            "phone": f"1990{number:07}",
            "persons_affected": 2,
        },
        "place": {
            "division_code": "341825105",
            "address_text": f"安徽省宣城市旌德县俞村镇样例{number % 40}村{number}号",
        },
        "need": {"category_code": "fire", "urgency": "urgent", "reason_text": "家中失火,生活用品被烧毁。" * 12},
    }


def echo(callers: int, stage: Stage) -> Run:
    """Reports echoed."""
    return uvloop.run(_reported(callers, stage, _echoing()))


def accept(callers: int, stage: Stage) -> Run:
    """Reports accepted."""
    return uvloop.run(_reported(callers, stage, _intake(stage)))


def sync(items: int, stage: Stage) -> Run:
    """What phones have kept, in batches of the largest size, one after the other."""
    return uvloop.run(_synced(items, stage))


async def _reported(callers: int, stage: Stage, service: Any) -> Run:
    numbers = count()
    async with service as (url, headers):
        wires = [await Wire.to(url) for _ in range(callers)]

        async def call(caller: int) -> None:
            number = next(numbers)
            body = json.dumps(report(number), ensure_ascii=False).encode()
            await wires[caller].post("/v1/reports", {**headers, "idempotency-key": f"k{number}"}, body)

        run = await closed_loop(callers, stage.seconds, call)
        for wire in wires:
            wire.close()
        return run


async def _synced(items: int, stage: Stage) -> Run:
    async with _intake(stage) as (url, headers):
        wire = await Wire.to(url)
        wait_for_the_others()
        began = perf_counter()
        for first in range(0, items, _BATCH):
            kept = [{"id": f"i{n}", "kind": "report", "body": report(n)} for n in range(first, first + _BATCH)]
            batch = json.dumps({"device_id": "vp-1", "items": kept}, ensure_ascii=False).encode()
            told = await wire.post("/v1/sync", headers, batch)
            assert {item["status"] for item in told["items"]} == {"applied"}
        wire.close()
        return Run(items, perf_counter() - began)


@asynccontextmanager
async def _intake(stage: Stage) -> AsyncGenerator[tuple[str, dict[str, str]]]:
    """Intake as one process, which holds up no caller who is fast, beside a broker that keeps what it publishes."""
    async with AsyncExitStack() as stack:
        data = stack.enter_context(own_directory())
        broker = await stack.enter_async_context(EmbeddedBroker(data / "broker"))
        await create_topics(broker.bootstrap, TOPICS, retention_ms=RETENTION_MS, max_message_bytes=MAX_MESSAGE_BYTES)
        known, base = load_secrets(data / "secrets"), free_base()
        child = Child(service_program("intake", _environment(stage, data, broker, known), data, base))
        stack.push_async_callback(child.stop, 10)
        url = f"http://127.0.0.1:{base + 1}"
        await child.ready(lambda: _answers(url), 60)
        yield url, {"authorization": f"Bearer {known.token(_INFORMANT)}", "content-type": "application/json"}


def _environment(stage: Stage, data: Path, broker: EmbeddedBroker, known: Secrets) -> dict[str, str]:
    policies = Path(shutil.copytree(_ROOT / "policies", data / "unhurried"))
    (policies / "intake" / "pace.yaml").write_text("burst: 1000000\nper_second: 1000000\n")
    (data / "logs").mkdir()
    return {
        "KAFKA_BOOTSTRAP": broker.bootstrap,
        "KAFKA_IDEMPOTENCE": "false",
        "INTAKE_URL": stage.app_dsn,
        "KEYRING_URL": stage.keyring_dsn,
        "EVIDENCE_URL": (data / "evidence").as_uri(),
        "MASTER_KEY": b64encode(MASTER_KEY).decode(),
        "PEPPER": known.values["PEPPER"],
        "ACCESS_FILE": str(write_access(data / "secrets", known, "http://127.0.0.1:9/callback")),
        "POLICIES_DIR": str(policies),
    }


@asynccontextmanager
async def _echoing() -> AsyncGenerator[tuple[str, dict[str, str]]]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="jiujinan-bench-") as directory:
        program = Program(
            name="bench.bare_echo",
            argv=(
                *(sys.executable, "-m", "uvicorn", "bench.bare_echo:app", "--port", str(port)),
                *("--loop", "uvloop", "--http", "httptools", "--log-level", "warning"),
            ),
            directory=_ROOT,
            log=Path(directory) / "echo.log",
            environment={},
        )
        child, url = Child(program), f"http://127.0.0.1:{port}"
        try:
            await child.ready(lambda: _answers(url), 30)
            yield url, {"content-type": "application/json"}
        finally:
            await child.stop(10)


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{url}/openapi.json")).is_success
    except httpx.HTTPError:
        return False
