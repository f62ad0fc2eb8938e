"""What follows a payment: money ordered back, papers filed or rejected (核销), goods out of the stock."""

from collections.abc import Mapping, Sequence

from events.ledger import (
    Draw,
    GoodsIssued,
    PapersMarked,
    RecoveryDeclined,
    RecoveryEnded,
    RecoveryOrdered,
    RecoveryReceived,
)
from services.chassis.decider import Refused
from services.ledger.fund_commands import (
    AfterCommand,
    EndRecovery,
    IssueGoods,
    MarkPapers,
    OrderRecovery,
    ReceiveRecovery,
)
from services.ledger.fund_state import AfterFact, Batch, Fund
from services.ledger.hold_state import Papers, Payment
from services.ledger.sources import first, total

_FOLLOWS: Mapping[Papers, frozenset[Papers]] = {
    "unfiled": frozenset({"filed"}),
    "filed": frozenset({"admitted", "rejected"}),
    "rejected": frozenset({"admitted", "borne"}),
    "admitted": frozenset(),
    "borne": frozenset(),
}
"""What may become of papers, by how they stand."""
_GIVEN_BACK: frozenset[Papers] = frozenset({"rejected", "borne"})
"""Here the township owes the fund what was paid, so the household does not owe it, too."""


def decide(fund: Fund, command: AfterCommand) -> Sequence[AfterFact]:
    """What follows; the same command again gives nothing. Raises ``Refused`` for a senseless one."""
    match command:
        case OrderRecovery():
            return _order(fund, command)
        case ReceiveRecovery():
            return _take_back(fund, command)
        case EndRecovery():
            return _end(fund, command)
        case MarkPapers():
            return _mark(fund, command)
        case IssueGoods():
            return _issue(fund, command)


def _payment(fund: Fund, payment_id: str) -> Payment:
    hold_id = fund.payments.get(payment_id)
    if hold_id is None:
        raise Refused("no_such_hold", "没有找到这笔占用或支付,请核对编号。")
    return fund.holds[hold_id].payments[payment_id]


def _received(fund: Fund, payment_id: str) -> Payment:
    payment = _payment(fund, payment_id)
    if payment.standing != "received":
        raise Refused("not_received", "该笔支付尚未到账,不能办理。")
    return payment


def _order(fund: Fund, command: OrderRecovery) -> Sequence[RecoveryOrdered | RecoveryDeclined]:
    """What of a payment can still be claimed becomes a claim; relief is told of the rest."""
    known = fund.recoveries.get(command.recovery_id)
    if known is not None:
        if known.payment_id != command.payment_id:
            raise Refused("recovery_differs", "该追回编号已登记为另一笔支付的追回。")
        return ()
    claimed_fen, reason = _claimable(_payment(fund, command.payment_id), command.amount_fen)
    about = {
        "fund_id": fund.fund_id,
        "recovery_id": command.recovery_id,
        "case_id": fund.holds[fund.payments[command.payment_id]].case_id,
        "payment_id": command.payment_id,
    }
    facts: list[RecoveryOrdered | RecoveryDeclined] = []
    if claimed_fen:
        facts.append(RecoveryOrdered.model_validate({**about, "amount_fen": claimed_fen}))
    if claimed_fen < command.amount_fen:
        declined_fen = command.amount_fen - claimed_fen
        facts.append(RecoveryDeclined.model_validate({**about, "amount_fen": declined_fen, "reason": reason}))
    return facts


def _claimable(payment: Payment, asked_fen: int) -> tuple[int, str]:
    """How much of what is asked back the household can owe, and why no more."""
    if payment.standing != "received":
        return 0, "not_received"
    if payment.papers in _GIVEN_BACK:
        return 0, "borne_by_township"
    return min(asked_fen, payment.amount_fen - total(payment.recovered)), "more_than_paid"


def _end(fund: Fund, command: EndRecovery) -> Sequence[RecoveryEnded]:
    """What has come back meanwhile is not given up; where nothing is open, nothing ends."""
    recovery = fund.recoveries.get(command.recovery_id)
    if recovery is None:
        raise Refused("no_such_recovery", "没有找到这笔追回,请核对编号。")
    ended_fen = min(command.amount_fen, total(recovery.owed))
    if ended_fen == 0 or command.settlement_id in recovery.ended:
        return ()
    return (
        RecoveryEnded(
            fund_id=fund.fund_id,
            recovery_id=command.recovery_id,
            settlement_id=command.settlement_id,
            case_id=recovery.case_id,
            how=command.how,
            amount_fen=ended_fen,
            draws=first(recovery.owed, ended_fen),
        ),
    )


def _take_back(fund: Fund, command: ReceiveRecovery) -> Sequence[RecoveryReceived]:
    recovery = fund.recoveries.get(command.recovery_id)
    if recovery is None:
        raise Refused("no_such_recovery", "没有找到这笔追回,请核对编号。")
    known_fen = recovery.receipts.get(command.receipt_id)
    if known_fen is not None:
        if known_fen != command.amount_fen:
            raise Refused("recovery_differs", "该追回到账编号已登记过,金额不同。")
        return ()
    if command.amount_fen > total(recovery.owed):
        raise Refused("more_than_owed", "到账金额大于应追回金额,请核对。")
    return (
        RecoveryReceived(
            fund_id=fund.fund_id,
            recovery_id=command.recovery_id,
            receipt_id=command.receipt_id,
            case_id=recovery.case_id,
            amount_fen=command.amount_fen,
            draws=first(recovery.owed, command.amount_fen),
        ),
    )


def _mark(fund: Fund, command: MarkPapers) -> Sequence[PapersMarked]:
    payment = _received(fund, command.payment_id)
    if payment.papers == command.standing:
        return ()
    if command.standing not in _FOLLOWS[payment.papers]:
        raise Refused("papers_out_of_order", "手续状态的次序不对:先补齐,再由县级审核,不予列支的方可由乡镇承担。")
    if command.standing in _GIVEN_BACK and payment.recovered:
        raise Refused("already_settled", "该笔支付已决定向家庭追回,不能再不予列支。")
    return (
        PapersMarked(
            fund_id=fund.fund_id,
            payment_id=command.payment_id,
            case_id=fund.holds[fund.payments[command.payment_id]].case_id,
            amount_fen=payment.amount_fen,
            standing=command.standing,
        ),
    )


def _issue(fund: Fund, command: IssueGoods) -> Sequence[GoodsIssued]:
    known = fund.handovers.get(command.handover_id)
    if known is not None:
        if (known.batch_id, known.quantity, known.case_id) != (command.batch_id, command.quantity, command.case_id):
            raise Refused("handover_differs", "该发放编号已登记过,物资、数量或个案不同。")
        return ()
    batch = fund.batches.get(command.batch_id)
    if batch is None or command.quantity > batch.quantity:
        raise Refused("stock_short", "该批物资库存不足,请核对批次和数量。")
    return (
        GoodsIssued(
            fund_id=fund.fund_id,
            handover_id=command.handover_id,
            batch_id=command.batch_id,
            case_id=command.case_id,
            quantity=command.quantity,
            draws=_cost(batch, command.quantity),
        ),
    )


def _cost(batch: Batch, quantity: int) -> tuple[Draw, ...]:
    """What so many of a batch have cost; the last ones bear what division left over."""
    cost_fen = total(batch.cost) * quantity // batch.quantity
    if cost_fen == 0:
        raise Refused("stock_worthless", "所发数量的成本不足一分,请合并更多数量一起登记发放。")
    return first(batch.cost, cost_fen)
