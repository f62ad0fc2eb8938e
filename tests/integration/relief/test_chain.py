"""The chain of households (救助链) in a running relief: what was given, and to whom it counts."""

import json
from datetime import date, timedelta
from typing import Any

import httpx

from events.policy import PolicyPublished
from events.rules import AmountFormula, LastingCause, SignerChain, SmallFast
from tests.support.relief_service import COUNTY, PERSON, Relief, chain_of, of_household, publish, says
from tests.support.services import bearer

QUILTS = {"item": "棉被", "quantity": 1, "cost_fen": 150_000}


async def test_worked_example_12_an_identity_found_later_joins_the_chain_and_leaves_it_again(relief: Relief) -> None:
    first, second = await relief.opens("r-1"), await relief.opens("r-2", person=None)
    paid = await _helped(relief, first, 150_000)
    assert paid["outcome"] == "advance_decided"
    await _helped(relief, second, 30_000)
    found = await relief.does(second, "identity", {"person": PERSON}, key="i-1")
    assert found.json()["outcome"] == "identity_established"
    assert await relief.steps(second) == ["review"]
    chain = await chain_of(relief, 2)
    assert (chain["total_fen"], [link["repeats"] for link in chain["links"]]) == (180_000, [None, f"case:{first}"])
    gone = {"person": PERSON, "reason": "wrong_person"}
    url = f"/v1/cases/{second}/identity/withdrawal"
    answer = await relief.service.client.post(url, json=gone, headers=bearer("county_civil_affairs", COUNTY, "w-1"))
    assert answer.status_code == 201
    assert (await chain_of(relief, 1))["total_fen"] == 150_000
    assert [len((await relief.case(case_id))["decisions"]) for case_id in (first, second)] == [1, 1]


async def test_the_county_of_the_hukou_sees_what_it_was_told_and_what_it_has_answered(relief: Relief) -> None:
    case_id, home = await relief.opens(), "371681"
    await _helped(relief, case_id, 150_000)
    told = await relief.does(case_id, "home-counties", {"home_county": home}, key="h-1")
    assert (told.status_code, told.json()["outcome"]) == (201, "home_county_told")
    await chain_of(relief, 1)
    (seen,) = (await _at_home(relief, home, home)).json()["cases"]
    assert (seen["case_id"], seen["county"], seen["answer"], seen["amount_fen"]) == (case_id, COUNTY, None, 150_000)
    assert (await _at_home(relief, home, COUNTY)).status_code == 403
    assert await relief.steps(case_id) == ["await_home_county"]
    answer = {"result": "nothing_against", "record_sha256": "a" * 64}
    done = await relief.does(case_id, f"home-counties/{home}/answer", answer, key="h-2")
    assert done.json()["outcome"] == "home_county_answered"
    await chain_of(relief, 1)
    assert (await _at_home(relief, home, home)).json()["cases"][0]["answer"] == "nothing_against"


async def test_what_a_county_was_told_of_comes_page_by_page_and_what_waits_for_its_answer_first(relief: Relief) -> None:
    home, told = "371681", [await relief.opens(f"r-{number}", person=None) for number in range(4)]
    for hours, case_id in enumerate(told):
        at = (relief.now() - timedelta(hours=hours / 4)).isoformat()
        said = await relief.does(case_id, "home-counties", {"home_county": home, "occurred_at": at})
        assert said.status_code == 201, said.text
    answer = {"result": "nothing_against", "record_sha256": "a" * 64}
    await relief.does(told[0], f"home-counties/{home}/answer", answer)
    await chain_of(relief, 0)
    seen, page, found = list[str](), "?limit=1", dict[str, Any]()
    for _ in (*told, "the end"):
        found = (await _at_home(relief, home, home, page)).json()
        seen += [case["case_id"] for case in found["cases"]]
        page = f"?limit=1&page={found['next']}"
    assert (seen, found["next"]) == ([*told[1:], told[0]], None)
    assert len((await _at_home(relief, home, home)).json()["cases"]) == len(told)
    assert (await _at_home(relief, home, home, "?page=2.0.x")).status_code == 422


async def _at_home(relief: Relief, home: str, scope: str, page: str = "") -> httpx.Response:
    headers = bearer("county_civil_affairs", scope)
    return await relief.service.client.get(f"/v1/home-cases/{home}{page}", headers=headers)


async def _helped(relief: Relief, case_id: str, amount_fen: int) -> Any:
    await relief.does(case_id, "accept")
    told = await relief.decides(case_id, 0, goods=[QUILTS | {"cost_fen": amount_fen}])
    await relief.does(case_id, "goods-handovers", {"decision_id": told["decision_id"]})
    return told


