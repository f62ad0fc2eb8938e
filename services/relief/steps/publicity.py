"""Publicity (公示): what the policy wants posted is posted, objected to, looked into, and ended; nothing else is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, Protocol

from events.relief_inquiry import NoticeEnded, NoticeObjected, NoticePosted, ObjectionAnswered, ReliefType
from events.rules import NoticeTerm, Posting
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.policy import Policy, required
from services.relief.steps.case_file import CaseFile
from services.relief.working_days import Calendar

# --- commands


@dataclass(frozen=True, slots=True)
class PostNotice:
    """Post the intended relief."""

    notice_id: str
    policy: Policy
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class ObjectToNotice:
    """Put down an objection; the reason as a code."""

    notice_id: str
    objection_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerObjection:
    """Put down what a visit for the objection has shown."""

    notice_id: str
    objection_id: str
    visit_id: str
    upheld: bool
    policy: Policy
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class EndNotice:
    """Say that the notice has stood its time."""

    notice_id: str


PublicityCommand = PostNotice | ObjectToNotice | AnswerObjection | EndNotice
PublicityFact = NoticePosted | NoticeObjected | ObjectionAnswered | NoticeEnded

# --- state


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice, until when it stands, and the objections that nobody has looked into yet."""

    ends_on: date
    open_objections: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    standing: Literal["posted", "withdrawn", "ended"] = "posted"


# --- decide


class Found(Protocol):
    """What publicity asks of the inquiry around it."""

    @property
    def relief_type(self) -> ReliefType | None:
        """Which type of relief this is."""
        ...

    @property
    def visits(self) -> Mapping[str, datetime]:
        """The visits to the household."""
        ...

    @property
    def notices(self) -> Mapping[str, Notice]:
        """What was posted."""
        ...


def decide(case: CaseFile, found: Found, command: PublicityCommand, now: Circumstances) -> tuple[PublicityFact, ...]:
    """What happens to a notice. Raises ``Refused`` for a senseless command."""
    if isinstance(command, PostNotice):
        return _post(case, found, command, now)
    notice = found.notices.get(command.notice_id)
    if notice is None:
        raise Refused("unknown_notice", "该个案没有这次公示,请核对编号。")
    match command:
        case ObjectToNotice():
            return _object(case, notice, command)
        case AnswerObjection():
            if command.visit_id not in found.visits:
                raise Refused("not_investigated", "对公示异议须先补充入户调查。")
            return _answer(case, found, command, now)
        case EndNotice():
            return _end(case, notice, command, now)


def _posting(policy: Policy, relief_type: ReliefType | None) -> Posting:
    rule = required(policy.rules.publicity, "publicity")
    posting = rule.expenditure if relief_type == "expenditure" else rule.emergency
    if posting is None:
        raise Refused("nothing_to_post", "按规定该类救助不公示。")
    return posting


def _term(posting: Posting) -> NoticeTerm:
    return NoticeTerm(days=posting.days, unit=posting.unit)


def _post(case: CaseFile, found: Found, command: PostNotice, now: Circumstances) -> tuple[PublicityFact, ...]:
    posting = _posting(command.policy, found.relief_type)
    if command.notice_id in found.notices:
        return ()
    posted = NoticePosted(
        case_id=case.case_id,
        notice_id=command.notice_id,
        levels=posting.levels,
        masked=posting.masked,
        ends_on=command.calendar.due(day_of(now.occurred_at), posting.days, posting.unit).on,
        clause=required(command.policy.rules.publicity, "publicity").clause,
        posted_by=now.actor.id,
        term=_term(posting),
    )
    return (posted,)


def _object(case: CaseFile, notice: Notice, command: ObjectToNotice) -> tuple[PublicityFact, ...]:
    if command.objection_id in notice.open_objections | notice.answered:
        return ()
    if notice.standing != "posted":
        raise Refused("notice_over", "公示已经结束或撤下。")
    objected = NoticeObjected(
        case_id=case.case_id,
        notice_id=command.notice_id,
        objection_id=command.objection_id,
        reason=command.reason,
    )
    return (objected,)


def _answer(case: CaseFile, found: Found, command: AnswerObjection, now: Circumstances) -> tuple[PublicityFact, ...]:
    """A notice whose objection was not upheld stands its whole time again."""
    notice = found.notices[command.notice_id]
    if command.objection_id in notice.answered:
        return ()
    if command.objection_id not in notice.open_objections:
        raise Refused("unknown_objection", "没有这项异议,请核对编号。")
    posting = _posting(command.policy, found.relief_type)
    answered = ObjectionAnswered(
        case_id=case.case_id,
        notice_id=command.notice_id,
        objection_id=command.objection_id,
        visit_id=command.visit_id,
        upheld=command.upheld,
        ends_on=command.calendar.due(day_of(now.occurred_at), posting.days, posting.unit).on,
        answered_by=now.actor.id,
        term=_term(posting),
    )
    return (answered,)


def _end(case: CaseFile, notice: Notice, command: EndNotice, now: Circumstances) -> tuple[PublicityFact, ...]:
    if notice.standing == "ended":
        return ()
    if notice.standing == "withdrawn" or notice.open_objections:
        raise Refused("objection_open", "公示有异议尚未处理或已撤下,不能结束公示。")
    if day_of(now.occurred_at) <= notice.ends_on:
        raise Refused("notice_running", "公示期尚未届满。")
    return (NoticeEnded(case_id=case.case_id, notice_id=command.notice_id),)


# --- evolve


def evolve(notices: Mapping[str, Notice], fact: PublicityFact) -> Mapping[str, Notice]:
    """The notices after a fact."""
    if isinstance(fact, NoticePosted):
        return {**notices, fact.notice_id: Notice(fact.ends_on)}
    known = notices.get(fact.notice_id)
    return notices if known is None else {**notices, fact.notice_id: _changed(known, fact)}


def _changed(notice: Notice, fact: NoticeObjected | ObjectionAnswered | NoticeEnded) -> Notice:
    match fact:
        case NoticeObjected():
            return replace(notice, open_objections=notice.open_objections | {fact.objection_id})
        case ObjectionAnswered():
            return replace(
                notice,
                ends_on=fact.ends_on,
                open_objections=notice.open_objections - {fact.objection_id},
                answered=notice.answered | {fact.objection_id},
                standing="withdrawn" if fact.upheld else notice.standing,
            )
        case NoticeEnded():
            return replace(notice, standing="ended")
