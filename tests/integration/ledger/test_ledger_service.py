"""Ledger as a running service: from the county's money to the household's, and every refusal on the way."""

import asyncio
import json
from datetime import datetime
from typing import Any

from events.ledger import PayeeRegistered, RefusedShort, Reserved
from events.shanghai import SHANGHAI
from tests.integration.ledger.given import (
    CASHIER,
    COUNTY,
    COUNTY_FUND,
    FUND,
    LEADER,
    RECEIVED,
    THEN,
    TOWN,
    Ledger,
    advance,
    audit,
)
from tests.support.services import ROOT

SHISHI: dict[str, Any] = json.loads((ROOT / "samples" / "shishi_allocation.json").read_text(encoding="utf-8"))

# --- money comes in ---


async def test_the_county_allocates_360_000_yuan_before_the_typhoon(ledger: Ledger) -> None:
    await ledger.finance("/v1/funds", {"county": COUNTY, "year": 2023})
    fed = {"amount_fen": 50_000_000, "source": "province", "document": "闽财社〔2023〕样例7号"}
    await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", fed)
    answer = await ledger.finance("/v1/allocations", SHISHI | {"year": 2023})
    assert answer.status_code == 201
    funds = {fund["fund_id"]: fund for fund in (await ledger.get("/v1/funds"))["funds"]}
    towns = {name: fund["book_fen"] for name, fund in funds.items() if fund["township"] is not None}
    assert towns == {f"{share['township']}-2023": 4_000_000 for share in SHISHI["allocations"]}
    assert sum(towns.values()) == 36_000_000
    assert funds[COUNTY_FUND]["available_fen"] == 50_000_000 - 36_000_000


async def test_an_allocation_without_a_year_belongs_to_the_present_one(ledger: Ledger) -> None:
    year = ledger.service.mounted.clock.now().astimezone(SHANGHAI).year
    await ledger.finance("/v1/funds", {"county": COUNTY, "year": year})
    fed = {"amount_fen": 36_000_000, "source": "province", "document": "市拨1号"}
    await ledger.finance(f"/v1/funds/{COUNTY}-{year}/appropriations", fed)
    assert (await ledger.finance("/v1/allocations", SHISHI)).status_code == 201
    assert await ledger.balances(f"{TOWN}-{year}") == (4_000_000, 0, 4_000_000)


async def test_money_that_moved_earlier_is_booked_on_its_day(ledger: Ledger) -> None:
    body = {
        "amount_fen": 500_000,
        "source": "province",
        "document": "省2号",
        "occurred_at": "2023-07-03T10:00:00+08:00",
    }
    url = f"/v1/funds/{COUNTY_FUND}"
    await ledger.fed(100)
    assert (await ledger.finance(f"{url}/appropriations", body)).status_code == 201
    dated = {line["dated"] for line in (await ledger.get(f"{url}/entries"))["entries"] if line["basis"] == "省2号"}
    assert dated == {"2023-07-03"}
    ahead = body | {"document": "省3号", "occurred_at": "2099-01-01T00:00:00+08:00"}
    assert (await ledger.finance(f"{url}/appropriations", ahead)).status_code == 422


async def test_an_allocation_is_made_wholly_or_not_at_all(ledger: Ledger) -> None:
    await ledger.finance("/v1/funds", {"county": COUNTY, "year": 2023})
    fed = {"amount_fen": 35_999_999, "source": "province", "document": "省拨1号"}
    await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", fed)
    answer = await ledger.finance("/v1/allocations", SHISHI | {"year": 2023})
    assert (answer.status_code, answer.json()["code"]) == (409, "fund_short")
    assert [fund["fund_id"] for fund in (await ledger.get("/v1/funds"))["funds"]] == [COUNTY_FUND]
    assert await ledger.balances(COUNTY_FUND) == (35_999_999, 0, 35_999_999)


