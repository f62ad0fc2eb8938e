"""The laws of a fund (P1-P17), held against every fact as it is committed: an accountant who trusts nothing else."""

from collections import Counter
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

from events.fact import Fact, Recorded, Value
from events.ledger import (
    ActApproved,
    ActDeclined,
    ActProposed,
    AllocationArrived,
    AllocationReceived,
    AllocationReturned,
    AllocationSent,
    AppropriationReceived,
    BalanceRestored,
    CarriedIn,
    CashHandedOver,
    Correction,
    EntryPosted,
    FundOpened,
    GoodsBought,
    GoodsIssued,
    InterestPaid,
    LowBalanceAlerted,
    OpeningEntered,
    OwnMoneyAdded,
    OwnMoneyRepaid,
    PaidWithoutHold,
    PapersMarked,
    PaymentInstructed,
    PaymentReceived,
    PaymentReturned,
    PeriodAdjusting,
    PeriodClosed,
    PeriodReopened,
    PurchaseReversed,
    QuotaSet,
    RecoveryDeclined,
    RecoveryEnded,
    RecoveryOrdered,
    RecoveryReceived,
    RecoveryWaived,
    RefusedShort,
    RemainderReleased,
    Reserved,
    SuspenseCleared,
    TermsSet,
    Voided,
    VouchersChecked,
    YearClosed,
)
from events.ledger_replenishing import (
    ReplenishmentArrived,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)
from events.shanghai import day_of
from services.ledger.fund_state import Fund
from tests.simulation.fund.account import Account, HoldAccount, PaymentAccount, RecoveryAccount
from tests.simulation.fund.pots import add, pots, without_zeros
from tests.simulation.violation import Report

_OWN = "township_own"


def _year_of(known: Recorded[Fact]) -> int:
    return day_of(min(known.occurred_at, known.recorded_at)).year


