"""How each fact is posted (记账): which entry, dated when, under which header. Promises are not: no money has moved."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard, get_args

from events import ledger
from events.shanghai import day_of
from services.chassis.decider import Circumstances, Refused
from services.ledger import posting
from services.ledger.fund_state import Fund, MoveFact, move_key, moved, to_recover
from services.ledger.hold_state import Papers, Payment
from services.ledger.posting import BANK, OWED, SPENT, UNPAPERED, Asset, Entry, Use
from services.ledger.voucher import Header

_Posted = (
    MoveFact
    | ledger.OwnMoneyAdded
    | ledger.PaymentReceived
    | ledger.PaymentReturned
    | ledger.PaidWithoutHold
    | ledger.RecoveryOrdered
    | ledger.RecoveryReceived
    | ledger.RecoveryEnded
    | ledger.PapersMarked
    | ledger.GoodsIssued
    | ledger.ActApproved
    | ledger.YearClosed
)

_POSTED = frozenset(get_args(_Posted))
_SPENT_ON: dict[Papers, Asset | Use] = {
    "unfiled": UNPAPERED,
    "filed": SPENT,
    "admitted": SPENT,
    "rejected": OWED,
    "borne": OWED,
}
"""Where a payment stands in the books, by its papers."""
_ENDED = {"waived": "核销应追回款", "offset": "抵扣应追回款"}


@dataclass(frozen=True, slots=True)
class _Draft:
    entry: Entry
    header: Header
    moment: datetime | None = None
    """When it happened, where the fact itself says so; else it is as the command tells, and never in the future."""


def voucher(fund: Fund, fact: ledger.FundFact, now: Circumstances) -> ledger.EntryPosted | None:
    """The voucher of a fact, given the fund before it; none where no money moves.

    Raises ``Refused`` for a day before the fund's budget year: its books have no such month.
    """
    draft = _draft(fund, fact, now.actor.id) if _is_posted(fact) else None
    if draft is None:
        return None
    moment = draft.moment or min(now.occurred_at, now.recorded_at)
    if fund.opened is not None and day_of(moment).year < fund.opened.year:
        raise Refused("before_the_year", "所填日期早于该备用金的预算年度,不能入账,请核对日期。")
    return fund.vouchers.post(fund.fund_id, draft.entry, moment, draft.header)


def _is_posted(fact: ledger.FundFact) -> TypeGuard[_Posted]:
    """As ``isinstance`` says, which asks each of them in turn."""
    return type(fact) in _POSTED


def _draft(fund: Fund, fact: _Posted, actor_id: str) -> _Draft | None:
    if isinstance(fact, MoveFact):
        return _of_move(fund, fact, actor_id)
    match fact:
        case ledger.OwnMoneyAdded():
            own = _own(fact.amount_fen)
            header = Header(about=fact.hold_id, made_by=actor_id)
            return _Draft(posting.own_money(own, repayable=fact.bearing == "repayable"), header)
        case ledger.PaymentReceived() | ledger.PaymentReturned() | ledger.PaidWithoutHold():
            return _of_payment(fund, fact)
        case ledger.RecoveryOrdered():
            draws = to_recover(fund.payment(fact.payment_id), fact.amount_fen)
            header = Header(case_id=fact.case_id, about=fact.recovery_id, made_by=actor_id)
            return _Draft(posting.recovery_ordered(draws), header)
        case ledger.RecoveryReceived():
            header = Header(case_id=fact.case_id, about=fact.receipt_id, made_by=actor_id)
            return _Draft(posting.recovery_received(fact.draws), header)
        case ledger.RecoveryEnded():
            header = Header(case_id=fact.case_id, about=fact.settlement_id, made_by=actor_id)
            return _Draft(posting.recovery_ordered(fact.draws).reversed(_ENDED[fact.how]), header)
        case ledger.PapersMarked():
            return _of_papers(fund, fact, actor_id)
        case ledger.GoodsIssued():
            header = Header(case_id=fact.case_id, about=fact.handover_id, made_by=actor_id)
            return _Draft(posting.goods_issued(fact.draws), header)
        case ledger.ActApproved():
            return _of_act(fund, fact)
        case ledger.YearClosed():
            return _of_year(fact, actor_id)


def _of_move(fund: Fund, fact: MoveFact, actor_id: str) -> _Draft:
    draws, key = moved(fact), move_key(fact)
    match fact:
        case ledger.AppropriationReceived():
            return _Draft(posting.paid_in(draws), Header(about=key, basis=fact.document, made_by=actor_id))
        case ledger.AllocationSent():
            header = Header(about=key, towards=fact.to_fund_id, basis=fact.document, made_by=actor_id)
            return _Draft(posting.sent(draws), header)
        case ledger.AllocationReceived():
            header = Header(about=key, towards=fact.from_fund_id, basis=fact.document, made_by=actor_id)
            return _Draft(posting.received(draws), header)
        case ledger.AllocationArrived():
            return _Draft(posting.arrived(draws), Header(about=fact.arrival_id, made_by=actor_id))
        case ledger.AllocationReturned():
            header = Header(about=fact.return_id, made_by=actor_id, reverses=fund.entries.get(key))
            return _Draft(posting.sent(draws).reversed("备用金拨付退回"), header)
        case ledger.CarriedIn():
            return _Draft(posting.carried_in(draws, fact.owed_fen), Header(towards=fact.from_fund_id, made_by=actor_id))
        case ledger.OpeningEntered():
            header = Header(about=key, basis=fact.file, made_by=actor_id)
            return _Draft(posting.opened_with(draws, fact.cash_fen), header)


def _of_payment(
    fund: Fund, fact: ledger.PaymentReceived | ledger.PaymentReturned | ledger.PaidWithoutHold
) -> _Draft | None:
    known = fund.holds[fact.hold_id]
    payment = known.payments[fact.payment_id]
    header = Header(
        case_id=fact.case_id,
        about=fact.payment_id,
        towards=payment.payee_ref,
        basis=fact.hold_id,
        made_by=payment.instructed_by,
        signed_by=known.decided_by,
        reverses=fund.entries.get(fact.payment_id) if isinstance(fact, ledger.PaymentReturned) else None,
    )
    match fact:
        case ledger.PaymentReceived(from_suspense=True):
            return None
        case ledger.PaymentReceived():
            return _Draft(posting.payment(known.draws, payment.method), header, fact.received_at)
        case ledger.PaymentReturned(was_received=True):
            return _Draft(_taken_back(payment), header)
        case ledger.PaymentReturned():
            return None
        case ledger.PaidWithoutHold():
            return _Draft(_suspended(fact), header, fact.received_at)


def _taken_back(payment: Payment) -> Entry:
    """A returned payment undoes its voucher, wherever its papers have brought it by then."""
    paid = posting.payment(payment.draws, payment.method)
    undone = paid.reversed("先行救助支付退回")
    if payment.papers == "unfiled":
        return undone
    return undone.and_also(posting.papers_moved(payment.draws, UNPAPERED, _SPENT_ON[payment.papers]))


def _suspended(fact: ledger.PaidWithoutHold) -> Entry:
    """The township's money comes in before it goes out."""
    if not fact.uncovered_fen:
        return posting.suspended(fact.draws)
    own = _own(fact.uncovered_fen)
    owed = posting.own_money(own, repayable=True).and_also(posting.suspended(own))
    return posting.suspended(fact.draws).and_also(owed) if fact.draws else owed


