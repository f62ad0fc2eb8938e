"""A case that the county moves to another township is that one's from then on: its list, its rights, its fund."""

import httpx

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


async def _four_cases(relief: Relief) -> dict[str, str]:
    """One that is new, one that was taken on, one that is closed and owes papers, and one that is over."""
    named = {name: await relief.opens(name, person=None) for name in ("new", "taken-on", "owes", "over")}
    for name in ("taken-on", "owes", "over"):
        await relief.does(named[name], "accept", key=f"a-{name}")
        await relief.does(named[name], "contacts", {"reached": True}, key=f"c-{name}")
    decision_id = (await relief.decides(named["owes"], key="d-1"))["decision_id"]
    await relief.reserves(named["owes"], decision_id)
    await relief.pays(named["owes"], decision_id)
    for name, body in (("owes", None), ("over", {"outcome": "not_relieved"})):
        closed = await relief.does(named[name], "close", body, key=f"e-{name}")
        assert closed.status_code == 201, closed.text
    return named


async def _merges(relief: Relief, into: str = OTHER_TOWNSHIP) -> httpx.Response:
    url, headers = f"/v1/townships/{TOWNSHIP}/merger", bearer("county_civil_affairs", COUNTY, "k-1")
    return await relief.service.client.post(url, json={"into": into}, headers=headers)


async def test_a_township_that_is_merged_goes_over_with_all_that_is_to_be_done_and_its_clocks(relief: Relief) -> None:
    named = await _four_cases(relief)
    going = {named[name] for name in ("new", "taken-on", "owes")}
    clocks = {one: await _clocks(relief, one, TOWNSHIP) for one in going}
    told = (await _merges(relief)).json()
    assert (set(told["moved"]), told["left"]) == (going, [])
    assert await relief.worklist(TOWNSHIP) == []
    assert {row["case_id"] for row in await relief.worklist(OTHER_TOWNSHIP)} == going
    assert {one: await _clocks(relief, one, OTHER_TOWNSHIP) for one in going} == clocks
    history = await relief.reads(f"/v1/cases/{named['new']}/history", scope=OTHER_TOWNSHIP)
    assert [fact["name"] for fact in history["facts"]].count("relief.township_moved") == 1


async def test_a_merger_that_is_said_again_moves_what_is_still_there(relief: Relief) -> None:
    first = await relief.opens("first", person=None)
    assert (await _merges(relief)).json()["moved"] == [first]
    late = await relief.opens("late", person=None)
    assert [(await _merges(relief)).json()["moved"] for _ in range(2)] == [[late], []]
    assert len(await relief.worklist(OTHER_TOWNSHIP)) == 2


async def _clocks(relief: Relief, case_id: str, scope: str) -> list[tuple[str, str, str]]:
    found = await relief.reads(f"/v1/cases/{case_id}/clocks", scope=scope)
    return [(one["name"], one["started_at"], one["due_at"]) for one in found]


async def test_a_township_is_merged_into_another_of_its_county_only_and_by_the_county(relief: Relief) -> None:
    for into, code in ((TOWNSHIP, "same_township"), ("371681001", "not_in_county")):
        answer = await _merges(relief, into)
        assert answer.status_code == 422, answer.text
        assert [error["code"] for error in answer.json()["errors"]] == [code]
    url, leader = f"/v1/townships/{TOWNSHIP}/merger", bearer("township_leader", TOWNSHIP, "k-1")
    assert (await relief.service.client.post(url, json={"into": OTHER_TOWNSHIP}, headers=leader)).status_code == 403
