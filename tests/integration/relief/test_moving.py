"""A case that the county moves to another township is that one's from then on: its list, its rights, its fund."""

from tests.support.relief_service import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, Relief
from tests.support.services import bearer


async def test_a_case_that_is_moved_is_the_other_townships_and_its_money_is_let_go(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    decision_id = (await relief.decides(case_id))["decision_id"]
    await relief.reserves(case_id, decision_id)
    url, body = f"/v1/cases/{case_id}/township", {"township": OTHER_TOWNSHIP, "reason": "wrong_township"}
    denied = await relief.service.client.post(url, json=body, headers=bearer("township_leader", TOWNSHIP, "k-1"))
    assert denied.status_code == 403
    county = bearer("county_civil_affairs", COUNTY, "k-1")
    moved = await relief.service.client.post(url, json=body, headers=county)
    assert moved.status_code == 201, moved.text
    assert moved.json()["facts"] == ["relief.township_moved", "relief.advance_let_go", "relief.review_raised"]
    assert (await relief.service.client.post(url, json=body, headers=county)).json() == moved.json()

    assert (
        await relief.service.client.get(f"/v1/cases/{case_id}", headers=bearer("township_officer", TOWNSHIP))
    ).status_code == 403
    shown = await relief.reads(f"/v1/cases/{case_id}", scope=OTHER_TOWNSHIP)
    assert (shown["township"], shown["accepted_at"] is None) == (OTHER_TOWNSHIP, False)
    assert await relief.worklist(TOWNSHIP) == []
    assert [case["case_id"] for case in await relief.worklist(OTHER_TOWNSHIP)] == [case_id]