def _of_papers(fund: Fund, fact: ledger.PapersMarked, actor_id: str) -> _Draft | None:
    payment = fund.payment(fact.payment_id)
    header = Header(case_id=fact.case_id, about=f"{fact.payment_id}:{fact.standing}"[:64], made_by=actor_id)
    match fact.standing:
        case "filed":
            return _Draft(posting.papers_moved(payment.draws, SPENT, UNPAPERED), header)
        case "rejected":
            return _Draft(posting.papers_moved(payment.draws, OWED, SPENT), header)
        case "admitted":
            if payment.papers == "filed":
                return None
            return _Draft(posting.papers_moved(payment.draws, SPENT, OWED), header)
        case "borne":
            return _Draft(posting.papers_moved(payment.draws, BANK, OWED), header)


def _of_act(fund: Fund, fact: ledger.ActApproved) -> _Draft:
    act = fact.act
    proposed = fund.acts[fact.act_id]
    wrong = act.about if isinstance(act, ledger.Correction | ledger.PurchaseReversed) else None
    header = Header(
        about=wrong or fact.act_id,
        basis=getattr(proposed, "document", ""),
        made_by=getattr(proposed, "proposed_by", None),
        signed_by=fact.approved_by,
        reverses=None if wrong is None else fund.entries.get(wrong),
        adjusts=True,
    )
    return _Draft(_entry_of(fund, fact), header)


def _entry_of(fund: Fund, fact: ledger.ActApproved) -> Entry:
    match fact.act:
        case ledger.CashMoved() as act:
            return posting.cash_moved(act.amount_fen, withdrawn=act.direction == "withdrawn")
        case ledger.InterestPaid():
            return posting.interest(fact.draws)
        case ledger.Correction() as act:
            return _wrong(fund, act.about, fact).reversed("更正:红字冲销")
        case ledger.OwnMoneyRepaid():
            return posting.own_money_repaid(fact.draws)
        case ledger.RecoveryWaived():
            return posting.recovery_ordered(fact.draws).reversed("核销应追回款")
        case ledger.GoodsBought():
            return posting.goods_bought(fact.draws)
        case ledger.PurchaseReversed():
            return posting.goods_bought(fact.draws).reversed("更正:红字冲销")
        case ledger.SuspenseCleared() as act:
            debit: Asset | Use = {"spent": UNPAPERED, "came_back": BANK, "to_recover": OWED}[act.outcome]
            return posting.suspense_cleared(fact.draws, debit)


def _wrong(fund: Fund, about: str, fact: ledger.ActApproved) -> Entry:
    """The entry that is taken back."""
    if isinstance(fund.acts.get(about), ledger.ActApproved):
        return posting.interest(fact.draws)
    if isinstance(fund.moves.get(about), ledger.OpeningEntered):
        return posting.opened_with(fact.draws, fund.opening_cash_fen(about))
    return posting.paid_in(fact.draws)


def _of_year(fact: ledger.YearClosed, actor_id: str) -> _Draft | None:
    if not fact.left and not fact.owed_fen:
        return None
    header = Header(made_by=actor_id)
    if fact.how == "hand_back":
        return _Draft(posting.handed_back(fact.left, fact.owed_fen), header)
    return _Draft(posting.carried_out(fact.left, fact.owed_fen), header)


def _own(amount_fen: int) -> tuple[ledger.Draw, ...]:
    return (ledger.Draw(source="township_own", amount_fen=amount_fen),)
