"""What a request may bring along: so much, from whom, and whole."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from services.chassis import body_limit
from services.chassis.access import Unauthenticated
from services.chassis.body_limit import BYTES_AT_MOST, LARGE_BYTES_AT_MOST, BodyLimit

MIB = b"x" * BYTES_AT_MOST
FILE = "/v1/files"


class Application:
    """Notes each body that reached it, and answers."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})


def nobody(scope: Scope) -> None:
    raise Unauthenticated


def anybody(scope: Scope) -> None:
    return


def chunks(*parts: bytes) -> list[Message]:
    more = [True] * (len(parts) - 1) + [False]
    return [{"type": "http.request", "body": part, "more_body": m} for part, m in zip(parts, more, strict=True)]


CUT_OFF: list[Message] = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]


async def serve(
    limit: BodyLimit, path: str, messages: Iterable[Message], headers: Sequence[tuple[bytes, bytes]] = ()
) -> tuple[int | None, str | None]:
    """The answer's status and code; none where nobody is answered. After the messages, silence."""
    left, sent = list(messages), list[Any]()

    async def receive() -> Message:
        if not left:
            await asyncio.get_running_loop().create_future()
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await limit({"type": "http", "path": path, "headers": headers}, receive, send)
    codes = [json.loads(message["body"])["code"] for message in sent if message.get("body")]
    return (sent[0]["status"] if sent else None, codes[0] if codes else None)


@pytest.mark.parametrize("parts", [[b""], [b"ab", b"c"], [MIB], [MIB[:-1], b"x"]], ids=["none", "two", "all", "exact"])
async def test_a_body_within_the_limit_reaches_the_application_whole(parts: Sequence[bytes]) -> None:
    application = Application()
    assert await serve(BodyLimit(application), "/v1/reports", chunks(*parts)) == (200, None)
    assert application.bodies == [b"".join(parts)]


@pytest.mark.parametrize("parts", [[MIB, b"x"], [MIB + b"x"]], ids=["one byte more", "at once"])
async def test_a_larger_body_is_413_and_reaches_nobody(parts: Sequence[bytes]) -> None:
    application = Application()
    assert await serve(BodyLimit(application), "/v1/reports", chunks(*parts)) == (413, "too_large")
    assert application.bodies == []


@pytest.mark.parametrize(
    ("packed_as", "status"), [("gzip", 415), ("br", 415), ("gzip, identity", 415), ("identity", 200), ("", 200)]
)
async def test_a_body_that_is_packed_is_415_and_is_not_read(packed_as: str, status: int) -> None:
    application = Application()
    told = [(b"content-encoding", packed_as.encode())]
    answer = await serve(BodyLimit(application), "/v1/reports", chunks(b"{}"), told)
    assert answer == (status, "encoding_refused" if status == 415 else None)
    assert len(application.bodies) == (status == 200)


async def test_a_file_may_be_larger_if_its_sender_is_known() -> None:
    application = Application()
    limit = BodyLimit(application, ("/files",), anybody)
    assert await serve(limit, FILE, chunks(*[MIB] * 16)) == (200, None)
    assert len(application.bodies[0]) == LARGE_BYTES_AT_MOST
    assert await serve(limit, FILE, chunks(*[MIB] * 16, b"x")) == (413, "too_large")
    assert await serve(limit, "/v1/files/other", chunks(MIB, b"x")) == (413, "too_large")


async def test_of_a_file_whose_sender_is_not_known_nothing_is_read() -> None:
    application = Application()
    assert await serve(BodyLimit(application, ("/files",), nobody), FILE, []) == (401, "unauthenticated")


async def test_a_body_that_was_cut_off_has_not_been_said() -> None:
    application = Application()
    assert await serve(BodyLimit(application), "/v1/reports", CUT_OFF) == (None, None)
    assert application.bodies == []


async def test_a_body_that_does_not_come_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "SECONDS_AT_MOST", 0.01)
    assert await serve(BodyLimit(Application()), "/v1/reports", CUT_OFF[:1]) == (408, "too_slow")


async def test_all_bodies_together_have_a_limit_and_room_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "TOGETHER_AT_MOST", 2 * BYTES_AT_MOST)
    limit = BodyLimit(Application(), ("/files",), anybody)
    stalled = asyncio.create_task(serve(limit, "/v1/reports", [{**chunks(MIB)[0], "more_body": True}]))
    await asyncio.sleep(0)
    assert await serve(limit, "/v1/reports", chunks(MIB)) == (200, None)
    assert await serve(limit, "/v1/reports", chunks(MIB, b"x")) == (413, "too_large")
    another = asyncio.create_task(serve(limit, "/v1/reports", [{**chunks(MIB)[0], "more_body": True}]))
    await asyncio.sleep(0)
    assert await serve(limit, "/v1/reports", chunks(b"x")) == (503, "busy")
    assert await serve(limit, FILE, chunks(MIB)) == (200, None)
    for task in (stalled, another):
        task.cancel()
    await asyncio.gather(stalled, another, return_exceptions=True)
    assert await serve(limit, "/v1/reports", chunks(MIB)) == (200, None)


async def test_files_that_come_together_take_no_report_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "TOGETHER_AT_MOST", BYTES_AT_MOST)
    limit = BodyLimit(Application(), ("/files",), anybody)
    stalled = asyncio.create_task(serve(limit, FILE, [{**chunks(MIB)[0], "more_body": True}]))
    await asyncio.sleep(0)
    assert await serve(limit, FILE, chunks(b"x")) == (503, "busy")
    assert await serve(limit, "/v1/reports", chunks(MIB)) == (200, None)
    stalled.cancel()
    await asyncio.gather(stalled, return_exceptions=True)
