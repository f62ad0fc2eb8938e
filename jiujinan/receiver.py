"""A callback receiver as a hotline runs one: it checks the signature, and may be made to refuse for a while."""

import asyncio
import json
from contextlib import suppress
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError

_PATIENCE_SECONDS = 10.0
_HEADERS = "content-type: text/plain; charset=utf-8\r\nallow: POST\r\nconnection: close\r\n"
_ONLY_MESSAGES = "这里只接收系统发给热线的签名回执(POST),没有网页可看。".encode()


class CallbackReceiver:
    """A small HTTP server on 127.0.0.1 that takes in signed messages, one after the other."""

    def __init__(self, secret: str, port: int = 0) -> None:
        self._webhook = Webhook(secret)
        self._port = port
        self._to_refuse = 0
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.refused = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where to send messages."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/callback"

    def refuse(self, times: int) -> None:
        """Answer 503 to the next so many."""
        self._to_refuse = times

    async def next(self) -> dict[str, Any]:
        """The next message that was taken in; waits half a minute at most."""
        async with asyncio.timeout(30):
            return await self.messages.get()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer once and close. Who says nothing in time, or goes away, is not answered."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                status, text = await self._answer(reader)
                head = f"HTTP/1.1 {status}\r\ncontent-length: {len(text)}\r\n{_HEADERS}\r\n"
                writer.write(head.encode() + text)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[str, bytes]:
        """The status of a request, and what a browser shows for it."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")[:-2]
            if not first.startswith("POST "):
                return "405 Method Not Allowed", _ONLY_MESSAGES
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        except (asyncio.LimitOverrunError, asyncio.IncompleteReadError, ValueError):
            return "400 Bad Request", b""
        return self._judge(body, headers), b""

    def _judge(self, body: bytes, headers: dict[str, str]) -> str:
        try:
            self._webhook.verify(body, headers, json_parse=False)
        except WebhookVerificationError:
            return "401 Unauthorized"
        if self._to_refuse:
            self._to_refuse -= 1
            self.refused += 1
            return "503 Service Unavailable"
        self.messages.put_nowait(json.loads(body))
        return "200 OK"
