"""Papers that follow the help (补齐手续): owed once per decision, filed one by one, closed when none is missing."""

from collections.abc import Sequence
from datetime import timedelta

from events.relief import CaseFact, HouseholdRelieved, PaperFiled, PaperworkDebtClosed, PaperworkDebtOpened
from services.chassis.decider import Circumstances, Refused
from services.relief.case_commands import FilePaper
from services.relief.case_state import Case
from services.relief.policy import Policy, required
from services.relief.signal import known_by
from services.relief.working_days import Calendar, day_of


def papers_owed(
    case: Case, relieved: HouseholdRelieved, policy: Policy, calendar: Calendar, now: Circumstances
) -> Sequence[CaseFact]:
    """The first help of a decision opens its debt; a payment made anew, or small-fast relief, opens none."""
    decision = case.decisions.get(relieved.decision_id)
    if relieved.decision_id in case.debts or (decision is not None and decision.is_small_fast):
        return ()
    rule = required(policy.rules.make_up, "make_up")
    since = day_of(known_by(relieved.relieved_at, now.recorded_at)) + timedelta(days=rule.deemed_lifted_days or 0)
    due = calendar.due(since, rule.length, rule.unit)
    return (
        PaperworkDebtOpened(
            case_id=case.case_id,
            debt_id=relieved.decision_id,
            papers=rule.papers,
            due_on=due.on,
            clause=rule.clause,
            provisional=due.provisional,
            relieved_at=relieved.relieved_at,
        ),
    )


def file(case: Case, command: FilePaper, now: Circumstances) -> Sequence[CaseFact]:
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
    if debt.missing > {command.paper}:
        return (filed,)
    return filed, PaperworkDebtClosed(case_id=case.case_id, debt_id=command.debt_id)
