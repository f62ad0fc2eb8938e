"""A callback receiver as a hotline would run it: it checks signatures, and may be made to refuse."""

import asyncio
import json
from typing import Any, Self

from standardwebhooks import Webhook

from tests.support.services import WEBHOOK_SECRET


class Receiver:
    """A tiny HTTP server on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_refuse = 0
        self.refused = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/callback"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    def refuse(self, times: int) -> None:
        """Answer 503 to the next so many."""
        self._to_refuse = times

    async def next(self) -> dict[str, Any]:
        """The next message that was accepted."""
        return await asyncio.wait_for(self._messages.get(), 30)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:-2]]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        status = self._judge(body, headers)
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    def _judge(self, body: bytes, headers: dict[str, str]) -> int:
        Webhook(WEBHOOK_SECRET).verify(body, headers, json_parse=False)
        if self._to_refuse:
            self._to_refuse -= 1
            self.refused += 1
            return 503
        self._messages.put_nowait(json.loads(body))
        return 200
