"""The last guard of a service: what nobody foresaw is answered as a problem, and told so that it can be mended."""

import logging

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.problems import answer, unforeseen

log = logging.getLogger(__name__)


def faults_by_route() -> Counter:
    """Requests that failed by a fault of ours."""
    return Counter("jiujinan_faults", "Requests answered 500", ["route"], registry=None)


class Guard:
    """ASGI middleware: a fault of ours is logged with its route and place in the code, counted, and answered 500.

    Nothing is raised on: the server would cut the connection, with the caller's next requests on it.
    """

    def __init__(self, app: ASGIApp, faults: Counter) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_answered = False

        async def sent(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            route = route_of(scope)
            log.exception("unforeseen", extra={"route": route})
            self._faults.labels(route).inc()
            if is_answered:  # half an answer is none: the server has to cut it off
                raise
            await answer(unforeseen(), scope["path"])(scope, receive, send)


def route_of(scope: Scope) -> str:
    """The route of a request as it stands in the documentation: bounded, and without what was asked for."""
    return getattr(scope.get("route"), "path", "none")