async def test_one_document_moves_its_money_once_and_never_another_amount(ledger: Ledger) -> None:
    await ledger.fed(1_000_000)
    shares = [{"township": TOWN, "amount_fen": 1_000_000}]
    document: dict[str, Any] = {"county": COUNTY, "year": 2023, "document": "县拨1号"}
    document |= {"source": "province", "allocations": shares}
    again = await ledger.finance("/v1/allocations", document)
    assert (again.status_code, again.json()["facts"]) == (201, [])
    other = [{"township": TOWN, "amount_fen": 1}]
    answer = await ledger.finance("/v1/allocations", document | {"allocations": other})
    assert (answer.status_code, answer.json()["code"]) == (409, "transfer_differs")
    assert await ledger.balances() == (1_000_000, 0, 1_000_000)


# --- money is promised ---


async def test_an_advance_is_held_and_the_next_one_is_short(ledger: Ledger) -> None:
    await ledger.fed(300_000)
    await ledger.hears(advance("D1", 200_000), advance("D2", 200_000))
    assert await ledger.balances() == (300_000, 200_000, 100_000)
    held, short = await ledger.hold("D1"), await ledger.hold("D2")
    assert (held["standing"], held["amount_fen"], held["decided_by"]) == ("reserved", 200_000, LEADER)
    assert (short["standing"], short["available_fen"], short["shortfall_fen"]) == ("short", 100_000, 100_000)


async def test_what_was_short_is_held_when_relief_asks_again_after_new_money(ledger: Ledger) -> None:
    await ledger.fed(100_000)
    await ledger.hears(advance("D1", 200_000))
    shares = [{"township": TOWN, "amount_fen": 200_000}]
    document: dict[str, Any] = {"county": COUNTY, "year": 2023, "document": "县拨2号"}
    document |= {"source": "city", "allocations": shares}
    fed = {"amount_fen": 200_000, "source": "city", "document": "市拨1号"}
    await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", fed)
    await ledger.finance("/v1/allocations", document)
    await ledger.hears(advance("D1", 200_000))
    held = await ledger.hold("D1")
    assert (held["standing"], held["shortfall_fen"]) == ("reserved", None)
    assert await ledger.balances() == (300_000, 200_000, 100_000)


async def test_a_fund_that_nobody_opened_is_short_of_everything_and_relief_hears_so(ledger: Ledger) -> None:
    await ledger.hears(advance("D1", 200_000))
    assert [type(fact) for fact in await ledger.facts()] == [RefusedShort]
    short = await ledger.hold("D1")
    assert (short["standing"], short["available_fen"], short["shortfall_fen"]) == ("short", 0, 200_000)
    assert await ledger.service.mounted.pool.fetchval("select count(*) from dead_letters") == 0
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    assert await ledger.balances() == (500_000, 200_000, 300_000)


async def test_goods_alone_ask_no_fund(ledger: Ledger) -> None:
    await ledger.hears(advance("D1", 0))
    assert await ledger.facts() == []


async def test_hearing_the_same_decision_again_holds_once(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    records = ledger.relief.decides(advance("D1", 200_000))
    for _ in range(2):
        await ledger.service.mounted.follower.take_in(records)
    assert len([fact for fact in await ledger.facts() if isinstance(fact, Reserved)]) == 1


# --- money reaches the household ---


async def test_who_decided_may_not_pay(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000, decided_by=CASHIER))
    body = {"method": "bank_transfer", "payee_ref": await ledger.payee("D1"), **THEN}
    answer = await ledger.cashier("/v1/holds/D1/payments", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "same_person")
    assert (await ledger.hold("D1"))["standing"] == "reserved"


