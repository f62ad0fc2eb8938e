"""Promising money (占用): what a fund holds, what it is short of, and the ways out when it is."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from events.ledger import Committed, OwnMoneyAdded, RefusedShort, Reserved
from services.chassis.decider import Circumstances, Refused
from services.ledger.evolving import after
from services.ledger.fund_commands import AddOwnMoney, Commit, PromiseCommand, Reserve, TakeUpCommitments, TryAgain
from services.ledger.fund_state import Fund
from services.ledger.hold_state import Hold
from services.ledger.voucher import happening

Promised = Reserved | RefusedShort | Committed | OwnMoneyAdded


def decide(fund: Fund, command: PromiseCommand, now: Circumstances) -> Sequence[Promised]:
    """What is promised, or said to be short. A hold that was short does not exist, and may be asked for again."""
    match command:
        case Reserve():
            known = fund.holds.get(command.hold_id)
            return _reserve(fund, command, now) if known is None else _again(known, command)
        case Commit():
            return _commit(fund, command)
        case TryAgain():
            asked = _asked(fund, command.hold_id)
            return () if asked is None else _reserve(fund, asked, now)
        case AddOwnMoney():
            asked = _asked(fund, command.hold_id)
            return () if asked is None else _with_own_money(fund, asked, now)
        case TakeUpCommitments():
            return _take_up(fund, now)


def _again(known: Hold, command: Reserve | Commit) -> Sequence[Promised]:
    if known.asked_fen != command.amount_fen:
        raise Refused("hold_differs", "该决定已占用备用金,占用金额不同。")
    return ()


def _reserve(fund: Fund, command: Reserve, now: Circumstances) -> Sequence[Promised]:
    left_fen = available_fen(fund, command.township, happening(now))
    if command.amount_fen > left_fen:
        return (_short(command, left_fen),)
    return (_reserved(fund, command, now.recorded_at),)


def available_fen(fund: Fund, township: str | None, day: date) -> int:
    """Money, and quota where the county pays for a township (mode C); none once the budget year is over."""
    if fund.is_over(day):
        return 0
    if township is None or fund.terms.mode != "quota":
        return fund.available_fen
    left_fen = fund.quotas.get(township, 0) - fund.quota_used.get(township, 0)
    return max(0, min(fund.available_fen, left_fen))


def _reserved(fund: Fund, command: Reserve, now: datetime) -> Reserved:
    hours = fund.terms.hold_hours
    expires_at = command.until or (None if hours is None else now + timedelta(hours=hours))
    return Reserved(
        fund_id=fund.fund_id,
        hold_id=command.hold_id,
        case_id=command.case_id,
        amount_fen=command.amount_fen,
        decided_by=command.decided_by,
        draws=fund.draw(command.amount_fen),
        township=command.township if fund.terms.mode == "quota" else None,
        expires_at=expires_at,
        waits=command.waits,
        case_township=command.township,
        cause=command.cause,
        signers=command.signers,
    )


def _short(command: Reserve, left_fen: int) -> RefusedShort:
    return RefusedShort(
        fund_id=command.fund_id,
        hold_id=command.hold_id,
        case_id=command.case_id,
        asked_fen=command.amount_fen,
        available_fen=left_fen,
        shortfall_fen=command.amount_fen - left_fen,
        decided_by=command.decided_by,
        waits=command.waits,
        township=command.township,
        until=command.until,
        cause=command.cause,
        signers=command.signers,
    )


def _asked(fund: Fund, hold_id: str) -> Reserve | None:
    """What was asked when the fund was short; none where it is held by now."""
    if fund.holds.get(hold_id) is not None:
        return None
    short = fund.shorts.get(hold_id)
    if short is None:
        raise Refused("no_such_hold", "没有找到这笔占用或支付,请核对编号。")
    return Reserve(
        hold_id,
        short.case_id,
        short.asked_fen,
        short.decided_by,
        fund.fund_id,
        township=short.township,
        until=short.until,
        waits=short.waits,
        cause=short.cause,
        signers=short.signers,
    )


def _with_own_money(fund: Fund, asked: Reserve, now: Circumstances) -> Sequence[Promised]:
    """The township adds what is missing, if that is within the cap of the terms, inclusive."""
    if fund.opened is None or fund.opened.township is None:
        raise Refused("no_own_money", "只有乡镇备用金可以由乡镇垫付。")
    missing_fen = asked.amount_fen - fund.available_fen
    drawable_fen = fund.terms.own_money_fen if "township_own" in fund.terms.draw_order else 0
    left_fen = drawable_fen - fund.own_added_fen
    if fund.is_over(happening(now)) or missing_fen <= 0:
        return _reserve(fund, asked, now)
    if missing_fen > left_fen:
        return (_short(asked, fund.available_fen + max(0, left_fen)),)
    added = OwnMoneyAdded(
        fund_id=fund.fund_id, hold_id=asked.hold_id, amount_fen=missing_fen, bearing=fund.terms.own_money
    )
    return (added, _reserved(after(fund, added), asked, now.recorded_at))


def _commit(fund: Fund, command: Commit) -> Sequence[Promised]:
    promised, known = fund.commitments.get(command.hold_id), fund.holds.get(command.hold_id)
    if known is not None:
        return _again(known, command)
    if promised is not None and promised.amount_fen != command.amount_fen:
        raise Refused("hold_differs", "该决定已占用备用金,占用金额不同。")
    if promised is not None:
        return ()
    return (
        Committed(
            fund_id=command.fund_id,
            hold_id=command.hold_id,
            case_id=command.case_id,
            amount_fen=command.amount_fen,
            decided_by=command.decided_by,
            township=command.township,
            until=command.until,
            waits=command.waits,
            signers=command.signers,
        ),
    )


def _take_up(fund: Fund, now: Circumstances) -> Sequence[Promised]:
    """One after the other, while the money lasts; what it no longer covers is said once for each amount missing."""
    facts: list[Promised] = []
    for told in fund.commitments.values():
        asked = Reserve(
            told.hold_id,
            told.case_id,
            told.amount_fen,
            told.decided_by,
            fund.fund_id,
            township=told.township,
            until=told.until,
            waits=told.waits,
            signers=told.signers,
        )
        for fact in _reserve(fund, asked, now):
            if fund.shorts.get(told.hold_id) != fact:
                facts.append(fact)
                fund = after(fund, fact)
    return facts
