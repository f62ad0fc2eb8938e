"""A bank's statement over HTTP: taken in, matched, the payments confirmed, the rest explained, bank and book equal."""

from asyncio import gather
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from events.bank import LineMatched
from events.ledger import AllocationReceived
from services.ledger.routes.bank import router
from tests.integration.ledger.bank_given import (
    ACCOUNT,
    NUMBER,
    PATH,
    paid_three,
    read,
    registered,
    row,
    send,
    statement,
)
from tests.integration.ledger.given import COUNTY, OTHER_TOWN, TOWN, Ledger
from tests.support.services import bearer


@pytest.fixture
async def month(ledger: Ledger) -> httpx.Response:
    """A month is taken in and matched: two payments, a grant, interest, and another office's business."""
    first, *_ = await paid_three(ledger)
    await registered(ledger)
    rows = [
        row(ledger, 1_000_000, name="样例县财政局", text="拨款"),
        row(ledger, -200_000, name="样*", text=f"临时救助 {first['payment_number']}"),
        row(ledger, -100_000, name="样甲", account="6200000000000000", text="临时救助"),
        row(ledger, 30, text="结息"),
        row(ledger, -9_900, name="样例商行", text="办公用品"),
    ]
    imported = await send(ledger, statement(ledger, rows))
    assert imported.json()["statement_id"].startswith("S-")
    return await ledger.cashier(f"{PATH}/matches", {})


async def test_matched_lines_confirm_their_payments_and_say_why(ledger: Ledger, month: httpx.Response) -> None:
    assert month.json() == {"matched": 2, "left": 3}
    standing = [(await ledger.hold(decision))["standing"] for decision in ("D1", "D2", "D3")]
    assert standing == ["received", "received", "instructed"]
    lines = (await read(ledger, "lines", month))["lines"]
    assert [line["rule"] for line in lines] == [None, "number", "party", None, None]
    assert lines[1]["evidence"] == ["number", "amount", "direction"]
    assert (await ledger.cashier(f"{PATH}/matches", {})).json() == {"matched": 0, "left": 3}


async def test_bank_and_book_are_equal_before_anything_is_explained(ledger: Ledger, month: httpx.Response) -> None:
    form = await read(ledger, "reconciliation", month)
    assert (form["book_fen"], form["statement_fen"], form["difference_fen"]) == (700_000, 690_130, 0)
    assert (form["adjusted_book_fen"], form["adjusted_bank_fen"]) == (1_690_130, 1_690_130)
    assert (form["matched"], form["explained"], form["unexplained"]) == (2, 0, 4)
    assert [(item["group"], item["amount_fen"], item["row"], item["voucher"]) for item in form["items"]] == [
        ("bank_received", 1_000_000, 3, ""),
        ("bank_received", 30, 6, ""),
        ("bank_paid", 9_900, 7, ""),
        ("book_received", 1_000_000, None, "记-1"),
    ]
    assert {(item["age_days"], item["explained"]) for item in form["items"]} == {(0, False)}
    found = (await read(ledger, "exceptions", month))["exceptions"]
    assert sorted((task["kind"], task["amount_fen"], task["age_days"]) for task in found) == [
        ("bank_only", -9_900, 0),
        ("unknown_credit", 30, 0),
        ("unknown_credit", 1_000_000, 0),
    ]


async def treat(ledger: Ledger, exception: str, proposal: Mapping[str, Any]) -> httpx.Response:
    """The cashier proposes, and may not approve; the county does."""
    proposed = await ledger.cashier(f"{PATH}/exceptions/{exception}/propose", proposal)
    assert proposed.status_code == 201, proposed.text
    own = await ledger.cashier(f"{PATH}/exceptions/{exception}/approve", {})
    assert own.json()["code"] == "same_checker"
    approved = await ledger.finance(f"{PATH}/exceptions/{exception}/approve", {})
    assert approved.status_code == 201, approved.text
    return approved


async def test_what_is_left_is_explained_by_two_persons(ledger: Ledger, month: httpx.Response) -> None:
    lines = (await read(ledger, "lines", month))["lines"]
    grant, interest, office = (lines[place]["line_id"] for place in (0, 3, 4))
    (transfer,) = {fact.transfer_id for fact in await ledger.facts() if isinstance(fact, AllocationReceived)}
    await treat(ledger, office, {"treatment": "other_business", "reason": "office_supplies"})
    await treat(ledger, interest, {"treatment": "explained", "reason": "interest_to_book"})
    legs = [f"{transfer}:in"]
    approved = await treat(ledger, grant, {"treatment": "match", "reason": "allocation", "legs": legs})
    form = await read(ledger, "reconciliation", approved)
    assert (form["other_fen"], form["bank_received_fen"], form["book_received_fen"]) == (-9_900, 30, 0)
    assert (form["difference_fen"], form["explained"], form["unexplained"]) == (0, 1, 0)


