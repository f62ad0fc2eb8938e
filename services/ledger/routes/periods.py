"""The months of a fund's books over HTTP: adjusted, checked, closed under a seal, opened again, shown, handed over."""

import asyncio
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from events.ledger import Seal
from services.chassis.calling import Called
from services.chassis.database import Connection
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.openapi import a_file
from services.chassis.problems import Problem
from services.chassis.routing import Answer
from services.ledger.evidence import ClosedMonth, bundle
from services.ledger.fund_commands import Adjust, CheckVouchers, Close, Reopen
from services.ledger.ids import place_of
from services.ledger.journal import SQL
from services.ledger.month_tables import closing_balances, corrected_tables, last_day, published_tables, vouchers_of
from services.ledger.routes.bodies import MonthOver, Nothing, Reason
from services.ledger.routes.funds import about, to
from services.ledger.routes.reading import FundId, Reader, Reading, caught_up
from services.ledger.routes.reconciling import MonthEnd, month_end, published_forms, spelt
from services.ledger.seal import Sealed, Signet, short_code

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

InMonth = Annotated[str, Path(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
"""A month of this century: there are no books of any other."""


@router.post("/v1/funds/{fund_id}/months/{month}/adjustment", status_code=201, name="ledger.adjust_month")
async def adjust_month(fund_id: FundId, month: InMonth, body: Nothing, call: Called) -> Response:
    """From now on the month takes adjustments only (结账调整); what comes late goes to the next open one."""
    return await call.give(about(fund_id, month), body.said(), to(fund_id, Adjust(month)))


@router.post("/v1/funds/{fund_id}/months/{month}/check", status_code=201, name="ledger.check_vouchers")
async def check_vouchers(fund_id: FundId, month: InMonth, body: Nothing, call: Called) -> Response:
    """Somebody who made none of the month's vouchers has checked them all (复核)."""
    return await call.give(about(fund_id, month), body.said(), to(fund_id, CheckVouchers(month)))


@router.post("/v1/funds/{fund_id}/months/{month}/close", status_code=201, name="ledger.close_month")
async def close_month(fund_id: FundId, month: InMonth, body: MonthOver, call: Called) -> Response:
    """Close the month under a signed seal (结账): no exception open, and a difference of 0.00 in the 余额调节表.

    The bank's month must be in: each account's statements reach its last day, or it is stated that nothing moved since.
    All three are read from the books and the bank's statements at the position that is sealed, never told by whoever
    closes; the forms 余额调节表 are sealed with the month.
    """
    service = call.service
    bank = await month_end(service, place_of(fund_id, fund_id[:6]), last_day(month))
    sealed = await _sealed(service, fund_id, month, bank)
    seal = Signet(service.settings.pepper).seal(sealed)
    command = Close(month, seal, bank.open_exceptions, bank.difference_fen, bank.unstated, body.quiet_accounts)
    return await call.give(about(fund_id, month), body.said(), to(fund_id, command))


@router.post("/v1/funds/{fund_id}/months/{month}/reopening", status_code=201, name="ledger.reopen_month")
async def reopen_month(fund_id: FundId, month: InMonth, body: Reason, call: Called) -> Response:
    """Open a closed month for adjustments again (反结账). Its seal stays, and it will get another."""
    return await call.give(about(fund_id, month), body.said(), to(fund_id, Reopen(month, body.reason)))


@router.get("/v1/funds/{fund_id}/months")
async def months(fund_id: FundId, reading: Reading) -> Answer:
    """What became of each month, and under which seal."""
    _may_read(reading, place_of(fund_id, fund_id[:6]))
    async with reading.books() as books:
        rows = [dict(row) for row in await books.fetch(SQL["months"], fund_id)]
    return {"months": [row | {"seal": None if row["seal"] is None else _shown(row["seal"])} for row in rows]}


@router.get("/v1/funds/{fund_id}/months/{month}/tables")
async def tables(
    fund_id: FundId,
    month: InMonth,
    reading: Reading,
    version: Annotated[Literal["published", "corrected"], Query()] = "corrected",
) -> Response:
    """The month's tables: byte for byte as published under its last seal, or as corrected by what came since."""
    _may_read(reading, place_of(fund_id, fund_id[:6]))
    async with reading.books() as books:
        if version == "corrected":
            return Response(await corrected_tables(books, fund_id, month), media_type="application/json")
        seal = await _seal_of(books, fund_id, month)
        made = await published_tables(books, fund_id, month, seal.position)
    if sha256(made).hexdigest() != seal.tables:
        raise Problem(409, "seal_broken", "月报与封存时不符,请立即核查。")
    return Response(made, media_type="application/json")


@router.get("/v1/funds/{fund_id}/months/{month}/evidence", response_class=Response, responses=a_file("application/zip"))
async def evidence(fund_id: FundId, month: InMonth, reading: Reading) -> Response:
    """The evidence bundle (证据包) of a closed month: a zip that proves itself without this program.

    It holds the county's whole log up to the seal, of every fund and account: who reads it may read the county's.
    """
    _may_read(reading, fund_id[:6])
    async with reading.books() as books:
        seal = await _seal_of(books, fund_id, month)
    service = reading.service
    rows = [row async for row in service.store.read(fund_id[:6], upto=seal.position)]
    forms = await published_forms(service, place_of(fund_id, fund_id[:6]), last_day(month), seal)
    closed = ClosedMonth(fund_id, month, seal, Signet(service.settings.pepper).public_key)
    made = await asyncio.to_thread(bundle, closed, rows, spelt(forms))
    return Response(made, media_type="application/zip")


def _may_read(reading: Reader, place: str) -> None:
    reading.service.access.permit(reading.actor, "ledger.read", place)


async def _sealed(service: Mounted, fund_id: str, month: str, bank: MonthEnd) -> Sealed:
    """What there is to seal, of the log up to where the bank's side was read."""
    county = fund_id[:6]
    last = [row async for row in service.store.read(county, after=bank.position - 1, upto=bank.position)]
    if not last:
        raise Problem(404, "no_such_fund", "没有找到这个备用金,请核对编号。")
    await caught_up(service, f"{county}:{bank.position}")
    asked = (fund_id, month, bank.position)
    async with service.projectors["journal"].reading() as books:
        made = await published_tables(books, *asked)
        vouchers = await vouchers_of(books, *asked)
        balances = await closing_balances(books, *asked)
    return Sealed(
        fund_id=fund_id,
        month=month,
        position=bank.position,
        head=last[0].hash.hex(),
        vouchers=vouchers,
        balances=balances,
        tables=sha256(made).hexdigest(),
        reconciliation=sha256(spelt(bank.forms)).hexdigest(),
    )


async def _seal_of(books: Connection, fund_id: str, month: str) -> Seal:
    told = await books.fetchval(SQL["seal"], fund_id, month)
    if told is None:
        raise Problem(404, "not_closed", "该月尚未结账封存。")
    return Seal.model_validate_json(told)


def _shown(told: str) -> dict[str, Any]:
    seal = Seal.model_validate_json(told)
    return seal.model_dump(mode="json") | {"code": short_code(seal)}
