"""The tables of a month (月报): entries, accounts and sources, as one canonical document that can be made again.

What is written has its keys in order, no spaces, and days as in 2026-11-30: the spelling of ``seal.canonical``.
"""

import asyncio
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic_core import to_json

from events.ledger import Balance
from services.chassis.database import Connection
from services.ledger.journal import SQL
from services.ledger.posting import CHART

_TITLES = {account.code: account.title for account in CHART}
_ROWS_AT_ONCE = 2_000
Rows = Sequence[Mapping[str, Any]]


async def published_tables(books: Connection, fund_id: str, month: str, upto: int) -> bytes:
    """What was published of a month when its log stood at a position, by the day of booking; amounts in fen."""
    return await _tables(books, fund_id, month, upto)


async def corrected_tables(books: Connection, fund_id: str, month: str) -> bytes:
    """The same as of now, with what came late in the month in which it happened."""
    return await _tables(books, fund_id, month, None)


async def _tables(books: Connection, fund_id: str, month: str, upto: int | None) -> bytes:
    """A month may have very many lines: the service goes on deciding while they are read and written."""
    accounts, entries, sources = [
        [dict(row) async for row in books.cursor(SQL[name], fund_id, _first_day(month), upto, prefetch=_ROWS_AT_ONCE)]
        for name in ("month_accounts", "month_entries", "month_sources")
    ]
    return await asyncio.to_thread(_document, fund_id, month, accounts, entries, sources)


def _document(fund_id: str, month: str, accounts: Rows, entries: Rows, sources: Rows) -> bytes:
    document = {
        "accounts": _in_order([{**row, "title": _TITLES[row["account"]]} for row in accounts]),
        "entries": _in_order(entries),
        "fund_id": fund_id,
        "month": month,
        "sources": _in_order(sources),
    }
    return to_json(document)


def _in_order(rows: Rows) -> Sequence[Mapping[str, Any]]:
    """Rows with their fields in order: what is in order need not be sorted again, row by row, to be canonical."""
    names = sorted(rows[0]) if rows else []
    return [{name: row[name] for name in names} for row in rows]


def last_day(month: str) -> date:
    """The last day of a month, as in ``2026-11``."""
    year, number = map(int, month.split("-"))
    return date(year, number, monthrange(year, number)[1])


async def vouchers_of(books: Connection, fund_id: str, month: str, upto: int) -> int:
    """How many vouchers a month had when its log stood at a position."""
    return int(await books.fetchval(SQL["month_vouchers"], fund_id, _first_day(month), upto))


async def closing_balances(books: Connection, fund_id: str, month: str, upto: int) -> tuple[Balance, ...]:
    """The book balance of each source at the month's end, by what the log held up to a position."""
    rows = await books.fetch(SQL["month_sources"], fund_id, _first_day(month), upto)
    closing = {row["source"]: row["closing_fen"] for row in rows if row["closing_fen"]}
    return tuple(Balance(source=source, balance_fen=fen) for source, fen in closing.items())


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
