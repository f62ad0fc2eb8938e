"""A hold that a command over HTTP names, by its own id or by a payment's: where it lies, and whom it concerns."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.chassis.calling import About, Call
from services.chassis.problems import Problem
from services.chassis.unit import Directed
from services.ledger.fund_commands import Command
from services.ledger.ids import fund_stream
from services.ledger.journal import SQL
from services.ledger.routes.reading import caught_up

HoldQuery = Literal["hold", "hold_asked_for", "hold_of_payment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A hold, as far as its route must know it."""

    division: str
    fund_id: str
    place: str
    case_id: str
    correlation: str

    @classmethod
    async def of(cls, call: Call, query: HoldQuery, named: str, after: str | None) -> "Held":
        """The hold of an id, or of a payment's. Raises ``Denied``, or ``Problem`` (404; 503 while not visible)."""
        await caught_up(call.service, after)
        async with call.service.projectors["journal"].reading() as books:
            row = await books.fetchrow(SQL[query], named, call.actor.scope)
        if row is None:
            raise Problem(404, "no_such_hold", "没有找到这笔占用或支付,请核对编号。")
        held = cls(**row)
        call.must_reach(held.place)
        return held

    def about(self, named: str, occurred_at: datetime | None = None) -> About:
        """What a command for this hold, or for a payment of it, is about."""
        return About(named, self.place, self.correlation, occurred_at)

    def directed(self, command: Command, asks: tuple[str, ...] = ()) -> Directed:
        """The command, for the fund that holds the money."""
        return Directed(fund_stream(self.fund_id), command, asks)
