"""Bank accounts, read over HTTP: statements, lines and what they match, and exceptions."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from events.shanghai import day_of
from services.chassis.database import Connection
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import Answer, seen
from services.ledger.bank import SQL
from services.ledger.ids import account_place
from services.ledger.routes.reading import Reader, Reading

router = APIRouter(tags=["ledger"], route_class=PersonRoute)

AccountId = Annotated[str, Path(pattern=r"^B[0-9]{6}([0-9]{3})?-[0-9]{4}$")]
ExceptionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,80}$")]


@asynccontextmanager
async def bank_books(reading: Reader) -> AsyncGenerator[Connection]:
    """A connection whose statements see the bank's side at one moment. Raises ``Problem`` (503)."""
    bank = reading.service.projectors["bank"]
    if reading.earlier is not None:
        async with bank.as_of(reading.earlier) as connection:
            yield connection
        return
    await seen(reading.service, "bank", reading.after)
    async with bank.reading() as connection:
        yield connection


async def caught_up(service: Mounted, division: str) -> int:
    """Wait until the bank's side shows all that a log holds, and give its position. Raises ``Problem`` (503)."""
    heads = {head.division: head.position for head in await service.store.heads()}
    position = heads.get(division, 0)
    await seen(service, "bank", f"{division}:{position}")
    return position


async def known_account(books: Connection, reading: Reader, account_id: str) -> dict[str, Any]:
    """The account. Raises ``Denied``, or ``Problem`` (404)."""
    reading.service.access.permit(reading.actor, "ledger.read", account_place(account_id))
    row = await books.fetchrow(SQL["account"], account_id)
    if row is None:
        raise Problem(404, "no_such_account", "没有登记这个银行账户,请先登记。")
    return dict(row)


@router.get("/v1/bank-accounts")
async def accounts(reading: Reading) -> Answer:
    """The accounts inside the caller's scope, with the balance of their last statement."""
    async with bank_books(reading) as books:
        return {"accounts": [dict(row) for row in await books.fetch(SQL["accounts"], reading.actor.scope)]}


@router.get("/v1/bank-accounts/{account_id}")
async def account(account_id: AccountId, reading: Reading) -> Answer:
    """One account, with its statements."""
    async with bank_books(reading) as books:
        known = await known_account(books, reading, account_id)
        return known | {"statements": [dict(row) for row in await books.fetch(SQL["statements"], account_id)]}


@router.get("/v1/bank-accounts/{account_id}/lines")
async def lines(
    account_id: AccountId,
    reading: Reading,
    page: Annotated[int, Query(ge=0, le=10**12)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Answer:
    """The lines of all statements, oldest first, with what each matches and why. ``next`` is the next ``page``."""
    async with bank_books(reading) as books:
        await known_account(books, reading, account_id)
        rows = await books.fetch(SQL["lines"], account_id, page, limit)
    told = [{name: value for name, value in row.items() if name != "ordinal"} for row in rows]
    return {"lines": told, "next": rows[-1]["ordinal"] if len(rows) == limit else None}


@router.get("/v1/bank-accounts/{account_id}/exceptions")
async def exceptions(account_id: AccountId, reading: Reading) -> Answer:
    """What does not match and is not over, the oldest first: kind, age in days, owner and state."""
    today = day_of(reading.at or reading.service.clock.now())
    async with bank_books(reading) as books:
        await known_account(books, reading, account_id)
        return {"exceptions": [dict(row) for row in await books.fetch(SQL["exceptions"], account_id, today)]}
