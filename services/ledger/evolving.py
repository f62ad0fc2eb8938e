"""How each fact changes a fund; after each one, also amid a command, nothing promised is more than there is."""

from dataclasses import replace

from events import ledger
from events.fact import Recorded
from events.ledger_replenishing import (
    ReplenishmentArrived,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentFact,
    ReplenishmentSigned,
    ReplenishmentSubmitted,
)
from services.ledger import hold_state, replenishment
from services.ledger.fund_state import (
    AfterFact,
    Batch,
    Fund,
    MonthFact,
    MoveFact,
    PaidFact,
    PromiseFact,
    Recovery,
    move_key,
    moved,
    to_recover,
)
from services.ledger.hold_state import Hold, Payment
from services.ledger.sources import all_of, put, take, total
from services.ledger.voucher import Vouchers, reference


def evolve(fund: Fund | None, recorded: Recorded[ledger.FundFact]) -> Fund:
    """The fund after a fact; after each one, also amid a command, nothing promised is more than there is."""
    return after(fund or Fund(recorded.fact.fund_id), recorded.fact)


def after(fund: Fund, fact: ledger.FundFact) -> Fund:
    """The fund after a fact that is not recorded yet."""
    match fact:
        case ledger.EntryPosted():
            return _posted(fund, fact)
        case (
            ledger.Reserved()
            | ledger.Committed()
            | ledger.RefusedShort()
            | ledger.ShortLetGo()
            | ledger.HoldReleased()
            | ledger.Voided()
            | ledger.RemainderReleased()
            | ledger.OwnMoneyAdded()
        ):
            return _promised(fund, fact)
        case (
            ledger.PaymentInstructed()
            | ledger.PaymentReceived()
            | ledger.PaymentReturned()
            | ledger.CashHandedOver()
            | ledger.PaidWithoutHold()
        ):
            return _paid(fund, fact)
        case ledger.FundOpened() | ledger.TermsSet() | ledger.QuotaSet():
            return _termed(fund, fact)
        case (
            ledger.AppropriationReceived()
            | ledger.AllocationSent()
            | ledger.AllocationReceived()
            | ledger.AllocationArrived()
            | ledger.AllocationReturned()
            | ledger.CarriedIn()
            | ledger.OpeningEntered()
        ):
            return _moved(fund, fact)
        case ledger.YearClosed():
            owed_fen = fund.own_owed_fen - fact.owed_fen
            return fund.but(book=take(fund.book, fact.left), rounds=fact.round, own_owed_fen=owed_fen)
        case (
            ledger.RecoveryOrdered()
            | ledger.RecoveryReceived()
            | ledger.RecoveryDeclined()
            | ledger.RecoveryEnded()
            | ledger.PapersMarked()
            | ledger.GoodsIssued()
        ):
            return _afterwards(fund, fact)
        case ledger.ActProposed() | ledger.ActDeclined():
            return fund.but(acts=fund.acts.put(fact.act_id, fact))
        case ledger.ActApproved():
            return _acted(fund.but(acts=fund.acts.put(fact.act_id, fact)), fact)
        case ledger.LowBalanceAlerted() | ledger.BalanceRestored():
            return fund.but(is_low=isinstance(fact, ledger.LowBalanceAlerted))
        case ledger.PeriodAdjusting() | ledger.VouchersChecked() | ledger.PeriodClosed() | ledger.PeriodReopened():
            return fund.but(vouchers=_turned(fund.vouchers, fact))
        case (
            ReplenishmentDrafted()
            | ReplenishmentSubmitted()
            | ReplenishmentSigned()
            | ReplenishmentDeclined()
            | ReplenishmentArrived()
        ):
            return _asked(fund, fact)


def _asked(fund: Fund, fact: ReplenishmentFact) -> Fund:
    if isinstance(fact, ReplenishmentDrafted):
        request = replenishment.begin(fact)
    else:
        request = replenishment.evolve(fund.requests[fact.request_id], fact)
    return fund.but(requests=fund.requests.put(fact.request_id, request))


def _termed(fund: Fund, fact: ledger.FundOpened | ledger.TermsSet | ledger.QuotaSet) -> Fund:
    match fact:
        case ledger.FundOpened():
            vouchers = replace(fund.vouchers, words=fact.terms.voucher_words)
            return fund.but(opened=fact, terms=fact.terms, vouchers=vouchers)
        case ledger.TermsSet():
            return fund.but(terms=fact.terms, vouchers=replace(fund.vouchers, words=fact.terms.voucher_words))
        case ledger.QuotaSet():
            return fund.but(quotas={**fund.quotas, fact.township: fact.quota_fen})


