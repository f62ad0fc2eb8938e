"""Acts by hand (手工业务): one officer proposes, another approves, and only then does anything move."""

from collections.abc import Sequence

from events.ledger import (
    Act,
    ActApproved,
    ActDeclined,
    ActProposed,
    AppropriationReceived,
    CashMoved,
    Correction,
    Draw,
    GoodsBought,
    InterestPaid,
    OpeningEntered,
    OwnMoneyRepaid,
    PurchaseReversed,
    RecoveryWaived,
    SuspenseCleared,
)
from services.chassis.decider import Refused
from services.ledger.fund_commands import ActCommand, Approve, Decline, Propose
from services.ledger.fund_state import ActFact, Fund, moved
from services.ledger.hold import spent
from services.ledger.hold_state import Spent
from services.ledger.sources import total


def decide(fund: Fund, command: ActCommand, actor_id: str) -> Sequence[ActFact | Spent]:
    """What becomes of an act; the same command again gives nothing. Raises ``Refused`` for a senseless one."""
    known = fund.acts.get(command.act_id)
    match command:
        case Propose():
            return _propose(fund, known, command, actor_id)
        case Approve():
            if isinstance(known, ActApproved):
                return ()
            proposed = _open(known)
            if proposed.proposed_by == actor_id:
                raise Refused("same_person", "制单人不能复核自己的单据,请换人复核。")
            return (_approved(fund, proposed, actor_id), *_found_out(fund, proposed.act))
        case Decline():
            if isinstance(known, ActDeclined):
                return ()
            act_id = _open(known).act_id
            return (ActDeclined(fund_id=fund.fund_id, act_id=act_id, reason=command.reason, declined_by=actor_id),)


def _propose(fund: Fund, known: ActFact | None, command: Propose, actor_id: str) -> Sequence[ActProposed]:
    if isinstance(known, ActProposed | ActApproved):
        if known.act != command.act:
            raise Refused("act_differs", "该单据编号已用于其他业务,请使用新的编号。")
        return ()
    if known is not None:
        raise Refused("act_declined", "该单据已被退回,请用新的编号重新制单。")
    _must_be_procured(command.act)
    draws_of(fund, command.act)
    return (
        ActProposed(
            fund_id=fund.fund_id,
            act_id=command.act_id,
            act=command.act,
            document=command.document,
            proposed_by=actor_id,
        ),
    )


def _must_be_procured(act: Act) -> None:
    """Goods are bought by the rules of procurement, except in an emergency (国发〔2014〕47号)."""
    if isinstance(act, GoodsBought) and act.contract is None and act.emergency_case is None:
        raise Refused(
            "not_procured",
            "购买救助物资应按政府采购制度办理,请填写采购合同或文件编号;紧急情况下购买的,请填写个案编号。",
        )


def _open(known: ActFact | None) -> ActProposed:
    if known is None:
        raise Refused("no_such_act", "没有找到这张单据,请核对编号。")
    if not isinstance(known, ActProposed):
        raise Refused("act_settled", "该单据已经处理,不能再次处理。")
    return known


def _approved(fund: Fund, proposed: ActProposed, actor_id: str) -> ActApproved:
    return ActApproved(
        fund_id=fund.fund_id,
        act_id=proposed.act_id,
        act=proposed.act,
        draws=draws_of(fund, proposed.act),
        approved_by=actor_id,
    )


def _found_out(fund: Fund, act: Act) -> Sequence[Spent]:
    """What it means for a hold that a payment in suspense was help after all."""
    if not isinstance(act, SuspenseCleared) or act.outcome != "spent":
        return ()
    return spent(fund.fund_id, fund.holds[fund.payments[act.payment_id]], act.payment_id)


