"""What ledger does when relief says something: hold money, let it go, ask for more."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from events.cloudevents import Message
from events.relief import AdvanceDecided, AdvanceLetGo
from events.relief_approval import InstalmentCalled, InstalmentLetGo, InstalmentReleased
from events.relief_fast import RemedyChosen, SmallFastDecided
from services.chassis.clock import SHANGHAI
from services.chassis.following import on
from services.chassis.unit import Directed
from services.ledger.fund_commands import Reserve
from services.ledger.hold import LetGo, Release
from services.ledger.ids import fund_stream
from services.ledger.replenishment import AskUrgently

_DAY = timedelta(days=1)


async def reserves(fact: AdvanceDecided, message: Message) -> Sequence[Directed]:
    """Hold the amount in the fund that the decision names; goods alone (实物救助) need no money."""
    if fact.amount_fen == 0:
        return ()
    hold_id = fact.hold_id or fact.decision_id
    command = Reserve(hold_id, fact.case_id, fact.amount_fen, fact.decided_by, fact.fund_id, township=fact.township)
    return (Directed(fund_stream(fact.fund_id), command),)


async def reserves_small(fact: SmallFastDecided, message: Message) -> Sequence[Directed]:
    """Hold small-fast relief as an advance is held."""
    hold_id = fact.hold_id or fact.decision_id
    command = Reserve(hold_id, fact.case_id, fact.amount_fen, fact.handled_by, fact.fund_id, township=fact.township)
    return (Directed(fund_stream(fact.fund_id), command),)


async def lets_advance_go(fact: AdvanceLetGo, message: Message) -> Sequence[Directed]:
    """Let an advance's money go, unless it is being paid already."""
    return (Directed(fund_stream(fact.fund_id), LetGo(fact.hold_id or fact.decision_id, fact.reason)),)


async def reserves_instalment(fact: InstalmentCalled, message: Message) -> Sequence[Directed]:
    """Hold an instalment in the fund of its year, until 24:00 of its plan's last day."""
    ends_at = None if fact.until is None else datetime.combine(fact.until + _DAY, time(), SHANGHAI)
    command = Reserve(
        fact.hold_id,
        fact.case_id,
        fact.amount_fen,
        fact.decided_by,
        fact.fund_id,
        township=fact.township,
        until=ends_at,
        waits=True,
    )
    return (Directed(fund_stream(fact.fund_id), command),)


async def releases_instalment(fact: InstalmentReleased, message: Message) -> Sequence[Directed]:
    """An instalment that was released may be paid; before that the cashier is refused."""
    return (Directed(fund_stream(fact.fund_id), Release(fact.hold_id)),)


async def lets_go(fact: InstalmentLetGo, message: Message) -> Sequence[Directed]:
    """Let an instalment's money go, unless it is being paid already: then the payment itself says so."""
    return (Directed(fund_stream(fact.fund_id), LetGo(fact.hold_id, fact.reason)),)


async def asks_urgently(fact: RemedyChosen, message: Message) -> Sequence[Directed]:
    """An officer has chosen that the fund which is short be filled up at once (紧急补充)."""
    if fact.remedy != "emergency_replenishment" or fact.fund_id is None:
        return ()
    command = AskUrgently(fact.fund_id, fact.decision_id, fact.chosen_by)
    return (Directed(fund_stream(fact.fund_id), command),)


REACTIONS = dict(
    [
        on(AdvanceDecided, reserves),
        on(SmallFastDecided, reserves_small),
        on(InstalmentCalled, reserves_instalment),
        on(InstalmentReleased, releases_instalment),
        on(InstalmentLetGo, lets_go),
        on(AdvanceLetGo, lets_advance_go),
        on(RemedyChosen, asks_urgently),
    ]
)