async def test_a_neighbours_payment_is_not_among_what_a_line_can_be(ledger: Ledger, month: httpx.Response) -> None:
    fund = f"{OTHER_TOWN}-{ledger.year}"
    body = {"amount_fen": 50_000, "source": "county", "document": "县拨9号"}
    await ledger.finance("/v1/funds", {"county": COUNTY, "township": OTHER_TOWN, "year": ledger.year})
    fed = (await ledger.finance(f"/v1/funds/{fund}/appropriations", body)).json()
    line = (await read(ledger, "lines", month))["lines"][3]["line_id"]
    proposal = {"treatment": "match", "reason": "allocation", "legs": [f"{fed['appropriation_id']}:in"]}
    told = await ledger.finance(f"{PATH}/exceptions/{line}/propose", proposal)
    assert (told.status_code, told.json()["code"]) == (409, "no_such_leg")


async def test_what_no_rule_matches_is_suggested_and_drafted_and_done_by_two_persons(ledger: Ledger) -> None:
    first, second, _ = await paid_three(ledger)
    await registered(ledger)
    rows = [
        row(ledger, 1_000_000, text="财政拨款"),
        row(ledger, -300_000, text="临时救助"),
        row(ledger, 30, text="结息"),
    ]
    await send(ledger, statement(ledger, rows))
    matched = await ledger.cashier(f"{PATH}/matches", {})
    assert matched.json() == {"matched": 0, "left": 3}
    seen = await read(ledger, "suggestions", matched)
    grant, both, interest = [line["line_id"] for line in (await read(ledger, "lines", matched))["lines"]]
    (transfer,) = {fact.transfer_id for fact in await ledger.facts() if isinstance(fact, AllocationReceived)}
    legs = sorted(f"{payment['payment_id']}:paid" for payment in (first, second))
    found = {one["rule"]: (one["lines"], one["legs"]) for one in seen["suggestions"]}
    assert found == {"sum": ([both], legs), "booked": ([grant], [f"{transfer}:in"])}
    assert seen["drafts"] == [
        {"line_id": interest, "enters": "interest_paid", "amount_fen": 30, "source": "county"},
    ]
    proposal = {"treatment": "match", "reason": "sum_of_two", "legs": legs}
    approved = await treat(ledger, both, proposal)
    assert [(await ledger.hold(decision))["standing"] for decision in ("D1", "D2")] == ["received"] * 2
    again = await read(ledger, "suggestions", approved)
    assert [one["rule"] for one in again["suggestions"]] == ["booked"]


async def test_of_two_who_approve_at_once_one_does_and_the_other_is_told_that_it_is_done(
    ledger: Ledger, month: httpx.Response
) -> None:
    grant = (await read(ledger, "lines", month))["lines"][0]["line_id"]
    (transfer,) = {fact.transfer_id for fact in await ledger.facts() if isinstance(fact, AllocationReceived)}
    proposal = {"treatment": "match", "reason": "allocation", "legs": [f"{transfer}:in"]}
    assert (await ledger.cashier(f"{PATH}/exceptions/{grant}/propose", proposal)).status_code == 201
    approve = f"{PATH}/exceptions/{grant}/approve"
    told = await gather(ledger.finance(approve, {}), ledger.post(approve, {}, role="township_leader"))
    assert sorted((one.status_code, one.json().get("code", "")) for one in told) == [
        (201, ""),
        (409, "exception_cleared"),
    ]
    (matched,) = [fact for fact in await ledger.facts() if isinstance(fact, LineMatched) and fact.rule == "manual"]
    assert matched.legs == (f"{transfer}:in",)


async def test_money_that_comes_back_returns_the_payment(ledger: Ledger) -> None:
    first, *_ = await paid_three(ledger)
    await registered(ledger, other_fen=500_000)
    number = first["payment_number"]
    rows = [row(ledger, 500_000), row(ledger, -200_000, text=number), row(ledger, 200_000, text=f"退汇 {number}")]
    assert (await send(ledger, statement(ledger, rows))).status_code == 201
    matched = await ledger.cashier(f"{PATH}/matches", {})
    assert matched.json() == {"matched": 2, "left": 1}
    assert (await ledger.hold("D1"))["standing"] == "reserved"
    assert await ledger.balances(f"{TOWN}-{ledger.year}") == (1_000_000, 350_000, 650_000)


