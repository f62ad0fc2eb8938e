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
