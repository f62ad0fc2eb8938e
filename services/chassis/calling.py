"""A person's command on its way in: who gives it and under which key, what it is about, and its answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from events.fact import Actor
from services.chassis.http import Asked, idempotency_key, respond
from services.chassis.mount import Mounted
from services.chassis.routing import Service
from services.chassis.unit import Directed


@dataclass(frozen=True, slots=True)
class About:
    """What a command is about: the id in its route, the place that the caller must reach, the story it belongs to."""

    named: str
    place: str
    correlation: str = ""
    occurred_at: datetime | None = None
    """When it happened in the world; none for now."""
    division: str = ""
    """Whose log it goes to; without one the place's own."""


@dataclass(frozen=True, slots=True)
class Call:
    """A person's command on its way."""

    request: Request
    service: Mounted
    actor: Actor
    key: str

    @property
    def command(self) -> str:
        """Its name in the table of roles, which is the name of its route."""
        return self.request.scope["route"].name

    def must_reach(self, place: str) -> None:
        """Raise ``Denied`` where the caller's scope does not reach a county or township."""
        self.service.access.permit(self.actor, self.command, place)

    async def give(self, about: About, said: bytes, parts: Sequence[Directed]) -> Response:
        """Have the command decided, and answer. Raises what ``Door.take`` raises."""
        asked = Asked(
            command=self.command,
            place=about.place,
            division=about.division or about.place[:6],
            parts=tuple(parts),
            occurred_at=about.occurred_at or self.service.clock.now(),
            said=said,
            correlation=about.correlation,
        )
        key = f"{about.named}|{self.key}"
        return respond(await self.service.door.take(self.actor, asked, key=key))


async def called(request: Request, service: Service) -> Call:
    """Who is calling, whether the role may give the route's command at all, under which key: before a body is read."""
    call = Call(request, service, service.door.person(request), "")
    call.must_reach(call.actor.scope)
    return replace(call, key=idempotency_key(request))


Called = Annotated[Call, Depends(called)]
