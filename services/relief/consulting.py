"""What is asked of a household (户) when a case decides, and of other counties before it does (查重)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, cast

from events.fact import Recorded
from events.ledger import Voided
from events.relief import CaseFact
from events.relief_household import CountedHelp, HouseholdFact, PersonBarred
from events.relief_words import decision_claim
from events.words import Cause
from services.chassis.event_store import EventStore, StoreUnavailable
from services.chassis.mount import Mounted
from services.chassis.replay import recorded
from services.chassis.unit import Directed
from services.relief.case import DECIDER as CASE
from services.relief.case_commands import CaseCommand, CloseCase, DecideAdvance
from services.relief.case_state import Case, cost_fen
from services.relief.desk import Dossier, facts_of, shelf_of
from services.relief.disqualification import DECIDER as DISQUALIFICATION
from services.relief.disqualification import BarPerson, disqualification_of
from services.relief.household import DECIDER, Household, household_of
from services.relief.household_chain import CHAIN, SQL
from services.relief.household_commands import CountHelp, SettleHelp
from services.relief.policy import Policy
from services.relief.repetition import elsewhere_fen
from services.relief.steps.approval import ProposeApproval, SignApproval
from services.relief.steps.case_file import stream_of
from services.relief.steps.county import ConcludeReview, barred_until
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
    made: CaseCommand | None = None
    """The command with what the household has had, where the case judges by that."""


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
            return Consulted() if person is None else await _of_known(asked, await _barred(asked, made, person), person)


async def _barred(asked: _Asked, made: CaseCommand, person: str) -> CaseCommand:
    """The command with until when no application of the person is taken, where that is asked for."""
    if not isinstance(made, DecideAdvance | GiveSmallFast | ProposeApproval | SignApproval):
        return made
    stream = (asked.found.division, disqualification_of(person))
    known = DISQUALIFICATION.initial
    for row in await asked.service.store.load({stream: 0}):
        known = DISQUALIFICATION.evolve(known, cast(Recorded[PersonBarred], recorded(row)))
    return made if known.until is None else replace(made, barred_until=known.until)


def _barring(asked: _Asked, made: ConcludeReview, person: str) -> Consulted:
    until, rule = barred_until(made, asked.day), made.policy.rules.disqualification
    if until is None or rule is None:
        return Consulted()
    bar = BarPerson(person, asked.found.opened.case_id, until, rule.clause)
    return Consulted(after=(Directed(disqualification_of(person), bar),))


async def _of_known(asked: _Asked, made: CaseCommand, person: str) -> Consulted:
    match made:
        case DecideAdvance():
            return await _advancing(asked, person, made)
        case ProposeApproval():
            earlier_fen = await _elsewhere_fen(asked, person, made.approval_id)
            return Consulted(made=replace(made, elsewhere_fen=earlier_fen))
        case GiveSmallFast():
            given = _help(asked, person, made.decision_id, made.amount_fen)
            return replace(await _counting(asked, given), made=made)
        case SignApproval():
            approval = (await asked.case()).approvals.known.get(made.approval_id)
            total_fen = 0 if approval is None else approval.proposed.plan.ceiling_fen
            by_township = approval is not None and approval.proposed.level == "township"
            given = _help(asked, person, made.approval_id, total_fen)
            return replace(await _counting(asked, given, by_township=by_township), made=made)
        case ConcludeReview():
            return _barring(asked, made, person)
        case ChooseRemedy():
            return Consulted(asks=(decision_claim(made.decision_id),))
        case CloseCase() | RefuseRelief() | EndEarly():
            case = await asked.case()
            return Consulted(after=(await _settling(asked, person, case.kept_fen()),))
        case _:
            return Consulted()


async def _advancing(asked: _Asked, person: str, made: DecideAdvance) -> Consulted:
    """The county decides whatever other cases gave; a township inside what they have left it of the year."""
    before = await _duplicates(asked, person)
    given = _help(asked, person, made.decision_id, made.amount_fen + cost_fen(made.goods))
    counting = await _counting(asked, given, by_township=not made.by_county)
    if made.by_county:
        return replace(counting, before=before, made=made)
    earlier_fen = await _elsewhere_fen(asked, person, made.decision_id)
    return replace(counting, before=before, made=replace(made, elsewhere_fen=earlier_fen))


async def _elsewhere_fen(asked: _Asked, person: str, decision_id: str) -> int:
    """What counts of other cases, unless this one may be helped all the same."""
    _, known = await household_at(asked.service.store, asked.found.division, person)
    given = _help(asked, person, decision_id, 0)
    return 0 if given.case_id in known.allowed else elsewhere_fen(known.helps.values(), given, asked.policy)


async def _counting(asked: _Asked, given: CountedHelp, *, by_township: bool = False) -> Consulted:
    asks = (decision_claim(given.decision_id),)
    household = (await household_at(asked.service.store, asked.found.division, given.person))[0]
    count = CountHelp(household, given, asked.policy, by_township=by_township)
    return Consulted(after=(Directed(household_of(household), count, asks),), asks=asks)


def _help(asked: _Asked, person: str, decision_id: str, total_fen: int) -> CountedHelp:
    opened = asked.found.opened
    cause: Cause = opened.cause
    return CountedHelp(
        case_id=opened.case_id, decision_id=decision_id, person=person, cause=cause, on=asked.day, amount_fen=total_fen
    )


async def _counted_later(asked: _Asked, person: str) -> tuple[Directed, ...]:
    """Who the person is was found out after help was decided: it counts, and nothing is refused for it."""
    case = await asked.case()
    household = (await household_at(asked.service.store, asked.found.division, person))[0]
    decided = {key: one.total_fen for key, one in case.decisions.items() if one.counts or case.has_any_of(key)}
    approved = {key: case.decided_fen(key) or 0 for key in case.approvals.known if case.approvals.of(key)}
    return tuple(
        Directed(
            household_of(household),
            CountHelp(household, _help(asked, person, key, total_fen), asked.policy, found_later=True),
        )
        for key, total_fen in (decided | approved).items()
    )


async def _settling(asked: _Asked, person: str, kept_fen: Mapping[str, int]) -> Directed:
    household = (await household_at(asked.service.store, asked.found.division, person))[0]
    return Directed(household_of(household), SettleHelp(household, asked.found.opened.case_id, kept_fen))


async def settled_again(store: EventStore, division: str, said: Voided) -> tuple[Directed, ...]:
    """What a closed case had given has come back and is not paid anew: the household keeps only the rest of it."""
    case: Case | None = CASE.initial
    for row in await store.load({(division, stream_of(said.case_id)): 0}):
        case = CASE.evolve(case, cast(Recorded[CaseFact], recorded(row)))
    if case is None or case.closed is None or case.person is None:
        return ()
    household = (await household_at(store, division, case.person))[0]
    settle = SettleHelp(household, said.case_id, case.kept_fen(without=said.hold_id))
    return (Directed(household_of(household), settle),)


async def household_at(store: EventStore, division: str, person: str) -> tuple[str, Household]:
    """The household in which a person is judged in a county, by whose it is, and what is known of it."""
    own = await _known(store, division, person)
    return (person, own) if own.into is None else (own.into, await _known(store, division, own.into))


async def _known(store: EventStore, division: str, person: str) -> Household:
    household = DECIDER.initial
    for row in await store.load({(division, household_of(person)): 0}):
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
