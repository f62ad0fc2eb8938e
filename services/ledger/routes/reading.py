"""The books, read over HTTP: as they are, as they are once a position is in them, or as they were at an instant."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from events.fact import Actor
from events.words import Id
from services.chassis.database import Connection
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import After, Answer, AskedMoment, Service, seen
from services.ledger.journal import SQL
from services.ledger.posting import CHART
from services.ledger.routes.bodies import FUND_ID

router = APIRouter(tags=["ledger"], route_class=PersonRoute)
_TITLES = {account.code: account.title for account in CHART}

FundId = Annotated[str, Path(pattern=FUND_ID)]
At = Annotated[AskedMoment | None, Query()]
"""Show what was known at this instant, with nothing that was recorded later."""
Upto = Annotated[str | None, Query(pattern=r"^[0-9]{6}:[0-9]{1,18}$")]
"""Show what one county's log held up to this position, as ``Log-Position`` tells it, and nothing else."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and as of when."""

    service: Mounted
    actor: Actor
    after: str | None
    at: datetime | None
    upto: str | None = None

    @property
    def earlier(self) -> datetime | Mapping[str, int] | None:
        """As of when or of which position the books are asked for; none for now."""
        if self.upto is None:
            return self.at
        county, _, position = self.upto.partition(":")
        return {county: int(position)}

    @asynccontextmanager
    async def books(self) -> AsyncGenerator[Connection]:
        """A connection whose statements see the books at one moment. Raises ``Problem`` (503)."""
        if self.earlier is not None:
            async with self.service.projectors["journal"].as_of(self.earlier) as connection:
                yield connection
            return
        await caught_up(self.service, self.after)
        async with self.service.projectors["journal"].reading() as connection:
            yield connection


async def reader(request: Request, service: Service, after: After = None, at: At = None, upto: Upto = None) -> Reader:
    """Whoever may read the books."""
    actor = service.door.person(request)
    service.access.permit(actor, "ledger.read", actor.scope)
    return Reader(service, actor, after, at, upto)


Reading = Annotated[Reader, Depends(reader)]


@router.get("/v1/funds")
async def funds(reading: Reading) -> Answer:
    """The funds inside the caller's scope, with what each can still promise."""
    async with reading.books() as books:
        return {"funds": [dict(row) for row in await books.fetch(SQL["funds"], reading.actor.scope, None)]}


@router.get("/v1/funds/{fund_id}")
async def fund(fund_id: FundId, reading: Reading) -> Answer:
    """One fund. Its ``position`` is that of the last fact that touched it."""
    async with reading.books() as books:
        return await _fund(books, reading, fund_id)


@router.get("/v1/funds/{fund_id}/entries")
async def entries(
    fund_id: FundId,
    reading: Reading,
    page: Annotated[str, Query(pattern=r"^[0-9]{1,18}\.[0-9]{1,9}$")] = "0.0",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Answer:
    """The journal, line by line in the order of posting; a line's balance is its account's after it, debit positive.

    ``next`` is the ``page`` to ask for then; none behind the last line.
    """
    position, line = map(int, page.split("."))
    async with reading.books() as books:
        await _fund(books, reading, fund_id)
        rows = await books.fetch(SQL["entries"], fund_id, position, line, limit)
    return {
        "entries": [{**row, "account_title": _TITLES[row["account"]]} for row in rows],
        "next": f"{rows[-1]['position']}.{rows[-1]['line']}" if len(rows) == limit else None,
    }


@router.get("/v1/funds/{fund_id}/balances")
async def balances(fund_id: FundId, reading: Reading, on: Annotated[date, Query()]) -> Answer:
    """What each account has at the end of a day, by the day on which entries are booked; debit positive, by source."""
    async with reading.books() as books:
        await _fund(books, reading, fund_id)
        rows = await books.fetch(SQL["balances_on"], fund_id, on)
    return {"on": on, "balances": [{**row, "account_title": _TITLES[row["account"]]} for row in rows]}


@router.get("/v1/funds/{fund_id}/payments")
async def payments(
    fund_id: FundId,
    reading: Reading,
    standing: Annotated[Literal["instructed", "received", "returned", "suspended"] | None, Query()] = None,
    page: Annotated[str, Query(pattern=r"^[A-Z0-9]{0,20}$")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Answer:
    """A fund's payments by their numbers, all or those that stand so. ``next`` is the next ``page``."""
    async with reading.books() as books:
        await _fund(books, reading, fund_id)
        rows = await books.fetch(SQL["payments_of_fund"], fund_id, standing, page, limit)
    return {
        "payments": [dict(row) for row in rows],
        "next": rows[-1]["payment_number"] if len(rows) == limit else None,
    }


@router.get("/v1/funds/{fund_id}/recoveries")
async def recoveries(
    fund_id: FundId,
    reading: Reading,
    owed: Annotated[bool, Query()] = False,
    page: Annotated[str, Query(pattern=r"^[\x20-\x7e]{0,64}$")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Answer:
    """What households are to give back to a fund (追回), by its number: all, or only what is still owed."""
    async with reading.books() as books:
        await _fund(books, reading, fund_id)
        rows = await books.fetch(SQL["recoveries_of_fund"], fund_id, owed, page, limit)
    return {
        "recoveries": [dict(row) for row in rows],
        "next": rows[-1]["recovery_id"] if len(rows) == limit else None,
    }


@router.get("/v1/holds")
async def holds(case_id: Annotated[Id, Query()], reading: Reading) -> Answer:
    """What is held for a case, or could not be, with every attempt to pay it."""
    async with reading.books() as books:
        found = await books.fetch(SQL["holds_of"], case_id, reading.actor.scope)
        payments = await books.fetch(SQL["payments_of"], case_id, reading.actor.scope)
    paid: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in payments:
        payment = dict(row)
        paid[payment.pop("hold_id")].append(payment)
    return {"holds": [{**row, "payments": paid[row["hold_id"]]} for row in found]}


async def caught_up(service: Mounted, after: str | None) -> None:
    """Wait until a position can be seen in the books. Raises ``Problem`` (503) when it takes too long."""
    await seen(service, "journal", after)


async def _fund(books: Connection, reading: Reader, fund_id: str) -> dict[str, Any]:
    row = await books.fetchrow(SQL["funds"], "", fund_id)
    if row is None:
        raise Problem(404, "no_such_fund", "没有找到这个备用金,请核对编号。")
    reading.service.access.permit(reading.actor, "ledger.read", row["township"] or row["county"])
    return {**row, "sources": [dict(pot) for pot in await books.fetch(SQL["pots"], fund_id)]}
