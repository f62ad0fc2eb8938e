"""What is asked of a household (户) when a case decides, and of other counties before it does (查重)."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from events.fact import Recorded
from events.relief_household import CountedHelp, HouseholdFact
from events.relief_words import decision_claim
from events.words import Cause
from services.chassis.event_store import StoreUnavailable
from services.chassis.mount import Mounted
from services.chassis.replay import recorded
from services.chassis.unit import Directed
from services.relief.case import DECIDER as CASE
from services.relief.case_commands import CaseCommand, CloseCase, DecideAdvance
from services.relief.case_state import Case, cost_fen
from services.relief.desk import Dossier, facts_of, shelf_of
from services.relief.household import DECIDER, Household, household_of
from services.relief.household_chain import CHAIN, SQL
from services.relief.household_commands import CountHelp, SettleHelp
from services.relief.policy import Policy
from services.relief.steps.approval import SignApproval
from services.relief.steps.case_file import stream_of
from services.relief.steps.ending import EndEarly, RefuseRelief
from services.relief.steps.fast_track import ChooseRemedy, GiveSmallFast
from services.relief.steps.identity import CheckDuplicates, EstablishIdentity, WithdrawIdentity
from services.relief.working_days import day_of


@dataclass(frozen=True, slots=True)
class Consulted:
    """What goes with a command: parts before the case decides, parts after it, and claims to be asked about."""

    before: tuple[Directed, ...] = ()
    after: tuple[Directed, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case on whose command a household is consulted."""

    service: Mounted
    found: Dossier
    at: datetime

    @property
    def day(self) -> date:
        return day_of(self.at)

    @property
    def policy(self) -> Policy:
        return shelf_of(self.service).policies.policy(self.found.opened.county, self.day)

    async def case(self) -> Case:
        known = CASE.initial
        for one in await facts_of(self.service, self.found, None):
            known = CASE.evolve(known, one)
        assert known is not None
        return known


async def consulted(service: Mounted, found: Dossier, made: CaseCommand, at: datetime) -> Consulted:
    """What a command of a case has to do with the household of its person; nothing where nobody is known."""
    asked = _Asked(service, found, at)
    match made:
        case EstablishIdentity(person):
            return Consulted(after=await _counted_later(asked, person))
        case WithdrawIdentity(person):
            return Consulted(after=(await _settling(asked, person, {}),))
        case _:
            person = found.established or found.opened.person
            return Consulted() if person is None else await _of_known(asked, made, person)


async def _of_known(asked: _Asked, made: CaseCommand, person: str) -> Consulted:
    match made:
        case DecideAdvance():
            before = await _duplicates(asked, person)
            total_fen = made.amount_fen + cost_fen(made.goods)
            return await _counting(asked, person, made.decision_id, total_fen, before)
        case GiveSmallFast():
            return await _counting(asked, person, made.decision_id, made.amount_fen)
        case SignApproval():
            approval = (await asked.case()).approvals.known.get(made.approval_id)
            total_fen = 0 if approval is None else approval.proposed.plan.ceiling_fen
            return await _counting(asked, person, made.approval_id, total_fen)
        case ChooseRemedy():
            return Consulted(asks=(decision_claim(made.decision_id),))
        case CloseCase() | RefuseRelief() | EndEarly():
            case = await asked.case()
            kept = {key: case.received_fen(key) for key in (*case.decisions, *case.approvals.known)}
            return Consulted(after=(await _settling(asked, person, kept),))
        case _:
            return Consulted()


async def _counting(
    asked: _Asked, person: str, decision_id: str, total_fen: int, before: tuple[Directed, ...] = ()
) -> Consulted:
    asks = (decision_claim(decision_id),)
    household = (await household_at(asked.service, asked.found.division, person))[0]
    count = CountHelp(household, _help(asked, person, decision_id, total_fen), asked.policy)
    return Consulted(before, (Directed(household_of(household), count, asks),), asks)


def _help(asked: _Asked, person: str, decision_id: str, total_fen: int) -> CountedHelp:
    opened = asked.found.opened
    cause: Cause = opened.cause
    return CountedHelp(
        case_id=opened.case_id, decision_id=decision_id, person=person, cause=cause, on=asked.day, amount_fen=total_fen
    )


async def _counted_later(asked: _Asked, person: str) -> tuple[Directed, ...]:
    """Who the person is was found out after help was decided: it counts, and nothing is refused for it."""
    case = await asked.case()
    household = (await household_at(asked.service, asked.found.division, person))[0]
    decided = {key: one.total_fen for key, one in case.decisions.items() if one.counts or case.has_any_of(key)}
    approved = {key: case.decided_fen(key) or 0 for key in case.approvals.known if case.approvals.of(key)}
    return tuple(
        Directed(
            household_of(household),
            CountHelp(household, _help(asked, person, key, total_fen), asked.policy, found_later=True),
        )
        for key, total_fen in (decided | approved).items()
    )


async def _settling(asked: _Asked, person: str, kept_fen: dict[str, int]) -> Directed:
    household = (await household_at(asked.service, asked.found.division, person))[0]
    return Directed(household_of(household), SettleHelp(household, asked.found.opened.case_id, kept_fen))


async def household_at(service: Mounted, division: str, person: str) -> tuple[str, Household]:
    """The household in which a person is judged in a county, by whose it is, and what is known of it."""
    own = await _known(service, division, person)
    return (person, own) if own.into is None else (own.into, await _known(service, division, own.into))


async def _known(service: Mounted, division: str, person: str) -> Household:
    household = DECIDER.initial
    for row in await service.store.load({(division, household_of(person)): 0}):
        household = DECIDER.evolve(household, cast(Recorded[HouseholdFact], recorded(row)))
    return household


async def _duplicates(asked: _Asked, person: str) -> tuple[Directed, ...]:
    """What other counties gave for the same cause; no answer within the policy's seconds leaves it pending."""
    rule = asked.policy.rules.chain_check
    if rule is None or rule.seconds is None:
        return ()
    check = CheckDuplicates(await _elsewhere(asked, person, rule.seconds))
    return (Directed(stream_of(asked.found.opened.case_id), check),)


async def _elsewhere(asked: _Asked, person: str, seconds: int) -> Literal["pending", "none", "found"]:
    opened = asked.found.opened
    try:
        async with asyncio.timeout(seconds), asked.service.projectors[CHAIN.name].reading() as connection:
            rows = await connection.fetch(SQL["elsewhere"], person, opened.county, opened.cause, asked.at)
    except (TimeoutError, StoreUnavailable):
        return "pending"
    return "found" if rows else "none"
