"""Who gives a command over HTTP: known, of a role that may, with a key; then what they may reach, and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fastapi import Depends, Request, Response

from events.fact import Actor
from services.chassis.http import Asked, idempotency_key, respond
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import Service
from services.chassis.unit import Directed
from services.ledger.bodies import Body
from services.ledger.fund_commands import Command
from services.ledger.ids import fund_stream
from services.ledger.journal import SQL
from services.ledger.reading import caught_up

HoldQuery = Literal["hold", "hold_asked_for", "hold_of_payment"]


@dataclass(frozen=True, slots=True)
class About:
    """What a command is about: the id in its route, the place that the caller must reach, the story it belongs to."""

    named: str
    place: str
    correlation: str = ""
    occurred_at: datetime | None = None
    """When it happened in the world; none for now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A hold, as far as its route must know it."""

    division: str
    fund_id: str
    place: str
    case_id: str
    correlation: str

    def about(self, named: str, occurred_at: datetime | None = None) -> About:
        """What a command for this hold, or for a payment of it, is about."""
        return About(named, self.place, self.correlation, occurred_at)

    def directed(self, command: Command) -> Directed:
        """The command, for the fund that holds the money."""
        return Directed(fund_stream(self.fund_id), command)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who gives a command, and under which key."""

    service: Mounted
    request: Request
    actor: Actor
    command: str
    key: str

    def must_reach(self, place: str) -> None:
        """Raise ``Denied`` where the caller's scope does not reach a county or township."""
        self.service.access.permit(self.actor, self.command, place)

    async def held(
        self, statement: Literal["hold", "hold_asked_for", "hold_of_payment"], named: str, after: str | None
    ) -> Held:
        """The hold of an id, or of a payment's. Raises ``Denied``, or ``Problem`` (404; 503 while not visible)."""
        await caught_up(self.service, after)
        async with self.service.projectors["journal"].reading() as books:
            row = await books.fetchrow(SQL[statement], named, self.actor.scope)
        if row is None:
            raise Problem(404, "no_such_hold", "没有找到这笔占用或支付,请核对编号。")
        held = Held(**row)
        self.must_reach(held.place)
        return held

    async def give(self, about: About, body: Body, parts: Sequence[Directed]) -> Response:
        """Have the command decided, and answer. Raises what ``Door.take`` raises."""
        asked = Asked(
            command=self.command,
            place=about.place,
            division=about.place[:6],
            parts=tuple(parts),
            occurred_at=about.occurred_at or self.service.clock.now(),
            said=body.said(),
            correlation=about.correlation,
        )
        key = f"{about.named}|{self.key}"
        return respond(await self.service.door.take(self.request, self.actor, asked, key=key))


def gives(command: str) -> Any:
    """A route's parameter: whoever may give this command. Role and key are checked before the body is looked at."""

    async def caller(request: Request, service: Service) -> Caller:
        actor = service.door.person(request)
        service.access.permit(actor, command, actor.scope)
        return Caller(service, request, actor, command, idempotency_key(request))

    return Depends(caller)
