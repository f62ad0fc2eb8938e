"""The number of a request (请求编号): its caller's ``X-Request-Id`` if that is sensible, one of ours if not.

It stands in the answer's header, in problems and in every log line of the request: both sides find the same one. What
a request sets off bears its trace (``traceparent``) from fact to fact and into the events that senders hear.
"""

import re
from contextvars import ContextVar
from secrets import token_hex

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = "x-request-id"
_SENSIBLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_NUMBER_OF_A_PERSON = re.compile(r"[0-9]{11}")
_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_current: ContextVar[str] = ContextVar("request_id", default="")
_trace: ContextVar[str | None] = ContextVar("traceparent", default=None)


def trace_id() -> str:
    """The number of the request that is being served; empty where none is."""
    return _current.get()


def traceparent() -> str | None:
    """The trace of the request that is being served, as W3C Trace Context has it; none where its caller gave none."""
    return _trace.get()


def trace_of(headers: Headers, number: str) -> str | None:
    """The caller's own trace, or one that bears the caller's number where that is a UUID; none without either."""
    told = headers.get("traceparent", "")
    if _TRACE.fullmatch(told):
        return told
    own = number.replace("-", "").lower() if headers.get(_HEADER) == number else ""
    return f"00-{own}-{own[:16]}-00" if _TRACE_ID.fullmatch(own) and int(own[:16], 16) else None


def taken(said: str | None) -> str:
    """The caller's number as it is; another where it has none, a senseless one, or what may be a phone or an ID."""
    if said is None or not _SENSIBLE.fullmatch(said) or _NUMBER_OF_A_PERSON.search(said):
        return token_hex(16)
    return said


class RequestNumber:
    """ASGI middleware: numbers each request, and says the number in its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        number = taken(headers.get(_HEADER))
        _current.set(number)
        _trace.set(trace_of(headers, number))

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[_HEADER] = number
            await send(message)

        await self._app(scope, receive, named)
