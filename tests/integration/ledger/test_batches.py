"""A batch goes to the bank as one file and is exploded by its answer; the statement's lines are the whole batch."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx
import pytest

from events.bank import BatchExported
from events.ledger import PaymentInstructed, PaymentReceived
from services.chassis.keyring import Erasure
from services.ledger.ids import payee_stream
from tests.integration.ledger.bank_given import PATH, paid_three, read, registered, row, send, statement
from tests.integration.ledger.given import CASHIER, COUNTY, RECEIVED, TOWN, Ledger
from tests.support.services import bearer

RESULTS = ("2000.00,成功,A1", "1000.00,失败,", "500.00,成功,A3")


@pytest.fixture
async def payments(ledger: Ledger) -> list[dict[str, Any]]:
    return await paid_three(ledger)


@pytest.fixture
async def drawn(ledger: Ledger, payments: list[dict[str, Any]]) -> dict[str, Any]:
    answer = await ledger.cashier(f"/v1/funds/{TOWN}-{ledger.year}/batches", batch_of(payments))
    assert answer.status_code == 201, answer.text
    return answer.json()


def batch_of(payments: list[dict[str, Any]]) -> dict[str, Any]:
    return {"template": "rural_commercial", "payments": [told["payment_id"] for told in payments]}


def new_year(ledger: Ledger) -> str:
    """When the bank paid: whatever day it is today, that was in the funds' year."""
    return f"{ledger.year}-01-01T00:00:00+08:00"


def answer_of(payments: list[dict[str, Any]]) -> bytes:
    rows = [f"{told['payment_number']},{result}" for told, result in zip(payments, RESULTS, strict=True)]
    return "\n".join(["附言,金额,处理结果,流水号", *rows]).encode()


async def answered(
    ledger: Ledger, drawn: dict[str, Any], raw: bytes, scope: str = COUNTY, **told: str
) -> httpx.Response:
    """The answer is brought by another person than the township's cashier, who has had the file."""
    headers = bearer("township_finance", scope, key=sha256(raw).hexdigest())
    path = f"/v1/batches/{drawn['batch_id']}/results"
    answer = await ledger.service.client.post(path, params={"name": "回盘.csv", **told}, content=raw, headers=headers)
    ledger.seen = answer.headers.get("log-position", ledger.seen)
    return answer


