"""The list of cases shows the advance's deadline as the clocks judge it, whatever unit it has and whatever stops it."""

from datetime import date, timedelta
from typing import Any

from events.ledger import RefusedShort
from events.policy import PolicyPublished
from events.rules import AdvanceRule, TownshipLimit
from tests.support.relief_service import COUNTY, Relief, publish


def county_set(**advance: Any) -> PolicyPublished:
    return PolicyPublished(
        set_id="own",
        division=COUNTY,
        title="本县办法",
        effective_from=date(2026, 1, 1),
        advance=AdvanceRule.model_validate({"length": 24, "unit": "hour", "clause": "本县办法", **advance}),
        township_limit=TownshipLimit(limit_fen=300_000, inclusive=True, clause="本县办法"),
    )


async def shown(relief: Relief) -> dict[str, dict[str, Any]]:
    return {row["case_id"]: row for row in await relief.worklist(waiting=False)}


async def test_a_term_in_working_days_has_its_deadline_in_the_list_and_is_sorted_by_it(relief: Relief) -> None:
    await publish(relief, county_set(length=2, unit="working_day", start="accepted"))
    waits = await relief.opens("waits", ago=timedelta(hours=6), person=None)
    taken_on = await relief.opens("taken-on", ago=timedelta(days=1), person=None)
    late = await relief.opens("late", ago=timedelta(days=30), person=None)
    await relief.does(taken_on, "accept")
    listed = await shown(relief)
    assert next(iter(listed)) == late
    assert (listed[late]["due_of"], listed[late]["seconds_left"] < 0) == ("advance", True)
    for case_id, row in listed.items():
        clocks = {one["name"]: one["due_at"] for one in await relief.reads(f"/v1/cases/{case_id}/clocks")}
        judged = clocks.get("advance_from_acceptance", clocks["advance_from_report"])
        assert (row["due_at"], row["due_from_report"]) == (judged, clocks["advance_from_report"])
    assert listed[taken_on]["due_from_acceptance"] is not None
    assert listed[waits]["due_from_acceptance"] is None


async def test_where_a_decision_stops_the_clock_the_list_shows_no_advance_as_due_once_it_is_decided(
    relief: Relief,
) -> None:
    await publish(relief, county_set(stop="decided"))
    decided = await relief.opens("decided", ago=timedelta(hours=11))
    waits = await relief.opens("waits", ago=timedelta(hours=6), person=None)
    await relief.does(decided, "accept")
    decision = (await relief.decides(decided))["decision_id"]
    listed = await shown(relief)
    assert [listed[case_id]["due_of"] for case_id in (decided, waits)] == [None, "advance"]
    assert listed[decided]["due_at"] is None
    short = RefusedShort(
        fund_id=relief.fund_id,
        hold_id=decision,
        case_id=decided,
        asked_fen=200_000,
        available_fen=0,
        shortfall_fen=200_000,
        decided_by="township_leader",
    )
    await relief.ledger.says(short, "fund:f", relief.now())
    assert (await shown(relief))[decided]["due_of"] == "advance"


async def pauses(relief: Relief, case_id: str, hours: int) -> None:
    until = relief.now() + timedelta(hours=hours)
    body = {"cause": "applicant_unreachable", "expires_at": until.isoformat()}
    for clock in ("advance_from_report", "advance_from_acceptance"):
        key = f"{clock}-{case_id[-8:]}"
        asked = await relief.does(case_id, f"clocks/{clock}/pause", body, key=key, role="township_leader")
        assert asked.status_code == 201, asked.text


async def judged(relief: Relief, case_id: str, **query: Any) -> dict[str, str]:
    return {one["name"]: one["due_at"] for one in await relief.reads(f"/v1/cases/{case_id}/clocks", **query)}


async def test_a_clock_that_stands_still_is_in_the_list_with_the_deadline_that_it_is_judged_by(relief: Relief) -> None:
    await publish(relief, county_set(pausable=("applicant_unreachable",), start="accepted"))
    stands = await relief.opens("stands", ago=timedelta(hours=20), person=None)
    runs = await relief.opens("runs", ago=timedelta(hours=4), person=None)
    for case_id in (stands, runs):
        await relief.does(case_id, "accept")
    before = (await relief.worklist(waiting=False), relief.now())
    await pauses(relief, stands, hours=48)
    listed = await shown(relief)
    due = await judged(relief, stands)
    row = listed[stands]
    assert row["due_from_report"] == due["advance_from_report"] > listed[runs]["due_from_report"]
    assert (row["due_at"], row["due_from_acceptance"]) == (due["advance_from_acceptance"],) * 2
    assert [listed[case_id]["paused"] for case_id in (stands, runs)] == [True, False]
    assert list(listed) == [runs, stands]
    assert row["seconds_left"] > 48 * 3_600
    then = {one["case_id"]: one for one in await relief.worklist(waiting=False, as_of=before[1].isoformat())}
    assert [then[stands][name] for name in ("due_at", "paused")] == [before[0][0]["due_at"], False]
    assert [one["case_id"] for one in before[0]] == [stands, runs]


async def test_what_stood_still_is_kept_in_the_list_once_help_has_come(relief: Relief) -> None:
    await publish(relief, county_set(pausable=("applicant_unreachable",)))
    case_id = await relief.opens(ago=timedelta(hours=11))
    await relief.does(case_id, "accept")
    await pauses(relief, case_id, hours=6)
    decision_id = (await relief.decides(case_id))["decision_id"]
    await relief.reserves(case_id, decision_id)
    await relief.pays(case_id, decision_id, ago=timedelta())
    row = (await shown(relief))[case_id]
    due = await judged(relief, case_id)
    assert [row["due_from_report"], row["due_from_acceptance"]] == [
        due["advance_from_report"],
        due["advance_from_acceptance"],
    ]
    assert (row["due_of"], row["paused"], row["provisional"]) == ("papers", False, False)


async def test_a_deadline_by_working_days_that_nobody_has_published_is_marked_in_the_list(relief: Relief) -> None:
    await publish(relief, county_set(length=200, unit="working_day"))
    far = await relief.opens("far", person=None)
    clocks = {one["name"]: one for one in await relief.reads(f"/v1/cases/{far}/clocks")}
    row = (await shown(relief))[far]
    assert (row["provisional"], row["due_at"]) == (True, clocks["advance_from_report"]["due_at"])
    assert clocks["advance_from_report"]["provisional"]
