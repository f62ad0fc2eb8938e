"""Money between funds (拨付): in from above, on to others through transit, over the year's end. Never expenditure."""

from collections.abc import Sequence

from events.ledger import (
    AllocationArrived,
    AllocationReceived,
    AllocationReturned,
    AllocationSent,
    AppropriationReceived,
    CarriedIn,
    Draw,
    FundOpened,
    FundTerms,
    OpeningEntered,
    QuotaSet,
    TermsSet,
    Voided,
    YearClosed,
)
from services.chassis.decider import Refused
from services.ledger.file_mark import file_mark
from services.ledger.fund_commands import (
    CarryIn,
    CloseAllocation,
    EnterOpening,
    MoveCommand,
    OpenFund,
    ReceiveAllocation,
    ReceiveAppropriation,
    SendAllocation,
    SetQuota,
    SetTerms,
    TakeBackAllocation,
    Transfer,
)
from services.ledger.fund_state import OPENING, Fund, MoveFact, move_key
from services.ledger.hold import voided
from services.ledger.posting import NOT_FISCAL
from services.ledger.sources import all_of, total


def open_fund(fund: Fund | None, command: OpenFund) -> Sequence[FundOpened]:
    """Open once. Raises ``Refused`` where it is open as something else."""
    _must_draw_soundly(command.terms)
    opened = FundOpened(
        fund_id=command.fund_id,
        county=command.county,
        township=command.township,
        year=command.year,
        terms=command.terms,
    )
    if fund is None or fund.opened is None:
        return (opened,)
    if fund.opened.model_copy(update={"terms": command.terms}) != opened:
        raise Refused("fund_differs", "该备用金已经开设,登记的县区、乡镇或年度不同。")
    return ()


def set_terms(fund: Fund, command: SetTerms | SetQuota) -> Sequence[TermsSet | QuotaSet]:
    """Lay down terms or a township's quota; the same again gives nothing."""
    match command:
        case SetTerms(terms, document):
            _must_draw_soundly(terms)
            return () if fund.terms == terms else (TermsSet(fund_id=fund.fund_id, terms=terms, document=document),)
        case SetQuota(township, quota_fen, document):
            if fund.quotas.get(township) == quota_fen:
                return ()
            return (QuotaSet(fund_id=fund.fund_id, township=township, quota_fen=quota_fen, document=document),)


def _must_draw_soundly(terms: FundTerms) -> None:
    """No source twice; and what the township adds can be drawn, or it would be paid and stand in no book."""
    if len(set(terms.draw_order)) < len(terms.draw_order):
        raise Refused("source_twice", "资金来源的使用次序中同一来源只能出现一次。")
    if terms.own_money_fen and "township_own" not in terms.draw_order:
        raise Refused("own_money_not_drawn", "允许乡镇垫付的,资金来源的使用次序中须包含乡镇自有资金。")


def decide(fund: Fund, command: MoveCommand) -> Sequence[MoveFact]:
    """What moves; the same move again gives nothing. Raises ``Refused`` for another under the same number."""
    match command:
        case ReceiveAppropriation():
            return _once(fund, _appropriation(fund, command))
        case SendAllocation(transfer):
            _must_be(fund, transfer.from_fund_id)
            return _once(fund, _sent(fund, transfer))
        case ReceiveAllocation(transfer):
            _must_be(fund, transfer.to_fund_id)
            return _once(fund, _received(fund, transfer))
        case CloseAllocation(transfer):
            _must_be(fund, transfer.from_fund_id)
            return _arrived(fund, transfer)
        case TakeBackAllocation(transfer, reason):
            _must_be(fund, transfer.from_fund_id)
            return _returned(fund, transfer, reason)
        case CarryIn():
            if not command.draws and not command.owed_fen:
                raise Refused("nothing_left", "上一年度备用金没有可以结转的余额。")
            return _once(fund, _carried(fund, command))
        case EnterOpening():
            return _opening(fund, command)


def end_year(fund: Fund, today_year: int) -> Sequence[Voided | YearClosed]:
    """Let go what is not being paid; when nothing is being paid any more, pass on what is left.

    What the township may have back goes to next year's fund, also where the money goes back to the county.
    Raises ``Refused`` before the year is over (十二月三十一日二十四时).
    """
    if fund.opened is None or today_year <= fund.opened.year:
        raise Refused("year_not_over", "预算年度尚未结束,不能年终结转。")
    let_go = [voided(fund.fund_id, known, "year_end") for known in fund.holds.values() if known.standing == "live"]
    left = all_of(fund.book)
    in_hand = any(known.standing == "instructed" for known in fund.holds.values()) or fund.cash_fen
    owed_fen = fund.own_owed_fen
    if in_hand or (fund.rounds and not left and not owed_fen):
        return let_go
    how = fund.terms.at_year_end
    closed = YearClosed(fund_id=fund.fund_id, how=how, left=left, round=fund.rounds + 1, owed_fen=owed_fen)
    return (*let_go, closed)


def _once(fund: Fund, fact: MoveFact) -> Sequence[MoveFact]:
    known = fund.moves.get(move_key(fact))
    if known == fact:
        return ()
    if known is not None:
        raise Refused("transfer_differs", "该拨款编号已登记过,金额、来源或文号不同。")
    if isinstance(fact, AllocationSent):
        _must_have(fund, fact)
    return (fact,)


