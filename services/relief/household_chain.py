"""Read model: the household relief chain (一户一条救助链), each help of a person across cases, by the pseudonym."""

from collections.abc import Sequence

from events.fact import Fact, Recorded
from events.relief import CaseOpened, HouseholdRelieved, ReliefCameBack
from events.relief_after import RecoverySettled, TownshipMoved
from events.relief_persons import (
    HomeCountyAnswered,
    HomeCountyTold,
    IdentityEstablished,
    IdentityWithdrawn,
    RepeatFound,
    RepeatWithdrawn,
)
from services.chassis.changes import Change
from services.chassis.projection import ReadModel
from services.chassis.sql import statements
from services.relief.case_state import cost_fen
from services.relief.signal import known_by

SQL = statements("services.relief", "household_chain.sql")

_GOODS = ""
"""Stands for the payment of help that is no money."""


def changes(recorded: Recorded[Fact]) -> Sequence[Change]:
    """What a fact changes in the chain. A person who is not known is in nobody's."""
    fact = recorded.fact
    match fact:
        case CaseOpened():
            return [("opened", (fact.case_id, fact.county, fact.township, fact.cause, fact.person))]
        case TownshipMoved():
            return [("moved", (fact.case_id, fact.to_township))]
        case IdentityEstablished():
            return [("established", (fact.case_id, fact.person))]
        case IdentityWithdrawn():
            return [("withdrawn", (fact.case_id,))]
        case HomeCountyTold():
            return [("told_at_home", (fact.case_id, fact.home_county, recorded.occurred_at))]
        case HomeCountyAnswered():
            return [("answered_at_home", (fact.case_id, fact.home_county, fact.result))]
        case RepeatFound():
            return [("repeats", (fact.case_id, fact.other))]
        case RepeatWithdrawn():
            return [("repeats_not", (fact.case_id,))]
        case HouseholdRelieved():
            at = known_by(fact.relieved_at, recorded.recorded_at)
            total_fen = fact.amount_fen + cost_fen(fact.goods)
            return [("helped", (fact.case_id, fact.decision_id, fact.payment_id or _GOODS, total_fen, at))]
        case ReliefCameBack():
            return [("came_back", (fact.case_id, fact.decision_id, fact.payment_id))]
        case RecoverySettled(how="received"):
            return [("recovered", (fact.case_id, fact.settlement_id, -fact.amount_fen, recorded.occurred_at))]
        case _:
            return ()


CHAIN = ReadModel(name="chain", version=4, tables=("links", "helps", "homes"), sql=SQL, changes=changes)
