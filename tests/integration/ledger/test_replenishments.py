"""Asking for more money over HTTP: from the officer's remedy in a case to the allocation that answers it."""

from events.relief_fast import RemedyChosen
from events.shanghai import SHANGHAI
from services.chassis.clock import SystemClock
from tests.integration.ledger.given import COUNTY, LEADER, TOWN, Ledger, advance

YEAR = SystemClock().now().astimezone(SHANGHAI).year
"""Only the present year's fund promises anything today."""
COUNTY_FUND, FUND = f"{COUNTY}-{YEAR}", f"{TOWN}-{YEAR}"
GRANT = "样财社〔2023〕9号"
REQUEST = f"{FUND}-R001"


async def asked_urgently(ledger: Ledger) -> None:
    """The fund has 1,200, the case needs 2,000, and the leader has chosen that the county fills it up."""
    await ledger.fed(120_000, YEAR)
    decided = advance("D1", 200_000, fund_id=FUND)
    remedy = RemedyChosen(
        case_id=decided.case_id,
        decision_id="D1",
        remedy="emergency_replenishment",
        shortfall_fen=80_000,
        chosen_by=LEADER,
        fund_id=FUND,
    )
    await ledger.learns(*ledger.relief.decides(decided), ledger.relief.says(remedy, f"case:{decided.case_id}"))


async def signed(ledger: Ledger, role: str, **said: object) -> None:
    answer = await ledger.post(f"/v1/replenishments/{REQUEST}/signature", said, role=role, scope=COUNTY)
    assert answer.status_code == 201, answer.text


async def rebuilt_the_same(ledger: Ledger) -> None:
    mounted = ledger.service.mounted
    await mounted.projectors["journal"].rebuild()
    for table in ("requests", "request_steps"):
        a, b = [await mounted.pool.fetch(f"select * from journal_{slot}.{table} t order by t") for slot in "ab"]
        assert a
        assert a == b


async def sent_under_it(ledger: Ledger) -> str:
    """The county has 800 more, and sends it under the document that granted the request; give the transfer."""
    fed = {"amount_fen": 80_000, "source": "province", "document": "省拨2号"}
    await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", fed)
    share = {"township": TOWN, "amount_fen": 80_000}
    money = {"county": COUNTY, "year": YEAR, "document": GRANT, "source": "province", "in_transit": True}
    sent = await ledger.finance("/v1/allocations", money | {"allocations": [share]})
    return sent.json()["transfer_id"]


async def test_example_10_a_remedy_becomes_an_urgent_request_that_an_allocation_answers(ledger: Ledger) -> None:
    await asked_urgently(ledger)
    (urgent,) = (await ledger.get("/v1/replenishments", standing="submitted"))["replenishments"]
    assert (urgent["request_id"], urgent["cause"], urgent["case_id"]) == (REQUEST, "emergency", "C-D1")
    assert (urgent["amount_fen"], urgent["submitted_by"]) == (80_000, LEADER)
    assert urgent["due_at"] is not None
    assert urgent["figures"]["available_fen"] == 120_000
    await signed(ledger, "county_civil_affairs", opinion="同意")
    await signed(ledger, "county_finance", document=GRANT)
    transfer_id = await sent_under_it(ledger)
    before = await ledger.get(f"/v1/replenishments/{REQUEST}")
    assert (before["standing"], before["arrived_fen"]) == ("granted", 0)
    received = await ledger.cashier(f"/v1/transfers/{transfer_id}/receipt", {})
    assert received.status_code == 201, received.text
    after = await ledger.get(f"/v1/replenishments/{REQUEST}")
    assert (after["standing"], after["arrived_fen"]) == ("arrived", 80_000)
    assert [step["step"] for step in after["steps"]] == ["county_civil_affairs", "county_finance", "arrived"]
    assert "字第" in after["steps"][-1]["voucher"]
    await rebuilt_the_same(ledger)
    assert (await ledger.cashier("/v1/holds/D1/retry", {})).status_code == 201
    assert (await ledger.hold("D1"))["standing"] == "reserved"


async def test_a_township_asks_by_hand_and_its_leader_signs_first(ledger: Ledger) -> None:
    await ledger.fed(120_000, YEAR)
    drafted = await ledger.cashier(f"/v1/funds/{FUND}/replenishments", {"amount_fen": 50_000})
    assert drafted.json()["request_id"] == REQUEST
    assert (await ledger.cashier(f"/v1/replenishments/{REQUEST}/submission", {"amount_fen": 40_000})).is_success
    early = await ledger.post(
        f"/v1/replenishments/{REQUEST}/signature", {}, role="county_civil_affairs", scope=COUNTY, key="early"
    )
    assert (early.status_code, early.json()["code"]) == (409, "not_your_turn")
    leader = await ledger.post(f"/v1/replenishments/{REQUEST}/signature", {}, role="township_leader", key="once")
    again = await ledger.post(f"/v1/replenishments/{REQUEST}/signature", {}, role="township_leader", key="once")
    assert (leader.status_code, leader.content) == (201, again.content)
    refused = await ledger.post(
        f"/v1/replenishments/{REQUEST}/refusal", {"reason": "no_money"}, role="county_finance", scope=COUNTY
    )
    assert refused.status_code == 201
    seen = await ledger.get(f"/v1/replenishments/{REQUEST}")
    assert (seen["standing"], seen["declined_because"], seen["amount_fen"]) == ("declined", "no_money", 40_000)


async def test_what_is_asked_urgently_twice_is_asked_once(ledger: Ledger) -> None:
    await asked_urgently(ledger)
    answer = await ledger.post("/v1/holds/D1/replenishment", {}, role="township_leader")
    assert answer.status_code == 201
    assert len((await ledger.get("/v1/replenishments"))["replenishments"]) == 1


async def test_a_request_is_seen_inside_its_scope_only(ledger: Ledger) -> None:
    await asked_urgently(ledger)
    other = await ledger.get("/v1/replenishments", scope="350581002")
    assert other == {"replenishments": []}