def draws_of(fund: Fund, act: Act) -> tuple[Draw, ...]:
    """The sources that an act takes from or gives to. Raises ``Refused`` where it cannot be done now."""
    match act:
        case CashMoved():
            return _cash(fund, act)
        case InterestPaid():
            return (Draw(source=act.source, amount_fen=act.amount_fen),)
        case Correction():
            return _wrong(fund, act)
        case OwnMoneyRepaid():
            return _repaid(fund, act)
        case RecoveryWaived():
            recovery = fund.recoveries.get(act.recovery_id)
            if recovery is not None and fund.acts.get(act.recovery_id) is None:
                raise Refused("waived_in_relief", "个案的追回由救助决定产生,免予追回请在个案中办理。")
            if recovery is None or not recovery.owed:
                raise Refused("nothing_owed", "该笔追回不存在或已结清。")
            return recovery.owed
        case SuspenseCleared():
            return _suspended(fund, act)
        case GoodsBought():
            _must_have(fund, act.cost_fen)
            return fund.draw(act.cost_fen)
        case PurchaseReversed():
            return _in_stock(fund, act.about)


def _cash(fund: Fund, act: CashMoved) -> tuple[Draw, ...]:
    withdrawn = act.direction == "withdrawn"
    there_fen = fund.bank_fen - fund.bank_pinned_fen if withdrawn else fund.cash_fen - fund.cash_pinned_fen
    if act.amount_fen > there_fen:
        raise Refused("not_there", "银行存款或库存现金不足,请核对金额。")
    return ()


def _wrong(fund: Fund, act: Correction) -> tuple[Draw, ...]:
    if fund.corrected.get(act.about) is not None:
        raise Refused("already_corrected", "该笔凭证已经冲销,不能重复冲销。")
    done = fund.acts.get(act.about)
    move = fund.moves.get(act.about)
    if isinstance(done, ActApproved) and isinstance(done.act, InterestPaid):
        wrong = done.draws
    elif isinstance(move, AppropriationReceived | OpeningEntered):
        wrong = moved(move)
    else:
        raise Refused("not_correctable", "只有期初余额、拨入和利息可以这样冲销,支付请办理退回或追回。")
    if any(draw.amount_fen > fund.free.get(draw.source, 0) for draw in wrong):
        raise Refused("fund_short", "该来源的可用余额不足,不能冲销。")
    cash_fen = fund.opening_cash_fen(act.about)
    if total(wrong) - cash_fen > fund.bank_fen - fund.bank_pinned_fen:
        raise Refused("bank_short", "银行存款不足,请先将现金交存银行。")
    if cash_fen > fund.cash_fen - fund.cash_pinned_fen:
        raise Refused("cash_short", "库存现金不足,请先提取现金。")
    return wrong


def _in_stock(fund: Fund, batch_id: str) -> tuple[Draw, ...]:
    """What of a purchase no household has yet; what was handed out stays expenditure."""
    if fund.corrected.get(batch_id) is not None:
        raise Refused("already_corrected", "该笔凭证已经冲销,不能重复冲销。")
    batch = fund.batches.get(batch_id)
    if batch is None or not batch.cost:
        raise Refused("stock_short", "没有找到这批物资,或已全部发放,不能冲销采购。")
    return batch.cost


def _repaid(fund: Fund, act: OwnMoneyRepaid) -> tuple[Draw, ...]:
    if act.amount_fen > fund.own_owed_fen:
        raise Refused("more_than_owed", "归还金额大于乡镇垫付余额,请核对。")
    _must_have(fund, act.amount_fen)
    if act.amount_fen > fund.free.get(act.source, 0):
        raise Refused("fund_short", "该来源的可用余额不足,不能归还。")
    return (Draw(source=act.source, amount_fen=act.amount_fen),)


def _suspended(fund: Fund, act: SuspenseCleared) -> tuple[Draw, ...]:
    hold_id = fund.payments.get(act.payment_id)
    payment = None if hold_id is None else fund.holds[hold_id].payments[act.payment_id]
    if payment is None or payment.standing != "suspended":
        raise Refused("not_in_suspense", "该笔支付不在待查款项中。")
    return payment.draws


def _must_have(fund: Fund, amount_fen: int) -> None:
    there_fen = min(fund.available_fen, fund.bank_fen - fund.bank_pinned_fen)
    if amount_fen > there_fen or total(fund.draw(amount_fen)) < amount_fen:
        raise Refused("fund_short", "可用余额不足,不能办理。")