async def test_help_of_a_person_whom_the_report_named_wrongly_counts_for_whom_it_really_went_to(relief: Relief) -> None:
    case_id, real = await relief.opens(), f"p:{'e' * 32}"
    await _helped(relief, case_id, 150_000)
    url, gone = f"/v1/cases/{case_id}/identity/withdrawal", {"person": PERSON, "reason": "mistaken"}
    answer = await relief.service.client.post(url, json=gone, headers=bearer("county_civil_affairs", COUNTY, "w-1"))
    assert answer.status_code == 201
    assert (await of_household(relief, PERSON))["helps"] == []
    await chain_of(relief, 0)
    found = await relief.does(case_id, "identity", {"person": real}, key="i-1")
    assert found.json()["outcome"] == "identity_established"
    assert [one["amount_fen"] for one in (await of_household(relief, real))["helps"]] == [150_000]
    assert (await chain_of(relief, 1, real))["total_fen"] == 150_000


async def test_a_cause_that_lasts_is_told_with_the_decision_and_is_to_be_referred(relief: Relief) -> None:
    await publish(relief, _lasting(months=1))
    await _helped_long_ago(relief)
    second = await relief.opens("r-2")
    assert (await _helped(relief, second, 30_000))["outcome"] == "advance_decided"
    assert await relief.steps(second) == ["refer"]
    told = await relief.reads(f"/v1/cases/{second}/history")
    assert [fact["name"] for fact in told["facts"]].count("relief.lasting_cause_found") == 1
    asked = {"partner": "department", "organisation": "dibao_office", "need": "dibao", "answer_by": "2026-12-31"}
    assert (await relief.does(second, "referrals", asked)).status_code == 201
    assert "refer" not in await relief.steps(second)


async def test_a_cause_that_lasts_shows_when_somebody_finds_out_who_was_helped(relief: Relief) -> None:
    await publish(relief, _lasting(months=1))
    await _helped_long_ago(relief)
    second = await relief.opens("r-2", person=None)
    await _helped(relief, second, 30_000)
    assert "refer" not in await relief.steps(second)
    assert (await relief.does(second, "identity", {"person": PERSON}, key="i-1")).status_code == 201
    assert await relief.steps(second) == ["refer"]


async def _helped_long_ago(relief: Relief) -> None:
    """A case of 70 days ago, helped and closed."""
    first = await relief.opens("r-1", ago=timedelta(days=70))
    then = (relief.now() - timedelta(days=69)).isoformat()
    await relief.does(first, "accept", {"occurred_at": then})
    told = await relief.decides(first, 0, goods=[QUILTS], occurred_at=then)
    await relief.does(first, "goods-handovers", {"decision_id": told["decision_id"], "occurred_at": then})
    await relief.does(first, "contacts", {"reached": True})
    await relief.does(first, "close")


def _lasting(months: int) -> PolicyPublished:
    rule = LastingCause(months=months, clause="示例")
    since = date(2026, 1, 1)
    return PolicyPublished(set_id="lasting", division=COUNTY, title="示例", effective_from=since, lasting_cause=rule)


async def test_what_another_department_gave_stands_in_the_chain_and_stops_no_advance(relief: Relief) -> None:
    on = (relief.today - timedelta(days=20)).isoformat()
    body = {"scheme": "medical_assistance", "organisation": "medical_insurance_bureau", "cause": "illness", "on": on}
    url = f"/v1/households/{COUNTY}/{PERSON}/help-elsewhere"
    for key in ("e-1", "e-2"):
        headers = bearer("department_clerk", COUNTY, key)
        told = await relief.service.client.post(url, json=body | {"amount_fen": 300_000}, headers=headers)
        assert told.status_code == 201, told.text
    case_id = await relief.opens()
    chain = await chain_of(relief, 1)
    known = [(one["scheme"], one["given_on"], one["amount_fen"]) for one in chain["elsewhere"]]
    assert (known, chain["total_fen"]) == ([("medical_assistance", on, 300_000)], 0)
    assert (await _helped(relief, case_id, 30_000))["outcome"] == "advance_decided"
    assert await relief.steps(case_id) == ["review"]
    assert [one["amount_fen"] for one in (await of_household(relief, PERSON))["elsewhere"]] == [300_000]


async def test_small_fast_relief_looks_at_what_others_gave_and_is_given_all_the_same(relief: Relief) -> None:
    small = SmallFast(limit_fen=100_000, inclusive=True, per="household", days=3, clause="示例")
    since = date(2026, 1, 1)
    await publish(
        relief,
        PolicyPublished(set_id="small", division=COUNTY, title="示例", effective_from=since, small_fast=small),
    )
    told = {"scheme": "charity", "organisation": "charity_federation", "cause": "illness"}
    url = f"/v1/households/{COUNTY}/{PERSON}/help-elsewhere"
    assert await says(relief, url, told | {"on": relief.today.isoformat()}) == 201
    case_id = await relief.opens()
    await chain_of(relief, 1)
    await relief.does(case_id, "accept")
    given = await relief.does(case_id, "small-fast", {"amount_fen": 50_000, "situation": "cash_stolen"})
    assert given.status_code == 201, given.text
    names = [fact["name"] for fact in (await relief.reads(f"/v1/cases/{case_id}/history"))["facts"]]
    assert names[-3:] == ["relief.duplicate_checked", "relief.review_raised", "relief.small_fast_decided"]


