"""Who it is (身份核实): established later, perhaps a person whom another case has helped, perhaps withdrawn again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from events.relief_persons import (
    DuplicateChecked,
    HomeAnswer,
    HomeCountyAnswered,
    HomeCountyTold,
    IdentityEstablished,
    IdentityWithdrawn,
    LastingCauseFound,
    PersonFact,
    PoliceAnswered,
    PoliceAsked,
    RepeatFound,
    RepeatWithdrawn,
)
from events.relief_words import advance_claim
from services.chassis.decider import Circumstances, Refused
from services.relief.steps.case_file import CaseFile, stream_of

# --- commands


@dataclass(frozen=True, slots=True)
class EstablishIdentity:
    """Say who the person is, by the pseudonym."""

    person: str
    lasting: LastingCauseFound | None = None
    """What is put down where the household's help for the cause, with the case's own, has lasted (同一事由持续较长)."""


@dataclass(frozen=True, slots=True)
class WithdrawIdentity:
    """Say that it is not this person after all; the reason as a code."""

    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckDuplicates:
    """Put down what other counties said, or that they did not answer in time."""

    result: Literal["pending", "none", "found"]


@dataclass(frozen=True, slots=True)
class AskPolice:
    """Ask the police who it is (公安身份核查)."""

    check_id: str
    reference: str


@dataclass(frozen=True, slots=True)
class NotePoliceAnswer:
    """Put down what the police answered."""

    check_id: str
    result: Literal["found", "not_found"]


@dataclass(frozen=True, slots=True)
class TellHomeCounty:
    """Tell the county of the person's hukou (户籍地), and ask it to help with the audit."""

    home_county: str


@dataclass(frozen=True, slots=True)
class NoteHomeAnswer:
    """Put down what the county of the hukou answered; the document by its digest."""

    home_county: str
    result: HomeAnswer
    record_sha256: str


HomeCommand = TellHomeCounty | NoteHomeAnswer
PersonCommand = EstablishIdentity | WithdrawIdentity | CheckDuplicates | AskPolice | NotePoliceAnswer | HomeCommand

# --- state


@dataclass(frozen=True, slots=True)
class Whose:
    """What was found out about the person after the case was opened."""

    person: str | None = None
    claims: bool = False
    withdrawn: frozenset[str] = frozenset()
    """Who it is not, whatever a report or somebody else has said."""
    repeats: tuple[str, ...] = ()
    """The streams of other cases that have helped the same person for the same incident."""
    duplicates: Literal["pending", "none", "found"] | None = None
    asked: frozenset[str] = frozenset()
    """The police checks that are not answered yet."""
    answered: frozenset[str] = frozenset()
    is_lasting: bool = False
    """Help for its cause has lasted, and that was put down."""
    homes: Mapping[str, HomeAnswer | None] = field(default_factory=dict[str, HomeAnswer | None])
    """The counties of the hukou that were told, with their last answer; ``None`` is none yet."""
    home_papers: frozenset[tuple[str, str]] = frozenset()
    """By county, the documents that came with their answers."""


# --- decide


def decide(case: CaseFile, whose: Whose, command: PersonCommand, now: Circumstances) -> tuple[PersonFact, ...]:
    """What is known of the person. Raises ``Refused`` for a senseless command."""
    match command:
        case EstablishIdentity():
            return _establish(case, whose, command, now)
        case WithdrawIdentity():
            return _withdraw(case, whose, command, now.actor.id)
        case CheckDuplicates(result):
            checked = DuplicateChecked(case_id=case.case_id, result=result, checked_by=now.actor.id)
            return () if whose.duplicates == result else (checked,)
        case AskPolice():
            return _ask(case, whose, command, now.actor.id)
        case NotePoliceAnswer():
            return _note(case, whose, command, now.actor.id)
        case TellHomeCounty():
            return _tell_home(case, whose, command, now.actor.id)
        case NoteHomeAnswer():
            return _note_home(case, whose, command, now.actor.id)


def _tell_home(case: CaseFile, whose: Whose, command: TellHomeCounty, by: str) -> tuple[PersonFact, ...]:
    if command.home_county in whose.homes:
        return ()
    opened = case.opened
    if command.home_county == opened.county:
        raise Refused("home_is_here", "户籍地就是本县(市、区),无需告知。")
    told = HomeCountyTold(
        case_id=case.case_id,
        home_county=command.home_county,
        county=opened.county,
        township=opened.township,
        cause=opened.cause,
        person=case.person,
        told_by=by,
    )
    return (told,)


