"""What is known of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from events.relief import CaseClosed, CaseOpened, Goods, HandedOver, ReviewRaised
from events.relief_words import Contact, MakeUpTerm
from events.shanghai import day_of
from services.relief.steps.approval_state import Approvals
from services.relief.steps.case_file import Given
from services.relief.steps.county import Oversight
from services.relief.steps.ending import Ending
from services.relief.steps.fast_track import FastTrack
from services.relief.steps.identity import Whose
from services.relief.steps.inquiry import Inquiry
from services.relief.steps.recovery_state import Recoveries, Recovery
from services.relief.steps.referral import Referral, Referrals

Standing = Literal["awaiting", "held", "short", "replaced", "voided"]
"""Where a decision stands: awaiting ledger, held by it, short of funds, replaced by a later one, let go."""


@dataclass(frozen=True)
class Decision:
    """An advance that was decided. Amounts in fen."""

    amount_fen: int
    goods: tuple[Goods, ...]
    standing: Standing = "awaiting"
    fund_id: str = ""
    is_small_fast: bool = False
    """Complete without any papers that follow (小额快救)."""
    short_fen: int = 0
    """What its fund lacked, when it was asked last."""
    decided_at: datetime | None = None
    """Small-fast relief is not asked for it."""
    is_leaving: bool = False
    """It is not to be carried out any more; ledger has not said yet that nothing is held."""
    hold_id: str | None = None
    """The number of its hold, where that is not its own."""

    @property
    def decided_on(self) -> date | None:
        """On which day of Asia/Shanghai."""
        return None if self.decided_at is None else day_of(self.decided_at)

    @property
    def counts(self) -> bool:
        """Whether it uses up the township's limit."""
        return self.standing in ("awaiting", "held")

    @property
    def is_unfunded(self) -> bool:
        """Whether ledger holds nothing for it, so that nobody will say that it is let go."""
        return self.standing == "short" or self.amount_fen == 0

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
    amount_fen: int = 0
    fund_id: str | None = None


@dataclass(frozen=True, slots=True)
class Debt:
    """Papers that are owed for a decision, until when, and those on file.

    It stands as long as the household has something of the decision.
    """

    papers: frozenset[str]
    due_on: date
    relieved_at: datetime
    provisional: bool = False
    term: MakeUpTerm | None = None
    filed: frozenset[str] = frozenset()
    stands: bool = True

    @property
    def missing(self) -> frozenset[str]:
        """What is still to come."""
        return self.papers - self.filed if self.stands else frozenset()