async def test_a_file_comes_in_once_and_goes_on_from_the_last(ledger: Ledger) -> None:
    await registered(ledger)
    rows = [row(ledger, 500, text="一"), row(ledger, -200, text="二")]
    raw = statement(ledger, rows)
    preview = await send(ledger, raw, to="statement-previews")
    assert (preview.json()["layout"], preview.json()["closing_fen"]) == ("rural_commercial", 300)
    assert (await send(ledger, raw)).json()["facts"] == ["ledger.statement_imported", "ledger.statement_lines_read"]
    assert (await send(ledger, raw, "再来.csv")).json()["facts"] == []
    longer = statement(ledger, [*rows, row(ledger, 7, text="三")])
    assert (await send(ledger, longer, "八月.csv")).status_code == 201
    account = await ledger.get(PATH)
    assert (account["closing_fen"], [told["lines"] for told in account["statements"]]) == (307, [2, 1])
    gap = statement(ledger, [row(ledger, 9_999), row(ledger, 1)])
    refused = await send(ledger, gap, "九月.csv")
    assert (refused.status_code, refused.json()["code"]) == (409, "statement_gap")
    assert refused.json()["detail"].startswith("九月.csv:第")


@pytest.mark.parametrize(
    ("raw", "code", "told"),
    [
        (b"", "bad_statement", "空"),
        ("日子,进,出,剩\n2023-07-28,1.00,,1.00\n".encode(), "unknown_layout", "日子、进、出、剩"),
        (
            "账号:,620000009999\n交易日期,收入金额,支出金额,余额\n2023-07-28,1.00,,1.00\n".encode(),
            "other_account",
            "另一个账户",
        ),
    ],
)
async def test_a_file_that_cannot_come_in_says_why(ledger: Ledger, raw: bytes, code: str, told: str) -> None:
    await registered(ledger)
    refused = await send(ledger, raw, "坏.csv")
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert told in refused.json()["detail"]
    assert "坏.csv" in refused.json()["detail"]


async def test_a_layout_that_a_person_has_mapped_is_known_from_then_on(ledger: Ledger) -> None:
    await registered(ledger)
    raw = "日子,进,出,剩\n2023-07-28,1.00,,1.00\n".encode()
    columns = {"day": ["日子"], "income": ["进"], "outgo": ["出"], "balance": ["剩"]}
    saved = await ledger.service.client.put(
        f"{PATH}/layouts/village_bank",
        json={"layout": {"title": "样例村镇银行", "columns": columns}},
        headers=bearer("township_finance", TOWN, key="layout"),
    )
    assert saved.status_code == 201, saved.text
    assert (await send(ledger, raw)).status_code == 201


async def test_a_neighbour_reaches_nothing_of_the_account(ledger: Ledger) -> None:
    await registered(ledger)
    headers = bearer("township_finance", "350581002", key="k")
    answers = [
        await ledger.service.client.post(f"{PATH}/statements", params={"name": "x.csv"}, content=b"", headers=headers),
        await ledger.service.client.post(f"{PATH}/matches", json={}, headers=headers),
        await ledger.service.client.get(f"{PATH}/lines", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3


async def test_who_may_not_is_told_so_before_anything_is_looked_up(ledger: Ledger) -> None:
    for route in router.routes:
        assert isinstance(route, APIRoute)
        path = route.path.format(account_id=ACCOUNT, layout_id="x", match_id="M1", exception_id="x")
        method = next(iter(route.methods or {"GET"}))
        for token, status in ({}, 401), (bearer("village_informant", TOWN), 403):
            headers = {**token, "idempotency-key": "k"}
            answer = await ledger.service.client.request(method, path, params={"name": "x.csv"}, headers=headers)
            assert answer.status_code == status, path
    assert await ledger.facts() == []


async def test_nothing_of_a_statement_names_anybody_in_the_log(ledger: Ledger) -> None:
    await registered(ledger)
    told = row(ledger, 500, name="样乙", account="6200000000000033", text="样乙 还款")
    assert (await send(ledger, statement(ledger, [told]))).status_code == 201
    stored = b"".join([row.data async for row in ledger.service.mounted.store.read(COUNTY)])
    assert "样乙".encode() not in stored
    assert b"6200000000000033" not in stored
    assert NUMBER.encode() not in stored
