"""The tables of a fund's reports, asked of the books: over a span of days, as they stand at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.chassis.database import Connection
from services.chassis.mount import Mounted
from services.chassis.sql import statements
from services.ledger.bank_data import names_of
from services.ledger.forms import detail_ledger, payment_lists, report_forms, timeliness
from services.ledger.forms.payee_names import Payee, on_paper
from services.ledger.forms.printed import Table
from services.ledger.forms.report_forms import Kind
from services.ledger.journal import SQL as JOURNAL_SQL
from services.ledger.opened_payees import opened_payees

SQL = statements("services.ledger", "fund_tables.sql")


@dataclass(frozen=True, slots=True)
class Days:
    """Which fund, which of its accounts, and from which day to which; ``limit`` is what counts as in time."""

    fund_id: str
    account: str
    since: date
    until: date
    limit: timeliness.InTime


async def fund_table(service: Mounted, books: Connection, kind: Kind, days: Days) -> Table:
    """The table of a report."""
    return await _Asking(service, books, days).table(kind)


@dataclass(frozen=True, slots=True)
class _Asking:
    service: Mounted
    books: Connection
    days: Days

    async def table(self, kind: Kind) -> Table:
        match kind:
            case "detail":
                return detail_ledger.detail(await self._account())
            case "bank-journal" | "cash-journal":
                return detail_ledger.journal(await self._account())
            case "accounts" | "sources" | "settlement":
                return _TABLES[kind](await self._rows(SQL[kind]))
            case "payments":
                rows = await self._rows(JOURNAL_SQL["payments_in"])
                return payment_lists.payments(rows, await self._payees(rows))
            case "timeliness" | "sla":
                return await self._in_time(kind)

    async def _in_time(self, kind: Literal["timeliness", "sla"]) -> Table:
        rows = await self._rows(JOURNAL_SQL["timeliness"])
        if kind == "timeliness":
            return timeliness.timeliness(rows, self.days.limit)
        return timeliness.sla(rows, self.days.limit, await self._overdue_days(), self.days.until)

    async def _account(self) -> detail_ledger.Books:
        days = self.days
        opening = JOURNAL_SQL["account_opening"]
        lines = await self._rows(SQL["lines"], days.account)
        return detail_ledger.Books(
            opening_fen=await self.books.fetchval(opening, days.fund_id, days.account, days.since),
            lines=lines,
            months=await self._rows(SQL["months"], days.account),
            since=days.since,
            until=days.until,
            names=names_of(self.service),
            payees=await self._payees(lines),
            overdue_days=await self._overdue_days(),
        )

    async def _payees(self, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Payee]:
        refs = [row["payee_ref"] for row in rows if row["payee_ref"] is not None]
        opened = await opened_payees(self.service, self.days.fund_id[:6], refs)
        return {ref: on_paper(payee.name, payee.account, payee.relation) for ref, payee in opened.items()}

    async def _overdue_days(self) -> int | None:
        return await self.books.fetchval(JOURNAL_SQL["overdue_days"], self.days.fund_id)

    async def _rows(self, statement: str, *asked: object) -> Sequence[dict[str, Any]]:
        given = (self.days.fund_id, *asked, self.days.since, self.days.until)
        return [dict(row) for row in await self.books.fetch(statement, *given)]


_TABLES = {
    "accounts": report_forms.accounts,
    "sources": report_forms.sources,
    "settlement": payment_lists.settlement,
}