@dataclass(frozen=True)
class Case:
    """An opened case. What happened is kept so that the order in which it was learned makes no difference.

    Its times are those that clocks take: see ``known_by``.
    """

    opened: CaseOpened
    reports: Mapping[str, datetime]
    joined_from: HandedOver | None = None
    """The county that handed over a report which joined the case, and its case."""
    accepted_at: datetime | None = None
    contacts: tuple[Contact, ...] = ()
    """Each attempt to speak to the household, as they were learned."""
    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])
    declined: tuple[str, ...] = ()
    holds_claim: bool = False
    """Whether the advance of the person, if known, for this incident is this case's."""
    received: tuple[Relief, ...] = ()
    returned: frozenset[tuple[str, str]] = frozenset()
    """The payments that came back, by decision and payment."""
    debts: Mapping[str, Debt] = field(default_factory=dict[str, Debt])
    reviews: tuple[ReviewRaised, ...] = ()
    whose: Whose = field(default_factory=Whose)
    inquiry: Inquiry = field(default_factory=Inquiry)
    fast: FastTrack = field(default_factory=FastTrack)
    oversight: Oversight = field(default_factory=Oversight)
    recoveries: Recoveries = field(default_factory=dict[str, Recovery])
    referrals: Referrals = field(default_factory=dict[str, Referral])
    ending: Ending = field(default_factory=Ending)
    approvals: Approvals = field(default_factory=Approvals)
    clauses: frozenset[str] = frozenset()
    """What its decisions stood on."""
    closed: CaseClosed | None = None
    closed_at: datetime | None = None

    @property
    def case_id(self) -> str:
        """The case's id."""
        return self.opened.case_id

    @property
    def person(self) -> str | None:
        """Who it is, by the pseudonym, as far as is known by now."""
        named = None if self.opened.person in self.whose.withdrawn else self.opened.person
        return self.whose.person or named

    @property
    def contacted_at(self) -> datetime | None:
        """When the household was first reached."""
        return min((contact.at for contact in self.contacts if contact.reached), default=None)

    @property
    def has_been_sought(self) -> bool:
        """Whether somebody has tried to reach the household in vain."""
        return any(not contact.reached for contact in self.contacts)

    @property
    def report_ids(self) -> tuple[str, ...]:
        """Its reports: who is to be told."""
        return tuple(self.reports)

    @property
    def advanced_fen(self) -> int:
        """What its advances have used up, goods at cost."""
        return self.advanced_fen_but("")

    def advanced_fen_but(self, decision_id: str) -> int:
        """The same without one decision: what counts while that one is asked for again."""
        others = {key: decision for key, decision in self.decisions.items() if key != decision_id}
        counted = sum(decision.total_fen for decision in others.values() if decision.counts)
        had = (relief for relief in self.reliefs if relief.decision_id in others)
        had_all_the_same = (relief for relief in had if not others[relief.decision_id].counts)
        return counted + sum(relief.amount_fen + relief.goods_fen for relief in had_all_the_same)

    @property
    def small_fast_fen(self) -> int:
        """What it was given as small-fast relief, or is still to be given."""
        gone = ("replaced", "voided")
        return sum(one.amount_fen for one in self.decisions.values() if one.is_small_fast and one.standing not in gone)

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

    def helped_since(self, decision_id: str, *, without: str | None = None) -> datetime | None:
        """When the household first had something of a decision that it kept, one payment left out."""
        of_it = (relief for relief in self.reliefs if relief.decision_id == decision_id)
        return min((one.at for one in of_it if one.payment_id is None or one.payment_id != without), default=None)

    @property
    def given_up_at(self) -> datetime | None:
        """When the case was closed without help (未救助办结)."""
        return self.closed_at if self.closed is not None and self.closed.outcome == "not_relieved" else None

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was decided is still to be carried out."""
        return self.approvals.is_settled and all(self._is_carried_out(key) for key in self.decisions)

    def _is_carried_out(self, decision_id: str) -> bool:
        decision = self.decisions[decision_id]
        if decision.standing in ("replaced", "voided"):
            return True
        paid = decision.amount_fen == 0 or self.has_money_of(decision_id)
        return paid and (not decision.goods or self.has_goods_of(decision_id))

    def decided_fen(self, decision_id: str) -> int | None:
        """What a decision or an approval gives as the county left it, goods at cost; ``None`` if there is no such."""
        overridden_fen = self.oversight.to_fen(decision_id)
        if overridden_fen is not None:
            return overridden_fen
        if decision_id in self.decisions:
            return self.decisions[decision_id].total_fen
        instalments = self.approvals.of(decision_id)
        return sum(one.promised_fen for one in instalments) if instalments else None

    def received_fen(self, decision_id: str) -> int:
        """What the household has of it and kept."""
        return sum(one.amount_fen for one in self.given(decision_id))

    def given(self, decision_id: str) -> Sequence[Given]:
        """The same, one after the other; a payment of old is the fund's that its decision asked last."""
        holds = {one.hold_id for one in self.approvals.of(decision_id)} | {decision_id}
        return [self._given(one, decision_id) for one in self.reliefs if one.decision_id in holds]

    def _given(self, relief: Relief, decision_id: str) -> Given:
        of_it = [one for one in self.recoveries.values() if one.decision_id == decision_id]
        claimed_fen = sum(one.claimed_fen for one in of_it if one.payment_id == relief.payment_id)
        if relief.payment_id is None:
            return Given(relief.goods_fen, claimed_fen=claimed_fen)
        fund_id = relief.fund_id or self.paying_fund(self.decision_of_hold(relief.decision_id))
        return Given(relief.amount_fen, fund_id, relief.payment_id, claimed_fen)

    def ordered_back_fen(self, decision_id: str) -> int:
        """What of it was ordered back, whether it has come back or not."""
        return sum(one.stands_fen for one in self.recoveries.values() if one.decision_id == decision_id)

    def decision_of_hold(self, hold_id: str) -> str:
        """The advance or the instalment that ledger speaks of; a further call or another fund has a further number."""
        instalment = self.approvals.of_hold(hold_id)
        if instalment is not None:
            return instalment.instalment_id
        return hold_id if hold_id in self.decisions else hold_id.rpartition(".")[0]

    def short_fen(self, decision_id: str) -> int | None:
        """By how much a fund was too short for a decision or an instalment, if it was."""
        instalment = self.approvals.instalments.get(decision_id)
        if instalment is not None:
            return instalment.short_fen if instalment.standing == "short" else None
        decision = self.decisions.get(decision_id)
        return decision.short_fen if decision is not None and decision.standing == "short" else None

    def paying_fund(self, decision_id: str) -> str | None:
        """The fund that a decision or an instalment is paid from; ``None`` if there is none of this number."""
        instalment = self.approvals.instalments.get(decision_id)
        if instalment is not None:
            return instalment.fund_id
        decision = self.decisions.get(decision_id)
        return None if decision is None else decision.fund_id or None

    def payer_of(self, decided: str) -> str:
        """The place whose fund is to pay an advance or the instalments of an approval."""
        known = self.approvals.known.get(decided)
        if known is not None:
            return known.proposed.plan.payer
        return (self.paying_fund(decided) or "").rpartition("-")[0]

    def owes_papers(self, debt_id: str) -> bool:
        """Whether papers are owed under this number."""
        return debt_id in self.debts and bool(self.debts[debt_id].missing)

    def has_any_of(self, decision_id: str) -> bool:
        """Whether the household has anything of a decision."""
        return any(relief.decision_id == decision_id for relief in self.reliefs)

    def has_money_of(self, decision_id: str) -> bool:
        """Whether the household has the money of a decision."""
        return any(relief.decision_id == decision_id and relief.payment_id is not None for relief in self.reliefs)

    def has_goods_of(self, decision_id: str) -> bool:
        """Whether the household has the goods of a decision."""
        return any(relief.decision_id == decision_id and relief.payment_id is None for relief in self.reliefs)


def cost_fen(goods: Sequence[Goods]) -> int:
    """What goods cost, in fen."""
    return sum(item.cost_fen for item in goods)
