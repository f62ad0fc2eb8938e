"""What is read of cases over HTTP: names, the list, the story, and what was known at a moment."""

import json
from datetime import datetime, timedelta
from typing import Any, Literal

from events.shanghai import SHANGHAI
from events.words import Urgency
from services.chassis.keyring import Erasure
from services.relief.caseload import CASELOAD
from tests.support.relief_service import (
    COUNTY,
    NAME,
    OTHER_TOWNSHIP,
    TOWNSHIP,
    Relief,
    comes_back_and_is_paid_again,
    proposes,
)
from tests.support.services import bearer


async def test_a_name_is_opened_for_those_who_may_read_it_until_it_is_erased(relief: Relief) -> None:
    case_id = await relief.opens()
    assert (await relief.case(case_id))["name"] == {"state": "shown", "text": NAME}
    assert (await relief.case(case_id, role="auditor"))["name"] == {"state": "masked", "text": None}
    mounted = relief.service.mounted
    await mounted.keyring.destroy(Erasure("r-1", mounted.clock.now(), "asked_for", "operator"))
    assert (await relief.case(case_id))["name"] == {"state": "erased", "text": None}


async def test_the_list_shows_life_in_danger_first_then_the_least_time_left_then_the_oldest(relief: Relief) -> None:
    hours: list[tuple[str, int, Urgency]] = [
        ("new", 1, "urgent"),
        ("old", 9, "normal"),
        ("danger", 2, "life_danger"),
        ("older", 10, "urgent"),
    ]
    named = {
        await relief.opens(name, ago=timedelta(hours=ago), urgency=urgency, person=None): name
        for name, ago, urgency in hours
    }
    elsewhere = await relief.opens("elsewhere", township=OTHER_TOWNSHIP, person=None)
    assert [named[row["case_id"]] for row in await relief.worklist()] == ["danger", "older", "old", "new"]
    assert [row["case_id"] for row in await relief.worklist(OTHER_TOWNSHIP)] == [elsewhere]
    assert len(await relief.worklist(COUNTY)) == 5


async def test_pages_of_the_list_follow_each_other_without_a_gap(relief: Relief) -> None:
    for n in range(5):
        await relief.opens(f"r-{n}", ago=timedelta(hours=n), person=None)
    whole = [row["case_id"] for row in await relief.worklist()]
    paged: list[str] = []
    page: dict[str, Any] = {}
    told: dict[str, Any] = {}
    for _ in range(3):
        told = await relief.worklist_page(limit=2, **page)
        paged += [row["case_id"] for row in told["cases"]]
        page = {"page": told["next"]}
    assert paged == whole
    assert told["next"] is None
    bad = await relief.service.client.get(
        "/v1/cases", params={"page": "2.0.0.x"}, headers=bearer("township_officer", TOWNSHIP)
    )
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_page")


async def test_the_story_is_told_in_the_order_in_which_it_happened(relief: Relief) -> None:
    case_id = await relief.opens(ago=timedelta(days=1))
    at = relief.now().astimezone(SHANGHAI) - timedelta(hours=2)
    await relief.does(case_id, "accept", {"occurred_at": at.isoformat()})
    told = (await relief.reads(f"/v1/cases/{case_id}/history"))["facts"]
    by_name = {line["name"]: line for line in told}
    accepted = by_name["relief.case_accepted"]
    assert accepted["by"] == f"township_officer-{TOWNSHIP}"
    assert accepted["line"].startswith(f"{at:%Y-%m-%d %H:%M}(收到 ")
    assert accepted["sentence"] == "受理本案。"
    assert by_name["relief.case_opened"]["by"] == "系统(opens_case)"
    assert [line["occurred_at"] for line in told] == sorted(line["occurred_at"] for line in told)
    assert NAME not in json.dumps(told, ensure_ascii=False)


async def test_as_of_shows_what_was_known_then(relief: Relief) -> None:
    case_id = await relief.opens()
    opened = await _recorded_at(relief, "relief.case_opened")
    await relief.does(case_id, "accept")
    await relief.does(case_id, "contacts", {"reached": True})
    await relief.decides(case_id)
    assert (await relief.case(case_id, as_of=opened))["accepted_at"] is None
    assert len((await relief.reads(f"/v1/cases/{case_id}/history", as_of=opened))["facts"]) == 1
    assert [row["next_step"] for row in await relief.worklist(as_of=opened)] == ["accept"]
    assert await relief.steps(case_id) == ["await_ledger"]
    before = datetime.fromisoformat(opened) - timedelta(seconds=1)
    assert await relief.worklist(as_of=before.isoformat()) == []
    answer = await relief.service.client.get(
        f"/v1/cases/{case_id}", params={"as_of": before.isoformat()}, headers=bearer("auditor", COUNTY)
    )
    assert answer.status_code == 404


async def _recorded_at(relief: Relief, name: str) -> str:
    query = "select max(recorded_at) from facts where name = $1"
    moment: datetime = await relief.service.mounted.pool.fetchval(query, name)
    return moment.isoformat()


async def test_a_rebuilt_caseload_equals_the_live_one(relief: Relief) -> None:
    await comes_back_and_is_paid_again(relief)
    await proposes(relief, await relief.opens("r-2", urgency="life_danger", person=None))
    await suspends(relief, OTHER_TOWNSHIP)
    await relief.worklist()
    projector = relief.service.mounted.projectors[CASELOAD.name]
    live = await projector.live_slot()
    before = await _tables(relief, live)
    assert all(before.values())
    await projector.rebuild()
    after = await projector.live_slot()
    assert after != live
    assert await _tables(relief, after) == before


async def suspends(relief: Relief, township: str) -> None:
    body, headers = {"reason": "papers_never_filed"}, bearer("county_civil_affairs", COUNTY, "suspension")
    url = f"/v1/townships/{township}/fast-track-suspension"
    answer = await relief.service.client.post(url, json=body, headers=headers)
    assert answer.status_code == 201, answer.text


async def _tables(relief: Relief, slot: Literal["a", "b"]) -> dict[str, list[str]]:
    pool, schema = relief.service.mounted.pool, CASELOAD.schema(slot)
    return {
        table: [row[0] for row in await pool.fetch(f"select t::text from {schema}.{table} t order by 1")]
        for table in CASELOAD.tables
    }
