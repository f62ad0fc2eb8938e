"""Limits on request bodies: by counted bytes, whatever the client says of them, by time, and by who sends them."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.access import Unauthenticated
from services.chassis.body_form import must_not_be_packed
from services.chassis.problems import Problem, answer, problem_of
from services.chassis.writer import Busy

BYTES_AT_MOST = 1024 * 1024
LARGE_BYTES_AT_MOST = 16 * BYTES_AT_MOST
"""For the routes by which a service takes in files."""
TOGETHER_AT_MOST = 64 * BYTES_AT_MOST
"""Of all files that a process holds at once, and of all other bodies: files never keep a report waiting.

A file that is sealed is in memory four times; half of a pod's 512 MiB.
"""
SECONDS_AT_MOST = 30.0


class BodyLimit:
    """ASGI middleware: answers 413 to a body of more than 1 MiB, and reads no further; 415 to one that is packed.

    Paths that end as one of the patterns ``large`` does may have 16 MiB, once ``known`` has not raised: who that is
    must be said before anything is read. A body that takes too long is answered 408; one that is cut off, nothing.
    """

    def __init__(
        self, app: ASGIApp, large: tuple[str, ...] = (), known: Callable[[Scope], object] = lambda scope: None
    ) -> None:
        self._app = app
        self._large = re.compile(f"(?:{'|'.join(large)})$") if large else None
        self._known = known
        self._held = Counter[int]()
        """How many bytes, by how many there may be in one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body()
        try:
            await self._serve(body, scope, receive, send)
        finally:
            self._held[body.at_most] -= body.size

    async def _serve(self, body: "_Body", scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body.at_most = self._at_most(scope)
            await self._read(body, receive)
        except ClientDisconnect:
            return
        except _Unread as unread:
            await answer(unread.problem, scope["path"])(scope, receive, send)
            return
        await self._app(scope, _Replay(body.whole(), receive), send)

    def _at_most(self, scope: Scope) -> int:
        try:
            must_not_be_packed(Headers(scope=scope))
        except Problem as packed:
            raise _Unread(packed) from None
        if self._large is None or self._large.search(scope["path"]) is None:
            return BYTES_AT_MOST
        try:
            self._known(scope)
        except Unauthenticated as unknown:
            raise _Unread(unknown) from None
        return LARGE_BYTES_AT_MOST

    async def _read(self, body: "_Body", receive: Receive) -> None:
        try:
            async with asyncio.timeout(SECONDS_AT_MOST):
                while not body.is_whole:
                    self._held[body.at_most] += body.take(await receive())
                    if body.size > body.at_most:
                        raise _Unread(_too_large(body.at_most))
                    if self._held[body.at_most] > TOGETHER_AT_MOST:
                        raise _Unread(Busy())
        except TimeoutError:
            raise _Unread(Problem(408, "too_slow", "内容传送超时,请检查网络后重新提交。")) from None


class _Unread(Exception):
    """A body that is not read to its end, and the answer to that."""

    def __init__(self, why: Exception) -> None:
        super().__init__()
        problem = problem_of(why)
        assert problem is not None
        self.problem = problem


@dataclass(slots=True)
class _Body:
    """What has come of a body."""

    at_most: int = BYTES_AT_MOST
    size: int = 0
    is_whole: bool = False
    _chunks: list[bytes] = field(default_factory=list[bytes])

    def take(self, message: Message) -> int:
        """Add what came, and say how many bytes. What is cut off has not been said: raises ``ClientDisconnect``."""
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        self._chunks.append(chunk)
        self.size += len(chunk)
        self.is_whole = not message.get("more_body", False)
        return len(chunk)

    def whole(self) -> bytes:
        """All of it; the pieces are let go."""
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks)


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


def _too_large(at_most: int) -> Problem:
    return Problem(413, "too_large", f"内容超过 {at_most // BYTES_AT_MOST} MiB,请精简后重新提交。")
