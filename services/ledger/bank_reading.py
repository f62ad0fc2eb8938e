"""Bank accounts, read over HTTP: statements, lines and what they match, exceptions, and the reconciliation."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query

from events.shanghai import day_of
from services.chassis.database import Connection
from services.chassis.http import PersonRoute
from services.chassis.mount import Mounted
from services.chassis.problems import Problem
from services.chassis.routing import seen
from services.ledger.bank import SQL
from services.ledger.ids import account_place
from services.ledger.reading import Reader, Reading

router = APIRouter(tags=["bank"], route_class=PersonRoute)

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
async def accounts(reading: Reading) -> dict[str, Any]:
    """The accounts inside the caller's scope, with the balance of their last statement."""
    async with bank_books(reading) as books:
        return {"accounts": [dict(row) for row in await books.fetch(SQL["accounts"], reading.actor.scope)]}


@router.get("/v1/bank-accounts/{account_id}")
async def account(account_id: AccountId, reading: Reading) -> dict[str, Any]:
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
) -> dict[str, Any]:
    """The lines of all statements, oldest first, with what each matches and why. ``next`` is the next ``page``."""
    async with bank_books(reading) as books:
        await known_account(books, reading, account_id)
        rows = await books.fetch(SQL["lines"], account_id, page, limit)
    told = [{name: value for name, value in row.items() if name != "ordinal"} for row in rows]
    return {"lines": told, "next": rows[-1]["ordinal"] if len(rows) == limit else None}


@router.get("/v1/bank-accounts/{account_id}/exceptions")
async def exceptions(account_id: AccountId, reading: Reading) -> dict[str, Any]:
    """What does not match and is not over, the oldest first: kind, age in days, owner and state."""
    today = day_of(reading.at or reading.service.clock.now())
    async with bank_books(reading) as books:
        await known_account(books, reading, account_id)
        return {"exceptions": [dict(row) for row in await books.fetch(SQL["exceptions"], account_id, today)]}


@router.get("/v1/bank-accounts/{account_id}/reconciliation")
async def reconciliation(
    account_id: AccountId, reading: Reading, on: Annotated[date | None, Query()] = None
) -> dict[str, Any]:
    """The form 银行存款余额调节表 as of the end of a day, today where none is told; amounts in fen."""
    today = day_of(reading.at or reading.service.clock.now())
    async with bank_books(reading) as books:
        await known_account(books, reading, account_id)
        row = await books.fetchrow(SQL["reconciled"], account_id, on or today)
    assert row is not None
    return {"account_id": account_id, "on": on or today, **balanced(dict(row))}


class MonthEnd(NamedTuple):
    """What of a place is open at the bank by the end of a day, how many fen bank and book differ by, and of which
    accounts no statement reaches that day."""

    open_exceptions: int
    difference_fen: int
    unstated: tuple[str, ...]


async def month_end(service: Mounted, place: str, day: date) -> MonthEnd:
    """How a place's accounts stand by the end of a day.

    Raises ``Problem`` (409) where money is booked on a bank of which nobody has registered an account.
    """
    await caught_up(service, place[:6])
    async with service.projectors["bank"].reading() as books:
        accounts = [row["account_id"] for row in await books.fetch(SQL["accounts_of"], place)]
        if not accounts and await books.fetchval(SQL["booked_until"], place, day):
            raise Problem(409, "no_bank_account", "该单位尚未登记银行账户并导入对账单,不能结账。")
        rows = [balanced(dict(await _one(books, "reconciled", account, day))) for account in accounts]
        tasks = [await books.fetchval(SQL["open_tasks"], account, day) for account in accounts]
    unstated = tuple(
        account for account, row in zip(accounts, rows, strict=True) if row["through"] is None or row["through"] < day
    )
    exceptions = sum(row["unexplained"] for row in rows) + sum(tasks)
    return MonthEnd(exceptions, sum(abs(row["difference_fen"]) for row in rows), unstated)


async def _one(books: Connection, statement: str, *asked: object) -> Mapping[str, Any]:
    row = await books.fetchrow(SQL[statement], *asked)
    assert row is not None
    return dict(row)


def balanced(row: Mapping[str, Any]) -> dict[str, Any]:
    """The form's two adjusted balances and their difference, which must be nothing."""
    book_fen = row["book_fen"] + row["bank_received_fen"] - row["bank_paid_fen"]
    own_fen = row["statement_fen"] - row["other_fen"]
    bank_fen = own_fen + row["book_received_fen"] - row["book_paid_fen"]
    return {
        **row,
        "adjusted_book_fen": book_fen,
        "adjusted_bank_fen": bank_fen,
        "difference_fen": book_fen - bank_fen,
    }