@dataclass(slots=True)
class Laws:
    """Every fund's account, what is on its way between them, and what came from outside."""

    report: Report
    accounts: dict[str, Account] = field(default_factory=dict[str, Account])
    transit: dict[str, tuple[str, str, int]] = field(default_factory=dict[str, tuple[str, str, int]])
    """Sender, receiver and fen of each transfer that has not come in yet."""
    outside_fen: int = 0
    """What came into the county less what left it."""
    leavings: dict[str, list[YearClosed]] = field(default_factory=dict[str, list[YearClosed]])
    carried: Counter[str] = field(default_factory=Counter[str])

    def enter(self, known: Recorded[Fact], state: Any) -> None:
        """Enter a fact, and hold the fund's own state against the account."""
        fact, fund_id = known.fact, getattr(known.fact, "fund_id", None)
        if not isinstance(state, Fund) or fund_id is None:
            return
        account = self.accounts.setdefault(fund_id, Account())
        account.is_over = _year_of(known) > account.year
        if isinstance(fact, PaymentInstructed | Reserved) and account.is_over:
            self.report("year", f"{fund_id}: {fact.NAME} in {_year_of(known)}")
        self._enter(fact, account)
        self._agree(fund_id, account, state, fact)

    def _agree(self, fund_id: str, account: Account, state: Fund, fact: Fact) -> None:
        """P1, P2 and P7: granted is available, held and spent, by source; nothing is below zero."""
        free = without_zeros(account.free)
        if any(fen < 0 for fen in free.values()) or state.cash_fen < 0 or state.bank_fen < 0:
            self.report("overdrawn", f"{fund_id} {free} after {fact.NAME}")
        if free != {source: fen for source, fen in state.free.items() if fen}:
            self.report("fund_differs", f"{fund_id}: {state.free} free, by hand {free} after {fact.NAME}")
        if without_zeros(account.held) != {source: fen for source, fen in state.held.items() if fen}:
            self.report("fund_differs", f"{fund_id}: {state.held} held, by hand {account.held}")
        if without_zeros(account.quota_used) != {town: fen for town, fen in state.quota_used.items() if fen}:
            self.report("fund_differs", f"{fund_id}: {state.quota_used} used, by hand {account.quota_used}")
        if isinstance(fact, EntryPosted):
            self._posted(fund_id, account, state)

    def _posted(self, fund_id: str, account: Account, state: Fund) -> None:
        """P7: the vouchers come to what is there."""
        if state.book_fen != account.posted.total():
            self.report("posted", f"{fund_id}: {account.posted} posted, {state.book} there")
        if state.cash_fen != account.cash_fen:
            self.report("posted", f"{fund_id}: {account.cash_fen} fen posted in the box, {state.cash_fen} there")

    @singledispatchmethod
    def _enter(self, fact: Fact, account: Account) -> None:
        """What a fact does to an account; most facts move no money."""

    # --- money in and out

    @_enter.register
    def _(self, fact: FundOpened, account: Account) -> None:
        account.terms, account.year = fact.terms, fact.year

    @_enter.register
    def _(self, fact: TermsSet, account: Account) -> None:
        account.terms = fact.terms

    @_enter.register
    def _(self, fact: QuotaSet, account: Account) -> None:
        more_fen = fact.quota_fen - account.quotas.get(fact.township, 0)
        account.requests.quota(fact.document, fact.township, more_fen)
        account.quotas[fact.township] = fact.quota_fen

    @_enter.register
    def _(self, fact: OpeningEntered, account: Account) -> None:
        """Books begin with it, or not at all."""
        add(account.came, pots(fact.draws))
        self.outside_fen += pots(fact.draws).total()
        if account.numbers or fact.cash_fen > pots(fact.draws).total():
            self.report("opening", f"{fact.fund_id} had vouchers, or has less than its cash")

    @_enter.register
    def _(self, fact: AppropriationReceived, account: Account) -> None:
        account.requests.money(fact.document, fact.amount_fen)
        account.came[fact.source] += fact.amount_fen
        self.outside_fen += fact.amount_fen

    @_enter.register
    def _(self, fact: AllocationSent, account: Account) -> None:
        account.came[fact.source] -= fact.amount_fen
        self.transit[fact.transfer_id] = (fact.fund_id, fact.to_fund_id, fact.amount_fen)

    @_enter.register
    def _(self, fact: AllocationReceived, account: Account) -> None:
        account.requests.money(fact.document, fact.amount_fen)
        account.came[fact.source] += fact.amount_fen
        if self.transit.pop(fact.transfer_id, ("", "", 0))[1:] != (fact.fund_id, fact.amount_fen):
            self.report("transit", f"{fact.transfer_id} came in as it never went")

    @_enter.register
    def _(self, fact: AllocationArrived, account: Account) -> None:
        if fact.transfer_id in self.transit:
            self.report("transit", f"{fact.transfer_id} is closed, and has not come in")

    @_enter.register
    def _(self, fact: AllocationReturned, account: Account) -> None:
        account.came[fact.source] += fact.amount_fen
        if self.transit.pop(fact.transfer_id, ("", "", 0))[::2] != (fact.fund_id, fact.amount_fen):
            self.report("transit", f"{fact.transfer_id} came back as it never went")

    @_enter.register
    def _(self, fact: OwnMoneyAdded, account: Account) -> None:
        account.came[_OWN] += fact.amount_fen
        self.outside_fen += fact.amount_fen

    @_enter.register
    def _(self, fact: YearClosed, account: Account) -> None:
        add(account.came, pots(fact.left), -1)
        account.years_closed = fact.round
        self.leavings.setdefault(fact.fund_id, []).append(fact)
        self.outside_fen -= pots(fact.left).total()
        if account.held.total():
            self.report("year", f"{fact.fund_id} is closed with {account.held} held")

    @_enter.register
    def _(self, fact: CarriedIn, account: Account) -> None:
        add(account.came, pots(fact.draws))
        self.outside_fen += pots(fact.draws).total()
        left = sum(pots(told.left).total() for told in self.leavings.get(fact.from_fund_id, ()))
        carried = self.carried[fact.from_fund_id] = self.carried[fact.from_fund_id] + pots(fact.draws).total()
        if carried > left:
            self.report("year", f"{fact.from_fund_id} had {left} left, {carried} came over")

    # --- promises

    @_enter.register
    def _(self, fact: Reserved, account: Account) -> None:
        draws = pots(fact.draws)
        if fact.hold_id in account.holds or account.years_closed or draws.total() != fact.amount_fen:
            self.report("promised_wrongly", f"{fact.hold_id}: {draws} for {fact.amount_fen}")
        if fact.township is not None and fact.amount_fen > account.available_to(fact.township):
            self.report("quota", f"{fact.hold_id}: {fact.amount_fen} for {fact.township}, {account.quotas} allowed")
        account.holds[fact.hold_id] = HoldAccount(fact.case_id, fact.decided_by, draws, township=fact.township)
        account.shorts.discard(fact.hold_id)
        add(account.held, draws)

    @_enter.register
    def _(self, fact: RefusedShort, account: Account) -> None:
        account.shorts.add(fact.hold_id)
        available_fen = account.available_to(fact.township)
        enough = fact.asked_fen <= available_fen and not (account.years_closed or account.is_over)
        if fact.hold_id in account.holds or enough:
            self.report("refused_wrongly", f"{fact.hold_id}: {fact.asked_fen} of {available_fen} fen")

    @_enter.register
    def _(self, fact: Voided, account: Account) -> None:
        before = "live" if account.holds[fact.hold_id].draws.total() else "received"
        add(account.held, self._moves(account, fact.hold_id, before, "voided").draws, -1)

    @_enter.register
    def _(self, fact: RemainderReleased, account: Account) -> None:
        add(account.held, pots(fact.draws), -1)
        add(account.holds[fact.hold_id].draws, pots(fact.draws), -1)
        if fact.ends:
            self._moves(account, fact.hold_id, "live", "received")

    @_enter.register
    def _(self, fact: LowBalanceAlerted | BalanceRestored, account: Account) -> None:
        """P17: once per crossing."""
        is_low = isinstance(fact, LowBalanceAlerted)
        if is_low == account.is_low or is_low != account.is_below_line:
            self.report("alert", f"{fact.NAME} at {account.available_fen} fen")
        account.is_low = is_low

    # --- asking for more

    @_enter.register
    def _(
        self,
        fact: ReplenishmentDrafted
        | ReplenishmentSubmitted
        | ReplenishmentSigned
        | ReplenishmentDeclined
        | ReplenishmentArrived,
        account: Account,
    ) -> None:
        for wrong in account.requests.enter(fact):
            self.report("request", f"{fact.request_id}: {wrong}")
        figures = fact.figures if isinstance(fact, ReplenishmentDrafted | ReplenishmentSubmitted) else None
        book_fen = account.free.total() + account.held.total()
        if figures and (figures.book_fen, figures.reserved_fen) != (book_fen, account.held.total()):
            self.report("request", f"{fact.request_id} says {figures}, {book_fen} fen are there")

    # --- payments

    @_enter.register
    def _(self, fact: PaymentInstructed, account: Account) -> None:
        hold = self._moves(account, fact.hold_id, "live", "instructed")
        others = [paid for paid in account.payments.values() if paid.hold_id == fact.hold_id]
        paid_already = any(paid.standing in ("suspended", "received") and not paid.ordered_fen for paid in others)
        if fact.payment_id in account.payments or fact.instructed_by == hold.decided_by or paid_already:
            self.report("instructed_wrongly", fact.payment_id)
        account.payments[fact.payment_id] = PaymentAccount(fact.hold_id, fact.method, fact.amount_fen)

    @_enter.register
    def _(self, fact: PaymentReceived, account: Account) -> None:
        if fact.from_suspense:
            self._pays(account, fact.payment_id, "received", "received")
            account.payments[fact.payment_id].beside = True
            return
        hold = self._moves(account, fact.hold_id, "instructed", "received")
        if fact.amount_fen != hold.draws.total():
            self.report("paid_wrongly", f"{fact.payment_id}: {fact.amount_fen} of {hold.draws} held")
        payment = self._pays(account, fact.payment_id, "instructed", "received")
        payment.amount_fen, payment.draws = fact.amount_fen, Counter(hold.draws)
        add(account.held, hold.draws, -1)
        add(account.spent, hold.draws)

    @_enter.register
    def _(self, fact: PaymentReturned, account: Account) -> None:
        before = "received" if fact.was_received else "instructed"
        payment = self._pays(account, fact.payment_id, before, "returned")
        if payment.ordered_fen:
            self.report(
                "recovered_wrongly", f"{fact.payment_id} came back, and {payment.ordered_fen} fen are asked back"
            )
        if payment.beside:
            payment.beside = False
            add(account.spent, payment.draws, -1)
            return
        hold = self._moves(account, fact.hold_id, before, "live")
        if fact.was_received:
            add(account.spent, payment.draws, -1)
            add(account.held, hold.draws)

    @_enter.register
    def _(self, fact: PaidWithoutHold, account: Account) -> None:
        payment = self._pays(account, fact.payment_id, "returned", "suspended")
        payment.amount_fen, payment.draws = fact.amount_fen, pots(fact.draws)
        payment.draws[_OWN] += fact.uncovered_fen
        account.came[_OWN] += fact.uncovered_fen
        self.outside_fen += fact.uncovered_fen
        add(account.spent, payment.draws)

    @_enter.register
    def _(self, fact: CashHandedOver, account: Account) -> None:
        if fact.handed_by == fact.payee_ref:
            self.report("paid_wrongly", f"{fact.payment_id} bears one signature twice")

    def _moves(self, account: Account, hold_id: str, before: str, after: str) -> HoldAccount:
        """P5: a hold is resolved at most once."""
        hold = account.holds[hold_id]
        if hold.standing != before:
            self.report("hold_moved_wrongly", f"{hold_id}: {hold.standing} became {after}")
        hold.standing = after
        return hold

    def _pays(self, account: Account, payment_id: str, before: str, after: str) -> PaymentAccount:
        payment = account.payments[payment_id]
        if payment.standing != before:
            self.report("hold_moved_wrongly", f"{payment_id}: {payment.standing} became {after}")
        payment.standing = after
        return payment

    # --- what follows a payment

    @_enter.register
    def _(self, fact: RecoveryOrdered, account: Account) -> None:
        payment = account.payments[fact.payment_id]
        payment.ordered_fen += fact.amount_fen
        account.recoveries[fact.recovery_id] = RecoveryAccount(fact.payment_id, fact.amount_fen)
        if payment.ordered_fen > payment.amount_fen or payment.standing != "received":
            self.report("recovered_wrongly", f"{fact.recovery_id}: {payment}")

    @_enter.register
    def _(self, fact: RecoveryReceived, account: Account) -> None:
        recovery = account.recoveries[fact.recovery_id]
        recovery.received_fen += fact.amount_fen
        add(account.spent, pots(fact.draws), -1)
        if recovery.owed_fen < 0 or pots(fact.draws).total() != fact.amount_fen:
            self.report("recovered_wrongly", f"{fact.recovery_id}: {recovery}")

    @_enter.register
    def _(self, fact: RecoveryDeclined, account: Account) -> None:
        """Nothing is owed of it."""

    @_enter.register
    def _(self, fact: RecoveryEnded, account: Account) -> None:
        recovery = account.recoveries[fact.recovery_id]
        recovery.ended_fen += fact.amount_fen
        if fact.how == "waived":
            account.payments[recovery.payment_id].ordered_fen -= fact.amount_fen
        if recovery.owed_fen < 0 or pots(fact.draws).total() != fact.amount_fen:
            self.report("recovered_wrongly", f"{fact.recovery_id}: {recovery}")

    @_enter.register
    def _(self, fact: PapersMarked, account: Account) -> None:
        if fact.standing == "borne":
            add(account.spent, account.payments[fact.payment_id].draws, -1)

    @_enter.register
    def _(self, fact: GoodsIssued, account: Account) -> None:
        account.stock[fact.batch_id] -= fact.quantity
        if account.stock[fact.batch_id] < 0:
            self.report("stock", f"{fact.batch_id} has less than nothing")

    # --- acts by hand

    @_enter.register
    def _(self, fact: ActProposed, account: Account) -> None:
        account.acts[fact.act_id] = fact.proposed_by

    @_enter.register
    def _(self, fact: ActDeclined, account: Account) -> None:
        account.acts.pop(fact.act_id)

    @_enter.register
    def _(self, fact: ActApproved, account: Account) -> None:
        """P13: another person than the maker."""
        if account.acts.pop(fact.act_id, fact.approved_by) == fact.approved_by:
            self.report("four_eyes", f"{fact.act_id} was proposed and approved by {fact.approved_by}")
        self._act(fact.act, fact, account)

    @singledispatchmethod
    def _act(self, act: Value, fact: ActApproved, account: Account) -> None:
        """What an act does; cash only changes its place."""

    @_act.register
    def _(self, act: InterestPaid, fact: ActApproved, account: Account) -> None:
        add(account.came, pots(fact.draws))
        self.outside_fen += pots(fact.draws).total()

    @_act.register
    def _(self, act: Correction, fact: ActApproved, account: Account) -> None:
        add(account.came, pots(fact.draws), -1)
        self.outside_fen -= pots(fact.draws).total()

    @_act.register
    def _(self, act: GoodsBought, fact: ActApproved, account: Account) -> None:
        add(account.spent, pots(fact.draws))
        account.stock[fact.act_id] = act.quantity

    @_act.register
    def _(self, act: PurchaseReversed, fact: ActApproved, account: Account) -> None:
        add(account.spent, pots(fact.draws), -1)
        account.stock[act.about] = 0

    @_act.register
    def _(self, act: OwnMoneyRepaid, fact: ActApproved, account: Account) -> None:
        add(account.spent, pots(fact.draws))

    @_act.register
    def _(self, act: RecoveryWaived, fact: ActApproved, account: Account) -> None:
        recovery = account.recoveries[act.recovery_id]
        if not recovery.of_suspense:
            account.payments[recovery.payment_id].ordered_fen -= recovery.owed_fen
        recovery.waived = True

    @_act.register
    def _(self, act: SuspenseCleared, fact: ActApproved, account: Account) -> None:
        after = "returned" if act.outcome == "came_back" else "received"
        payment = self._pays(account, act.payment_id, "suspended", after)
        if act.outcome == "came_back":
            add(account.spent, payment.draws, -1)
        if act.outcome == "to_recover":
            payment.ordered_fen = payment.amount_fen
            account.recoveries[fact.act_id] = RecoveryAccount(act.payment_id, payment.amount_fen, of_suspense=True)

    # --- the books

    @_enter.register
    def _(self, fact: EntryPosted, account: Account) -> None:
        """P3, P10 and P11: balanced, numbered without a gap, and not in a closed month."""
        for wrong in account.post(fact):
            self.report("voucher", f"{fact.fund_id} {fact.word}{fact.number} of {fact.dated}: {wrong}")

    @_enter.register
    def _(self, fact: PeriodAdjusting, account: Account) -> None:
        account.months[fact.month] = "adjusting"

    @_enter.register
    def _(self, fact: VouchersChecked, account: Account) -> None:
        """P13 for a whole month."""
        if fact.checked_by in account.makers[fact.month]:
            self.report("four_eyes", f"{fact.month} was made and checked by {fact.checked_by}")

    @_enter.register
    def _(self, fact: PeriodClosed, account: Account) -> None:
        if account.vouchers_of(fact.month) != fact.seal.vouchers or account.months[fact.month] == "closed":
            self.report("closed_wrongly", f"{fact.month}: {fact.seal.vouchers} vouchers")
        account.months[fact.month] = "closed"

    @_enter.register
    def _(self, fact: PeriodReopened, account: Account) -> None:
        if account.months[fact.month] != "closed":
            self.report("closed_wrongly", f"{fact.month} was not closed")
        if any(month > fact.month and standing == "closed" for month, standing in account.months.items()):
            self.report("closed_wrongly", f"{fact.month} was opened again before a later one")
        account.months[fact.month] = "adjusting"

    # --- in the end

    def check(self) -> None:
        """P14: what came from outside is in the funds, spent or on its way (P3, by the vouchers); P17: alerts said."""
        inside = sum(account.came.total() for account in self.accounts.values())
        under_way = sum(fen for _, _, fen in self.transit.values())
        if inside + under_way != self.outside_fen:
            self.report("money_lost", f"{self.outside_fen} fen came in, {inside} are there, {under_way} on their way")
        if under_way != sum(account.sent_fen for account in self.accounts.values()):
            self.report("transit", f"{under_way} fen are on their way, and the vouchers say otherwise")
        for fund_id, account in self.accounts.items():
            if account.is_low != account.is_below_line:
                self.report("alert", f"{fund_id} has {account.available_fen} fen, and nobody was told")
            for wrong in account.requests.unanswered():
                self.report("request", wrong)
