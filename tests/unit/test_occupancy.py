"""A second start says at once, in one sentence, what is in its way; and takes nobody else's service for its own."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from jiujinan.child import ServerFailed, free_port
from jiujinan.embedded import is_ready
from jiujinan.occupancy import claimed, must_be_free
from tests.support.command_line import jiujinan

_READY = b'{"database": true, "kafka": true, "tasks": true}'


async def test_a_second_start_on_the_same_data_is_told_so_and_starts_nothing(server_directory: Path) -> None:
    with claimed(server_directory):
        told = await jiujinan("demo", "--data", str(server_directory))
    assert told.exit_code == 1
    assert f"数据目录 {server_directory} 正由另一个 jiujinan 使用" in told.output.replace("\n", "")
    assert "启动" not in told.output
    assert _files(server_directory) == ["in-use"]
    with claimed(server_directory):
        pass


@pytest.mark.parametrize("offset", [1, 2, 3, 4])
async def test_a_start_on_a_taken_port_names_the_port_and_starts_nothing(server_directory: Path, offset: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerFailed, match=rf"端口 {port} 已被占用.*--port-base"):
            must_be_free(port - offset)
        if offset == 1:
            told = await jiujinan("demo", "--data", str(server_directory), "--port-base", str(port - 1))
            assert (told.exit_code, f"端口 {port} 已被占用" in told.output) == (1, True)
            assert _files(server_directory) == ["in-use"]


@pytest.mark.parametrize(("status", "ready"), [("200 OK", True), ("403 Forbidden", True), ("401 Unauthorized", False)])
async def test_a_service_that_does_not_know_our_token_is_not_ours(status: str, ready: bool) -> None:
    async with _answering(status) as url:
        assert await is_ready("ledger", url, "a-token") is ready


async def test_where_nobody_answers_nothing_is_ready() -> None:
    assert not await is_ready("ledger", f"http://127.0.0.1:{free_port()}", "a-token")


def _files(directory: Path) -> list[str]:
    return [file.name for file in directory.iterdir()]


@asynccontextmanager
async def _answering(status: str) -> AsyncGenerator[str, None]:
    """A service that is ready, and answers like this to a token."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        told, body = ("200 OK", _READY) if b"/health/ready" in head else (status, b"{}")
        writer.write(f"HTTP/1.1 {told}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
