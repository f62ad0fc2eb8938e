"""A county suspends a township's right to help first, decides in its place, and gives the right back."""

import httpx

from tests.support.relief_service import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, Relief
from tests.support.services import bearer

BECAUSE = {"reason": "papers_never_filed", "document": "示例民发〔2026〕12号"}
QUILTS = {"item": "棉被", "quantity": 1, "cost_fen": 20_000}


async def test_path_11_the_county_decides_for_a_township_whose_right_it_has_suspended(relief: Relief) -> None:
    case_id = await relief.opens()
    clocks = (await relief.case(case_id))["clocks"]
    assert (await _says(relief, "suspension")).status_code == 201
    (shown,) = await _suspended(relief)
    assert (shown["township"], shown["reason"], shown["document"]) == (TOWNSHIP, *BECAUSE.values())
    headers = bearer("county_civil_affairs", COUNTY, "accept")
    assert (await relief.service.client.post(f"/v1/cases/{case_id}/accept", headers=headers)).status_code == 201
    refused = await relief.does(case_id, "advances", {"amount_fen": 100_000}, role="township_leader")
    assert (refused.status_code, refused.json()["code"]) == (409, "fast_track_suspended")
    (waiting,) = await relief.worklist(COUNTY, next_step="county_decides")
    assert (waiting["case_id"], waiting["fast_track_suspended"]) == (case_id, True)
    body = {"amount_fen": 100_000, "goods": [QUILTS]}
    headers = bearer("county_civil_affairs", COUNTY, "decide")
    decided = await relief.service.client.post(f"/v1/cases/{case_id}/county-advances", json=body, headers=headers)
    assert decided.json().get("outcome") == "advance_decided", decided.text
    due = [clock["due_at"] for clock in (await relief.case(case_id))["clocks"] if clock["name"] == clocks[0]["name"]]
    assert due == [clocks[0]["due_at"]]


async def test_another_township_goes_on_and_the_right_comes_back(relief: Relief) -> None:
    await _says(relief, "suspension")
    other = await relief.opens(township=OTHER_TOWNSHIP)
    assert [row["fast_track_suspended"] for row in await relief.worklist(OTHER_TOWNSHIP)] == [False]
    for what, role, body in (("accept", "township_officer", None), ("advances", "township_leader", {"amount_fen": 1})):
        url, headers = f"/v1/cases/{other}/{what}", bearer(role, OTHER_TOWNSHIP, what)
        assert (await relief.service.client.post(url, json=body, headers=headers)).status_code == 201
    assert (await _says(relief, "restoration")).status_code == 201
    assert await _suspended(relief) == []
    case_id = await relief.opens("r-2", person=None)
    await relief.does(case_id, "accept")
    assert (await relief.decides(case_id, 100_000))["outcome"] == "advance_decided"


async def test_a_right_is_the_countys_to_suspend(relief: Relief) -> None:
    assert (await _says(relief, "suspension", role="township_leader", scope=TOWNSHIP)).status_code == 403
    assert (await _says(relief, "suspension", scope=TOWNSHIP)).status_code == 403
    assert (await _says(relief, "suspension", scope="371681")).status_code == 403
    assert await _suspended(relief) == []


async def test_the_same_call_has_the_same_answer_and_another_says_that_it_is_suspended_already(relief: Relief) -> None:
    first, again = [await _says(relief, "suspension") for _ in range(2)]
    assert (first.status_code, again.status_code, first.content) == (201, 200, again.content)
    other = await _says(relief, "suspension", key="another")
    assert (other.status_code, other.json()["code"]) == (409, "suspended_already")


async def _says(
    relief: Relief, what: str, *, role: str = "county_civil_affairs", scope: str = COUNTY, key: str = "k"
) -> httpx.Response:
    url = f"/v1/townships/{TOWNSHIP}/fast-track-{what}"
    return await relief.service.client.post(url, json=BECAUSE, headers=bearer(role, scope, key))


async def _suspended(relief: Relief) -> list[dict[str, str]]:
    url, after = f"/v1/fast-track-suspensions/{COUNTY}", await relief.position()
    found = await relief.reads(url, "county_civil_affairs", COUNTY, after=after)
    return found["townships"]
