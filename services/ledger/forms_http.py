"""The forms on paper: a fund's ledgers and lists, a bank account's reconciliation, a county's usage; as XLSX or PDF."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from events.ledger import Seal
from events.shanghai import day_of
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.openapi import a_file
from services.chassis.problems import Problem
from services.ledger import report_forms, request_form
from services.ledger.bank import SQL as BANK_SQL
from services.ledger.bank_data import bank_data_of, names_of
from services.ledger.bank_reading import AccountId, balanced, bank_books, known_account
from services.ledger.fund_tables import Days, fund_table
from services.ledger.ids import account_place, fund_id_of, place_of
from services.ledger.journal import SQL
from services.ledger.month_tables import last_day
from services.ledger.posting import BANK, CASH, CHART
from services.ledger.printed import Printed, Table
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
    place = place_of(fund_id, fund_id[:6])
    reading.service.access.permit(reading.actor, "ledger.read", place)
    code = {"bank-journal": BANK.code, "cash-journal": CASH.code}.get(kind, asked.account)
    if code not in _ACCOUNTS:
        raise Problem(404, "no_such_ledger", "没有这个会计科目,请核对科目代码。")
    async with reading.books() as books:
        days = Days(fund_id, code, asked.since, asked.until, asked.hours)
        table = await fund_table(reading.service, books, kind, days)
        seal = await books.fetchval(SQL["seal"], fund_id, asked.month)
    called, year = _called(reading.service, place), fund_id.rpartition("-")[2]
    printed = Printed(
        f"{TITLES[kind]}({_ACCOUNTS[code]})" if kind == "detail" else TITLES[kind],
        (f"单位:{called}　{year} 年度　{report_forms.span(asked.since, asked.until)}　金额单位:元",),
        table,
        report_forms.SIGNATURES.get(kind, ("制表", "复核", "负责人")),
        words_fen=_total(table) if kind in ("payments", "settlement") else None,
        code="" if seal is None else short_code(Seal.model_validate_json(seal)),
    )
    return await _rendered(printed, asked.form)


@router.get("/v1/bank-accounts/{account_id}/reports/reconciliation", response_class=Response, responses=_FILES)
async def reconciliation_report(
    account_id: AccountId, reading: Reading, on: Annotated[date | None, Query()] = None, form: Form = "xlsx"
) -> Response:
    """The form 银行存款余额调节表, as of a day's end, to print and sign; a closed month's bears its seal's code."""
    day = on or day_of(reading.at or reading.service.clock.now())
    place = account_place(account_id)
    async with bank_books(reading) as books:
        account = await known_account(books, reading, account_id)
        row = await books.fetchrow(BANK_SQL["reconciled"], account_id, day)
    assert row is not None
    async with reading.books() as books:
        month = f"{day:%Y-%m}" if day == last_day(f"{day:%Y-%m}") else None
        seal = await books.fetchval(SQL["seal"], fund_id_of(place, day.year), month)
    code = "" if seal is None else short_code(Seal.model_validate_json(seal))
    bank = bank_data_of(reading.service).bank_name(account["bank"])
    told = report_forms.Account(_called(reading.service, place), bank, account_id[-4:])
    return await _rendered(report_forms.reconciliation(told, day, balanced(dict(row)), code), form)


@router.get("/v1/usage/report", response_class=Response, responses=_FILES)
async def usage_report(wanted: Annotated[Wanted, Query()], reading: Reading) -> Response:
    """The usage table (资金使用情况表), to print and sign."""
    table, _ = await usage_of(wanted, reading)
    return await _rendered(
        report_forms.usage(wanted.county, names_of(reading.service), wanted.since, wanted.until, table), wanted.form
    )


@router.get("/v1/replenishments/{request_id}/form")
async def request_report(request_id: RequestId, reading: Reading, form: Form = "pdf") -> Response:
    """A request for more money as a form (补充申请表), to print and sign."""
    return await _rendered(request_form.request(await request_of(reading, request_id), names_of(reading.service)), form)


def _called(service: Mounted, place: str) -> str:
    """A place by its name and code, or by its code alone where nobody has named it."""
    name = names_of(service).get(place)
    return place if name is None else f"{name}({place})"


def _total(table: Table) -> int:
    """Of the first column of amounts."""
    at = next(place for place, column in enumerate(table.columns) if column.kind == "fen" and column.summed)
    return sum(value for row in table.rows if isinstance(value := row[at], int))


async def _rendered(printed: Printed, form: str) -> Response:
    """The file, made beside the loop. Its name is the report's title."""
    render, media_type = _RENDERED[form]
    content = await asyncio.to_thread(render, printed)
    named = f"attachment; filename*=UTF-8''{quote(printed.title)}.{form}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": named})
