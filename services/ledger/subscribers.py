"""What ledger does when relief says something: hold the money of an advance."""

from collections.abc import Sequence

from events.cloudevents import Message
from events.relief import AdvanceDecided
from services.chassis.following import on
from services.chassis.unit import Directed
from services.ledger.fund_commands import Reserve
from services.ledger.ids import fund_stream


async def reserves(fact: AdvanceDecided, message: Message) -> Sequence[Directed]:
    """Hold the amount in the fund that the decision names; goods alone (实物救助) need no money."""
    if fact.amount_fen == 0:
        return ()
    command = Reserve(
        fact.decision_id, fact.case_id, fact.amount_fen, fact.decided_by, fact.fund_id, township=fact.township
    )
    return (Directed(fund_stream(fact.fund_id), command),)


REACTIONS = dict([on(AdvanceDecided, reserves)])
