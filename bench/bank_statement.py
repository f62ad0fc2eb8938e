"""A month's statement of one account over HTTP: taken in, matched with the books, payments confirmed, the rest told."""

from collections.abc import Iterator
from hashlib import sha256
from math import sqrt
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import httpx
import uvloop

from bench.appending import working_writer
from bench.contest import Run, Stage, wait_for_the_others
from bench.grant import ACTOR
from bench.ledger_service import COUNTY, PEPPER, TOWN, read_models_caught_up, running_ledger
from events.fact import Sealed
from jiujinan.bank_files import csv_statement
from jiujinan.bank_months import BankMonth, Instructed, bank_month
from services.chassis.clock import SystemClock
from services.chassis.pseudonyms import Pseudonyms
from services.chassis.unit import Directed, Unit
from services.ledger.app import BLUEPRINT
from services.ledger.bank_data import load_bank_data
from services.ledger.files.statement_lines import Telling
from services.ledger.fund_commands import OpenFund, ReceiveAppropriation, Reserve
from services.ledger.hold_commands import Instruct
from services.ledger.ids import account_id_of, fund_stream, payee_stream
from services.ledger.payee import RegisterPayee

FUND = f"{TOWN}-2026"
NUMBER = "6200000000002222"
_ACCOUNT = f"/v1/bank-accounts/{account_id_of(TOWN, NUMBER)}"
_BANKS = Path(__file__).parents[1] / "policies" / "banks"
_NOBODY = Sealed(suite="none", key_id="none", subject="nobody", field="name", box="")


def month_of(payments: int) -> BankMonth:
    """The month; every line of ours bears its number."""
    return bank_month(0, payments, 1.0)


async def instruct(dsn: str, payments: int) -> None:
    """So many payments of a fund are under way."""
    month = month_of(payments)
    telling = Telling(Pseudonyms(PEPPER).term, {})
    money = ReceiveAppropriation("appropriation-1", 10**12, "province", "样财社〔2026〕1号")
    opened = [Directed(fund_stream(FUND), part) for part in (OpenFund(FUND, COUNTY, TOWN, 2026), money)]
    async with working_writer(dsn, BLUEPRINT.deciders) as writer:
        units = [_unit(opened), *(_unit([*_instructed(one, telling)], one) for one in month.payments)]
        for answer in await writer.take_in(units):
            if isinstance(answer, BaseException):
                raise answer


def _instructed(payment: Instructed, telling: Telling) -> Iterator[Directed]:
    hold_id, payee_ref = f"hold-{payment.payment_id}", f"payee-{payment.payment_id}"
    digests = telling.name(payment.name), telling.account(payment.account)
    who = RegisterPayee(payee_ref, f"case-{hold_id}", "household_member", _NOBODY, _NOBODY, *digests)
    yield Directed(payee_stream(payee_ref), who)
    yield Directed(fund_stream(FUND), Reserve(hold_id, f"case-{hold_id}", payment.amount_fen, "S-0009", fund_id=FUND))
    yield Directed(fund_stream(FUND), Instruct(hold_id, payment.payment_id, "bank_transfer", payee_ref))


def _another_promise() -> Unit:
    """One more of the fund: who instructed the payments has its state at hand, and another process did so here."""
    promise = Reserve("hold-of-the-day", "case-of-the-day", 100, "S-0009", fund_id=FUND)
    return _unit([Directed(fund_stream(FUND), promise)], named="promised")


def _unit(parts: list[Directed], payment: Instructed | None = None, named: str = "opened") -> Unit:
    named = named if payment is None else payment.payment_id
    return Unit(
        division=COUNTY,
        parts=tuple(parts),
        command_id=UUID(bytes=sha256(named.encode()).digest()[:16]),
        actor=ACTOR,
        occurred_at=SystemClock().now() if payment is None else payment.at,
    )


def settle(stage: Stage) -> Run:
    """From the file's bytes to the last exception."""
    return uvloop.run(_settle(stage))


async def _settle(stage: Stage) -> Run:
    month = month_of(stage.facts)
    layout = load_bank_data(_BANKS).layouts["rural_commercial"]
    raw = csv_statement(layout, month.rows, month.opening_fen).encode("gb18030")
    async with running_ledger(stage) as (mounted, client):
        account = {"place": TOWN, "bank": "rural_commercial", "number": NUMBER, "other_fen": month.opening_fen}
        await _post(client, "/v1/bank-accounts", json=account)
        await mounted.writer.submit(_another_promise())
        await read_models_caught_up(mounted)
        wait_for_the_others()
        began = perf_counter()
        await _post(client, f"{_ACCOUNT}/statements", params={"name": "十一月.csv"}, content=raw)
        told = await _post(client, f"{_ACCOUNT}/matches", json={})
        seconds = perf_counter() - began
    assert len(month.truth) - told["matched"] <= _lost_at_most(len(month.truth))
    return Run(len(month.rows), seconds)


def _lost_at_most(lines: int) -> float:
    """How many lines may be left to a person: 3 of 100, and three standard deviations, which a short month needs."""
    expected = 0.03 * lines
    return expected + 3 * sqrt(expected)


async def _post(client: httpx.AsyncClient, path: str, **said: Any) -> dict[str, Any]:
    answer = await client.post(path, headers={"idempotency-key": path}, **said)
    assert answer.status_code == 201, answer.text
    return answer.json()
