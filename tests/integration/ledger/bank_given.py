"""What the tests of the bank's side are given: an account, statements in a layout, payments under way."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import httpx

from events.shanghai import SHANGHAI
from jiujinan.bank_files import BankRow, csv_statement
from services.ledger.bank_data import BankData
from tests.integration.ledger.given import TOWN, Ledger, advance
from tests.support.services import bearer

NUMBER = "6200000000002222"
ACCOUNT = f"B{TOWN}-2222"
PATH = f"/v1/bank-accounts/{ACCOUNT}"
OPENING_FEN = 0
LINE = "交易日期,收入金额,支出金额,余额\n2023-07-28,1.00,,1.00\n"


def statement(ledger: Ledger, rows: Sequence[BankRow], layout: str = "rural_commercial") -> bytes:
    data = ledger.service.mounted.own
    assert isinstance(data, BankData)
    return csv_statement(data.layouts[layout], rows, OPENING_FEN).encode("gb18030")


def row(ledger: Ledger, amount_fen: int, **told: str) -> BankRow:
    return BankRow(ledger.service.mounted.clock.now().astimezone(SHANGHAI), amount_fen, **told)


async def send(ledger: Ledger, raw: bytes, name: str = "七月.csv", to: str = "statements") -> httpx.Response:
    headers = bearer("township_finance", TOWN, key=sha256(f"{name}|{to}".encode() + raw).hexdigest())
    answer = await ledger.service.client.post(f"{PATH}/{to}", params={"name": name}, content=raw, headers=headers)
    ledger.seen = answer.headers.get("log-position", ledger.seen)
    return answer


async def registered(ledger: Ledger, other_fen: int = 0) -> None:
    body = {"place": TOWN, "bank": "rural_commercial", "number": NUMBER, "other_fen": other_fen}
    assert (await ledger.finance("/v1/bank-accounts", body)).status_code == 201


async def read(ledger: Ledger, what: str, after: httpx.Response, **asked: Any) -> Any:
    headers = bearer("township_finance", TOWN)
    params = {"after": after.headers["log-position"], **asked}
    answer = await ledger.service.client.get(f"{PATH}/{what}", params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def paid_three(ledger: Ledger) -> list[dict[str, Any]]:
    """Three payments under way, and their numbers."""
    await ledger.fed(1_000_000, ledger.year)
    amounts = {"D1": 200_000, "D2": 100_000, "D3": 50_000}
    await ledger.hears(
        *(advance(decision, amount_fen, fund_id=f"{TOWN}-{ledger.year}") for decision, amount_fen in amounts.items())
    )
    told: list[dict[str, Any]] = []
    for decision in amounts:
        body = {"method": "bank_transfer", "payee_ref": await ledger.payee(decision)}
        told.append((await ledger.cashier(f"/v1/holds/{decision}/payments", body)).json())
    return told
