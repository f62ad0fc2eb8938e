"""What the books say that a fund needs (补充测算): pure figures, and the amount that follows from them."""

from datetime import date, timedelta

from events.ledger import AllocationReturned, AllocationSent
from events.ledger_replenishing import FundFigures
from events.shanghai import day_of
from services.ledger.dealings.promising import available_fen
from services.ledger.fund_state import Fund, move_key, moved
from services.ledger.hold_state import Payment
from services.ledger.sources import total

_NOT_ADMITTED = ("filed", "rejected")


def figures_of(fund: Fund, today: date, township: str | None = None) -> FundFigures:
    """What the books say today; of a township's quota where the county pays for it (mode C)."""
    paid = [payment for hold in fund.holds.values() for payment in hold.payments.values()]
    received = [payment for payment in paid if payment.standing == "received"]
    unpapered = [payment for payment in received if payment.papers == "unfiled"]
    unsettled = [payment for payment in received if payment.papers in _NOT_ADMITTED]
    since = today - timedelta(days=fund.terms.look_back_days)
    lately_fen = sum(payment.amount_fen for payment in received if _day(payment) > since)
    goods_fen = sum(total(issued.draws) for issued in fund.handovers.values())
    return FundFigures(
        quota_fen=fund.terms.quota_fen if township is None else fund.quotas.get(township, 0),
        allocated_fen=_allocated_fen(fund),
        used_fen=sum(payment.amount_fen for payment in received) + goods_fen,
        unpapered_fen=sum(payment.amount_fen for payment in unpapered),
        unsettled_fen=sum(payment.amount_fen for payment in unsettled),
        book_fen=fund.book_fen,
        reserved_fen=fund.reserved_fen,
        available_fen=available_fen(fund, township, today),
        pending_fen=sum(request.pending_fen for request in fund.requests.values()),
        expected_fen=forecast_fen(lately_fen, fund.terms.look_back_days, fund.terms.look_ahead_days),
        payments=len(received),
        overdue=sum(_is_overdue(fund, payment, today) for payment in unpapered),
    )


def forecast_fen(spent_fen: int, days_back: int, days_ahead: int) -> int:
    """What will be needed: ``spent / days_back * days_ahead``, rounded up to the fen (预计需求)."""
    return -(-spent_fen * days_ahead // days_back)


def suggested_fen(fund: Fund, figures: FundFigures) -> int:
    """What to ask for: the quota filled up again, or what the days ahead need, whichever is more.

    Filled up: quota less what is in the fund and not promised, less what is pending. An imprest (报账制) is never more
    than its quota: there what is promised counts as in it, so does what is paid and not yet admitted, and the forecast
    does not count.
    """
    filled_fen = figures.quota_fen - figures.book_fen - figures.pending_fen
    if fund.terms.mode == "imprest":
        return max(0, filled_fen - figures.unpapered_fen - figures.unsettled_fen)
    return max(0, filled_fen + figures.reserved_fen, figures.expected_fen - figures.available_fen - figures.pending_fen)


def _allocated_fen(fund: Fund) -> int:
    came_fen = 0
    for move in fund.moves.values():
        key = move_key(move)
        came_back = isinstance(move, AllocationSent) and isinstance(fund.ended.get(key), AllocationReturned)
        if fund.corrected.get(key) is None and not came_back:
            came_fen += total(moved(move)) * (-1 if isinstance(move, AllocationSent) else 1)
    return max(0, came_fen)


def _is_overdue(fund: Fund, payment: Payment, today: date) -> bool:
    days = fund.terms.overdue_days
    return days is not None and _day(payment) + timedelta(days=days) < today


def _day(payment: Payment) -> date:
    return date.min if payment.received_at is None else day_of(payment.received_at)
