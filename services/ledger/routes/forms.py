"""The forms on paper: a fund's ledgers and lists, a county's usage, a request for more money; as XLSX or PDF."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from events.ledger import Seal
from services.chassis.http import PersonRoute
from services.chassis.problems import Problem
from services.ledger.bank_data import names_of
from services.ledger.forms import report_forms, request_form
from services.ledger.forms.printed import Printed, Table
from services.ledger.forms.report_forms import TITLES, Kind
from services.ledger.forms.timeliness import InTime
from services.ledger.fund_tables import Days, fund_table
from services.ledger.ids import place_of
from services.ledger.journal import SQL
from services.ledger.posting import BANK, CASH, CHART
from services.ledger.routes.paper import FILES, Form, called, rendered
from services.ledger.routes.reading import FundId, Reading
from services.ledger.routes.replenishment import RequestId, request_of
from services.ledger.routes.reports import Span, Wanted, counties_of, usage_of
from services.ledger.seal import short_code

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

_ACCOUNTS = {account.code: account.title for account in CHART}


class Asked(BaseModel):
    """Which days, of which account (明细账), and as what file."""

    since: date
    until: date
    account: str = Field(default=BANK.code, pattern=r"^[0-9]{3}$")
    form: Literal["xlsx", "pdf"] = "xlsx"
    hours: int = Field(default=24, ge=1, le=24 * 31)
    """Up to how many hours, inclusive, a household's receipt is in time: the county's own (支付时效表, 时效情况表)."""
    days: int | None = Field(default=None, ge=1, le=366)
    """Up to how many natural days, inclusive, instead of hours; the day of the hold is not counted."""

    @property
    def limit(self) -> InTime:
        """What counts as in time."""
        return InTime(self.hours) if self.days is None else InTime(self.days, "natural_day")

    @property
    def month(self) -> str | None:
        """The month in which all of the days lie."""
        return f"{self.since:%Y-%m}" if f"{self.since:%Y-%m}" == f"{self.until:%Y-%m}" else None


@router.get("/v1/funds/{fund_id}/reports/{kind}", response_class=Response, responses=FILES)
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
        days = Days(fund_id, code, asked.since, asked.until, asked.limit)
        table = await fund_table(reading.service, books, kind, days)
        seal = await books.fetchval(SQL["seal"], fund_id, asked.month)
    name, year = called(reading.service, place), fund_id.rpartition("-")[2]
    printed = Printed(
        f"{TITLES[kind]}({_ACCOUNTS[code]})" if kind == "detail" else TITLES[kind],
        _heading(f"单位:{name}　{year} 年度　{report_forms.span(asked.since, asked.until)}　金额单位:元", kind, asked),
        table,
        report_forms.SIGNATURES.get(kind, ("制表", "复核", "负责人")),
        words_fen=_total(table) if kind in ("payments", "settlement") else None,
        code="" if seal is None else short_code(Seal.model_validate_json(seal)),
    )
    return await rendered(printed, asked.form)


def _heading(head: str, kind: Kind, asked: Asked) -> tuple[str, ...]:
    """What is judged says by what."""
    return (head, asked.limit.told) if kind in ("timeliness", "sla") else (head,)


@router.get("/v1/usage/report", response_class=Response, responses=FILES)
async def usage_report(wanted: Annotated[Wanted, Query()], reading: Reading) -> Response:
    """The usage table (资金使用情况表), to print and sign."""
    table, _ = await usage_of(wanted, reading)
    return await rendered(
        report_forms.usage(wanted.county, names_of(reading.service), wanted.since, wanted.until, table), wanted.form
    )


@router.get("/v1/usage/roll-up/report", response_class=Response, responses=FILES)
async def roll_up_report(span: Annotated[Span, Query()], reading: Reading) -> Response:
    """The roll-up to the city (资金使用情况汇总表), to print and sign; it bears the positions it was made at."""
    positions, table = await counties_of(span, reading)
    days = (span.since, span.until)
    printed = report_forms.rolled_up(span.city, names_of(reading.service), days, positions, table)
    return await rendered(printed, span.form)


@router.get("/v1/replenishments/{request_id}/form")
async def request_report(request_id: RequestId, reading: Reading, form: Form = "pdf") -> Response:
    """A request for more money as a form (补充申请表), to print and sign."""
    return await rendered(request_form.request(await request_of(reading, request_id), names_of(reading.service)), form)


def _total(table: Table) -> int:
    """Of the first column of amounts."""
    at = next(place for place, column in enumerate(table.columns) if column.kind == "fen" and column.summed)
    return sum(value for row in table.rows if isinstance(value := row[at], int))
