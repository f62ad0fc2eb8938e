"""The demonstration's hotline, when something else than a message of ours comes to its port."""

import asyncio

import httpx
import pytest

from jiujinan.receiver import CallbackReceiver

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="


async def test_a_browser_is_told_in_chinese_that_there_is_no_page() -> None:
    async with CallbackReceiver(SECRET) as receiver, httpx.AsyncClient(trust_env=False) as browser:
        told = await browser.get(receiver.url)
    assert (told.status_code, told.headers["allow"]) == (405, "POST")
    assert "没有网页" in told.text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nhost: x\r\n\r\n", b"401"),
        (b"POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", b"400"),
        (b"\r\n\r\n", b"405"),
        (b"GET /" + b"a" * 100_000, b"400"),
    ],
)
async def test_what_is_no_message_is_answered_and_the_next_one_is_heard(sent: bytes, status: bytes) -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
    async with CallbackReceiver(SECRET) as receiver:
        url = httpx.URL(receiver.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(sent)
        assert (await reader.read()).split()[1] == status
        writer.close()
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.post(receiver.url)).status_code == 401
    assert failures == []


async def test_who_goes_away_without_a_word_disturbs_nobody() -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
    async with CallbackReceiver(SECRET) as receiver:
        url = httpx.URL(receiver.url)
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(receiver.url)).status_code == 405
    assert failures == []
