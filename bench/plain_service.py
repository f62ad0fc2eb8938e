"""What a user would write instead of three services and a broker: one service that updates rows, and keeps no history.

Run as ``python -m uvicorn bench.plain_service:app`` with ``DATABASE_URL``.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import uuid4

import asyncpg
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel

TABLES = """
create table reports (order_number text primary key, report_id text not null unique, body jsonb not null);
create table cases (case_id text primary key, report_id text not null references reports (report_id),
                    township text not null, state text not null);
create table funds (township text primary key, book_fen bigint not null, reserved_fen bigint not null default 0);
create table holds (decision_id text primary key, case_id text not null references cases, amount_fen bigint not null);
"""


class Order(BaseModel):
    """A hotline's work order."""

    orderNum: str  # noqa: N815  the vendor's word
    areaCode: str  # noqa: N815
    callTime: str  # noqa: N815
    callerName: str  # noqa: N815
    callerPhone: str  # noqa: N815
    idCard: str  # noqa: N815
    questionCode: str  # noqa: N815
    description: str


class Advance(BaseModel):
    """Help before paperwork."""

    amount_fen: int


@asynccontextmanager
async def _lifespan(service: FastAPI) -> AsyncGenerator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=16, max_size=16) as pool:
        service.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


def _pool(request: Request) -> Any:
    return request.app.state.pool


Pool = Annotated[Any, Depends(_pool)]


@app.post("/orders", status_code=201)
async def order(told: Order, pool: Pool) -> dict[str, str]:
    """Keep the order and open a case."""
    report_id, case_id = str(uuid4()), str(uuid4())
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "insert into reports values ($1, $2, $3)", told.orderNum, report_id, told.model_dump_json()
        )
        await connection.execute("insert into cases values ($1, $2, $3, 'open')", case_id, report_id, told.areaCode)
    return {"report_id": report_id, "case_id": case_id}


@app.post("/cases/{case_id}/accept", status_code=201)
async def accept(case_id: str, pool: Pool) -> dict[str, str]:
    """Take the case on."""
    await pool.execute("update cases set state = 'accepted' where case_id = $1", case_id)
    return {"case_id": case_id}


@app.post("/cases/{case_id}/advances", status_code=201)
async def advance(case_id: str, asked: Advance, pool: Pool) -> dict[str, str]:
    """Decide an advance and hold its money, under the fund's row lock."""
    decision_id = str(uuid4())
    async with pool.acquire() as connection, connection.transaction():
        township = await connection.fetchval("select township from cases where case_id = $1", case_id)
        fund = await connection.fetchrow("select * from funds where township = $1 for update", township)
        if fund["book_fen"] - fund["reserved_fen"] < asked.amount_fen:
            raise HTTPException(409)
        await connection.execute("insert into holds values ($1, $2, $3)", decision_id, case_id, asked.amount_fen)
        await connection.execute(
            "update funds set reserved_fen = reserved_fen + $2 where township = $1", township, asked.amount_fen
        )
        await connection.execute("update cases set state = 'advanced' where case_id = $1", case_id)
    return {"decision_id": decision_id}
