"""The list of cases, filtered by what a county asks for, and paged while further cases come in."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.shanghai import SHANGHAI
from services.relief.app import BLUEPRINT
from tests.support.neighbours import Neighbour
from tests.support.relief_service import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, Relief
from tests.support.services import RunService, bearer

FRESH, STALE = timedelta(minutes=30), timedelta(days=3)


@pytest.fixture
async def relief(run_service: RunService) -> AsyncIterator[Relief]:
    async with run_service(BLUEPRINT, scopes=(COUNTY, TOWNSHIP, OTHER_TOWNSHIP)) as service:
        follower = service.mounted.follower
        yield Relief(service, Neighbour("intake", COUNTY, follower), Neighbour("ledger", COUNTY, follower))


@pytest.fixture
async def named(relief: Relief) -> dict[str, str]:
    """Four cases: untouched, accepted and judged by an officer, closed, and one of another township, long overdue."""
    new = await relief.opens("new", ago=FRESH, person=None)
    judged = await relief.opens("judged", ago=FRESH, person=None, urgency="normal")
    over = await relief.opens("over", ago=FRESH, person=None)
    late = await relief.opens("late", ago=STALE, township=OTHER_TOWNSHIP, person=None)
    for case_id in (judged, over):
        assert (await relief.does(case_id, "accept")).status_code == 201
    assert (await relief.does(judged, "type", {"relief_type": "expenditure"}, key="k-2")).status_code == 201
    assert (await relief.does(over, "contacts", {"reached": True}, key="k-2")).status_code == 201
    assert (await relief.does(over, "close", {"outcome": "not_relieved"}, key="k-3")).status_code == 201
    return {new: "new", judged: "judged", over: "over", late: "late"}


async def test_what_is_asked_for_is_what_is_shown(relief: Relief, named: dict[str, str]) -> None:
    officer = f"township_officer-{TOWNSHIP}"
    long_ago = (datetime.now(SHANGHAI) - STALE).date().isoformat()  # noqa: TID251
    expected: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"new", "judged", "late"}),
        ({"waiting": False}, {"new", "judged", "late", "over"}),
        ({"waiting": False, "state": "closed"}, {"over"}),
        ({"waiting": False, "state": ["closed", "reported"]}, {"over", "new", "late"}),
        ({"state": "accepted"}, {"judged"}),
        ({"township": OTHER_TOWNSHIP}, {"late"}),
        ({"channel": "hotline", "township": TOWNSHIP}, {"new", "judged"}),
        ({"channel": "village"}, set()),
        ({"cause": "illness"}, {"new", "judged", "late"}),
        ({"cause": "fire"}, set()),
        ({"urgency": "normal"}, {"judged"}),
        ({"relief_type": "expenditure"}, {"judged"}),
        ({"handler": officer}, {"judged"}),
        ({"handler": officer, "waiting": False}, {"judged", "over"}),
        ({"handler": officer, "relief_type": "emergency"}, set()),
        ({"opened_until": long_ago}, {"late"}),
        ({"opened_from": long_ago, "opened_until": long_ago}, {"late"}),
        ({"overdue": True}, {"late"}),
        ({"overdue": False}, {"new", "judged"}),
        ({"overdue": True, "due_of": "papers"}, set()),
        ({"due_of": "advance", "overdue": True}, {"late"}),
        ({"next_step": "accept"}, {"new", "late"}),
        ({"open_debt": True}, set()),
        ({"open_debt": False, "open_review": False}, {"new", "judged", "late"}),
        ({"open_review": True}, set()),
    ]
    for asked, found in expected:
        assert {named[row["case_id"]] for row in await relief.worklist(COUNTY, **asked)} == found, asked


async def test_a_case_of_the_list_tells_what_it_can_be_filtered_by(relief: Relief, named: dict[str, str]) -> None:
    rows = {named[row["case_id"]]: row for row in await relief.worklist(COUNTY)}
    told = {name: rows["judged"][name] for name in ("state", "channels", "handler", "relief_type", "due_of")}
    assert told == {
        "state": "accepted",
        "channels": ["hotline"],
        "handler": f"township_officer-{TOWNSHIP}",
        "relief_type": "expenditure",
        "due_of": "advance",
    }


async def test_papers_that_are_owed_and_looks_that_are_due_are_found(relief: Relief) -> None:
    case_id = await relief.opens(person=None)
    for what, body in (("accept", None), ("contacts", {"reached": True})):
        assert (await relief.does(case_id, what, body, key=what)).status_code == 201
    decision = await relief.decides(case_id)
    await relief.reserves(case_id, decision["decision_id"])
    await relief.pays(case_id, decision["decision_id"])
    sample = bearer("county_civil_affairs", COUNTY, "drawn")
    url = f"/v1/cases/{case_id}/samples"
    assert (await relief.service.client.post(url, json={"sample_id": "Q4"}, headers=sample)).status_code == 201
    asked = ({"open_debt": True}, {"open_review": True}, {"open_debt": True, "state": "relieved", "due_of": "papers"})
    for one in asked:
        assert [row["case_id"] for row in await relief.worklist(COUNTY, **one)] == [case_id], one
    for one in ({"open_debt": False}, {"open_review": False}, {"open_debt": True, "due_of": "advance"}):
        assert await relief.worklist(COUNTY, **one) == [], one
    found = bearer("county_civil_affairs", COUNTY, "found")
    looked = await relief.service.client.post(
        f"/v1/cases/{case_id}/post-reviews", json={"finding": "eligible"}, headers=found
    )
    assert looked.status_code == 201
    assert await relief.worklist(COUNTY, open_review=True) == []


async def test_a_filter_that_is_not_known_is_refused_rather_than_passed_over(relief: Relief) -> None:
    headers = bearer("township_officer", TOWNSHIP)
    for asked in ({"tonwship": TOWNSHIP}, {"state": "done"}, {"township": COUNTY}, {"limit": 201}):
        answer = await relief.service.client.get("/v1/cases", params=asked, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), asked


async def test_a_filter_never_reaches_beyond_the_callers_scope(relief: Relief, named: dict[str, str]) -> None:
    shown = await relief.worklist(TOWNSHIP, township=OTHER_TOWNSHIP, waiting=False)
    assert shown == []


async def test_pages_lose_no_case_and_show_none_twice_while_others_come_in(relief: Relief) -> None:
    first = {await relief.opens(f"r-{n}", ago=timedelta(hours=n), person=None) for n in range(6)}
    shown: list[str] = []
    asked: dict[str, Any] = {"waiting": False, "limit": 2}
    for n in range(20):
        page = await relief.worklist_page(COUNTY, **asked)
        shown += [row["case_id"] for row in page["cases"]]
        if page["next"] is None:
            break
        asked["page"] = page["next"]
        if n < 3:
            for name, ago in (("before", timedelta(hours=20)), ("behind", timedelta(minutes=1))):
                await relief.opens(f"{name}-{n}", ago=ago, person=None)
    assert len(shown) == len(set(shown))
    assert first <= set(shown)
    assert len(shown) == len(first) + 3
