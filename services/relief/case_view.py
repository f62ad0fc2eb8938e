"""A case as it is shown (个案页): what is known, its clocks with both starts, decisions and debts of paperwork."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from events.fact import Recorded
from events.relief import CaseFact, Goods, HandedOver, PaperworkDebtOpened
from events.relief_approval import ReliefApproved
from events.relief_clocks import ClockName, Verdict
from events.shanghai import Shown, day_of
from events.words import Cause, Identity, Urgency
from services.relief.case_state import Case, Debt, Standing
from services.relief.clocks import Clock
from services.relief.rulebook import Rulebook
from services.relief.steps.recovery_state import Recovery
from services.relief.views.approval import ApprovalView, approval_views
from services.relief.working_days import Due


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class NameView(_View):
    """The household's name: shown to those who may, masked for others, erased, or never told."""

    state: Literal["shown", "masked", "erased", "unknown"]
    text: str | None = None


class ClockView(_View):
    """One clock; ``seconds_left`` is below zero once it is overdue."""

    name: ClockName
    subject: str
    judged: bool
    started_at: Shown
    due_at: Shown
    stopped_at: Shown | None
    elapsed_seconds: int
    seconds_left: int
    verdict: Verdict
    recorded: Verdict | None
    paused: bool
    provisional: bool


class DecisionView(_View):
    """An advance that was decided, and where it stands."""

    decision_id: str
    amount_fen: int
    goods: tuple[Goods, ...]
    standing: Standing
    has_money: bool
    has_goods: bool


class DebtView(_View):
    """Papers that are owed for a decision; due until the end of ``due_on`` in Asia/Shanghai."""

    debt_id: str
    due_on: date
    ends_at: Shown
    provisional: bool
    clause: str
    papers: tuple[str, ...]
    missing: tuple[str, ...]


class RecoveryView(_View):
    """What is owed back, in fen: of which payment, to which fund, and what of it waits for a second officer's word."""

    recovery_id: str
    decision_id: str
    payment_id: str | None
    fund_id: str | None
    ordered_fen: int
    open_fen: int
    to_confirm: tuple[str, ...]


class CaseView(_View):
    """A case as its log has it at a position."""

    case_id: str
    division: str
    position: int
    version: int
    """How many facts it has; ``If-Match`` takes it as the ``ETag`` shows it."""
    county: str
    township: str
    cause: Cause
    urgency: Urgency
    persons: int
    identity: Identity
    name: NameView
    came_from: HandedOver | None
    """The county that had the need before, and its case, with that county's clocks."""
    left: tuple[str, ...]
    """The reports that another county has now, or their hotline again."""
    reports: Mapping[str, Shown]
    reported_at: Shown
    accepted_at: Shown | None
    contacted_at: Shown | None
    relieved_at: Shown | None
    closed_at: Shown | None
    outcome: Literal["relieved", "not_relieved"] | None
    clocks: tuple[ClockView, ...]
    decisions: tuple[DecisionView, ...]
    declined: tuple[str, ...]
    debts: tuple[DebtView, ...]
    approvals: tuple[ApprovalView, ...]
    recoveries: tuple[RecoveryView, ...]
    reviews: tuple[str, ...]
    """What somebody must look at, as codes."""


def case_view(
    case: Case, facts: Sequence[Recorded[CaseFact]], running: Sequence[Clock], name: NameView, rulebook: Rulebook
) -> CaseView:
    """The view of a case after these facts, the last of which gives the position."""
    opened, last = case.opened, facts[-1]
    owed = {one.fact.debt_id: one.fact for one in facts if isinstance(one.fact, PaperworkDebtOpened)}
    return CaseView(
        case_id=case.case_id,
        division=last.division,
        position=last.position,
        version=last.version,
        county=opened.county,
        township=opened.township,
        cause=opened.cause,
        urgency=opened.urgency,
        persons=opened.persons,
        identity=opened.identity,
        name=name,
        came_from=opened.came_from or case.joined_from,
        left=tuple(sorted(case.ending.left)),
        reports=case.reports,
        reported_at=case.reported_at,
        accepted_at=case.accepted_at,
        contacted_at=case.contacted_at,
        relieved_at=case.relieved_at,
        closed_at=case.closed_at,
        outcome=None if case.closed is None else case.closed.outcome,
        clocks=tuple(_clock(clock) for clock in running),
        decisions=_decisions(case),
        declined=case.declined,
        debts=tuple(_debt(owed[debt_id], debt) for debt_id, debt in case.debts.items() if debt.stands),
        approvals=approval_views(case.approvals, _disclosures(case, facts, rulebook)),
        recoveries=tuple(_recovery(one) for one in case.recoveries.values()),
        reviews=tuple(one.reason for one in case.reviews),
    )


def _disclosures(case: Case, facts: Sequence[Recorded[CaseFact]], rulebook: Rulebook) -> Mapping[str, date]:
    """The last day on which each approval of expenditure relief must be public; emergency relief is not disclosed."""
    if case.inquiry.relief_type != "expenditure":
        return {}
    found: dict[str, date] = {}
    for one in facts:
        rule = rulebook.as_of(one.recorded_at).on(day_of(one.occurred_at)).rules.disclosure
        if isinstance(one.fact, ReliefApproved) and rule is not None and rule.unit != "hour":
            due = rulebook.calendar().due(day_of(one.occurred_at), rule.length, rule.unit)
            found[one.fact.approval_id] = due.on
    return found


def _clock(clock: Clock) -> ClockView:
    elapsed = int(clock.elapsed.total_seconds())
    return ClockView(
        name=clock.name,
        subject=clock.subject,
        judged=clock.judged,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        elapsed_seconds=elapsed,
        seconds_left=int((clock.due_at - clock.segments[-1].ends_at).total_seconds()),
        verdict=clock.verdict,
        recorded=clock.recorded,
        paused=clock.is_paused,
        provisional=clock.provisional,
    )


def _decisions(case: Case) -> tuple[DecisionView, ...]:
    return tuple(
        DecisionView(
            decision_id=decision_id,
            amount_fen=decision.amount_fen,
            goods=decision.goods,
            standing=decision.standing,
            has_money=case.has_money_of(decision_id),
            has_goods=case.has_goods_of(decision_id),
        )
        for decision_id, decision in case.decisions.items()
    )


def _recovery(known: Recovery) -> RecoveryView:
    return RecoveryView(
        recovery_id=known.recovery_id,
        decision_id=known.decision_id,
        payment_id=known.payment_id,
        fund_id=known.fund_id,
        ordered_fen=known.ordered_fen,
        open_fen=known.open_fen,
        to_confirm=tuple(known.proposed),
    )


def _debt(owed: PaperworkDebtOpened, debt: Debt) -> DebtView:
    return DebtView(
        debt_id=owed.debt_id,
        due_on=debt.due_on,
        ends_at=Due(debt.due_on).ends_at,
        provisional=debt.provisional,
        clause=owed.clause,
        papers=owed.papers,
        missing=tuple(paper for paper in owed.papers if paper in debt.missing),
    )