def _moved(fund: Fund, fact: MoveFact) -> Fund:
    if isinstance(fact, ledger.AllocationArrived | ledger.AllocationReturned):
        back = moved(fact) if isinstance(fact, ledger.AllocationReturned) else ()
        return fund.but(book=put(fund.book, back), ended=fund.ended.put(fact.transfer_id, fact))
    if isinstance(fact, ledger.OpeningEntered):
        fund = fund.but(cash_fen=fund.cash_fen + fact.cash_fen)
    if isinstance(fact, ledger.CarriedIn):
        fund = fund.but(own_owed_fen=fund.own_owed_fen + fact.owed_fen)
    change = take if isinstance(fact, ledger.AllocationSent) else put
    return fund.but(book=change(fund.book, moved(fact)), moves=fund.moves.put(move_key(fact), fact))


def _promised(fund: Fund, fact: PromiseFact) -> Fund:
    match fact:
        case ledger.Reserved():
            fund = _used(_uncommitted(fund, fact.hold_id), fact.township, fact.amount_fen)
            return _with_hold(fund, hold_state.begin(fact))
        case ledger.Committed():
            return fund.but(commitments={**fund.commitments, fact.hold_id: fact})
        case ledger.RefusedShort():
            return fund.but(shorts=fund.shorts.put(fact.hold_id, fact))
        case ledger.ShortLetGo():
            return fund.but(shorts=fund.shorts.without(fact.hold_id))
        case ledger.HoldReleased():
            known = fund.holds.get(fact.hold_id)
            return fund if known is None else _with_hold(fund, replace(known, waits=False))
        case ledger.Voided() | ledger.RemainderReleased():
            return _let_go(fund, fact)
        case ledger.OwnMoneyAdded():
            own = ledger.Draw(source="township_own", amount_fen=fact.amount_fen)
            return _lent(fund.but(book=put(fund.book, (own,))), fact.amount_fen, owed=fact.bearing == "repayable")


def _uncommitted(fund: Fund, hold_id: str) -> Fund:
    if hold_id not in fund.commitments:
        return fund
    return fund.but(commitments={name: told for name, told in fund.commitments.items() if name != hold_id})


def _lent(fund: Fund, amount_fen: int, *, owed: bool) -> Fund:
    owed_fen = fund.own_owed_fen + (amount_fen if owed else 0)
    return fund.but(own_added_fen=fund.own_added_fen + amount_fen, own_owed_fen=owed_fen)


def _let_go(fund: Fund, fact: ledger.Voided | ledger.RemainderReleased) -> Fund:
    known = fund.holds.get(fact.hold_id)
    if known is None:
        return _uncommitted(fund, fact.hold_id).but(shorts=fund.shorts.without(fact.hold_id))
    freed_fen = fact.amount_fen if isinstance(fact, ledger.RemainderReleased) else total(known.held)
    fund = _used(fund, known.township, -freed_fen)
    if isinstance(fact, ledger.RemainderReleased):
        fund = _pinned(fund, known.being_paid, -fact.amount_fen)
    return _with_hold(fund, hold_state.evolve(known, fact))


def _used(fund: Fund, township: str | None, change_fen: int) -> Fund:
    if township is None:
        return fund
    return fund.but(quota_used={**fund.quota_used, township: fund.quota_used.get(township, 0) + change_fen})


def _pinned(fund: Fund, payment: Payment | None, change_fen: int) -> Fund:
    if payment is None:
        return fund
    if payment.method == "cash":
        return fund.but(cash_pinned_fen=fund.cash_pinned_fen + change_fen)
    return fund.but(bank_pinned_fen=fund.bank_pinned_fen + change_fen)


def _with_hold(fund: Fund, after: Hold) -> Fund:
    """What the hold keeps back changes with it."""
    before = fund.holds.get(after.hold_id)
    freed = before.held if before is not None else ()
    held = put(take(fund.held, freed), after.held)
    return fund.but(held=held, holds=fund.holds.put(after.hold_id, after))


def _paid(fund: Fund, fact: PaidFact) -> Fund:
    """Money leaves from what is held for it, and comes back into it: what is available does not change."""
    match fact:
        case ledger.CashHandedOver():
            return fund
        case ledger.PaidWithoutHold():
            return _suspended(fund, fact)
        case ledger.PaymentInstructed() | ledger.PaymentReceived() | ledger.PaymentReturned():
            before = fund.holds[fact.hold_id]
            after = hold_state.evolve(before, fact)
            if isinstance(fact, ledger.PaymentInstructed):
                fund = fund.but(payments=fund.payments.put(fact.payment_id, fact.hold_id))
            fund = _carried(fund, fact, after.payments[fact.payment_id])
            if isinstance(fact, ledger.PaymentReturned) and not fact.revives:
                fund = _used(fund, before.township, -fact.amount_fen)
            return _with_hold(fund, after)


