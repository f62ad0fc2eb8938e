"""Read model: the household relief chain (一户一条救助链), each help of a person across cases, by the pseudonym."""

from collections.abc import Sequence
from typing import Any

from events.fact import Fact, Recorded
from events.relief import CaseOpened, HouseholdRelieved, ReliefCameBack
from events.relief_after import RecoverySettled, TownshipMoved
from events.relief_household import HelpElsewhere, HelpElsewhereNoted
from events.relief_persons import (
    HomeCountyAnswered,
    HomeCountyTold,
    IdentityEstablished,
    IdentityWithdrawn,
    RepeatFound,
    RepeatWithdrawn,
)
from events.relief_referral import ReferralClosed, ReferralSent
from events.shanghai import day_of
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
        case HelpElsewhereNoted() | ReferralSent() | ReferralClosed():
            return _by_others(fact, recorded)
        case RecoverySettled(how="received"):
            return [("recovered", (fact.case_id, fact.settlement_id, -fact.amount_fen, recorded.occurred_at))]
        case _:
            return ()


def _by_others(fact: HelpElsewhereNoted | ReferralSent | ReferralClosed, recorded: Recorded[Fact]) -> Sequence[Change]:
    """What others gave; a referral stands there once it has helped."""
    match fact:
        case HelpElsewhereNoted():
            return [("noted", _told(fact.help))]
        case ReferralSent():
            return [("referred", (fact.referral_id, fact.case_id, fact.partner, fact.organisation))]
        case ReferralClosed(result="helped"):
            on = fact.helped_on or day_of(recorded.occurred_at)
            return [("referral_helped", (fact.referral_id, on, fact.amount_fen))]
        case ReferralClosed():
            return ()


def _told(one: HelpElsewhere) -> tuple[Any, ...]:
    who = (one.grant_id, one.person, one.scheme, one.organisation)
    return (*who, one.cause, one.on, one.amount_fen, one.reference)


CHAIN = ReadModel(name="chain", version=5, tables=("links", "helps", "homes", "elsewhere"), sql=SQL, changes=changes)