def _note_home(case: CaseFile, whose: Whose, command: NoteHomeAnswer, by: str) -> tuple[PersonFact, ...]:
    if command.home_county not in whose.homes:
        raise Refused("home_not_told", "该个案没有告知过这个户籍地,请核对区划代码。")
    paper = (command.home_county, command.record_sha256)
    if whose.homes[command.home_county] == command.result and paper in whose.home_papers:
        return ()
    answered = HomeCountyAnswered(
        case_id=case.case_id,
        home_county=command.home_county,
        result=command.result,
        record_sha256=command.record_sha256,
        noted_by=by,
    )
    return (answered,)


def _ask(case: CaseFile, whose: Whose, command: AskPolice, by: str) -> tuple[PersonFact, ...]:
    if command.check_id in whose.asked | whose.answered:
        return ()
    if case.person is not None:
        raise Refused("identity_known", "该个案的身份已经核实,无需请公安机关核查。")
    asked = PoliceAsked(case_id=case.case_id, check_id=command.check_id, reference=command.reference, asked_by=by)
    return (asked,)


def _note(case: CaseFile, whose: Whose, command: NotePoliceAnswer, by: str) -> tuple[PersonFact, ...]:
    if command.check_id in whose.answered:
        return ()
    if command.check_id not in whose.asked:
        raise Refused("unknown_check", "该个案没有这次核查,请核对编号。")
    noted = PoliceAnswered(case_id=case.case_id, check_id=command.check_id, result=command.result, noted_by=by)
    return (noted,)


def _establish(case: CaseFile, whose: Whose, command: EstablishIdentity, now: Circumstances) -> tuple[PersonFact, ...]:
    if whose.person == command.person:
        return ()
    if case.person not in (None, command.person):
        raise Refused("identity_known", "该个案的身份已经核实为他人,如有错误请先撤销。")
    own = stream_of(case.case_id)
    owner = now.owners.get(advance_claim(command.person, case.opened.cause))
    helped = case.relieved_at is not None or case.advanced_fen > 0
    established = IdentityEstablished(
        case_id=case.case_id,
        person=command.person,
        cause=case.opened.cause,
        claims=helped and owner is None,
        established_by=now.actor.id,
    )
    if owner in (None, own):
        return (established,)
    return established, RepeatFound(case_id=case.case_id, person=command.person, other=owner)


def _withdraw(case: CaseFile, whose: Whose, command: WithdrawIdentity, by: str) -> tuple[PersonFact, ...]:
    """The person is neither the one who was established nor the one whom a report has named."""
    if case.person != command.person:
        raise Refused("not_this_person", "该个案的求助对象不是此人,无需撤销。")
    withdrawn = IdentityWithdrawn(
        case_id=case.case_id,
        person=command.person,
        cause=case.opened.cause,
        claims=case.holds_claim,
        reason=command.reason,
        withdrawn_by=by,
    )
    if not whose.repeats:
        return (withdrawn,)
    return withdrawn, RepeatWithdrawn(case_id=case.case_id, person=command.person)


# --- evolve


def evolve(whose: Whose, fact: PersonFact) -> Whose:
    """What is known after a fact."""
    match fact:
        case IdentityEstablished():
            withdrawn = whose.withdrawn - {fact.person}
            return replace(whose, person=fact.person, claims=fact.claims, withdrawn=withdrawn)
        case IdentityWithdrawn():
            withdrawn = whose.withdrawn | {fact.person}
            return replace(whose, person=None, claims=False, withdrawn=withdrawn, is_lasting=False)
        case RepeatFound():
            return replace(whose, repeats=(*whose.repeats, fact.other))
        case RepeatWithdrawn():
            return replace(whose, repeats=())
        case DuplicateChecked():
            return replace(whose, duplicates=fact.result)
        case LastingCauseFound():
            return replace(whose, is_lasting=True)
        case PoliceAsked():
            return replace(whose, asked=whose.asked | {fact.check_id})
        case HomeCountyTold():
            return replace(whose, homes={fact.home_county: None, **whose.homes})
        case HomeCountyAnswered():
            papers = whose.home_papers | {(fact.home_county, fact.record_sha256)}
            return replace(whose, homes={**whose.homes, fact.home_county: fact.result}, home_papers=papers)
        case PoliceAnswered():
            return replace(whose, asked=whose.asked - {fact.check_id}, answered=whose.answered | {fact.check_id})