def _carried(
    fund: Fund, fact: ledger.PaymentInstructed | ledger.PaymentReceived | ledger.PaymentReturned, payment: Payment
) -> Fund:
    """The money of a payment: pinned, gone, or back."""
    match fact:
        case ledger.PaymentInstructed():
            return _pinned(fund, payment, fact.amount_fen)
        case ledger.PaymentReceived(from_suspense=True):
            return fund
        case ledger.PaymentReceived():
            fund = _pinned(fund, payment, -fact.amount_fen)
            return _in_box(fund.but(book=take(fund.book, payment.draws)), payment, -fact.amount_fen)
        case ledger.PaymentReturned(was_received=True):
            return _in_box(fund.but(book=put(fund.book, payment.draws)), payment, fact.amount_fen)
        case ledger.PaymentReturned():
            return _pinned(fund, payment, -fact.amount_fen)


def _in_box(fund: Fund, payment: Payment, change_fen: int) -> Fund:
    return fund.but(cash_fen=fund.cash_fen + change_fen) if payment.method == "cash" else fund


def _suspended(fund: Fund, fact: ledger.PaidWithoutHold) -> Fund:
    """What the fund could not give was the township's: it comes in and goes out at once."""
    known = hold_state.evolve(fund.holds[fact.hold_id], fact)
    fund = _used(_lent(fund, fact.uncovered_fen, owed=True), known.township, fact.amount_fen)
    return _with_hold(fund.but(book=take(fund.book, fact.draws)), known)


def _afterwards(fund: Fund, fact: AfterFact) -> Fund:
    match fact:
        case ledger.RecoveryOrdered():
            return _owed(fund, fact)
        case ledger.RecoveryReceived():
            return _given_back(fund, fact)
        case ledger.RecoveryDeclined():
            declined = fund.recoveries.get(fact.recovery_id) or Recovery(fact.payment_id, fact.case_id, ())
            return fund.but(recoveries=fund.recoveries.put(fact.recovery_id, declined))
        case ledger.RecoveryEnded():
            return _ended(fund, fact)
        case ledger.PapersMarked():
            payment = fund.payment(fact.payment_id)
            back = payment.draws if fact.standing == "borne" else ()
            fund = fund.but(book=put(fund.book, back))
            return _with_payment(fund, fact.payment_id, replace(payment, papers=fact.standing))
        case ledger.GoodsIssued():
            batch = fund.batches[fact.batch_id]
            left = take({draw.source: draw.amount_fen for draw in batch.cost}, fact.draws)
            cost = tuple(ledger.Draw(source=source, amount_fen=fen) for source, fen in left.items() if fen)
            batches = fund.batches.put(
                fact.batch_id, replace(batch, quantity=batch.quantity - fact.quantity, cost=cost)
            )
            return fund.but(batches=batches, handovers=fund.handovers.put(fact.handover_id, fact))


def _owed(fund: Fund, fact: ledger.RecoveryOrdered) -> Fund:
    payment = fund.payment(fact.payment_id)
    owed = to_recover(payment, fact.amount_fen)
    recoveries = fund.recoveries.put(fact.recovery_id, Recovery(fact.payment_id, fact.case_id, owed))
    recovered = replace(payment, recovered=all_of(put(put({}, payment.recovered), owed)))
    return _with_payment(fund.but(recoveries=recoveries), fact.payment_id, recovered)


def _given_back(fund: Fund, fact: ledger.RecoveryReceived) -> Fund:
    recovery = fund.recoveries[fact.recovery_id]
    left = take({draw.source: draw.amount_fen for draw in recovery.owed}, fact.draws)
    owed = tuple(ledger.Draw(source=source, amount_fen=fen) for source, fen in left.items() if fen)
    receipts = {**recovery.receipts, fact.receipt_id: fact.amount_fen}
    recoveries = fund.recoveries.put(fact.recovery_id, replace(recovery, owed=owed, receipts=receipts))
    township = fund.holds[fund.payments[recovery.payment_id]].township
    return _used(fund.but(book=put(fund.book, fact.draws), recoveries=recoveries), township, -fact.amount_fen)


