"""A callback receiver as a hotline runs one: it checks the signature, and may be made to refuse for a while."""

import asyncio
import json
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError


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
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = [line.partition(": ") for line in head.split("\r\n")[1:-2]]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        status = self._judge(body, headers)
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

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