async def test_what_another_department_told_is_deducted_from_what_is_proposed(relief: Relief) -> None:
    """Three persons for a month, less the 800 yuan of another scheme, of which the household's papers say nothing."""
    since = date(2026, 1, 1)
    formula = AmountFormula(kind="standard_persons_months", deducts=("other_relief",), clause="示例")
    signers = SignerChain(township=("township_officer", "township_leader"), clause="示例")
    rules = PolicyPublished(
        set_id="deducts", division=COUNTY, title="示例", effective_from=since, amount_formula=formula, signers=signers
    )
    await publish(relief, rules)
    on, case_id = (relief.today - timedelta(days=20)).isoformat(), await relief.opens()
    told = {"scheme": "medical_assistance", "organisation": "medical_insurance_bureau", "cause": "illness", "on": on}
    url = f"/v1/households/{COUNTY}/{PERSON}/help-elsewhere"
    assert await says(relief, url, told | {"amount_fen": 80_000}) == 201
    await relief.does(case_id, "accept")
    await relief.does(case_id, "type", {"relief_type": "emergency"})
    plan = [{"amount_fen": 10_000, "due_on": relief.today.isoformat()}]
    grounds = {"residence": "urban", "hardship_months": 1}
    proposed = await relief.does(case_id, "approvals", {"instalments": plan, "grounds": grounds})
    assert proposed.status_code == 201, proposed.text
    rows = [row async for row in relief.service.mounted.store.read(COUNTY) if row.name == "relief.approval_proposed"]
    (fact,) = [json.loads(row.data) for row in rows]
    assert (fact["grounds"]["paid_by_others_fen"], fact["reckoned_fen"]) == (80_000, 3 * 79_810 - 80_000)


async def test_what_others_gave_stays_with_a_person_who_goes_into_another_household(relief: Relief) -> None:
    member, on = f"p:{'d' * 32}", relief.today.isoformat()
    first = {
        "scheme": "charity",
        "organisation": "charity_federation",
        "cause": "illness",
        "on": on,
        "amount_fen": 1_000,
    }
    url, bureau = f"/v1/households/{COUNTY}", "county_civil_affairs"
    assert await says(relief, f"{url}/{member}/help-elsewhere", first) == 201
    assert await says(relief, f"{url}/{PERSON}/members", {"member": member, "reason": "hukou_book"}) == 201
    headers = bearer(bureau, COUNTY, "again")
    again = await relief.service.client.post(f"{url}/{member}/help-elsewhere", json=first, headers=headers)
    assert (again.status_code, again.json()["facts"]) == (201, [])
    assert await says(relief, f"{url}/{member}/help-elsewhere", first | {"amount_fen": 20_000}) == 201
    for person in (PERSON, member):
        household = await of_household(relief, person)
        assert (household["household"], [one["amount_fen"] for one in household["elsewhere"]]) == (
            PERSON,
            [1_000, 20_000],
        )


async def test_what_a_referral_came_to_stands_in_the_chain_once_it_has_helped(relief: Relief) -> None:
    case_id = await relief.opens()
    asked = {"partner": "charity", "organisation": "charity_federation", "need": "money", "answer_by": "2026-12-31"}
    await relief.does(case_id, "accept")
    sent = await relief.does(case_id, "referrals", asked | {"consented": True}, key="r-1")
    assert sent.status_code == 201, sent.text
    history = await relief.reads(f"/v1/cases/{case_id}/history")
    assert [fact["name"] for fact in history["facts"]][-1] == "relief.referral_sent"
    rows = [json.loads(row.data) async for row in relief.service.mounted.store.read(COUNTY) if "referral" in row.name]
    url = f"referrals/{rows[0]['referral_id']}"
    assert (await relief.does(case_id, f"{url}/answer", {"accepted": True}, key="r-2")).status_code == 201
    assert (await chain_of(relief, 1))["elsewhere"] == []
    on = relief.today.isoformat()
    closed = {"result": "helped", "helped_on": on, "amount_fen": 100_000}
    assert (await relief.does(case_id, f"{url}/close", closed, key="r-3")).status_code == 201
    (given,) = (await chain_of(relief, 1))["elsewhere"]
    assert (given["scheme"], given["organisation"], given["cause"]) == ("charity", "charity_federation", "illness")
    assert (given["case_id"], given["given_on"], given["amount_fen"]) == (case_id, on, 100_000)
