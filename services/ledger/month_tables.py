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


async def month_tables(books: Connection, fund_id: str, month: str, *, corrected: bool = False) -> bytes:
    """What is published of a month, of the books as this connection sees them; amounts in fen.

    ``corrected`` puts what came late into the month in which it happened, not that in which it was booked.
    """
    asked = (fund_id, date.fromisoformat(f"{month}-01"), corrected)
    entries = [_plain(dict(row)) for row in await books.fetch(SQL["month_entries"], *asked)]
    accounts = [
        dict(row) | {"title": _TITLES[row["account"]]} for row in await books.fetch(SQL["month_accounts"], *asked)
    ]
    sources = [dict(row) for row in await books.fetch(SQL["month_sources"], *asked)]
    document = {"fund_id": fund_id, "month": month, "entries": entries, "accounts": accounts, "sources": sources}
    return canonical(document)


def last_day(month: str) -> date:
    """The last day of a month, as in ``2026-11``."""
    year, number = map(int, month.split("-"))
    return date(year, number, monthrange(year, number)[1])


async def vouchers_of(books: Connection, fund_id: str, month: str) -> int:
    """How many vouchers a month has."""
    return int(await books.fetchval(SQL["month_vouchers"], fund_id, date.fromisoformat(f"{month}-01")))


async def closing_balances(books: Connection, fund_id: str, month: str) -> tuple[Balance, ...]:
    """The book balance of each source at the month's end."""
    rows = await books.fetch(SQL["month_sources"], fund_id, date.fromisoformat(f"{month}-01"), False)
    closing = {row["source"]: row["closing_fen"] for row in rows if row["closing_fen"]}
    return tuple(Balance(source=source, balance_fen=fen) for source, fen in closing.items())


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