async def test_a_payment_comes_back_and_is_made_anew(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    first = await ledger.instructed("D1")
    await ledger.cashier(f"/v1/payments/{first}/receipt", RECEIVED)
    assert await ledger.balances() == (300_000, 0, 300_000)
    await ledger.cashier(f"/v1/payments/{first}/return", {"reason": "account_closed"})
    assert await ledger.balances() == (500_000, 200_000, 300_000)
    second = await ledger.instructed("D1")
    await ledger.cashier(f"/v1/payments/{second}/receipt", RECEIVED | {"evidence": "回单 89"})
    assert await ledger.balances() == (300_000, 0, 300_000)
    hold = await ledger.hold("D1")
    told = [(payment["payment_id"], payment["standing"]) for payment in hold["payments"]]
    assert (hold["standing"], told) == ("received", [(first, "returned"), (second, "received")])
    assert hold["payments"][1]["instructed_by"] == CASHIER


async def test_a_hold_is_let_go_until_it_is_being_paid(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000), advance("D2", 100_000))
    let_go = await ledger.post("/v1/holds/D1/void", {"reason": "not_needed"}, role="township_leader")
    assert let_go.status_code == 201
    assert await ledger.balances() == (500_000, 100_000, 400_000)
    await ledger.instructed("D2")
    late = await ledger.cashier("/v1/holds/D2/void", {"reason": "not_needed"})
    assert (late.status_code, late.json()["code"]) == (409, "too_late")


