"""The tables of a month (月报): entries, accounts and sources, as one canonical document that can be made again."""

from calendar import monthrange
from datetime import date
from typing import Any

from events.ledger import Balance
from services.chassis.database import Connection
from services.ledger.journal import SQL
from services.ledger.posting import CHART
from services.ledger.seal import canonical

_TITLES = {account.code: account.title for account in CHART}


_ALL = 2**62
_Asked = tuple[str, date, bool, int]
"""A fund, a month's first day, whether by the day on which things happened, and up to which position of the log."""


async def published_tables(books: Connection, fund_id: str, month: str, upto: int) -> bytes:
    """What was published of a month when its log stood at a position, by the day of booking; amounts in fen."""
    return await _tables(books, (fund_id, _first_day(month), False, upto))


async def corrected_tables(books: Connection, fund_id: str, month: str) -> bytes:
    """The same as of now, with what came late in the month in which it happened."""
    return await _tables(books, (fund_id, _first_day(month), True, _ALL))


async def _tables(books: Connection, asked: _Asked) -> bytes:
    fund_id, first, _, _ = asked
    entries = [_plain(dict(row)) for row in await books.fetch(SQL["month_entries"], *asked)]
    accounts = [
        dict(row) | {"title": _TITLES[row["account"]]} for row in await books.fetch(SQL["month_accounts"], *asked)
    ]
    sources = [dict(row) for row in await books.fetch(SQL["month_sources"], *asked)]
    document = {
        "fund_id": fund_id,
        "month": f"{first:%Y-%m}",
        "entries": entries,
        "accounts": accounts,
        "sources": sources,
    }
    return canonical(document)


def last_day(month: str) -> date:
    """The last day of a month, as in ``2026-11``."""
    year, number = map(int, month.split("-"))
    return date(year, number, monthrange(year, number)[1])


async def vouchers_of(books: Connection, fund_id: str, month: str, upto: int) -> int:
    """How many vouchers a month had when its log stood at a position."""
    return int(await books.fetchval(SQL["month_vouchers"], fund_id, _first_day(month), upto))


async def closing_balances(books: Connection, fund_id: str, month: str, upto: int) -> tuple[Balance, ...]:
    """The book balance of each source at the month's end, by what the log held up to a position."""
    rows = await books.fetch(SQL["month_sources"], fund_id, _first_day(month), False, upto)
    closing = {row["source"]: row["closing_fen"] for row in rows if row["closing_fen"]}
    return tuple(Balance(source=source, balance_fen=fen) for source, fen in closing.items())


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
