"""A full disk: what cannot be written is refused with 503, what was answered is there, and nothing comes twice."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import asyncpg
import httpx
import pytest

from jiujinan.postgres_server import PostgresServer
from services.chassis.chain import genesis, link
from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import COUNTY, HOTLINE, changed, post_order
from tests.support.children import ended
from tests.support.services import RunningService, RunService, bearer

_DISK = "300m"
_ORDERS_AT_MOST = 2_000
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Disk:
    """A small disk of its own, in memory."""

    path: Path

    def fill(self) -> None:
        """Take what room there is, to the last byte."""
        with (self.path / "others").open("wb", buffering=0) as others:
            for block in (1 << 20, 1 << 12, 1):
                while os.statvfs(self.path).f_bavail * 4_096 >= block and others.write(b"\0" * block) == block:
                    pass

    def free(self) -> None:
        """Give it back."""
        (self.path / "others").unlink()


@pytest.fixture
def disk(server_directory: Path) -> Iterator[Disk]:
    """Skips where nothing can be mounted."""
    path = server_directory / "disk"
    path.mkdir()
    mounting = ("mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(path))
    if sys.platform != "linux" or subprocess.run(mounting, check=False, capture_output=True).returncode != 0:
        pytest.skip("a disk can only be mounted as root, on Linux")
    path.chmod(0o711)
    yield Disk(path)
    subprocess.run(("umount", "--lazy", str(path)), check=True)


@pytest.fixture
async def server(disk: Disk) -> AsyncIterator[PostgresServer]:
    """A database on that disk."""
    async with PostgresServer(disk.path / "postgres") as server:
        yield server


@pytest.fixture
async def postgres(server: PostgresServer) -> str:
    """That one, in the place of the whole run's."""
    return server.superuser_dsn()


@pytest.fixture
async def templates(postgres: str) -> dict[tuple[str, ...], str]:
    """None yet."""
    return {}


@pytest.fixture
async def intake(run_service: RunService, disk: Disk) -> AsyncIterator[RunningService]:
    async with run_service(BLUEPRINT, scopes=(COUNTY,), evidence_url=f"file://{disk.path}/evidence") as service:
        yield service


async def push(intake: RunningService, number: int) -> httpx.Response:
    """An order, always the same of that number."""
    return await post_order(intake, changed(HOTLINE, orderNum=f"NJ{number:010}"))


async def pushed_in_vain(intake: RunningService) -> tuple[set[int], set[int]]:
    """Orders, until some are refused: which were taken, and which were not."""
    taken: set[int] = set()
    for number in range(0, _ORDERS_AT_MOST, 8):
        batch = range(number, number + 8)
        answers = dict(zip(batch, await asyncio.gather(*(push(intake, each) for each in batch)), strict=True))
        taken |= {each for each, answer in answers.items() if answer.status_code == 201}
        refused = {each: answer for each, answer in answers.items() if each not in taken}
        if refused:
            for answer in refused.values():
                assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
                assert int(answer.headers["retry-after"]) > 0
            return taken, set(refused)
    raise AssertionError("the disk is not full")


async def taken_at_last(intake: RunningService, number: int) -> httpx.Response:
    """Push until there is another answer than 503."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while (answer := await push(intake, number)).status_code == 503:  # noqa: ASYNC110  the other side is a database
            await asyncio.sleep(0.2)
    return answer


async def all_are_there_once(intake: RunningService, taken: set[int], refused: set[int]) -> None:
    """Pushed again, what was taken is a repetition, and what was refused is new or was committed after all."""
    for number in sorted(taken):
        answer = await taken_at_last(intake, number)
        assert (answer.status_code, answer.headers["idempotency-replayed"]) == (200, "true")
    for number in sorted(refused):
        assert (await taken_at_last(intake, number)).status_code in (200, 201)
    facts = [fact async for fact in intake.mounted.store.read(COUNTY)]
    received = [fact.stream for fact in facts if fact.name == "intake.report_received"]
    assert len(received) == len(set(received)) == len(taken | refused)
    previous = genesis("intake", COUNTY)
    for position, fact in enumerate(facts, 1):
        assert (fact.position, fact.hash) == (position, link(previous, fact))
        previous = fact.hash


async def dies(server: PostgresServer) -> None:
    """Have it need a new file for its own log, without which it cannot go on, and wait until it has given up."""
    pid, admin = server.pid, await asyncpg.connect(server.superuser_dsn())
    with suppress(asyncpg.PostgresConnectionError):
        await admin.execute("select pg_switch_wal()")
        await admin.execute("select pg_logical_emit_message(true, 'disk', 'full', true)")
    admin.terminate()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await ended(pid)


async def test_orders_are_refused_while_there_is_no_room_and_taken_afterwards(
    intake: RunningService, disk: Disk
) -> None:
    disk.fill()
    taken, refused = await pushed_in_vain(intake)
    disk.free()
    await all_are_there_once(intake, taken, refused)


async def test_a_database_that_dies_of_it_comes_back_with_all_that_was_answered(
    intake: RunningService, disk: Disk, server: PostgresServer
) -> None:
    assert (await push(intake, 0)).status_code == 201
    disk.fill()
    await dies(server)
    taken, refused = await pushed_in_vain(intake)
    await server.stop()
    disk.free()
    await server.start()
    await all_are_there_once(intake, taken | {0}, refused)


async def test_a_document_that_finds_no_room_is_refused_whole_and_taken_afterwards(
    intake: RunningService, disk: Disk
) -> None:
    report = (await push(intake, 0)).json()["report_id"]
    paper = b"%PDF-1.4 " + os.urandom(1 << 20)
    path = f"/v1/reports/{report}/attachments/{sha256(paper).hexdigest()}?kind=handling"
    headers = bearer("township_officer", COUNTY, "paper") | {"content-type": "application/pdf"}
    disk.fill()
    answer = await intake.client.put(path, content=paper, headers=headers)
    assert answer.status_code == 503
    disk.free()
    assert [*(disk.path / "evidence").rglob("*.part")] == []
    assert (await intake.client.put(path, content=paper, headers=headers)).is_success
    assert (await intake.client.get(path, headers=headers)).content == paper