async def test_a_payee_is_paid_for_their_own_case_and_into_an_account_that_is_there(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    other = {"method": "cash", "payee_ref": await ledger.payee("D2"), **THEN}
    assert (await ledger.cashier("/v1/holds/D1/payments", other)).json()["code"] == "no_such_payee"
    unknown = {"method": "cash", "payee_ref": "nobody", **THEN}
    assert (await ledger.cashier("/v1/holds/D1/payments", unknown)).json()["code"] == "no_such_payee"
    person = {"place": TOWN, "case_id": "C-D1", "relation": "household_member", "name": "样甲"}
    payee = (await ledger.cashier("/v1/payees", person)).json()["payee_ref"]
    transfer = await ledger.cashier("/v1/holds/D1/payments", {"method": "bank_transfer", "payee_ref": payee, **THEN})
    assert (transfer.status_code, transfer.json()["code"]) == (409, "no_account")
    cash = await ledger.cashier("/v1/holds/D1/payments", {"method": "cash", "payee_ref": payee, **THEN})
    assert (cash.status_code, cash.json()["code"]) == (409, "cash_short")
    await ledger.fetched(200_000)
    cash = await ledger.cashier("/v1/holds/D1/payments", {"method": "cash", "payee_ref": payee, **THEN})
    assert cash.status_code == 201


async def test_an_account_is_paid_into_that_two_persons_have_seen(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    person = {"place": TOWN, "case_id": "C-D1", "relation": "self", "name": "样甲", "account": "6200000000000000"}
    payee = (await ledger.cashier("/v1/payees", person)).json()["payee_ref"]
    body = {"method": "bank_transfer", "payee_ref": payee, **THEN}
    assert (await ledger.cashier("/v1/holds/D1/payments", body)).json()["code"] == "registered_by_payer"
    assert await ledger.instructed("D1")


async def test_a_payees_name_and_account_are_on_disk_under_their_own_key_only(ledger: Ledger) -> None:
    payee_ref = await ledger.payee("D1")
    (registered,) = await ledger.facts()
    assert isinstance(registered, PayeeRegistered)
    assert "样甲" not in registered.model_dump_json()
    assert "6200000000000000" not in registered.model_dump_json()
    assert registered.account is not None
    seals = await ledger.service.mounted.sealer.prepare([f"payee:{payee_ref}"])
    assert (seals.open(registered.name), seals.open(registered.account)) == ("样甲", "6200000000000000")


async def test_what_follows_from_a_hold_belongs_to_its_story(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    payment = await ledger.instructed("D1")
    await ledger.cashier(f"/v1/payments/{payment}/receipt", RECEIVED)
    rows = await ledger.service.mounted.pool.fetch(
        "select name, occurred_at from facts_readable where meta->>'correlation' = 'story-case:C-D1' order by position"
    )
    names = ["reserved", "payment_instructed", "payment_received", "entry_posted"]
    assert [row["name"] for row in rows] == [f"ledger.{name}" for name in names]
    assert rows[2]["occurred_at"] == datetime.fromisoformat(RECEIVED["received_at"])


# --- said twice ---


async def test_the_same_key_gives_the_same_bytes_whatever_has_happened_since(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    payee = await ledger.payee("D1")
    body = {"method": "bank_transfer", "payee_ref": payee, **THEN}
    first = await ledger.cashier("/v1/holds/D1/payments", body, key="pay-1")
    payment = first.json()["payment_id"]
    await ledger.cashier(f"/v1/payments/{payment}/return", {"reason": "account_closed"})
    before = await ledger.facts()
    again = await ledger.cashier("/v1/holds/D1/payments", body, key="pay-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    other = await ledger.cashier("/v1/holds/D1/payments", body | {"method": "cash"}, key="pay-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert await ledger.facts() == before


async def test_a_payee_said_twice_is_one_although_it_is_sealed_anew(ledger: Ledger) -> None:
    body = {"place": TOWN, "case_id": "C-D1", "relation": "agent", "name": "样乙", "account": None}
    first, again = [await ledger.cashier("/v1/payees", body, key="k") for _ in range(2)]
    assert first.content == again.content
    assert len(await ledger.facts()) == 1
    other = await ledger.cashier("/v1/payees", body | {"name": "样丙"}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_who_handed_over_cash_is_not_who_says_that_it_is_done(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.fetched(200_000)
    await ledger.hears(advance("D1", 200_000))
    payee = await ledger.payee("D1")
    payment = await ledger.cashier("/v1/holds/D1/payments", {"method": "cash", "payee_ref": payee, **THEN})
    path, slip = f"/v1/payments/{payment.json()['payment_id']}/receipt", RECEIVED | {"signed_by": payee}
    cashier = (await ledger.facts())[-1].model_dump()["instructed_by"]
    told = [await ledger.cashier(path, slip | {"handed_by": name}) for name in (cashier, "S-0009")]
    assert [(answer.status_code, answer.json().get("code")) for answer in told] == [(409, "same_person"), (201, None)]


# --- all at once ---


async def paid(ledger: Ledger, hold_id: str, payee_ref: str) -> int:
    """Count out the cash for a hold; the status of the receipt."""
    payment = await ledger.cashier(f"/v1/holds/{hold_id}/payments", {"method": "cash", "payee_ref": payee_ref, **THEN})
    slip = RECEIVED | {"signed_by": payee_ref, "handed_by": "S-0009"}
    answer = await ledger.cashier(f"/v1/payments/{payment.json()['payment_id']}/receipt", slip)
    return answer.status_code


async def let_go(ledger: Ledger, hold_id: str) -> int:
    """Void a hold; the status."""
    return (await ledger.cashier(f"/v1/holds/{hold_id}/void", {"reason": "not_needed"})).status_code


async def test_fifty_decisions_amid_voids_and_payments_promise_no_fen_twice(ledger: Ledger) -> None:
    await ledger.fed(1_000_000)
    await ledger.fetched(400_000)
    await ledger.hears(*(advance(f"A{n}", 40_000) for n in range(20)))
    payees = [await ledger.payee(f"A{n}") for n in range(20)]
    wave = ledger.relief.decides(*(advance(f"B{n}", 30_000) for n in range(50)))
    _, *codes = await asyncio.gather(
        ledger.service.mounted.follower.take_in(wave),
        *(paid(ledger, f"A{n}", payees[n]) if n % 2 else let_go(ledger, f"A{n}") for n in range(20)),
    )
    assert codes == [201] * 20
    facts = await ledger.facts()
    answers = [fact for fact in facts if isinstance(fact, Reserved | RefusedShort) and fact.hold_id.startswith("B")]
    assert {type(fact) for fact in answers} == {Reserved, RefusedShort}
    assert len(answers) == 50
    told = audit(facts, FUND)
    assert told.lowest_fen == 0
    assert told.posted_fen == told.book_fen == 1_000_000 - 10 * 40_000
    assert await ledger.balances() == (told.book_fen, sum(told.held_fen.values()), told.available_fen)