def _opening(fund: Fund, command: EnterOpening) -> Sequence[OpeningEntered]:
    """Only into books in which nothing stands yet."""
    known = fund.moves.get(OPENING)
    if isinstance(known, OpeningEntered) and known.sha256 == command.sha256:
        return ()
    if fund.vouchers.months:
        raise Refused("fund_has_entries", f"备用金 {fund.fund_id} 已有凭证,不能再导入期初余额。")
    if command.cash_fen > total(command.draws):
        raise Refused("cash_short", f"备用金 {fund.fund_id} 的期初库存现金大于期初余额,请核对。")
    return (
        OpeningEntered(
            fund_id=fund.fund_id,
            draws=command.draws,
            sha256=command.sha256,
            file=file_mark(command.file_name, command.sha256),
            cash_fen=command.cash_fen,
        ),
    )


def _must_have(fund: Fund, fact: AllocationSent) -> None:
    """Of the source itself, beyond what the fund always keeps (最低留存), and not what lies in the cash box."""
    spare_fen = min(sum(fund.free.values()) - fund.terms.retained_fen, fund.bank_fen - fund.bank_pinned_fen)
    if fact.amount_fen > min(spare_fen, fund.free.get(fact.source, 0)):
        raise Refused("fund_short", "拨出方该来源的可用余额不足,不能拨付。")


def _must_be(fund: Fund, meant_for: str) -> None:
    if fund.fund_id != meant_for:
        raise Refused("wrong_fund", "拨出和拨入的备用金与拨款单不符,请核对。")


def _appropriation(fund: Fund, command: ReceiveAppropriation) -> MoveFact:
    return AppropriationReceived(
        fund_id=fund.fund_id,
        appropriation_id=command.appropriation_id,
        amount_fen=command.amount_fen,
        source=command.source,
        document=command.document,
    )


def _sent(fund: Fund, transfer: Transfer) -> MoveFact:
    return AllocationSent(
        fund_id=fund.fund_id,
        transfer_id=transfer.transfer_id,
        to_fund_id=transfer.to_fund_id,
        amount_fen=transfer.amount_fen,
        source=transfer.source,
        document=transfer.document,
    )


def _received(fund: Fund, transfer: Transfer) -> MoveFact:
    if fund.opened is not None and fund.opened.township is None:
        raise Refused("wrong_fund", "县级备用金不接收乡镇拨款,请按上缴办理。")
    return AllocationReceived(
        fund_id=fund.fund_id,
        transfer_id=transfer.transfer_id,
        from_fund_id=transfer.from_fund_id,
        amount_fen=transfer.amount_fen,
        source=transfer.source,
        document=transfer.document,
    )


def _carried(fund: Fund, command: CarryIn) -> CarriedIn:
    return CarriedIn(
        fund_id=fund.fund_id,
        from_fund_id=command.from_fund_id,
        round=command.round,
        draws=tuple(_kept_apart(command.draws)),
        owed_fen=command.owed_fen,
    )


def _arrived(fund: Fund, transfer: Transfer) -> Sequence[MoveFact]:
    _must_have_gone(fund, transfer)
    ended = fund.ended.get(transfer.transfer_id)
    if isinstance(ended, AllocationReturned):
        raise Refused("transfer_returned", "该笔拨款已退回拨出方,不能再办理到账,请重新拨付。")
    arrived = AllocationArrived(
        fund_id=fund.fund_id, transfer_id=transfer.transfer_id, amount_fen=transfer.amount_fen, source=transfer.source
    )
    return () if ended is not None else (arrived,)


def _returned(fund: Fund, transfer: Transfer, reason: str) -> Sequence[MoveFact]:
    _must_have_gone(fund, transfer)
    ended = fund.ended.get(transfer.transfer_id)
    if isinstance(ended, AllocationArrived):
        raise Refused("transfer_arrived", "该笔拨款已经到账,不能作退回;确需收回的,请另行调剂。")
    returned = AllocationReturned(
        fund_id=fund.fund_id,
        transfer_id=transfer.transfer_id,
        amount_fen=transfer.amount_fen,
        source=transfer.source,
        reason=reason,
    )
    return () if ended is not None else (returned,)


def _must_have_gone(fund: Fund, transfer: Transfer) -> None:
    sent = fund.moves.get(transfer.transfer_id)
    if not isinstance(sent, AllocationSent):
        raise Refused("no_such_transfer", "没有找到这笔拨款,请核对拨款编号。")
    if sent != _sent(fund, transfer):
        raise Refused("transfer_differs", "该拨款编号已登记过,金额、来源或文号不同。")


def _kept_apart(draws: Sequence[Draw]) -> Sequence[Draw]:
    """Money of the budget becomes carried over (上年结转); what was given for a purpose stays in its own class."""
    fiscal_fen = sum(draw.amount_fen for draw in draws if draw.source not in NOT_FISCAL)
    carried = [Draw(source="carried_over", amount_fen=fiscal_fen)] if fiscal_fen else []
    return [*carried, *(draw for draw in draws if draw.source in NOT_FISCAL)]
