"""Delivering replies: by one process at a time, to checked addresses, and nowhere else."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from events.fact import Actor
from services.chassis.access import Callback
from services.chassis.clock import SystemClock
from services.chassis.mount import Mounted
from services.chassis.unit import Directed, Unit
from services.intake.app import BLUEPRINT, deliverer
from services.intake.callbacks import AT_ONCE
from services.intake.report_commands import AbandonReply, PrepareReply
from services.intake.report_state import stream_of
from tests.support.services import ROOT, WEBHOOK_SECRET, RunningService, RunService, bearer

HOTLINE = (ROOT / "samples" / "jiangning_hotline.json").read_bytes()


def no_tasks(mounted: Mounted) -> Sequence[Coroutine[Any, Any, None]]:
    return ()


NOBODY_DELIVERS = replace(BLUEPRINT, tasks=no_tasks)
"""Intake whose replies are delivered by the test alone."""

_PATIENCE_SECONDS = 20
_LONG_ENOUGH_TO_LOOK_TWICE = 1.5


@dataclass
class Receiver:
    """A receiver that tells who has come, and answers when it is let."""

    answer: str = "200 OK"
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    came: "asyncio.Queue[str]" = field(default_factory=lambda: asyncio.Queue[str]())
    url: str = ""

    async def next(self) -> str:
        return await asyncio.wait_for(self.came.get(), _PATIENCE_SECONDS)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.came.put_nowait(head)
        await self.may_answer.wait()
        writer.write(f"HTTP/1.1 {self.answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncGenerator[Receiver, None]:
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://localhost:{server.sockets[0].getsockname()[1]}/callback"
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        server.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving(Receiver()) as started:
        yield started


@contextmanager
def delivering(intake: RunningService) -> "Generator[asyncio.Task[None]]":
    """One more process of the service that delivers."""
    task = asyncio.create_task(deliverer(intake.mounted).run())
    try:
        yield task
    finally:
        task.cancel()


async def owe_a_reply(intake: RunningService) -> None:
    now = datetime.now(UTC)  # noqa: TID251  the signature is checked against the real clock
    signature = Webhook(WEBHOOK_SECRET).sign("m1", now, HOTLINE.decode())
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    told = (await intake.client.post("/adapters/12345/demo", content=HOTLINE, headers=headers)).json()
    outcome = await intake.mounted.writer.submit(
        Unit(
            division=told["division"],
            parts=(Directed(stream_of(told["report_id"]), PrepareReply("r-1", "report_accepted", "{}")),),
            command_id=uuid5(NAMESPACE_OID, "a reply"),
            actor=Actor(id="intake", role="system", scope=""),
            occurred_at=now,
        )
    )
    assert await intake.mounted.projectors["reports"].reached(outcome.division, outcome.position, patience=20)


async def state(intake: RunningService) -> str:
    return await intake.mounted.pool.fetchval("select state from reports_a.replies")


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await condition():  # noqa: ASYNC110  the other side is a task of the service
            await asyncio.sleep(0.02)


async def test_row_5_what_was_sent_and_not_marked_is_sent_again_under_its_id_by_the_process_that_takes_over(
    run_service: RunService, receiver: Receiver
) -> None:
    async with run_service(NOBODY_DELIVERS, callback=receiver.url) as intake:
        await owe_a_reply(intake)
        with delivering(intake) as first:
            head = await receiver.next()
            with delivering(intake):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(receiver.came.get(), _LONG_ENOUGH_TO_LOOK_TWICE)
                first.cancel()
                again = await receiver.next()
                assert "webhook-id: r-1" in head
                assert "webhook-id: r-1" in again
                receiver.may_answer.set()

                async def delivered() -> bool:
                    return await state(intake) == "delivered"

                await until(delivered)


async def owe_replies(intake: RunningService, vendors: Sequence[str], reports: int) -> None:
    """What so many reports are owed, each two replies, as if it had been decided: rows of the read model."""
    await intake.mounted.pool.execute(
        """
        insert into reports_a.replies (reply_id, report_id, division, vendor, kind, document, state, prepared_at,
            position, attempts, recorded_at)
        select format('%s-%s-%s', vendor, report, place), format('%s-%s', vendor, report), '320115', vendor,
            'report_accepted', '{}', 'owed', now() - interval '1 second', place, 0, now()
        from unnest($1::text[]) as vendor, generate_series(1, $2) as report, generate_series(1, 2) as place
        """,
        vendors,
        reports,
    )


async def test_a_vendor_is_sent_so_much_at_a_time_and_a_slow_one_holds_up_no_other(
    run_service: RunService, receiver: Receiver
) -> None:
    async with run_service(NOBODY_DELIVERS, callback=receiver.url, hotlines=("demo", "slow")) as intake:
        await owe_replies(intake, ["slow"], 3 * AT_ONCE)
        with delivering(intake):
            hanging = [await receiver.next() for _ in range(AT_ONCE)]
            await owe_replies(intake, ["demo"], 1)
            assert "webhook-id: demo-1-1" in await receiver.next()
            assert all("webhook-id: slow-" in head and "-1\r\n" in head for head in hanging)
            assert receiver.came.empty()


async def test_what_is_owed_is_looked_through_page_by_page_and_each_report_s_first_is_sent(
    run_service: RunService, receiver: Receiver
) -> None:
    receiver.answer = "500 Internal Server Error"
    receiver.may_answer.set()
    async with run_service(NOBODY_DELIVERS, callback=receiver.url) as intake, httpx.AsyncClient() as client:
        await owe_replies(intake, ["demo"], 30)
        delivers = replace(deliverer(intake.mounted), page=7)
        await delivers.serve(client, "demo")
        await delivers.serve(client, "demo")
        heads = [receiver.came.get_nowait() for _ in range(receiver.came.qsize())]
        sent = sorted(line for head in heads for line in head.split("\r\n") if line.startswith("webhook-id"))
        assert sent == sorted(f"webhook-id: demo-{report}-1" for report in range(1, 31))


@dataclass
class GivenClock(SystemClock):
    """A clock that stands where it is put."""

    moment: datetime = field(default_factory=lambda: SystemClock().now())

    def now(self) -> datetime:
        return self.moment


@pytest.mark.parametrize("answer", ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "504 Late"])
async def test_a_receiver_that_has_too_much_to_do_is_sent_nothing_for_seconds_and_then_for_a_minute(
    answer: str, run_service: RunService, receiver: Receiver
) -> None:
    receiver.answer = answer
    receiver.may_answer.set()
    async with run_service(NOBODY_DELIVERS, callback=receiver.url) as intake, httpx.AsyncClient() as client:
        await owe_replies(intake, ["demo"], 3 * AT_ONCE)
        clock = GivenClock()
        delivers = replace(deliverer(intake.mounted), clock=clock)
        came: list[int] = []
        for seconds in (0, 3, 3, 59, 2):
            clock.moment += timedelta(seconds=seconds)
            await delivers.serve(client, "demo")
            came.append(receiver.came.qsize())
        assert 0 < came[0] == came[1] < came[2] == came[3] < came[4] <= 3 * AT_ONCE


async def test_a_receiver_is_addressed_by_its_name(run_service: RunService, receiver: Receiver) -> None:
    async with run_service(NOBODY_DELIVERS, callback=receiver.url) as intake, httpx.AsyncClient() as client:
        await owe_a_reply(intake)
        receiver.may_answer.set()
        await deliverer(intake.mounted).serve(client, "demo")
        assert "host: localhost:" in (await receiver.next()).lower()


async def test_a_reply_that_cannot_be_signed_stays_owed_and_stops_nobody(
    run_service: RunService, receiver: Receiver
) -> None:
    async with run_service(NOBODY_DELIVERS, callback=receiver.url) as intake, httpx.AsyncClient() as client:
        await owe_a_reply(intake)
        access = intake.mounted.access
        mute = access.systems["demo"].model_copy(
            update={"callback": Callback.model_construct(url=receiver.url, secret=SecretStr("whsec_abcde"))}
        )
        await replace(deliverer(intake.mounted), access=replace(access, systems={"demo": mute})).serve(client, "demo")
        assert await state(intake) == "owed"


async def test_replies_are_replayed_by_those_in_whose_scope_they_are(
    run_service: RunService, receiver: Receiver
) -> None:
    async with run_service(NOBODY_DELIVERS, scopes=("341825", "32"), callback=receiver.url) as intake:
        await owe_a_reply(intake)
        report_id = await intake.mounted.pool.fetchval("select report_id from reports_a.replies")
        division = "320115"
        outcome = await intake.mounted.writer.submit(
            Unit(
                division=division,
                parts=(Directed(stream_of(report_id), AbandonReply("r-1", 10, "not_confirmed")),),
                command_id=uuid5(NAMESPACE_OID, "given up"),
                actor=Actor(id="intake", role="system", scope=""),
                occurred_at=datetime.now(UTC),  # noqa: TID251  the service's clock is the real one
            )
        )
        assert await intake.mounted.projectors["reports"].reached(division, outcome.position, patience=20)
        for scope, replies in (("341825", 0), ("32", 1)):
            answer = await intake.client.post("/v1/callbacks/demo/replay", headers=bearer("operator", scope, "k1"))
            assert answer.json()["replies"] == replies


async def test_a_redirect_is_not_followed_and_confirms_nothing(run_service: RunService, receiver: Receiver) -> None:
    receiver.may_answer.set()
    async with receiving(Receiver(f"307 Temporary Redirect\r\nlocation: {receiver.url}")) as elsewhere:
        elsewhere.may_answer.set()
        async with run_service(NOBODY_DELIVERS, callback=elsewhere.url) as intake:
            await owe_a_reply(intake)
            with delivering(intake):
                await elsewhere.next()
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(receiver.came.get(), _LONG_ENOUGH_TO_LOOK_TWICE)
            assert await state(intake) == "owed"


async def test_loopback_is_called_only_where_the_setting_allows_it(
    run_service: RunService, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        run_service(NOBODY_DELIVERS, callback=receiver.url, callback_may_reach=()) as intake,
        httpx.AsyncClient() as client,
    ):
        await owe_a_reply(intake)
        await deliverer(intake.mounted).serve(client, "demo")
        assert "callback_forbidden" in caplog.messages
        assert receiver.came.empty()
        assert await state(intake) == "owed"
