"""A limit on request bodies, by counted bytes, whatever the client says of their length."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.problems import Problem, answer

BYTES_AT_MOST = 1024 * 1024
LARGE_BYTES_AT_MOST = 16 * BYTES_AT_MOST
"""For the routes by which a service takes in files."""


class BodyLimit:
    """ASGI middleware: answers 413 to a body of more than 1 MiB, and reads no further.

    Paths that end as one of the patterns ``large`` does may have 16 MiB.
    """

    def __init__(self, app: ASGIApp, large: tuple[str, ...] = ()) -> None:
        self._app = app
        self._large = re.compile(f"(?:{'|'.join(large)})$") if large else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_large = self._large is not None and self._large.search(scope["path"]) is not None
        at_most = LARGE_BYTES_AT_MOST if is_large else BYTES_AT_MOST
        body = await _read(receive, at_most)
        if body is None:
            mebibytes = at_most // BYTES_AT_MOST
            problem = Problem(413, "too_large", f"内容超过 {mebibytes} MiB,请精简后重新提交。")
            await answer(problem, scope["path"])(scope, receive, send)
            return
        await self._app(scope, _Replay(body, receive), send)


class _Replay:
    """Gives the body that was read, then whatever the connection says next."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _read(receive: Receive, at_most: int) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > at_most:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)
