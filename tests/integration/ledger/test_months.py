"""A month over HTTP: closed by two people under a seal, proved by itself, shown as published and as corrected."""

import json
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, get_args
from zipfile import ZipFile

import asyncpg
import pytest
from python_calamine import CalamineWorkbook

from events.shanghai import SHANGHAI
from services.ledger import evidence_check
from services.ledger.forms.report_forms import Kind
from services.ledger.seal import canonical
from tests.integration.ledger.bank_given import ACCOUNT, PATH, read, registered, send
from tests.integration.ledger.given import (
    CITY,
    COUNTY,
    COUNTY_FUND,
    FUND,
    OTHER_TOWN,
    RECEIVED,
    THEN,
    TOWN,
    Ledger,
    advance,
)
from tests.support.services import bearer

MONTH = "2023-07"
STATEMENT = "交易日期,收入金额,支出金额,余额,用途\n2023-07-28,,2000.00,8000.00,临时救助\n"
"""The bank's month: 10,000.00 yuan of other business lay there before."""

QUIET = {"quiet_accounts": [ACCOUNT]}
"""Nothing moved on the account after the 28th."""


async def month(ledger: Ledger, what: str, body: Any, role: str = "county_finance") -> tuple[int, str]:
    """What a command for the month is answered."""
    answer = await ledger.post(f"/v1/funds/{FUND}/months/{MONTH}/{what}", body, role=role, scope=COUNTY)
    return answer.status_code, answer.json().get("code", "")


async def paid(ledger: Ledger, decision_id: str) -> str:
    """A payment that the household received in the month."""
    await ledger.hears(advance(decision_id, 200_000))
    payment = await ledger.instructed(decision_id)
    assert (await ledger.cashier(f"/v1/payments/{payment}/receipt", RECEIVED)).status_code == 201
    return payment


async def closed(ledger: Ledger) -> None:
    """One payment in the month, and the month closed."""
    await ledger.fed(900_000)
    payment = await paid(ledger, "D1")
    assert await month(ledger, "adjustment", {}) == (201, "")
    assert await month(ledger, "close", {}) == (409, "no_bank_account")
    await registered(ledger, other_fen=1_000_000)
    await send(ledger, STATEMENT.encode())
    assert await month(ledger, "close", {}) == (409, "vouchers_unchecked")
    assert await month(ledger, "check", {}, "township_leader") == (201, "")
    assert await month(ledger, "close", {}) == (409, "not_reconciled")
    await matched_by_hand(ledger, payment)
    assert await month(ledger, "close", {}) == (409, "statement_missing")
    assert await month(ledger, "close", QUIET) == (201, "")


async def matched_by_hand(ledger: Ledger, payment: str) -> None:
    """The month's only line is the payment's: one says so, another agrees."""
    (line,) = (await read(ledger, "exceptions", await ledger.cashier(f"{PATH}/matches", {})))["exceptions"]
    task = f"{PATH}/exceptions/{line['exception_id']}"
    proposal = {"treatment": "match", "reason": "same_money", "legs": [f"{payment}:paid"]}
    assert (await ledger.cashier(f"{task}/propose", proposal)).status_code == 201
    assert (await ledger.finance(f"{task}/approve", {})).status_code == 201


