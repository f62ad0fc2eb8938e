"""What ledger does when relief says something: hold money, let it go, ask for more."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from events.cloudevents import Message
from events.relief import AdvanceDecided, AdvanceLetGo
from events.relief_after import RecoveryOrdered, RecoverySettled
from events.relief_approval import InstalmentCalled, InstalmentLetGo, InstalmentReleased, Planned, ReliefApproved
from events.relief_fast import RemedyChosen, SmallFastDecided
from events.shanghai import SHANGHAI
from services.chassis.following import on
from services.chassis.unit import Directed
from services.ledger.fund_commands import Commit, EndRecovery, OrderRecovery, Reserve
from services.ledger.hold_commands import LetGo, Release
from services.ledger.ids import fund_stream
from services.ledger.replenishment import AskUrgently

_DAY = timedelta(days=1)


async def reserves(fact: AdvanceDecided, message: Message) -> Sequence[Directed]:
    """Hold the amount in the fund that the decision names; goods alone (实物救助) need no money."""
    return () if fact.amount_fen == 0 else (_reserving(fact, fact.decided_by),)


async def reserves_small(fact: SmallFastDecided, message: Message) -> Sequence[Directed]:
    """Hold small-fast relief as an advance is held."""
    return (_reserving(fact, fact.handled_by),)


def _reserving(fact: AdvanceDecided | SmallFastDecided, decided_by: str) -> Directed:
    command = Reserve(
        fact.hold_id or fact.decision_id,
        fact.case_id,
        fact.amount_fen,
        decided_by,
        fact.fund_id,
        township=fact.township,
        cause=fact.cause,
    )
    return Directed(fund_stream(fact.fund_id), command)


async def lets_advance_go(fact: AdvanceLetGo, message: Message) -> Sequence[Directed]:
    """Let an advance's money go, unless it is being paid already."""
    return (Directed(fund_stream(fact.fund_id), LetGo(fact.hold_id or fact.decision_id, fact.reason)),)


async def reserves_instalment(fact: InstalmentCalled, message: Message) -> Sequence[Directed]:
    """Hold an instalment in the fund of its year, until 24:00 of its plan's last day."""
    command = Reserve(
        fact.hold_id,
        fact.case_id,
        fact.amount_fen,
        fact.decided_by,
        fact.fund_id,
        township=fact.township,
        until=_end_of(fact.until),
        waits=True,
        signers=fact.signers,
    )
    return (Directed(fund_stream(fact.fund_id), command),)


async def commits_later_years(fact: ReliefApproved, message: Message) -> Sequence[Directed]:
    """Promise the instalments of later budget years (后续年度) in the fund of each; this year's are called for."""
    year = message.occurred_at.astimezone(SHANGHAI).year
    later = (one for one in fact.plan.instalments if one.due_on.year > year)
    return [_commit(fact, one) for one in later]


def _commit(fact: ReliefApproved, one: Planned) -> Directed:
    """Under the number of its first call: whoever calls it before it is taken up asks for the same."""
    fund_id = f"{fact.plan.payer}-{one.due_on.year}"
    command = Commit(
        one.instalment_id,
        fact.case_id,
        one.amount_fen,
        fact.approved_by[-1],
        fund_id,
        township=fact.township,
        until=_end_of(fact.ends_on),
        waits=True,
        signers=fact.approved_by,
    )
    return Directed(fund_stream(fund_id), command)


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day + _DAY, time(), SHANGHAI)


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


async def claims_back(fact: RecoveryOrdered, message: Message) -> Sequence[Directed]:
    """What the household is to give back of a payment is a claim of the fund that paid it; goods are no fund's."""
    if fact.fund_id is None or fact.payment_id is None:
        return ()
    command = OrderRecovery(fact.recovery_id, fact.payment_id, fact.amount_fen)
    return (Directed(fund_stream(fact.fund_id), command),)


async def ends_claim(fact: RecoverySettled, message: Message) -> Sequence[Directed]:
    """What is waived or offset is claimed no more; the other ways were ledger's own word, or goods."""
    if fact.fund_id is None or (fact.how != "waived" and fact.how != "offset"):
        return ()
    command = EndRecovery(fact.recovery_id, fact.settlement_id, fact.how, fact.amount_fen)
    return (Directed(fund_stream(fact.fund_id), command),)


REACTIONS = dict(
    [
        on(AdvanceDecided, reserves),
        on(SmallFastDecided, reserves_small),
        on(InstalmentCalled, reserves_instalment),
        on(ReliefApproved, commits_later_years),
        on(InstalmentReleased, releases_instalment),
        on(InstalmentLetGo, lets_go),
        on(AdvanceLetGo, lets_advance_go),
        on(RemedyChosen, asks_urgently),
        on(RecoveryOrdered, claims_back),
        on(RecoverySettled, ends_claim),
    ]
)
