"""A difference between bank and books (对账差异): open, assigned, proposed by a maker, approved by a checker, over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from events.bank import (
    Doubt,
    ExceptionAssigned,
    ExceptionEscalated,
    Level,
    TreatmentApproved,
    TreatmentProposed,
    TreatmentRejected,
)
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.ledger.matchable import EscalationTerms
from services.ledger.statement_commands import (
    ApproveTreatment,
    AssignException,
    EscalateException,
    ExceptionCommand,
    ProposeTreatment,
    RejectTreatment,
)

TaskFact = ExceptionAssigned | ExceptionEscalated | TreatmentProposed | TreatmentApproved | TreatmentRejected


@dataclass(frozen=True, slots=True)
class Task:
    """An exception as it stands: explained and other business are approved; cleared is over."""

    kind: Doubt
    amount_fen: int
    since: date
    standing: Literal["open", "assigned", "proposed", "explained", "other_business", "cleared"] = "open"
    owner: str | None = None
    proposed: TreatmentProposed | None = None
    escalated: Level | None = None

    @property
    def is_open(self) -> bool:
        """Whether it keeps the month from being closed."""
        return self.standing in ("open", "assigned", "proposed")

    @property
    def is_over(self) -> bool:
        """Whether nobody need look at it any more; what is explained is still to be seen to clear."""
        return self.standing in ("other_business", "cleared")


def decide(account_id: str, task: Task | None, command: ExceptionCommand, now: Circumstances) -> Sequence[TaskFact]:
    """What happens to a difference; nothing for a repeated command. Raises ``Refused`` for a senseless one."""
    if task is None:
        raise Refused("no_such_exception", "没有这项对账差异,请核对编号。")
    if task.standing == "cleared":
        raise Refused("exception_cleared", "这项对账差异已经了结。")
    named = {"account_id": account_id, "exception_id": command.exception_id}
    match command:
        case EscalateException():
            return _escalate(task, command, named, day_of(now.recorded_at))
        case AssignException():
            return () if task.owner == command.owner else (ExceptionAssigned(**named, owner=command.owner),)
        case ProposeTreatment():
            return _propose(task, command, named, now)
        case ApproveTreatment():
            return (_approve(task, command, named, now),)
        case RejectTreatment():
            proposed(task)
            return (TreatmentRejected(**named, reason=command.reason),)


def _escalate(
    task: Task, command: EscalateException, named: Mapping[str, str], today: date
) -> Sequence[ExceptionEscalated]:
    clears_by = None if task.standing != "explained" or task.proposed is None else task.proposed.clears_by
    level = level_on(today, task.since, clears_by, command.terms)
    if level is None or task.is_over or task.escalated in (level, "county"):
        return ()
    return (ExceptionEscalated(**named, level=level, age_days=(today - task.since).days),)


def level_on(day: date, since: date, clears_by: date | None, terms: EscalationTerms) -> Level | None:
    """How far an exception should have gone by a day; what is explained has until the day on which it is to clear."""
    age = (day - since).days
    if age < terms.warn_days or (clears_by is not None and day <= clears_by):
        return None
    return "warned" if age < terms.county_days else "county"


def _propose(
    task: Task, command: ProposeTreatment, named: Mapping[str, str], now: Circumstances
) -> Sequence[TreatmentProposed]:
    fact = TreatmentProposed(
        **named,
        treatment=command.treatment,
        lines=command.lines,
        legs=command.legs,
        reason=command.reason,
        clears_by=command.clears_by,
        proposed_by=now.actor.id,
    )
    if task.proposed == fact:
        return ()
    if command.treatment == "match" and command.legs_fen != task.amount_fen:
        raise Refused("amount_differs", "流水与所选支付的金额不相等,不能勾对。")
    return (fact,)


def _approve(task: Task, command: ApproveTreatment, named: Mapping[str, str], now: Circumstances) -> TreatmentApproved:
    by_maker = proposed(task)
    if by_maker.proposed_by == now.actor.id:
        raise Refused("same_checker", "提出意见的人不能自己复核,请换人复核。")
    if command.read != by_maker:
        raise Refused("proposal_changed", "处理意见刚刚已经修改,请刷新后按新的意见复核。")
    return TreatmentApproved(**named, treatment=by_maker.treatment, approved_by=now.actor.id)


def proposed(task: Task) -> TreatmentProposed:
    """What a maker has proposed. Raises ``Refused`` where nobody has."""
    if task.standing != "proposed" or task.proposed is None:
        raise Refused("nothing_proposed", "这项差异没有待复核的意见。")
    return task.proposed


def evolve(task: Task, fact: TaskFact) -> Task:
    """The difference after a fact."""
    match fact:
        case ExceptionAssigned():
            return replace(task, owner=fact.owner, standing="assigned" if task.standing == "open" else task.standing)
        case ExceptionEscalated():
            return replace(task, escalated=fact.level)
        case TreatmentProposed():
            return replace(task, standing="proposed", proposed=fact)
        case TreatmentApproved(treatment="explained"):
            return replace(task, standing="explained")
        case TreatmentApproved(treatment="other_business"):
            return replace(task, standing="other_business")
        case TreatmentApproved():
            return task
        case TreatmentRejected():
            return replace(task, standing="open" if task.owner is None else "assigned", proposed=None)
