"""The door for callers' commands: who is it, may they, have they said it before; then the writer, then the answer."""

import logging
import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from fastapi import Request, Response
from fastapi.routing import APIRoute

from events.fact import Actor
from services.chassis.access import Access
from services.chassis.body_form import said_in_json
from services.chassis.field_errors import FieldError
from services.chassis.lagging import all_seen, unseen
from services.chassis.problems import Problem
from services.chassis.projection import Projector
from services.chassis.pseudonyms import Pseudonyms
from services.chassis.tracing import traceparent
from services.chassis.unit import Directed, MessageId, Outcome, Unit
from services.chassis.writer import Writer

_NAMESPACE = UUID("0f0b7f0e-93a1-5a44-8d8f-6f6f3c0f9a10")
_KEY = re.compile(r"^[\x21-\x7e]{1,128}$")
_NOT_FOUND = 404


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller asks for: a command by its name in the table of roles, for a place, in its own words.

    ``place`` is the county or township code that the caller's scope must reach. ``said`` is the canonical content:
    the same key, or the same ``nonce``, with other content is refused.
    """

    command: str
    place: str
    division: str
    parts: tuple[Directed, ...]
    occurred_at: datetime
    said: bytes
    correlation: str = ""
    nonce: str = ""
    """The id of the message that says it (``webhook-id``), where it has one."""
    sending: bytes | None = None
    """What tells this sending of the message from every other, where a message may be sent only once."""


@dataclass(frozen=True, slots=True)
class Door:
    """Takes callers' commands into the writer."""

    writer: Writer
    access: Access
    pseudonyms: Pseudonyms

    def person(self, request: Request) -> Actor:
        """Who is behind a bearer token. Raises ``Unauthenticated``."""
        return self.access.person(request.headers.get("authorization"))

    async def take(self, actor: Actor, asked: Asked, *, key: str) -> Outcome:
        """Check, decide, commit. ``key`` is what makes a repetition of this call a repetition.

        Raises ``Denied`` and whatever ``Writer.submit`` raises.
        """
        self.access.permit(actor, asked.command, asked.place)
        trace = traceparent()
        digest = self.pseudonyms.digest(asked.command.encode(), actor.id.encode(), asked.said)
        outcome = await self.writer.submit(
            Unit(
                division=asked.division,
                parts=asked.parts,
                command_id=uuid5(_NAMESPACE, f"{actor.id}|{asked.command}|{key}"),
                actor=actor,
                occurred_at=asked.occurred_at,
                nonce=_message_id(actor, asked, digest),
                digest=digest,
                correlation=asked.correlation,
                traceparent=trace,
                size=len(asked.said),
            )
        )
        log.info("taken", extra={"route": asked.command, "case": asked.correlation, "trace": trace})
        return outcome


def _message_id(actor: Actor, asked: Asked, digest: bytes) -> MessageId | None:
    if not asked.nonce:
        return None
    return MessageId(uuid5(_NAMESPACE, f"{actor.id}|webhook-id|{asked.nonce}"), asked.sending or digest)


class PersonRoute(APIRoute):
    """A route for bearers of a token: whoever has none gets 401 before anything that they sent is read.

    Where the route takes JSON by its fields, what is not said to be JSON gets 415, and who has nothing to say need not
    say ``{}``. What is not found is looked for once more when the read models know all that the logs held by then.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the question who is calling."""
        handle = super().get_route_handler()
        body = None if self.body_field is None else self.body_field.field_info.annotation

        async def known(request: Request) -> Response:
            door: Door = request.app.state.mounted.door
            door.person(request)
            asked = request if body is None else await said_in_json(request, body)
            try:
                return await handle(asked)
            except Problem as problem:
                if problem.status != _NOT_FOUND:
                    raise
            await all_seen(await unseen(_models(request)))
            return await handle(asked)

        return known


def _models(request: Request) -> Iterable[Projector]:
    return request.app.state.mounted.projectors.values()


def idempotency_key(request: Request) -> str:
    """The caller's ``Idempotency-Key`` header. Raises ``Problem`` (400) when it is missing or odd."""
    key = request.headers.get("idempotency-key", "")
    if not _KEY.match(key):
        pointer = FieldError("/headers/Idempotency-Key", "missing", "缺少幂等号,或幂等号含有不可用的字符。")
        raise Problem(400, "idempotency_key_missing", "请求必须带幂等号 (Idempotency-Key)。", [pointer])
    return key


def respond(outcome: Outcome, *, status: int = 201) -> Response:
    """The kept answer, byte for byte; a repetition is 200 and says so."""
    headers = {"Log-Position": f"{outcome.division}:{outcome.position}"}
    if outcome.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(outcome.body, 200 if outcome.replayed else status, headers, media_type="application/json")
