"""What follows by itself in a fund: a request is answered, a low balance told once, more asked for."""

from collections.abc import Iterable, Sequence
from datetime import date

from events.ledger import (
    AllocationReceived,
    AppropriationReceived,
    BalanceRestored,
    FundFact,
    LowBalanceAlerted,
    QuotaSet,
    ShortLetGo,
    Voided,
)
from events.ledger_replenishing import (
    ReplenishmentArrived,
    ReplenishmentDeclined,
    ReplenishmentDrafted,
    ReplenishmentFact,
)
from services.ledger.dealings.needed import figures_of, suggested_fen
from services.ledger.dealings.replenishing import declined, drafted, open_request
from services.ledger.evolving import after
from services.ledger.fund_state import Fund, move_key
from services.ledger.replenishment import Request

_LET_GO = (ShortLetGo, Voided)
_ARRIVALS = (AllocationReceived, AppropriationReceived, QuotaSet)


def follows(
    before: Fund, fund: Fund, facts: Iterable[FundFact], today: date
) -> Sequence[ReplenishmentFact | LowBalanceAlerted | BalanceRestored]:
    """What follows when these facts have changed a fund.

    Arrivals, what nobody needs any more, an alert once per crossing, and a draft with it.
    """
    arrived = _arrivals(before, fund, facts)
    ended = _ended(fund, facts)
    for fact in (*arrived, *ended):
        fund = after(fund, fact)
    alerts = _alert(fund)
    fell = any(isinstance(fact, LowBalanceAlerted) for fact in alerts)
    return (*arrived, *ended, *alerts, *(_upon_alert(fund, today) if fell else ()))


def _ended(fund: Fund, facts: Iterable[FundFact]) -> Sequence[ReplenishmentDeclined]:
    """What was asked for urgently for a hold that is let go is needed no more, granted or not."""
    let_go = (fact.hold_id for fact in facts if isinstance(fact, _LET_GO))
    requests = (open_request(fund, hold_id) for hold_id in let_go)
    return [declined(fund, request, "hold_let_go", "ledger") for request in requests if request is not None]


def _alert(fund: Fund) -> Sequence[LowBalanceAlerted | BalanceRestored]:
    line_fen = fund.terms.quota_fen * fund.terms.alert_permille // 1000
    available_fen = fund.available_fen
    is_low = available_fen < line_fen
    if is_low == fund.is_low:
        return ()
    if is_low:
        return (LowBalanceAlerted(fund_id=fund.fund_id, available_fen=available_fen, line_fen=line_fen),)
    return (BalanceRestored(fund_id=fund.fund_id, available_fen=available_fen, line_fen=line_fen),)


def _upon_alert(fund: Fund, today: date) -> Sequence[ReplenishmentDrafted]:
    """A township asks, unless a request of it is on its way already."""
    if fund.opened is None or fund.opened.township is None or fund.rounds or open_request(fund) is not None:
        return ()
    figures = figures_of(fund, today)
    amount_fen = suggested_fen(fund, figures)
    return (drafted(fund, "below_line", figures, amount_fen),) if amount_fen else ()


def _arrivals(before: Fund, fund: Fund, facts: Iterable[FundFact]) -> Sequence[ReplenishmentArrived]:
    told = (_arrival(before, fund, fact) for fact in facts)
    return [fact for fact in told if fact is not None]


def _arrival(before: Fund, fund: Fund, fact: FundFact) -> ReplenishmentArrived | None:
    if not isinstance(fact, _ARRIVALS):
        return None
    granted = [request for request in fund.requests.values() if request.standing == "granted"]
    answered = next((request for request in granted if request.document == fact.document), None)
    if answered is None:
        return None
    if isinstance(fact, QuotaSet):
        more_fen = fact.quota_fen - before.quotas.get(fact.township, 0)
        return _arrived(fund, answered, more_fen) if more_fen > 0 and fact.township == answered.township else None
    return _arrived(fund, answered, fact.amount_fen, move_key(fact))


def _arrived(fund: Fund, request: Request, amount_fen: int, move_id: str | None = None) -> ReplenishmentArrived:
    return ReplenishmentArrived(
        fund_id=fund.fund_id,
        request_id=request.request_id,
        amount_fen=amount_fen,
        move_id=move_id,
        voucher=None if move_id is None else fund.entries.get(move_id),
    )
