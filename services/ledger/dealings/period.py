"""A month of the books (会计期间): adjusted, checked by somebody else, closed under a seal, opened again."""

from collections.abc import Sequence
from datetime import datetime

from events.ledger import PeriodAdjusting, PeriodClosed, PeriodReopened, VouchersChecked
from events.shanghai import day_of
from services.chassis.decider import Refused
from services.ledger.fund_commands import Adjust, CheckVouchers, Close, MonthCommand, Reopen
from services.ledger.fund_state import Fund, MonthFact
from services.ledger.voucher import Books, month_of


def decide(fund: Fund, command: MonthCommand, actor_id: str, now: datetime) -> Sequence[MonthFact]:
    """What becomes of a month; the same command again gives nothing. Raises ``Refused`` for a senseless one."""
    books = fund.vouchers.books(command.month)
    match command:
        case Adjust():
            return _adjust(fund, command, books, now)
        case CheckVouchers():
            return _check(fund, command, books, actor_id)
        case Close():
            return _close(fund, command, books, actor_id)
        case Reopen():
            return _reopen(fund, command, books, actor_id)


def _adjust(fund: Fund, command: Adjust, books: Books, now: datetime) -> Sequence[PeriodAdjusting]:
    if books.standing != "open":
        return ()
    if command.month >= month_of(day_of(now)):
        raise Refused("month_not_over", "该月尚未结束,不能结账。")
    if command.month < _first_month(fund):
        raise Refused("before_the_books", "该月早于备用金建账,没有账可结。")
    _must_follow_closed_ones(fund, command.month)
    return (PeriodAdjusting(fund_id=fund.fund_id, month=command.month),)


def _first_month(fund: Fund) -> str:
    """The first of the fund's year, or that of an earlier voucher."""
    months = [month for month, known in fund.vouchers.months.items() if known.vouchers]
    if fund.opened is not None:
        months.append(f"{fund.opened.year}-01")
    return min(months, default="")


def _must_follow_closed_ones(fund: Fund, month: str) -> None:
    """A month begins with what the one before ended with, so that one is closed first, and opened again last."""
    if any(earlier < month and books.standing != "closed" for earlier, books in fund.vouchers.months.items()):
        raise Refused("earlier_month_open", "以前月份尚未结账,请先结清以前月份。")


def _check(fund: Fund, command: CheckVouchers, books: Books, actor_id: str) -> Sequence[VouchersChecked]:
    if actor_id in books.made_by:
        raise Refused("same_person", "制单人不能复核自己的凭证,请换人复核。")
    if books.checked == books.vouchers:
        return ()
    return (VouchersChecked(fund_id=fund.fund_id, month=command.month, vouchers=books.vouchers, checked_by=actor_id),)


def _close(fund: Fund, command: Close, books: Books, actor_id: str) -> Sequence[PeriodClosed]:
    if books.standing == "closed":
        return ()
    if books.standing != "adjusting":
        raise Refused("not_adjusting", "请先转入结账调整,再结账。")
    _must_follow_closed_ones(fund, command.month)
    if books.checked != books.vouchers:
        raise Refused("vouchers_unchecked", "该月还有凭证未经复核,不能结账。")
    if command.open_exceptions or command.difference_fen:
        raise Refused("not_reconciled", "银行对账尚有未处理的差异,不能结账。")
    if not set(command.unstated) <= set(command.quiet_accounts):
        raise Refused("statement_missing", "对账单尚未导入到月末,请补齐;月末前确无收支的账户,请在结账时逐户注明。")
    if command.seal.vouchers != books.vouchers:
        raise Refused("books_moved", "账簿在封存准备期间又有变动,请重新封存。")
    return (
        PeriodClosed(
            fund_id=fund.fund_id,
            month=command.month,
            seal=command.seal,
            closed_by=actor_id,
            quiet_accounts=command.unstated,
        ),
    )


def _reopen(fund: Fund, command: Reopen, books: Books, actor_id: str) -> Sequence[PeriodReopened]:
    if books.standing == "adjusting" and books.seals:
        return ()
    if books.standing != "closed":
        raise Refused("not_closed", "该月尚未结账,无须反结账。")
    if command.month < fund.vouchers.last_closed:
        raise Refused("later_month_closed", "以后月份已经结账,请从最近结账的月份起依次反结账。")
    return (PeriodReopened(fund_id=fund.fund_id, month=command.month, reason=command.reason, reopened_by=actor_id),)
