"""How long households waited is told as each case's own clocks judge it, working days and pauses included."""

from datetime import timedelta
from typing import Any

from tests.integration.relief.test_worklist_terms import county_set
from tests.support.relief_service import COUNTY, OTHER_TOWNSHIP, PAPERS, TOWNSHIP, Relief, publish
from tests.support.services import bearer


async def helped(relief: Relief, name: str, *, ago: timedelta) -> str:
    """A case that was reported so long ago, and has had its money just now."""
    case_id = await relief.opens(name, ago=ago, person=None)
    await relief.does(case_id, "accept", key=f"a-{name}")
    decision_id = (await relief.decides(case_id, key=f"d-{name}"))["decision_id"]
    await relief.reserves(case_id, decision_id)
    await relief.pays(case_id, decision_id, payment_id=f"p-{name}", ago=timedelta())
    return case_id


async def told(relief: Relief, place: str = TOWNSHIP, **days: Any) -> Any:
    since, until = (relief.today - timedelta(days=60)).isoformat(), relief.today.isoformat()
    query = {"since": since, "until": until, "after": await relief.position()} | days
    role = "township_officer" if len(place) == 9 else "county_civil_affairs"
    return await relief.reads(f"/v1/timeliness/{place}", role, place, **query)


async def test_help_is_in_time_by_the_working_days_of_the_policy_and_from_its_start(relief: Relief) -> None:
    await publish(relief, county_set(length=2, unit="working_day"))
    late = await helped(relief, "late", ago=timedelta(days=20))
    await helped(relief, "quick", ago=timedelta(hours=5))
    await relief.opens("waits", person=None)
    clocks = {one["name"]: one for one in await relief.reads(f"/v1/cases/{late}/clocks")}
    advance = (await told(relief))["advance"]
    assert [advance[name] for name in ("judged", "in_time", "late", "in_time_permyriad")] == [2, 1, 1, 5_000]
    assert advance["longest_seconds"] == clocks["advance_from_report"]["elapsed_seconds"]
    assert timedelta(seconds=advance["median_seconds"]) // timedelta(hours=1) == (20 * 24 + 5) // 2
    assert (await told(relief, COUNTY))["advance"] == advance


async def test_papers_that_may_still_come_in_time_are_not_judged_and_nothing_is_told_of_nobody(relief: Relief) -> None:
    await helped(relief, "owes", ago=timedelta(hours=5))
    filed = await helped(relief, "filed", ago=timedelta(hours=5))
    (debt,) = (await relief.case(filed))["debts"]
    for paper in PAPERS:
        body = {"debt_id": debt["debt_id"], "paper": paper, "sha256": "0" * 64}
        assert (await relief.does(filed, "papers", body, key=f"f-{paper}")).status_code == 201
    papers = (await told(relief))["papers"]
    assert [papers[name] for name in ("judged", "in_time", "late", "in_time_permyriad")] == [1, 1, 0, 10_000]
    nobody = await told(relief, until=(relief.today - timedelta(days=50)).isoformat())
    assert nobody["advance"] == nobody["papers"]
    assert (nobody["advance"]["judged"], nobody["advance"]["median_seconds"]) == (0, None)


async def test_a_township_is_told_of_itself_only(relief: Relief) -> None:
    days = {"since": relief.today.isoformat(), "until": relief.today.isoformat()}
    headers = bearer("township_officer", TOWNSHIP)
    answer = await relief.service.client.get(f"/v1/timeliness/{OTHER_TOWNSHIP}", params=days, headers=headers)
    assert answer.status_code == 403