async def test_a_month_is_closed_under_a_seal_and_its_bundle_proves_itself(ledger: Ledger, tmp_path: Path) -> None:
    await closed(ledger)
    (last,) = [told for told in (await ledger.get(f"/v1/funds/{FUND}/months"))["months"] if told["seal"]]
    assert (last["standing"], last["seal"]["vouchers"]) == ("closed", 1)
    url = f"/v1/funds/{FUND}/months/{MONTH}/evidence"
    content = (await ledger.raw(url)).content
    assert (await ledger.raw(url)).content == content
    with ZipFile(BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    seal = json.loads((tmp_path / "seal.json").read_text(encoding="utf-8"))
    assert (evidence_check.main(tmp_path), seal["code"]) == (0, last["seal"]["code"])
    of_the_township = await ledger.service.client.get(url, headers=bearer("township_leader", TOWN))
    assert (of_the_township.status_code, of_the_township.json()["code"]) == (403, "denied")


async def test_the_form_of_a_closed_month_stays_as_it_was_sealed(ledger: Ledger) -> None:
    await closed(ledger)
    asked = {"on": "2023-07-31"}
    published = (await ledger.raw(f"{PATH}/reconciliation", **asked)).content
    form = json.loads(published)
    (seal,) = [told["seal"] for told in (await ledger.get(f"/v1/funds/{FUND}/months"))["months"] if told["seal"]]
    assert (form["code"], form["matched"], form["items"]) == (seal["code"], 1, [])
    (line,) = (await ledger.get(f"{PATH}/lines"))["lines"]
    taken_back = await ledger.cashier(f"{PATH}/matches/{line['match_id']}/undo", {"reason": "wrong_line"})
    assert taken_back.status_code == 201, taken_back.text
    assert (await ledger.raw(f"{PATH}/reconciliation", **asked)).content == published
    corrected = await ledger.get(f"{PATH}/reconciliation", version="corrected", **asked)
    assert [item["group"] for item in corrected["items"]] == ["bank_paid", "book_paid"]
    assert (corrected["code"], corrected["matched"], corrected["difference_fen"]) == ("", 0, 0)
    cells = [
        cell for row in sheet((await ledger.raw(f"{PATH}/reports/reconciliation", **asked)).content) for cell in row
    ]
    assert f"封存码:{seal['code']}" in cells
    assert "减:银行已付、单位未记(0 笔)" in cells
    pdf = await ledger.raw(f"{PATH}/reports/reconciliation", form="pdf", version="corrected", **asked)
    assert pdf.content[:4] == b"%PDF"
    assert await month(ledger, "reopening", {"reason": "wrong_line"}) == (201, "")
    assert (await ledger.get(f"{PATH}/reconciliation", **asked))["matched"] == 0


async def test_the_form_of_a_closed_month_is_made_from_the_log_once_and_kept_as_long_as_it_is_the_sealed_one(
    ledger: Ledger,
) -> None:
    await closed(ledger)
    asked = {"on": "2023-07-31"}
    published = (await ledger.raw(f"{PATH}/reconciliation", **asked)).content
    owner = await asyncpg.connect(ledger.service.owner_dsn)
    database = await owner.fetchval("select current_database()")
    await owner.execute(f"revoke temporary on database {database} from public")  # the log cannot be folded again
    assert (await ledger.raw(f"{PATH}/reconciliation", **asked)).content == published
    await owner.execute("update sealed_forms set spelt = replace(convert_from(spelt, 'utf-8'), '1000000', '1')::bytea")
    unmade = await ledger.service.client.get(f"{PATH}/reconciliation", headers=bearer("auditor", COUNTY), params=asked)
    assert unmade.status_code == 422
    await owner.execute(f"grant temporary on database {database} to public")
    assert (await ledger.raw(f"{PATH}/reconciliation", **asked)).content == published
    await owner.close()


async def test_what_comes_late_is_booked_in_the_open_month_and_shown_in_its_own_when_corrected(ledger: Ledger) -> None:
    await closed(ledger)
    tables = f"/v1/funds/{FUND}/months/{MONTH}/tables"
    published = (await ledger.raw(tables, version="published")).content
    await paid(ledger, "D2")
    assert (await ledger.raw(tables, version="published")).content == published
    assert await month(ledger, "reopening", {"reason": "late_receipt"}) == (201, "")
    assert (await ledger.raw(tables, version="published")).content == published
    late = [line for line in (await ledger.get(f"/v1/funds/{FUND}/entries"))["entries"] if line["case_id"] == "C-D2"]
    assert {(line["dated"], line["happened_on"]) for line in late} == {("2023-08-01", "2023-07-28")}
    corrected = json.loads((await ledger.raw(tables)).content)
    assert canonical(json.loads(published)) == published
    assert len(json.loads(published)["entries"]) == 2
    assert len(corrected["entries"]) == 4
    for account in corrected["accounts"]:
        lines = [line for line in corrected["entries"] if line["account"] == account["account"]]
        assert account["debit_fen"] == sum(line["debit_fen"] for line in lines)
        assert account["credit_fen"] == sum(line["credit_fen"] for line in lines)
    august = json.loads((await ledger.raw(tables.replace("2023-07", "2023-08"))).content)
    assert august["entries"] == []
    assert all(account["opening_fen"] == account["closing_fen"] for account in august["accounts"])
    assert {told["account"]: told["opening_fen"] for told in august["accounts"]} == {
        told["account"]: told["closing_fen"] for told in corrected["accounts"]
    }


async def test_the_usage_table_has_every_township_and_what_is_settled_is_told_apart(ledger: Ledger) -> None:
    await ledger.fed(900_000)
    payment = await paid(ledger, "D1")
    asked: dict[str, Any] = {"county": COUNTY, "since": "2023-07-01", "until": "2023-07-31", "per_head_fen": 700}
    people = [f"{TOWN}:1000", f"{OTHER_TOWN}:500"]
    table = await ledger.get("/v1/usage", **asked, population=people)
    shown = [(row["township"], row["households"], row["used_fen"], row["rate"]) for row in table["rows"]]
    assert shown == [(TOWN, 1, 200_000, 2857), (OTHER_TOWN, 0, 0, 0)]
    filed = await ledger.finance(f"/v1/payments/{payment}/papers", {"standing": "filed"})
    assert filed.status_code == 201
    told = await ledger.get(f"/v1/funds/{FUND}/settlement")
    assert (told["settled_fen"], told["used_fen"], told["unfiled"]["amount_fen"]) == (200_000, 200_000, 0)


async def paid_by_county(ledger: Ledger, decision_id: str, amount_fen: int) -> None:
    """A payment of the county's own fund for a household of the township."""
    await ledger.hears(advance(decision_id, amount_fen, fund_id=COUNTY_FUND))
    at_county: dict[str, Any] = {"role": "township_finance", "scope": COUNTY}
    person = {"place": COUNTY, "case_id": f"C-{decision_id}", "relation": "household_member", "name": "样甲"}
    account = {"account": "6200000000000000"}
    payee = await ledger.post("/v1/payees", person | account, role="township_officer", scope=COUNTY)
    body = {"method": "bank_transfer", "payee_ref": payee.json()["payee_ref"], **THEN}
    told = await ledger.post(f"/v1/holds/{decision_id}/payments", body, **at_county)
    receipt = await ledger.post(f"/v1/payments/{told.json()['payment_id']}/receipt", RECEIVED, **at_county)
    assert receipt.status_code == 201, receipt.text


JULY = {"since": "2023-07-01", "until": "2023-07-31"}


async def both_paid(ledger: Ledger) -> None:
    """Example 11: of 61,234 yuan the township has paid 40,000, and the county 21,234."""
    await ledger.fed(4_000_000)
    more = {"amount_fen": 2_123_400, "source": "province", "document": "省拨2号"}
    await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", more)
    await ledger.hears(advance("D1", 4_000_000))
    payment = await ledger.instructed("D1")
    assert (await ledger.cashier(f"/v1/payments/{payment}/receipt", RECEIVED)).status_code == 201
    await paid_by_county(ledger, "D2", 2_123_400)


async def test_example_11_what_the_county_paid_for_a_township_counts_as_used_by_it(ledger: Ledger) -> None:
    await both_paid(ledger)
    asked: dict[str, Any] = {"county": COUNTY, "per_head_fen": 700, **JULY}
    table = await ledger.get("/v1/usage", **asked, population=[f"{TOWN}:8021"])
    (row,) = table["rows"]
    assert (row["town_households"], row["town_fen"]) == (1, 4_000_000)
    assert (row["county_households"], row["county_fen"]) == (1, 2_123_400)
    assert (row["households"], row["used_fen"], row["rate"]) == (2, 6_123_400, 10_906)
    assert (table["other_households"], table["other_fen"]) == (0, 0)
    unlisted = await ledger.get("/v1/usage", **asked, population=[f"{OTHER_TOWN}:8021"])
    assert (unlisted["used_fen"], unlisted["other_fen"]) == (0, 6_123_400)


async def test_goods_that_were_handed_over_count_as_used_at_cost_and_a_household_once(ledger: Ledger) -> None:
    fund, then = f"/v1/funds/{TOWN}-{ledger.year - 1}", f"{ledger.year - 1}-12-31"
    await ledger.fed(900_000, ledger.year - 1)
    bought = {"kind": "goods_bought", "item": "棉被", "quantity": 3, "cost_fen": 10_000, "contract": "C-1"}
    told = await ledger.cashier(f"{fund}/acts", {"act": bought, "document": "采购1号"})
    batch = told.json()["act_id"]
    approved = await ledger.post(f"{fund}/acts/{batch}/approval", {}, role="township_leader")
    assert approved.status_code == 201, approved.text
    for case, day in ("C-D1", then), ("C-D1", then), ("C-D9", None):
        given = {"batch_id": batch, "case_id": case, "quantity": 1}
        given |= {"occurred_at": f"{day}T09:00:00+08:00"} if day else {}
        handed = await ledger.post(f"{fund}/handovers", given, role="township_officer")
        assert handed.status_code == 201, handed.text
    ahead = given | {"occurred_at": (ledger.service.mounted.clock.now() + timedelta(hours=1)).isoformat()}
    assert (await ledger.post(f"{fund}/handovers", ahead, role="township_officer")).status_code == 422
    days = {"since": then, "until": f"{ledger.year}-12-31"}
    asked: dict[str, Any] = {"county": COUNTY, "per_head_fen": 700, "population": [f"{TOWN}:1000"]}
    (row,) = (await ledger.get("/v1/usage", **asked, **days))["rows"]
    assert (row["town_households"], row["town_fen"]) == (2, 10_000)
    (row,) = (await ledger.get("/v1/usage", **asked, since=then, until=then))["rows"]
    assert (row["town_households"], row["town_fen"]) == (1, 6_666)


async def test_a_purchase_that_was_wrong_comes_back_into_the_fund_as_far_as_it_is_still_in_stock(
    ledger: Ledger,
) -> None:
    await ledger.fed(900_000)
    bought = {"kind": "goods_bought", "item": "棉被", "quantity": 3, "cost_fen": 9_000, "contract": "C-1"}
    batch = await approved(ledger, bought)
    given = {"batch_id": batch, "case_id": "C-D1", "quantity": 1, **THEN}
    handed = await ledger.post(f"/v1/funds/{FUND}/handovers", given, role="township_officer")
    assert handed.status_code == 201, handed.text
    await approved(ledger, {"kind": "purchase_reversed", "about": batch})
    assert await ledger.balances() == (897_000, 0, 897_000)
    async with ledger.service.mounted.projectors["journal"].reading() as books:
        left = await books.fetch("select quantity, cost_fen from stock")
        red = await books.fetch("select account, debit_fen, reverses from entries where reverses is not null")
    assert list(map(tuple, left)) == [(0, 0)]
    month = f"{ledger.service.mounted.clock.now().astimezone(SHANGHAI):%Y-%m}"
    assert sorted(map(tuple, red)) == [("100", 6_000, f"{month} 记字第2号"), ("140", 0, f"{month} 记字第2号")]


async def approved(ledger: Ledger, act: Mapping[str, Any]) -> str:
    """An act that the cashier proposed and the leader approved."""
    told = await ledger.cashier(f"/v1/funds/{FUND}/acts", {"act": act, "document": "单据1号"})
    assert told.status_code == 201, told.text
    act_id = told.json()["act_id"]
    agreed = await ledger.post(f"/v1/funds/{FUND}/acts/{act_id}/approval", {}, role="township_leader")
    assert agreed.status_code == 201, agreed.text
    return str(act_id)


async def test_a_roll_up_to_the_city_tells_its_positions_and_is_the_same_when_they_are_asked_for(
    ledger: Ledger,
) -> None:
    await both_paid(ledger)
    first = await ledger.get("/v1/usage/roll-up", scope=CITY, city=CITY, **JULY)
    (county,) = first["rows"]
    assert (county["county"], county["town_fen"], county["county_fen"]) == (COUNTY, 4_000_000, 2_123_400)
    assert (first["households"], first["used_fen"]) == (2, 6_123_400)
    more = {"amount_fen": 100, "source": "province", "document": "省拨3号"}
    await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", more)
    await paid_by_county(ledger, "D3", 100)
    later = await ledger.get("/v1/usage/roll-up", scope=CITY, city=CITY, **JULY)
    assert later["used_fen"] == 6_123_500
    again = await ledger.get(
        "/v1/usage/roll-up", scope=CITY, city=CITY, positions=f"{COUNTY}:{county['position']}", **JULY
    )
    assert again == first
    asked: dict[str, Any] = {"city": CITY, "positions": f"{COUNTY}:{county['position']}", **JULY}
    for form, begins in ("xlsx", b"PK"), ("pdf", b"%PDF"):
        paper = await ledger.service.client.get(
            "/v1/usage/roll-up/report", params=asked | {"form": form}, headers=bearer("auditor", CITY)
        )
        assert (paper.status_code, paper.content[: len(begins)]) == (200, begins)
        if form == "xlsx":
            spent = [1, 40_000.0, 1, 21_234.0, 2, 61_234.0]
            assert ["", "石狮市", str(county["position"]), "", "", *spent, ""] in sheet(paper.content)


async def test_example_11_a_roll_up_ranks_the_counties_whose_people_are_told_and_has_both_totals(
    ledger: Ledger,
) -> None:
    await both_paid(ledger)
    asked: dict[str, Any] = {"city": CITY, "per_head_fen": 700, **JULY}
    people = [f"{COUNTY}:8021", f"{CITY}82:45678"]
    told = await ledger.get("/v1/usage/roll-up", scope=CITY, **asked, population=people)
    rows = [(row["county"], row["entitled"], row["rate"], row["rank"], row["used_fen"]) for row in told["rows"]]
    assert rows == [(COUNTY, 561, 10_906, 1, 6_123_400), (f"{CITY}82", 3_197, 0, 2, 0)]
    assert (told["entitled_by_rows"], told["entitled_by_sum"]) == (3_758, 3_759)
    elsewhere = await ledger.service.client.get(
        "/v1/usage/roll-up", params=asked | {"population": "350100:1"}, headers=bearer("auditor", CITY)
    )
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "not_its_county")


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_every_report_is_printed_with_the_seals_code_and_when_empty(ledger: Ledger, kind: str) -> None:
    await closed(ledger)
    seal = [told["seal"]["code"] for told in (await ledger.get(f"/v1/funds/{FUND}/months"))["months"] if told["seal"]]
    url, july = f"/v1/funds/{FUND}/reports/{kind}", {"since": "2023-07-01", "until": "2023-07-31"}
    printed = await ledger.raw(url, **july)
    cells = [cell for row in sheet(printed.content) for cell in row]
    assert f"封存码:{seal[0]}" in cells
    assert kind == "cash-journal" or 2000.0 in cells or 24 in cells or "21.5" in cells or "LS" in str(cells)
    empty = await ledger.raw(url, since="2022-01-01", until="2022-01-31", form="pdf")
    assert (empty.headers["content-type"], empty.content[:4]) == ("application/pdf", b"%PDF")


def sheet(content: bytes) -> list[list[object]]:
    """The cells of a workbook's only sheet."""
    return [list(row) for row in CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()]
