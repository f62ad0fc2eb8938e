"""What is known of a case: its state, and how every fact changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from events.fact import Recorded
from events.relief import (
    AdvanceDecided,
    AdvanceDeclined,
    AdvanceVoided,
    CaseAccepted,
    CaseClosed,
    CaseFact,
    CaseOpened,
    FundsReserved,
    FundsShort,
    Goods,
    HouseholdContacted,
    HouseholdRelieved,
    PaperFiled,
    PaperworkDebtClosed,
    PaperworkDebtOpened,
    ReliefCameBack,
    ReportLinked,
)
from services.relief.signals import known_by

Standing = Literal["awaiting", "held", "short", "replaced", "voided"]
"""Where a decision stands: awaiting ledger, held by it, short of funds, replaced by a later one, let go."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An advance that was decided. Amounts in fen."""

    amount_fen: int
    goods: tuple[Goods, ...]
    standing: Standing = "awaiting"

    @property
    def counts(self) -> bool:
        """Whether it uses up the township's limit."""
        return self.standing in ("awaiting", "held")

    @property
    def total_fen(self) -> int:
        """Money, and goods at cost."""
        return self.amount_fen + cost_fen(self.goods)


@dataclass(frozen=True, slots=True)
class Relief:
    """Money (by ledger's payment) or goods (no payment) that the household got, and when."""

    decision_id: str
    payment_id: str | None
    goods_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Debt:
    """Papers that are owed for a decision, and those on file."""

    papers: frozenset[str]
    filed: frozenset[str] = frozenset()

    @property
    def missing(self) -> frozenset[str]:
        """What is still to come."""
        return self.papers - self.filed


@dataclass(frozen=True, slots=True)
class Case:
    """An opened case. What happened is kept so that the order in which it was learned makes no difference.

    Its times are those that clocks take: see ``known_by``.
    """

    opened: CaseOpened
    reports: Mapping[str, datetime]
    accepted_at: datetime | None = None
    contact_tried: bool = False
    contacted_at: datetime | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])
    declined: tuple[str, ...] = ()
    holds_claim: bool = False
    """Whether the advance of the person, if known, for this incident is this case's."""
    received: tuple[Relief, ...] = ()
    returned: frozenset[tuple[str, str]] = frozenset()
    """The payments that came back, by decision and payment."""
    debts: Mapping[str, Debt] = field(default_factory=dict[str, Debt])
    closed: CaseClosed | None = None
    closed_at: datetime | None = None

    @property
    def case_id(self) -> str:
        """The case's id."""
        return self.opened.case_id

    @property
    def reported_at(self) -> datetime:
        """When the first of all reports was made."""
        return min(self.reports.values())

    @property
    def reliefs(self) -> tuple[Relief, ...]:
        """What the household has and kept: returned payments are not among it."""
        return tuple(r for r in self.received if (r.decision_id, r.payment_id) not in self.returned)

    @property
    def relieved_at(self) -> datetime | None:
        """When the household first had something that it kept."""
        return min((relief.at for relief in self.reliefs), default=None)

    @property
    def given_up_at(self) -> datetime | None:
        """When the case was closed without help (未救助办结)."""
        return self.closed_at if self.closed is not None and self.closed.outcome == "not_relieved" else None

    def has_money_of(self, decision_id: str) -> bool:
        """Whether the household has the money of a decision."""
        return any(relief.decision_id == decision_id and relief.payment_id is not None for relief in self.reliefs)

    def has_goods_of(self, decision_id: str) -> bool:
        """Whether the household has the goods of a decision."""
        return any(relief.decision_id == decision_id and relief.payment_id is None for relief in self.reliefs)


def stream_of(case_id: str) -> str:
    """The stream of a case."""
    return f"case:{case_id}"


def cost_fen(goods: Sequence[Goods]) -> int:
    """What goods cost, in fen."""
    return sum(item.cost_fen for item in goods)


