"""The chain of households (救助链) in a running relief: what was given, and to whom it counts."""

from typing import Any

from tests.support.relief_service import COUNTY, PERSON, Relief, chain_of, of_household
from tests.support.services import bearer


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


async def _helped(relief: Relief, case_id: str, amount_fen: int) -> Any:
    quilts = {"item": "棉被", "quantity": 1, "cost_fen": amount_fen}
    await relief.does(case_id, "accept")
    told = await relief.decides(case_id, 0, goods=[quilts])
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
