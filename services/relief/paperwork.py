"""Papers that follow the help (补齐手续): owed once per decision, filed one by one, closed when none is missing.

They are owed as long as the household has something of the decision: what comes back from the bank leaves no debt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from events.relief import (
    HouseholdRelieved,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtLifted,
    PaperworkDebtMoved,
    PaperworkDebtOpened,
    ReliefCameBack,
)
from events.relief_words import MakeUpTerm
from events.rules import MakeUpRule
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.relief.case_commands import FilePaper
from services.relief.case_state import Case, Debt
from services.relief.clock_rules import counted_from
from services.relief.policy import Policy
from services.relief.signal import known_by
from services.relief.working_days import Calendar, Due

PaperFact = PaperworkDebtOpened | PaperworkDebtMoved | PaperworkDebtLifted


def papers_owed(
    case: Case, relieved: HouseholdRelieved, policy: Policy, calendar: Calendar, now: Circumstances
) -> Sequence[PaperFact]:
    """The first help of a decision opens its debt; help that came before it moves the debt to its day.

    Small-fast relief leaves none, nor does help where no rule asks for papers, nor what was sent back meanwhile.
    """
    had = case.helped_since(relieved.decision_id)
    if (relieved.decision_id, relieved.payment_id) in case.returned:
        return ()
    has = known_by(relieved.relieved_at, now.recorded_at)
    since = has if had is None else min(had, has)
    debt = case.debts.get(relieved.decision_id)
    if debt is not None and debt.stands:
        return _moved(case, relieved.decision_id, since, case.fast.lifted_on, calendar)
    return _opened(case, relieved.decision_id, since, policy.rules.make_up, calendar)


def _opened(
    case: Case, decision_id: str, since: datetime, rule: MakeUpRule | None, calendar: Calendar
) -> Sequence[PaperworkDebtOpened]:
    decision, debt = case.decisions.get(decision_id), case.debts.get(decision_id)
    if rule is None or (decision is not None and decision.is_small_fast):
        return ()
    papers = tuple(paper for paper in rule.papers if debt is None or paper not in debt.filed)
    if not papers:
        return ()
    term = MakeUpTerm(length=rule.length, unit=rule.unit, deemed_lifted_days=rule.deemed_lifted_days)
    due = _due(term, since, case.fast.lifted_on, calendar)
    return (
        PaperworkDebtOpened(
            case_id=case.case_id,
            debt_id=decision_id,
            papers=papers,
            due_on=due.on,
            clause=rule.clause,
            provisional=due.provisional,
            relieved_at=since,
            term=term,
            report_ids=case.report_ids,
        ),
    )


def owed_still(case: Case, back: ReliefCameBack, calendar: Calendar) -> Sequence[PaperFact]:
    """Something of a decision came back: its debt falls away with the last of it."""
    debt = case.debts.get(back.decision_id)
    if debt is None or not debt.stands:
        return ()
    since = case.helped_since(back.decision_id, without=back.payment_id)
    if since is None:
        return (PaperworkDebtLifted(case_id=case.case_id, debt_id=back.decision_id),)
    return _moved(case, back.decision_id, since, case.fast.lifted_on, calendar)


def emergency_over(case: Case, lifted_on: date, calendar: Calendar) -> Sequence[PaperworkDebtMoved]:
    """The emergency ended on a day: the debts that are counted from there are due on another one."""
    return [
        fact for key, debt in case.debts.items() for fact in _moved(case, key, debt.relieved_at, lifted_on, calendar)
    ]


def _moved(
    case: Case, debt_id: str, helped_since: datetime, lifted_on: date | None, calendar: Calendar
) -> tuple[PaperworkDebtMoved, ...]:
    debt = case.debts[debt_id]
    if debt.term is None or not debt.missing:
        return ()
    due = _due(debt.term, helped_since, lifted_on, calendar)
    if (due.on, helped_since) == (debt.due_on, debt.relieved_at):
        return ()
    return (
        PaperworkDebtMoved(
            case_id=case.case_id,
            debt_id=debt_id,
            due_on=due.on,
            provisional=due.provisional,
            relieved_at=helped_since,
            report_ids=case.report_ids,
        ),
    )


def _due(term: MakeUpTerm, helped_since: datetime, lifted_on: date | None, calendar: Calendar) -> Due:
    first = counted_from(day_of(helped_since), term.deemed_lifted_days, lifted_on)
    return calendar.due(first, term.length, term.unit)


def file(case: Case, command: FilePaper, now: Circumstances) -> Sequence[PaperFiled | PaperworkDebtClosed]:
    """One paper is put on file; the last one closes the debt. A paper that is on file already gives nothing."""
    debt = case.debts.get(command.debt_id)
    if debt is None:
        raise Refused("unknown_debt", "没有这笔待补手续,请核对编号。")
    if command.paper not in debt.papers:
        raise Refused("unknown_paper", "这笔待补手续不需要这份材料。")
    if command.paper in debt.filed:
        return ()
    filed = PaperFiled(
        case_id=case.case_id,
        debt_id=command.debt_id,
        paper=command.paper,
        sha256=command.sha256,
        filed_by=now.actor.id,
    )
    if not debt.stands or debt.missing > {command.paper}:
        return (filed,)
    return filed, PaperworkDebtClosed(case_id=case.case_id, debt_id=command.debt_id)


def evolve(
    debts: Mapping[str, Debt],
    fact: PaperworkDebtOpened | PaperFiled | PaperworkDebtMoved | PaperworkDebtLifted,
    occurred_at: datetime,
) -> Mapping[str, Debt]:
    """The debts after a fact. What is on file stays there, should papers be owed for the same decision anew."""
    debt = debts.get(fact.debt_id)
    if isinstance(fact, PaperworkDebtOpened):
        return {**debts, fact.debt_id: _owed(fact, debt, occurred_at)}
    return debts if debt is None else {**debts, fact.debt_id: _changed(debt, fact)}


def _owed(fact: PaperworkDebtOpened, before: Debt | None, occurred_at: datetime) -> Debt:
    return Debt(
        papers=frozenset(fact.papers) if before is None else before.papers.union(fact.papers),
        due_on=fact.due_on,
        relieved_at=fact.relieved_at or occurred_at,
        provisional=fact.provisional,
        term=fact.term,
        filed=frozenset() if before is None else before.filed,
    )


def _changed(debt: Debt, fact: PaperFiled | PaperworkDebtMoved | PaperworkDebtLifted) -> Debt:
    match fact:
        case PaperFiled():
            return replace(debt, filed=debt.filed | {fact.paper})
        case PaperworkDebtMoved():
            return replace(debt, due_on=fact.due_on, provisional=fact.provisional, relieved_at=fact.relieved_at)
        case PaperworkDebtLifted():
            return replace(debt, stands=False)