def _ended(fund: Fund, fact: ledger.RecoveryEnded) -> Fund:
    """What is waived may be claimed anew, or come back from the bank; what is offset the household has given."""
    recovery = fund.recoveries[fact.recovery_id]
    owed = all_of(take(put({}, recovery.owed), fact.draws))
    ended = replace(recovery, owed=owed, ended=recovery.ended | {fact.settlement_id})
    fund = fund.but(recoveries=fund.recoveries.put(fact.recovery_id, ended))
    if fact.how == "offset":
        return fund
    payment = fund.payment(recovery.payment_id)
    left = all_of(take(put({}, payment.recovered), fact.draws))
    return _with_payment(fund, recovery.payment_id, replace(payment, recovered=left))


def _with_payment(fund: Fund, payment_id: str, payment: Payment) -> Fund:
    known = hold_state.paying(fund.holds[fund.payments[payment_id]], payment_id, payment)
    return fund.but(holds=fund.holds.put(known.hold_id, known))


def _acted(fund: Fund, fact: ledger.ActApproved) -> Fund:
    match fact.act:
        case ledger.CashMoved() as act:
            change_fen = act.amount_fen if act.direction == "withdrawn" else -act.amount_fen
            return fund.but(cash_fen=fund.cash_fen + change_fen)
        case ledger.InterestPaid():
            return fund.but(book=put(fund.book, fact.draws))
        case ledger.Correction() as act:
            corrected = fund.corrected.put(act.about, fact.act_id)
            cash_fen = fund.cash_fen - fund.opening_cash_fen(act.about)
            return fund.but(book=take(fund.book, fact.draws), cash_fen=cash_fen, corrected=corrected)
        case ledger.OwnMoneyRepaid() as act:
            return fund.but(book=take(fund.book, fact.draws), own_owed_fen=fund.own_owed_fen - act.amount_fen)
        case ledger.RecoveryWaived() as act:
            return _waived(fund, act.recovery_id)
        case ledger.SuspenseCleared() as act:
            return _cleared(fund, act, fact)
        case ledger.GoodsBought() as act:
            batch = Batch(act.item, act.quantity, fact.draws)
            return fund.but(book=take(fund.book, fact.draws), batches=fund.batches.put(fact.act_id, batch))
        case ledger.PurchaseReversed() as act:
            batches = fund.batches.put(act.about, replace(fund.batches[act.about], quantity=0, cost=()))
            corrected = fund.corrected.put(act.about, fact.act_id)
            return fund.but(book=put(fund.book, fact.draws), batches=batches, corrected=corrected)


def _waived(fund: Fund, recovery_id: str) -> Fund:
    """What was ordered back and is waived may come back from the bank, or be ordered back again.

    What was in suspense stays settled: no hold gave it, so that its coming back would bring no hold to life.
    """
    recovery = fund.recoveries[recovery_id]
    fund = fund.but(recoveries=fund.recoveries.put(recovery_id, replace(recovery, owed=())))
    if fund.acts.get(recovery_id) is not None:
        return fund
    payment = fund.payment(recovery.payment_id)
    left = all_of(take(put({}, payment.recovered), recovery.owed))
    return _with_payment(fund, recovery.payment_id, replace(payment, recovered=left))


def _cleared(fund: Fund, act: ledger.SuspenseCleared, fact: ledger.ActApproved) -> Fund:
    payment = fund.payment(act.payment_id)
    known = fund.holds[fund.payments[act.payment_id]]
    if act.outcome == "came_back":
        fund = _used(fund.but(book=put(fund.book, payment.draws)), known.township, -payment.amount_fen)
        return _with_payment(fund, act.payment_id, replace(payment, standing="returned", draws=()))
    if act.outcome == "spent":
        return _with_payment(fund, act.payment_id, replace(payment, standing="received", from_suspense=True))
    recoveries = fund.recoveries.put(fact.act_id, Recovery(act.payment_id, known.case_id, payment.draws))
    settled = replace(payment, standing="received", recovered=payment.draws)
    return _with_payment(fund.but(recoveries=recoveries), act.payment_id, settled)


def _posted(fund: Fund, fact: ledger.EntryPosted) -> Fund:
    entries = fund.entries if fact.about is None else fund.entries.put(fact.about, reference(fact))
    return fund.but(vouchers=fund.vouchers.after(fact), entries=entries)


def _turned(vouchers: Vouchers, fact: MonthFact) -> Vouchers:
    books = vouchers.books(fact.month)
    match fact:
        case ledger.PeriodAdjusting():
            return vouchers.turned(fact.month, replace(books, standing="adjusting"))
        case ledger.VouchersChecked():
            return vouchers.turned(fact.month, replace(books, checked=fact.vouchers))
        case ledger.PeriodClosed():
            return vouchers.turned(fact.month, replace(books, standing="closed", seals=books.seals + 1))
        case ledger.PeriodReopened():
            return vouchers.turned(fact.month, replace(books, standing="adjusting"))
