"""A county's opening balances over HTTP: the form comes filled, and all of it enters or nothing."""

import re
from typing import Any

import httpx

from events.ledger import FundOpened
from tests.integration.ledger.given import COUNTY, COUNTY_FUND, FUND, OTHER_TOWN, TOWN, Ledger
from tests.support.services import bearer
from tests.unit.ledger.test_opening import HEAD, Cells, workbook

ROWS = ((COUNTY, "", "省级", "1,000.00"), (TOWN, "", "中央", 33_866.39), (TOWN, "", "捐赠", 0.1 + 0.1 + 0.1))


async def enter(ledger: Ledger, key: str, *rows: Cells, role: str = "county_finance") -> httpx.Response:
    asked: Any = {"county": COUNTY, "year": 2023, "name": "期初.xlsx"}
    answer = await ledger.service.client.post(
        "/v1/opening-balances", content=workbook(HEAD, *rows), headers=bearer(role, COUNTY, key), params=asked
    )
    ledger.seen = answer.headers.get("log-position", ledger.seen)
    return answer


async def test_a_filled_form_opens_the_funds_and_the_same_again_changes_nothing(ledger: Ledger) -> None:
    first = await enter(ledger, "one", *ROWS)
    assert first.status_code == 201, first.text
    assert await ledger.balances(COUNTY_FUND) == (100_000, 0, 100_000)
    fund = await ledger.get(f"/v1/funds/{FUND}")
    assert {pot["source"]: pot["book_fen"] for pot in fund["sources"]} == {"central": 3_386_639, "donation": 30}
    facts = await ledger.facts()
    assert (await enter(ledger, "two", *ROWS)).status_code == 201
    assert await ledger.facts() == facts
    (line, *_) = (await ledger.get(f"/v1/funds/{FUND}/entries"))["entries"]
    assert (line["dated"], line["summary"]) == ("2023-01-01", "期初余额")
    assert re.fullmatch("[0-9a-f]{12}.xlsx", line["basis"])


async def test_one_wrong_line_lets_nothing_enter(ledger: Ledger) -> None:
    answer = await enter(ledger, "one", *ROWS, (OTHER_TOWN, "", "中央", "12.345"))
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_opening")
    assert "期初.xlsx:第5行:期初余额不是最多两位小数的金额" in answer.json()["detail"]
    assert await ledger.facts() == []


async def test_one_fund_with_vouchers_lets_nothing_enter(ledger: Ledger) -> None:
    await enter(ledger, "one", ROWS[0])
    answer = await enter(ledger, "two", *ROWS)
    assert (answer.status_code, answer.json()["code"]) == (409, "fund_has_entries")
    assert COUNTY_FUND in answer.json()["detail"]
    assert [fact.fund_id for fact in await ledger.facts() if isinstance(fact, FundOpened)] == [COUNTY_FUND]


async def test_only_the_countys_finance_enters_them_and_the_template_can_be_fetched(ledger: Ledger) -> None:
    assert (await enter(ledger, "one", *ROWS, role="township_finance")).status_code == 403
    form = await ledger.raw("/v1/opening-balances/template")
    assert form.content.startswith(b"PK")