def evolve(case: Case | None, recorded: Recorded[CaseFact]) -> Case | None:
    """The case after a fact."""
    fact = recorded.fact
    if isinstance(fact, CaseOpened):
        return Case(opened=fact, reports={fact.report_id: known_by(fact.reported_at, recorded.recorded_at)})
    if case is None:
        return None
    match fact:
        case ReportLinked() | CaseAccepted() | HouseholdContacted() | CaseClosed():
            return _after_step(case, fact, recorded)
        case AdvanceDecided() | AdvanceDeclined() | FundsReserved() | FundsShort() | AdvanceVoided():
            return _after_decision(case, fact)
        case HouseholdRelieved() | ReliefCameBack() | PaperworkDebtOpened() | PaperFiled() | PaperworkDebtClosed():
            return _after_help(case, fact, recorded.recorded_at)


def _after_step(
    case: Case, fact: ReportLinked | CaseAccepted | HouseholdContacted | CaseClosed, recorded: Recorded[CaseFact]
) -> Case:
    match fact:
        case ReportLinked():
            reported_at = known_by(fact.reported_at, recorded.recorded_at)
            return replace(case, reports={**case.reports, fact.report_id: reported_at})
        case CaseAccepted():
            return replace(case, accepted_at=known_by(recorded.occurred_at, recorded.recorded_at))
        case HouseholdContacted():
            return _after_contact(case, fact)
        case CaseClosed():
            return _after_closing(case, fact, known_by(recorded.occurred_at, recorded.recorded_at))


def _after_contact(case: Case, fact: HouseholdContacted) -> Case:
    times = [at for at in (case.contacted_at, fact.contacted_at if fact.reached else None) if at is not None]
    return replace(case, contact_tried=True, contacted_at=min(times, default=None))


def _after_closing(case: Case, fact: CaseClosed, at: datetime) -> Case:
    if case.closed is not None:
        return case
    return replace(case, closed=fact, closed_at=at, holds_claim=False)


def _after_decision(
    case: Case, fact: AdvanceDecided | AdvanceDeclined | FundsReserved | FundsShort | AdvanceVoided
) -> Case:
    match fact:
        case AdvanceDecided():
            return _after_advance(case, fact)
        case AdvanceDeclined():
            return replace(case, declined=(*case.declined, fact.reason))
        case FundsReserved():
            return _standing(case, fact.decision_id, "held")
        case FundsShort():
            return _standing(case, fact.decision_id, "short")
        case AdvanceVoided():
            holds_claim = case.holds_claim and fact.person is None
            return replace(_standing(case, fact.decision_id, "voided"), holds_claim=holds_claim)


def _after_advance(case: Case, fact: AdvanceDecided) -> Case:
    """A later decision takes the place of those that the fund was too short for."""
    earlier = {
        key: replace(decision, standing="replaced") if decision.standing == "short" else decision
        for key, decision in case.decisions.items()
    }
    decisions = {**earlier, fact.decision_id: Decision(fact.amount_fen, fact.goods)}
    return replace(case, decisions=decisions, holds_claim=True)


def _standing(case: Case, decision_id: str, standing: Standing) -> Case:
    decision = case.decisions.get(decision_id)
    if decision is None:
        return case
    return replace(case, decisions={**case.decisions, decision_id: replace(decision, standing=standing)})


def _after_help(
    case: Case,
    fact: HouseholdRelieved | ReliefCameBack | PaperworkDebtOpened | PaperFiled | PaperworkDebtClosed,
    recorded_at: datetime,
) -> Case:
    match fact:
        case HouseholdRelieved():
            at = known_by(fact.relieved_at, recorded_at)
            relief = Relief(fact.decision_id, fact.payment_id, cost_fen(fact.goods), at)
            return replace(case, received=(*case.received, relief))
        case ReliefCameBack():
            return replace(case, returned=case.returned | {(fact.decision_id, fact.payment_id)})
        case PaperworkDebtOpened():
            return replace(case, debts={**case.debts, fact.debt_id: Debt(frozenset(fact.papers))})
        case PaperFiled():
            return _after_filing(case, fact)
        case PaperworkDebtClosed():
            return case


def _after_filing(case: Case, fact: PaperFiled) -> Case:
    debt = case.debts.get(fact.debt_id)
    if debt is None:
        return case
    return replace(case, debts={**case.debts, fact.debt_id: replace(debt, filed=debt.filed | {fact.paper})})
