"""How a case ends without its relief (不予救助、终止): refused in writing, or cut short."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from events.relief_after import (
    CaseEndedEarly,
    EndingFact,
    EntryCorrected,
    LetterDelivered,
    ReconsiderationNoted,
    ReliefRefused,
    ReportLeft,
)
from services.chassis.decider import Circumstances, Refused
from services.relief.policy import Policy
from services.relief.steps.case_file import CaseFile

# --- commands


@dataclass(frozen=True, slots=True)
class RefuseRelief:
    """Refuse relief, with the reason in a letter."""

    reason: str
    letter_sha256: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class LetReportLeave:
    """A report went to another county, whose case is ``to_case``, back to its hotline, or was an error."""

    report_id: str
    how: Literal["transferred", "returned", "voided"]
    to_county: str | None = None
    to_case: str | None = None


@dataclass(frozen=True, slots=True)
class DeliverLetter:
    """Put down that a letter reached the household."""

    letter_sha256: str
    how: Literal["in_person", "post", "left_at_home", "public_notice"]
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class NoteReconsideration:
    """Put down that the household disputes the decision."""

    kind: Literal["reconsideration", "litigation"]
    reference: str


@dataclass(frozen=True, slots=True)
class EndEarly:
    """The need ends: death, lost without trace, or withdrawn by the household."""

    why: Literal["death", "lost", "withdrawn"]


@dataclass(frozen=True, slots=True)
class CorrectEntry:
    """Say what is right about something put down wrongly; ``what`` names the item as a code."""

    about: str
    what: str
    correct_sha256: str


EndingCommand = RefuseRelief | LetReportLeave | DeliverLetter | NoteReconsideration | EndEarly | CorrectEntry

# --- state


@dataclass(frozen=True, slots=True)
class Ending:
    """How the case ended, if it did so."""

    refused: ReliefRefused | None = None
    ended: CaseEndedEarly | None = None
    left: frozenset[str] = frozenset()
    """The reports that are another county's now, or back at their hotline."""
    is_gone: bool = False
    """Every report has left."""
    delivered: frozenset[str] = frozenset()
    disputes: tuple[str, ...] = ()
    corrected: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_over(self) -> bool:
        """Whether no new help is decided any more."""
        return self.refused is not None or self.ended is not None or self.is_gone


# --- decide


def decide(case: CaseFile, ending: Ending, command: EndingCommand, now: Circumstances) -> tuple[EndingFact, ...]:
    """What ends the case. Raises ``Refused`` for a senseless command."""
    by = now.actor.id
    match command:
        case RefuseRelief():
            return _refuse(case, ending, command, by)
        case EndEarly():
            return _end(case, ending, command, by)
        case LetReportLeave():
            return _leave(case, ending, command)
        case DeliverLetter():
            return _deliver(case, ending, command)
        case NoteReconsideration():
            return _dispute(case, ending, command, by)
        case CorrectEntry():
            return _correct(case, ending, command, by)


def _refuse(case: CaseFile, ending: Ending, command: RefuseRelief, by: str) -> tuple[EndingFact, ...]:
    if ending.refused is not None:
        raise Refused("refused_already", "该个案已经作出不予救助决定。")
    _must_be_a_reason(case, command)
    if case.relieved_at is not None or not case.is_settled:
        raise Refused("help_stands", "已经给予或已经决定救助,不能再作不予救助决定。")
    return (
        ReliefRefused(
            case_id=case.case_id,
            report_ids=case.report_ids,
            reason=command.reason,
            letter_sha256=command.letter_sha256,
            refused_by=by,
            person=case.person if case.holds_claim else None,
            cause=case.opened.cause,
        ),
    )


def _must_be_a_reason(case: CaseFile, command: RefuseRelief) -> None:
    """Nobody is refused for lack of funds, nor in need for lack of papers, nor where they live but by the policy."""
    rules, is_urgent = command.policy.rules, case.opened.urgency != "normal"
    if command.reason == "funds_short":
        raise Refused("never_for_funds", "不得仅以备用金不足为由不予救助。")
    helps_first = rules.small_amount_first is not None and rules.small_amount_first.modal == "must"
    if command.reason == "papers_missing" and is_urgent and helps_first:
        raise Refused("help_comes_first", "情况紧急的应当先行救助、事后补齐手续,不得以材料不全为由不予救助。")
    if command.reason == "not_resident" and (is_urgent or rules.residence is None):
        raise Refused("residence_is_no_reason", "急难由发生地救助;本地政策没有居住期限要求的,也不得以此不予救助。")


def _end(case: CaseFile, ending: Ending, command: EndEarly, by: str) -> tuple[EndingFact, ...]:
    if ending.ended is not None:
        return ()
    if command.why == "lost" and not case.has_been_sought:
        raise Refused("not_sought", "尚无联系不上的记录,不能以失联终止,请先联系求助人并逐次登记。")
    return (CaseEndedEarly(case_id=case.case_id, report_ids=case.report_ids, why=command.why, ended_by=by),)


def _leave(case: CaseFile, ending: Ending, command: LetReportLeave) -> tuple[EndingFact, ...]:
    if command.report_id in ending.left or command.report_id not in case.report_ids:
        return ()
    is_last = ending.left.issuperset(one for one in case.report_ids if one != command.report_id)
    is_free = is_last and case.holds_claim and case.relieved_at is None
    return (
        ReportLeft(
            case_id=case.case_id,
            report_id=command.report_id,
            how=command.how,
            to_county=command.to_county,
            to_case=command.to_case,
            is_last=is_last,
            person=case.person if is_free else None,
            cause=case.opened.cause,
        ),
    )


def _deliver(case: CaseFile, ending: Ending, command: DeliverLetter) -> tuple[EndingFact, ...]:
    if command.letter_sha256 in ending.delivered:
        return ()
    return (
        LetterDelivered(
            case_id=case.case_id,
            letter_sha256=command.letter_sha256,
            how=command.how,
            delivered_at=command.delivered_at,
        ),
    )


def _dispute(case: CaseFile, ending: Ending, command: NoteReconsideration, by: str) -> tuple[EndingFact, ...]:
    if command.reference in ending.disputes:
        return ()
    return (ReconsiderationNoted(case_id=case.case_id, kind=command.kind, reference=command.reference, noted_by=by),)


def _correct(case: CaseFile, ending: Ending, command: CorrectEntry, by: str) -> tuple[EndingFact, ...]:
    if (command.about, command.correct_sha256) in ending.corrected:
        return ()
    return (
        EntryCorrected(
            case_id=case.case_id,
            about=command.about,
            what=command.what,
            correct_sha256=command.correct_sha256,
            corrected_by=by,
        ),
    )


# --- evolve


def evolve(ending: Ending, fact: EndingFact) -> Ending:
    """How it ended, after a fact."""
    match fact:
        case ReliefRefused():
            return replace(ending, refused=fact)
        case CaseEndedEarly():
            return replace(ending, ended=fact)
        case ReportLeft():
            return replace(ending, left=ending.left | {fact.report_id}, is_gone=ending.is_gone or fact.is_last)
        case LetterDelivered():
            return replace(ending, delivered=ending.delivered | {fact.letter_sha256})
        case ReconsiderationNoted():
            return replace(ending, disputes=(*ending.disputes, fact.reference))
        case EntryCorrected():
            return replace(ending, corrected=ending.corrected | {(fact.about, fact.correct_sha256)})
