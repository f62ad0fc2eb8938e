"""What is asked of a household (户) when a case decides, and of other counties before it does (查重)."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Literal

from events.relief_household import CountedHelp, HelpElsewhere
from events.relief_persons import LastingCauseFound
from events.relief_words import decision_claim
from events.shanghai import day_of
from events.words import Cause
from services.chassis.event_store import EventStore, StoreUnavailable
from services.chassis.mount import Mounted
from services.chassis.replay import state_of
from services.chassis.unit import Directed, TakenOver
from services.relief.case import DECIDER as CASE
from services.relief.case_commands import CaseCommand, CloseCase, DecideAdvance, LetAdvanceGo
from services.relief.case_state import Case
from services.relief.counting import as_decided, as_found, as_it_stands, last_help
from services.relief.desk import Dossier, policy_cache
from services.relief.disqualification import DECIDER as DISQUALIFICATION
from services.relief.disqualification import BarPerson, disqualification_of
from services.relief.household import DECIDER, household_of
from services.relief.household_chain import CHAIN, SQL
from services.relief.household_commands import CountFoundLater, CountHelp, SettleHelp
from services.relief.household_state import Household
from services.relief.policy import Policy
from services.relief.repetition import elsewhere_fen, lasting, told_elsewhere_fen
from services.relief.steps.amount import with_told
from services.relief.steps.approval import ProposeApproval, SignApproval, StopApproval
from services.relief.steps.case_file import stream_of
from services.relief.steps.county import ConcludeReview, Override, barred_until
from services.relief.steps.ending import EndEarly, RefuseRelief
from services.relief.steps.fast_track import ChooseRemedy, GiveSmallFast
from services.relief.steps.identity import CheckDuplicates, EstablishIdentity, WithdrawIdentity
from services.relief.steps.instalment import LetGoInstalment

_FREEING = (LetAdvanceGo, StopApproval, LetGoInstalment, Override, CloseCase, RefuseRelief, EndEarly)
"""After these less may stand of a case than was counted."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """What goes with a command: parts before the case decides, parts after it, and claims to be asked about."""

    before: tuple[Directed, ...] = ()
    after: tuple[Directed, ...] = ()
    asks: tuple[str, ...] = ()
    made: CaseCommand | None = None
    """The command with what the household has had, where the case judges by that."""


_Whose = tuple[str, Household]
"""A household by whose it is, and what is known of it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case on whose command a household is consulted, which is read once: all parts go by the same."""

    service: Mounted
    found: Dossier
    at: datetime
    _read: dict[str, _Whose] = field(default_factory=dict[str, _Whose])

    @property
    def day(self) -> date:
        return day_of(self.at)

    @property
    def policy(self) -> Policy:
        return policy_cache(self.service).policies.policy(self.found.opened.county, self.day)

    async def household(self, person: str) -> _Whose:
        if person not in self._read:
            self._read[person] = await household_at(self.service.store, self.found.division, person)
        return self._read[person]

    async def settling(self, person: str) -> Directed:
        """What was counted of the case for a person, put right by what the case has become in the same breath."""
        household, _ = await self.household(person)
        return _settling(household, self.found.opened.case_id, person, self.day)

    async def case(self) -> Case:
        known = await state_of(self.service.store, (self.found.division, stream_of(self.found.opened.case_id)), CASE)
        assert known is not None
        return known


async def consulted(service: Mounted, found: Dossier, made: CaseCommand, at: datetime) -> Consulted:
    """What a command of a case has to do with the household of its person; nothing where nobody is known."""
    asked = _Asked(service, found, at)
    match made:
        case EstablishIdentity(person):
            made = replace(made, lasting=await _lasting_since_found(asked, person))
            return Consulted(after=(await _counting_later(asked, person),), made=made)
        case WithdrawIdentity(person):
            return Consulted(after=(await asked.settling(person),))
        case _:
            person = found.person
            if person is None:
                return Consulted()
            made = await _allowed(asked, await _barred(asked, made, person), person)
            return await _of_known(asked, made, person)


async def _barred(asked: _Asked, made: CaseCommand, person: str) -> CaseCommand:
    """The command, told until when no application of the person is taken; for commands that ask for it."""
    if not isinstance(made, DecideAdvance | GiveSmallFast | ProposeApproval | SignApproval):
        return made
    stream = (asked.found.division, disqualification_of(person))
    known = await state_of(asked.service.store, stream, DISQUALIFICATION)
    return made if known.until is None else replace(made, barred_until=known.until)


async def _allowed(asked: _Asked, made: CaseCommand, person: str) -> CaseCommand:
    """The command, told what the household says to it; for commands that ask for it.

    That is whether the case may help first although another one has, and whether its cause is one that lasts.
    """
    if not isinstance(made, DecideAdvance | GiveSmallFast | ProposeApproval):
        return made
    _, household = await asked.household(person)
    number = made.approval_id if isinstance(made, ProposeApproval) else made.decision_id
    made = replace(made, lasting=lasting(household.helps.values(), _help(asked, person, number), asked.policy))
    if isinstance(made, ProposeApproval):
        told = await told_elsewhere(asked.service.store, asked.found.division, [person])
        told_fen = told_elsewhere_fen(told, _help(asked, person, number))
        return replace(made, grounds=with_told(made.policy, made.grounds, told_fen))
    return replace(made, allowed=asked.found.opened.case_id in household.also_first)


async def _lasting_since_found(asked: _Asked, person: str) -> LastingCauseFound | None:
    """Whether the cause turns out to have lasted, by the latest help that the case gave before anybody knew to whom."""
    given = last_help(await asked.case(), person, asked.day)
    if given is None:
        return None
    _, household = await asked.household(person)
    return lasting(household.helps.values(), given, asked.policy)


async def _barring(asked: _Asked, made: ConcludeReview, person: str) -> Consulted:
    settling = await asked.settling(person)
    until, rule = barred_until(made, asked.day), made.policy.rules.disqualification
    if until is None or rule is None:
        return Consulted(after=(settling,))
    bar = BarPerson(person, asked.found.opened.case_id, until, rule.clause)
    return Consulted(after=(settling, Directed(disqualification_of(person), bar)))


async def _of_known(asked: _Asked, made: CaseCommand, person: str) -> Consulted:
    match made:
        case DecideAdvance():
            return await _advancing(asked, person, made)
        case ProposeApproval():
            earlier_fen = await _elsewhere_fen(asked, person, made.approval_id)
            return Consulted(made=replace(made, elsewhere_fen=earlier_fen))
        case GiveSmallFast():
            before = await _duplicates(asked, person)
            return replace(await _counting(asked, person, made.decision_id), before=before, made=made)
        case SignApproval():
            approval = (await asked.case()).approvals.known.get(made.approval_id)
            by_township = approval is not None and approval.proposed.level == "township"
            return replace(await _counting(asked, person, made.approval_id, by_township=by_township), made=made)
        case ConcludeReview():
            return await _barring(asked, made, person)
        case ChooseRemedy():
            return Consulted(asks=(decision_claim(made.decision_id),))
        case _:
            return Consulted(after=(await asked.settling(person),)) if isinstance(made, _FREEING) else Consulted()


async def _advancing(asked: _Asked, person: str, made: DecideAdvance) -> Consulted:
    """The county decides whatever other cases gave; a township inside what they have left it of the year."""
    before = await _duplicates(asked, person)
    counting = await _counting(asked, person, made.decision_id, by_township=not made.by_county)
    if made.by_county:
        return replace(counting, before=before, made=made)
    earlier_fen = await _elsewhere_fen(asked, person, made.decision_id)
    return replace(counting, before=before, made=replace(made, elsewhere_fen=earlier_fen))


async def _elsewhere_fen(asked: _Asked, person: str, decision_id: str) -> int:
    """What counts of other cases, unless this one may be helped all the same."""
    _, known = await asked.household(person)
    given = _help(asked, person, decision_id)
    return 0 if given.case_id in known.allowed else elsewhere_fen(known.helps.values(), given, asked.policy)


async def _counting(asked: _Asked, person: str, decision_id: str, *, by_township: bool = False) -> Consulted:
    """What the decision takes the place of counts no more; then the decision itself is judged, and counts."""
    asks, (household, _) = (decision_claim(decision_id),), await asked.household(person)
    count = CountHelp(household, _help(asked, person, decision_id), asked.policy, by_township=by_township)
    decided = TakenOver(stream_of(count.help.case_id), as_decided)
    counting = Directed(household_of(household), count, asks, takes=decided)
    return Consulted(after=(await asked.settling(person), counting), asks=asks)


def _help(asked: _Asked, person: str, decision_id: str) -> CountedHelp:
    """A help whose amount is known once it is decided."""
    opened = asked.found.opened
    cause: Cause = opened.cause
    return CountedHelp(
        case_id=opened.case_id, decision_id=decision_id, person=person, cause=cause, on=asked.day, amount_fen=0
    )


async def _counting_later(asked: _Asked, person: str) -> Directed:
    """Who the person is was found out after help was decided: it counts, and nothing is refused for it."""
    household, _ = await asked.household(person)
    found = TakenOver(stream_of(asked.found.opened.case_id), partial(as_found, asked.day))
    return Directed(household_of(household), CountFoundLater(household, asked.policy), takes=found)


def _settling(household: str, case_id: str, person: str, on: date) -> Directed:
    standing = TakenOver(stream_of(case_id), partial(as_it_stands, person, on))
    return Directed(household_of(household), SettleHelp(household, case_id), takes=standing)


async def settled(store: EventStore, division: str, case_id: str, on: date) -> tuple[Directed, ...]:
    """What others' word on a case means for the household of its person, as the case is when that is taken in."""
    case = await state_of(store, (division, stream_of(case_id)), CASE)
    if case is None or case.person is None:
        return ()
    household, _ = await household_at(store, division, case.person)
    return (_settling(household, case_id, case.person, on),)


async def household_at(store: EventStore, division: str, person: str) -> _Whose:
    """The household in which a person is judged in a county, by whose it is, and what is known of it."""
    own = await state_of(store, (division, household_of(person)), DECIDER)
    if own.into is None:
        return person, own
    return own.into, await state_of(store, (division, household_of(own.into)), DECIDER)


async def told_elsewhere(store: EventStore, division: str, persons: Iterable[str]) -> Sequence[HelpElsewhere]:
    """What others have told that they gave these persons. It stays with each, whatever household they go into."""
    own = [await state_of(store, (division, household_of(person)), DECIDER) for person in persons]
    return [one for household in own for one in household.elsewhere.values()]


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
