"""The forms on paper: a fund's ledgers and lists, a bank account's reconciliation, a county's usage; as XLSX or PDF."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from events.ledger import Seal
from services.chassis.clock import SHANGHAI
from services.chassis.database import Connection
from services.chassis.http import PersonRoute
from services.chassis.openapi import a_file
from services.chassis.problems import Problem
from services.ledger import report_forms, request_form, timeliness
from services.ledger.bank import SQL as BANK_SQL
from services.ledger.bank_reading import AccountId, balanced, bank_books, known_account
from services.ledger.ids import place_of
from services.ledger.journal import SQL
from services.ledger.posting import BANK, CASH, CHART
from services.ledger.printed import Cells, Column, Printed
from services.ledger.printed_pdf import pdf
from services.ledger.printed_xlsx import xlsx
from services.ledger.reading import FundId, Reading
from services.ledger.replenishment_http import RequestId, request_of
from services.ledger.report_forms import TITLES, Kind
from services.ledger.reports_http import Wanted, usage_of
from services.ledger.seal import short_code

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

Form = Annotated[Literal["xlsx", "pdf"], Query()]
_RENDERED: Mapping[str, tuple[Callable[[Printed], bytes], str]] = {
    "xlsx": (xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (pdf, "application/pdf"),
}
_FILES = a_file(*(media_type for _, media_type in _RENDERED.values()))
_ACCOUNTS = {account.code: account.title for account in CHART}
_Body = tuple[tuple[Column, ...], tuple[Cells, ...]]


class Asked(BaseModel):
    """Which days, of which account (明细账), and as what file."""

    since: date
    until: date
    account: str = Field(default=BANK.code, pattern=r"^[0-9]{3}$")
    form: Literal["xlsx", "pdf"] = "xlsx"
    hours: int = Field(default=24, ge=1, le=24 * 31)
    """Up to how many hours, inclusive, a household's receipt is in time: the county's own (支付时效表, 时效情况表)."""

    @property
    def month(self) -> str | None:
        """The month in which all of the days lie."""
        return f"{self.since:%Y-%m}" if f"{self.since:%Y-%m}" == f"{self.until:%Y-%m}" else None


@router.get("/v1/funds/{fund_id}/reports/{kind}", response_class=Response, responses=_FILES)
async def fund_report(
    fund_id: FundId, kind: Annotated[Kind, Path()], asked: Annotated[Asked, Query()], reading: Reading
) -> Response:
    """A fund's report over a span of days. What is empty prints, too, and a closed month bears its seal's code."""
    reading.service.access.permit(reading.actor, "ledger.read", place_of(fund_id, fund_id[:6]))
    code = {"bank-journal": BANK.code, "cash-journal": CASH.code}.get(kind, asked.account)
    if code not in _ACCOUNTS:
        raise Problem(404, "no_such_ledger", "没有这个会计科目,请核对科目代码。")
    async with reading.books() as books:
        columns, rows = await _body(books, fund_id, kind, asked.model_copy(update={"account": code}))
        seal = await books.fetchval(SQL["seal"], fund_id, asked.month)
    printed = Printed(
        f"{TITLES[kind]}({_ACCOUNTS[code]})" if kind == "detail" else TITLES[kind],
        (f"备用金:{fund_id}　{report_forms.span(asked.since, asked.until)}　单位:元",),
        columns,
        rows,
        words_fen=_total(columns, rows) if kind in ("payments", "settlement") else None,
        code="" if seal is None else short_code(Seal.model_validate_json(seal)),
    )
    return await _rendered(printed, asked.form)


@router.get("/v1/bank-accounts/{account_id}/reports/reconciliation", response_class=Response, responses=_FILES)
async def reconciliation_report(
    account_id: AccountId, reading: Reading, on: Annotated[date | None, Query()] = None, form: Form = "xlsx"
) -> Response:
    """The form 银行存款余额调节表, as of the end of a day, to print and sign."""
    day = on or (reading.at or reading.service.clock.now()).astimezone(SHANGHAI).date()
    async with bank_books(reading) as books:
        account = await known_account(books, reading, account_id)
        row = await books.fetchrow(BANK_SQL["reconciled"], account_id, day)
    assert row is not None
    return await _rendered(report_forms.reconciliation(account, day, balanced(dict(row))), form)


@router.get("/v1/usage/report", response_class=Response, responses=_FILES)
async def usage_report(wanted: Annotated[Wanted, Query()], reading: Reading) -> Response:
    """The usage table (资金使用情况表), to print and sign."""
    table, _ = await usage_of(wanted, reading)
    return await _rendered(report_forms.usage(wanted.county, wanted.since, wanted.until, table), wanted.form)


@router.get("/v1/replenishments/{request_id}/form")
async def request_report(request_id: RequestId, reading: Reading, form: Form = "pdf") -> Response:
    """A request for more money as a form (补充申请表), to print and sign."""
    return await _rendered(request_form.request(await request_of(reading, request_id)), form)


async def _body(books: Connection, fund_id: str, kind: Kind, asked: Asked) -> _Body:
    days, code = (asked.since, asked.until), asked.account
    match kind:
        case "detail" | "bank-journal" | "cash-journal":
            opening_fen = await books.fetchval(SQL["account_opening"], fund_id, code, days[0])
            rows = await _rows(books, "account_lines", fund_id, code, *days)
            return report_forms.journal(rows, opening_fen, _ACCOUNTS[code])
        case "payments":
            return report_forms.payments(await _rows(books, "payments_in", fund_id, *days))
        case "settlement":
            return report_forms.settlement(await _rows(books, "papers_of", fund_id))
        case "timeliness":
            return timeliness.timeliness(await _rows(books, "timeliness", fund_id, *days), asked.hours)
        case "sla":
            papers_days = await books.fetchval(SQL["overdue_days"], fund_id)
            rows = await _rows(books, "timeliness", fund_id, *days)
            return timeliness.sla(rows, asked.hours, papers_days, days[1])


async def _rows(books: Connection, statement: str, *asked: object) -> Sequence[dict[str, Any]]:
    return [dict(row) for row in await books.fetch(SQL[statement], *asked)]


def _total(columns: tuple[Column, ...], rows: tuple[Cells, ...]) -> int:
    (at,) = (place for place, column in enumerate(columns) if column.kind == "fen" and column.summed)
    return sum(value for row in rows if isinstance(value := row[at], int))


async def _rendered(printed: Printed, form: str) -> Response:
    """The file, made beside the loop. Its name is the report's title."""
    render, media_type = _RENDERED[form]
    content = await asyncio.to_thread(render, printed)
    named = f"attachment; filename*=UTF-8''{quote(printed.title)}.{form}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": named})