async def test_a_batch_goes_out_in_the_banks_form_and_takes_a_payment_once(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    again = await ledger.cashier(f"/v1/funds/{TOWN}-{ledger.year}/batches", batch_of(payments))
    assert again.json()["code"] == "already_batched"
    headers = bearer("township_finance", TOWN, key="file")
    file = await ledger.service.client.post(f"/v1/batches/{drawn['batch_id']}/file", headers=headers)
    ledger.seen = file.headers["log-position"]
    lines = file.content.decode("gb18030").splitlines()
    number, first = drawn["batch_number"], payments[0]["payment_number"]
    assert lines[1] == f"1,{number},样甲,6200000000000000,2000.00,临时救助,{first}"
    assert len(lines) == 4


async def exported(ledger: Ledger, drawn: dict[str, Any], key: str) -> httpx.Response:
    path, headers = f"/v1/batches/{drawn['batch_id']}/file", bearer("township_finance", TOWN, key=key)
    return await ledger.service.client.post(path, headers=headers)


async def test_who_had_the_file_is_written_down_and_it_bears_only_what_is_under_way_still(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    back = await ledger.cashier(f"/v1/payments/{payments[1]['payment_id']}/return", {"reason": "account_closed"})
    assert back.status_code == 201
    file = await exported(ledger, drawn, "k")
    numbers = [told["payment_number"] for told in payments]
    assert [number in file.content.decode("gb18030") for number in numbers] == [True, False, True]
    (told,) = [fact for fact in await ledger.facts() if isinstance(fact, BatchExported)]
    assert told.sha256 == sha256(file.content).hexdigest()
    assert told.exported_by == CASHIER
    assert set(told.payments) == {payments[0]["payment_id"], payments[2]["payment_id"]}
    assert (await exported(ledger, drawn, "k")).content == file.content
    lines = answer_of(payments).splitlines()
    answer = await answered(ledger, drawn, b"\n".join([lines[0], lines[1], lines[3]]))
    assert (answer.json()["succeeded"], answer.json()["failed"]) == (2, 0)
    assert (await exported(ledger, drawn, "later")).json()["code"] == "batch_settled"


async def test_who_has_had_the_file_neither_brings_its_answer_nor_confirms_its_receipts(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    assert (await exported(ledger, drawn, "k")).status_code == 200
    own = await answered(ledger, drawn, answer_of(payments), scope=TOWN)
    assert (own.status_code, own.json()["code"]) == (409, "same_person")
    receipt = f"/v1/payments/{payments[0]['payment_id']}/receipt"
    told = RECEIVED | {"received_at": new_year(ledger)}
    said = await ledger.cashier(receipt, told)
    assert (said.status_code, said.json()["code"]) == (409, "same_person")
    assert (await ledger.post(receipt, told, role="township_finance", scope=COUNTY)).status_code == 201
    assert (await answered(ledger, drawn, answer_of(payments))).status_code == 201


async def test_an_answer_without_a_day_leaves_payments_under_way_until_the_statement_tells_it(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    assert (await answered(ledger, drawn, answer_of(payments))).json()["succeeded"] == 2
    assert [(await ledger.hold(name))["standing"] for name in ("D1", "D2", "D3")] == [
        "instructed",
        "reserved",
        "instructed",
    ]
    await registered(ledger, other_fen=500_000)
    paid = row(ledger, -350_000, text=drawn["batch_number"])
    rows = [row(ledger, 500_000), paid, row(ledger, 100_000, text=f"代发退回{drawn['batch_number']}")]
    assert (await send(ledger, statement(ledger, rows))).status_code == 201
    assert (await ledger.cashier(f"{PATH}/matches", {})).json() == {"matched": 2, "left": 1}
    assert (await ledger.hold("D1"))["standing"] == "received"


async def erased(ledger: Ledger, payment: dict[str, Any]) -> None:
    mounted = ledger.service.mounted
    (payee_ref,) = [
        fact.payee_ref
        for fact in await ledger.facts()
        if isinstance(fact, PaymentInstructed) and fact.payment_id == payment["payment_id"]
    ]
    await mounted.keyring.destroy(Erasure(payee_stream(payee_ref), mounted.clock.now(), "asked_for", "operator"))


async def test_a_payee_that_is_erased_behind_the_drawing_keeps_no_other_payment_from_the_bank(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    await erased(ledger, payments[1])
    file = await exported(ledger, drawn, "k")
    numbers = [told["payment_number"] for told in payments]
    assert [number in file.content.decode("gb18030") for number in numbers] == [True, False, True]
    lines = answer_of(payments).splitlines()
    answer = await answered(ledger, drawn, b"\n".join([lines[0], lines[1], lines[3]]))
    assert (answer.json()["succeeded"], answer.json()["failed"]) == (2, 0)
    back = await ledger.cashier(f"/v1/payments/{payments[1]['payment_id']}/return", {"reason": "payee_erased"})
    assert (back.status_code, (await ledger.hold("D2"))["standing"]) == (201, "reserved")


async def test_a_payment_that_no_file_takes_is_named_and_the_others_are_drawn_without_it(
    ledger: Ledger, payments: list[dict[str, Any]]
) -> None:
    await erased(ledger, payments[1])
    path = f"/v1/funds/{TOWN}-{ledger.year}/batches"
    refused = await ledger.cashier(path, batch_of(payments))
    told = [(error["pointer"], error["code"]) for error in refused.json()["errors"]]
    assert (refused.status_code, told) == (422, [("/payments/1", "erased")])
    assert (await ledger.cashier(path, batch_of([payments[0], payments[2]]))).status_code == 201


async def test_an_answer_settles_every_payment_once(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    raw = answer_of(payments)
    short = await answered(ledger, drawn, raw.rpartition(b"\n")[0])
    assert (short.status_code, short.json()["code"]) == (422, "bad_result")
    assert "缺少 1 笔" in short.json()["detail"]
    done = await answered(ledger, drawn, raw, paid_at=new_year(ledger))
    assert (done.json()["succeeded"], done.json()["failed"]) == (2, 1)
    standing = [(await ledger.hold(decision))["standing"] for decision in ("D1", "D2", "D3")]
    assert standing == ["received", "reserved", "received"]
    assert (await answered(ledger, drawn, raw + b"\n")).json()["code"] == "batch_answered"


async def test_the_household_had_the_money_when_the_bank_paid_and_not_when_the_answer_was_brought(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    raw, friday = answer_of(payments), new_year(ledger)
    early = await answered(ledger, drawn, raw, paid_at="2099-07-28T16:00:00+08:00")
    assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "in_the_future")
    assert (await answered(ledger, drawn, raw, paid_at=friday)).status_code == 201
    received = [fact for fact in await ledger.facts() if isinstance(fact, PaymentReceived)]
    assert {fact.received_at for fact in received} == {datetime.fromisoformat(friday)}
    assert (await answered(ledger, drawn, raw)).json()["code"] == "key_reused"


async def test_one_debit_and_one_credit_are_the_batch_and_its_failures(
    ledger: Ledger, payments: list[dict[str, Any]], drawn: dict[str, Any]
) -> None:
    await answered(ledger, drawn, answer_of(payments), paid_at=new_year(ledger))
    await registered(ledger, other_fen=500_000)
    number = drawn["batch_number"]
    rows = [row(ledger, 500_000), row(ledger, -350_000, text=number), row(ledger, 100_000, text=f"代发退回{number}")]
    assert (await send(ledger, statement(ledger, rows))).status_code == 201
    matched = await ledger.cashier(f"{PATH}/matches", {})
    assert matched.json() == {"matched": 2, "left": 1}
    form = await read(ledger, "reconciliation", matched)
    assert (form["matched"], form["bank_paid_fen"], form["book_paid_fen"]) == (2, 0, 0)
