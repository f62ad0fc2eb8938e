"""Callers' HTTP at its cheapest: one kept connection, one request after the other, so that the callers cost little."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit


class Wire:
    """A kept connection to one service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, url: str) -> Self:
        """Connect."""
        address = urlsplit(url)
        return cls(*await asyncio.open_connection(address.hostname, address.port))

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """Send a request; give the document of the answer, which must be a good one."""
        fields = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n{fields}\r\n"
        self._writer.write(head.encode() + body)
        answered = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(answered.partition("content-length: ")[2].partition("\r\n")[0])
        document = json.loads(await self._reader.readexactly(length))
        assert answered[9] == "2", f"{answered[9:12]} {document.get('code')}"
        return document

    def close(self) -> None:
        """Hang up."""
        self._writer.close()
