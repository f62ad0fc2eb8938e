"""A report becomes a case, officers act over HTTP, and what ledger says of the money is heard."""

from datetime import datetime, timedelta

import pytest

from events.intake import HelpAskedAgain, HelpNeeded, ReportReturned
from events.ledger import RefusedShort
from services.relief.household_chain import CHAIN
from services.relief.subscribers import case_id_of
from tests.support.neighbours import Neighbour
from tests.support.relief_service import (
    COUNTY,
    OTHER_TOWNSHIP,
    PAPERS,
    PERSON,
    REPORTED,
    TOWNSHIP,
    Relief,
    chain_of,
    comes_back_and_is_paid_again,
    of_household,
    says,
)


async def test_a_case_walks_from_the_report_to_the_last_paper(relief: Relief) -> None:
    case_id = await relief.opens()
    steps = [await relief.steps(case_id)]
    await relief.does(case_id, "accept")
    steps.append(await relief.steps(case_id))
    await relief.does(case_id, "contacts", {"reached": True})
    steps.append(await relief.steps(case_id))
    decision_id = (await relief.decides(case_id))["decision_id"]
    steps.append(await relief.steps(case_id))
    await relief.reserves(case_id, decision_id)
    steps.append(await relief.steps(case_id))
    await relief.pays(case_id, decision_id)
    steps.append(await relief.steps(case_id))
    await relief.does(case_id, "close")
    steps.append(await relief.steps(case_id))
    assert steps == [
        ["accept"],
        ["contact"],
        ["decide"],
        ["await_ledger"],
        ["await_payment"],
        ["close"],
        ["file_papers"],
    ]
    await _papers_are_filed(relief, case_id, decision_id)
    assert not await relief.letters()


async def _papers_are_filed(relief: Relief, case_id: str, debt_id: str) -> None:
    for paper in PAPERS:
        filed = {"debt_id": debt_id, "paper": paper, "sha256": "0" * 64}
        assert (await relief.does(case_id, "papers", filed, key=paper)).status_code == 201
    assert await relief.steps(case_id) == []
    seen = await relief.case(case_id)
    assert (seen["outcome"], seen["debts"][0]["missing"]) == ("relieved", [])
    assert {clock["verdict"] for clock in seen["clocks"]} == {"met"}


async def test_both_clocks_are_shown_and_the_judged_one_is_marked(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    seen = await relief.case(case_id)
    by_name = {clock["name"]: clock for clock in seen["clocks"] if clock["name"].startswith("advance")}
    assert {name: clock["judged"] for name, clock in by_name.items()} == {
        "advance_from_report": True,
        "advance_from_acceptance": False,
    }
    assert by_name["advance_from_report"]["elapsed_seconds"] == pytest.approx(2 * 3600, abs=60)
    assert by_name["advance_from_acceptance"]["elapsed_seconds"] == pytest.approx(0, abs=60)
    [row] = await relief.worklist()
    assert row["due_at"] == row["due_from_report"] == by_name["advance_from_report"]["due_at"]
    assert row["due_from_acceptance"] == by_name["advance_from_acceptance"]["due_at"]
    assert row["seconds_left"] == pytest.approx(22 * 3600, abs=60)


async def test_the_fund_of_the_township_and_the_year_pays_unless_another_is_named(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    await relief.decides(case_id, 100, key="k-1")
    await relief.decides(case_id, 100, key="k-2", fund_id=f"{COUNTY}-{relief.today.year}")
    decided = "select data ->> 'fund_id' from facts_readable where name = 'relief.advance_decided' order by position"
    funds = [row[0] for row in await relief.service.mounted.pool.fetch(decided)]
    assert funds[1] == f"{COUNTY}-2026"
    assert funds[0].startswith(f"{TOWNSHIP}-20")
    for place, year, code in ((OTHER_TOWNSHIP, relief.today.year, "wrong_payer"), (TOWNSHIP, 1999, "wrong_year")):
        asked = {"amount_fen": 100, "fund_id": f"{place}-{year}"}
        answer = await relief.does(case_id, "advances", asked, role="township_leader", key=code)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["pointer"], error["code"]) == (422, "/fund_id", code)


async def test_nothing_is_done_on_a_day_before_the_report(relief: Relief) -> None:
    case_id = await relief.opens(ago=timedelta(days=2))
    for days, status in ((3, 422), (1, 201)):
        at = relief.now() - timedelta(days=days)
        answer = await relief.does(case_id, "accept", {"occurred_at": at.isoformat()}, key=f"{days}")
        assert answer.status_code == status
    assert (await relief.case(case_id))["accepted_at"] is not None


async def test_goods_are_handed_over_without_ledger(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    await relief.does(case_id, "contacts", {"reached": False})
    quilts = {"item": "棉被", "quantity": 2, "cost_fen": 40_000}
    told = await relief.decides(case_id, 0, goods=[quilts])
    assert await relief.steps(case_id) == ["hand_over_goods"]
    at = relief.now()
    handed = {"decision_id": told["decision_id"], "occurred_at": at.isoformat()}
    assert (await relief.does(case_id, "goods-handovers", handed)).status_code == 201
    seen = await relief.case(case_id)
    assert datetime.fromisoformat(seen["relieved_at"]) == at
    assert await relief.steps(case_id) == ["close"]


async def test_an_advance_over_the_limit_is_declined_and_the_case_goes_on(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    assert (await relief.decides(case_id, 300_001))["outcome"] == "over_limit"
    assert (await relief.case(case_id))["declined"] == ["over_limit"]
    assert (await relief.decides(case_id, 300_000, key="k-2"))["outcome"] == "advance_decided"


async def test_a_person_gets_one_advance_for_an_incident_in_the_county(relief: Relief) -> None:
    first, second = await relief.opens("r-1"), await relief.opens("r-2")
    for case_id in (first, second):
        await relief.does(case_id, "accept")
    assert (await relief.decides(first))["outcome"] == "advance_decided"
    assert (await relief.decides(second))["outcome"] == "already_advanced"
    url, body = f"/v1/cases/{second}/repeat-allowances", {"reason": "second_fire"}
    assert [await says(relief, url, body, role) for role in ("township_leader", "county_civil_affairs")] == [409, 201]
    assert (await relief.decides(second, key="k-2"))["outcome"] == "advance_decided"
    third = await relief.opens("r-3")
    await relief.does(third, "accept")
    assert (await relief.decides(third))["outcome"] == "already_advanced"


async def test_one_report_in_two_logs_stops_neither_the_worklists_nor_the_chains_of_households(relief: Relief) -> None:
    case_id = await relief.opens()
    assert [one["case_id"] for one in await relief.worklist()] == [case_id]
    told_twice = Neighbour("intake", "371681", relief.service.mounted.follower)
    at = relief.now() - REPORTED
    need = HelpNeeded(
        report_id="r-1",
        channel="hotline",
        county="371681",
        township="371681001",
        cause="illness",
        urgency="urgent",
        persons=1,
        identity="known",
        person=PERSON,
        name=None,
        match_keys=(),
        reported_at=at,
    )
    await told_twice.says(need, "report:r-1", at)
    await told_twice.says(need.model_copy(update={"report_id": "r-2"}), "report:r-2", at)
    later = await relief.reads("/v1/cases", "county_civil_affairs", "371681", after="371681:2")
    assert [one["case_id"] for one in later["cases"]] == [case_id_of("r-2")]
    assert [one["case_id"] for one in await relief.worklist()] == [case_id]
    assert (await relief.case(case_id))["township"] == TOWNSHIP
    assert await relief.service.mounted.projectors[CHAIN.name].reached("371681", 2, patience=20.0)
    await chain_of(relief, 2)


async def test_a_fund_that_is_too_short_is_told_and_the_clock_runs_on(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    decision_id = (await relief.decides(case_id))["decision_id"]
    short = RefusedShort(
        fund_id=relief.fund_id,
        hold_id=decision_id,
        case_id=case_id,
        asked_fen=200_000,
        available_fen=50_000,
        shortfall_fen=150_000,
        decided_by="township_leader",
    )
    await relief.ledger.says(short, "fund:f", relief.now())
    assert await relief.steps(case_id) == ["find_funds"]
    seen = await relief.case(case_id)
    assert seen["decisions"][0]["standing"] == "short"
    assert {clock["verdict"] for clock in seen["clocks"] if clock["name"].startswith("advance")} == {"running"}
    instead = (await relief.decides(case_id, 50_000, key="k-2"))["decision_id"]
    counted = (await of_household(relief, PERSON))["helps"]
    assert [(one["decision_id"], one["amount_fen"]) for one in counted] == [(instead, 50_000)]
    assert await relief.steps(case_id) == ["await_ledger"]


async def test_a_returned_payment_sets_the_clock_running_again(relief: Relief) -> None:
    await comes_back_and_is_paid_again(relief)


async def test_a_second_report_joins_the_case_and_an_earlier_one_moves_its_clocks(relief: Relief) -> None:
    case_id = await relief.opens()
    earlier = relief.now() - timedelta(hours=5)
    again = HelpAskedAgain(
        report_id="r-2", first_report_id="r-1", channel="village", county=COUNTY, reported_at=earlier
    )
    await relief.intake.says(again, "report:r-2", earlier)
    seen = await relief.case(case_id)
    assert set(seen["reports"]) == {"r-1", "r-2"}
    [row] = await relief.worklist()
    assert row["due_at"] == seen["clocks"][0]["due_at"]
    assert row["reports"] == 2
    assert row["seconds_left"] == pytest.approx(19 * 3600, abs=60)


async def test_what_is_heard_again_changes_nothing(relief: Relief) -> None:
    case_id = await relief.opens()
    before = await relief.position()
    relief.intake.position = 0
    await relief.opens()
    assert await relief.position() == before
    assert (await relief.case(case_id))["position"] == int(before.partition(":")[2])


async def test_who_has_help_from_here_stays_on_the_list_when_the_report_leaves_until_somebody_closes(
    relief: Relief,
) -> None:
    helped, _ = await relief.opens("r-1"), await relief.opens("r-2", person=None)
    await relief.does(helped, "accept")
    told = await relief.decides(helped)
    await relief.reserves(helped, told["decision_id"])
    await relief.pays(helped, told["decision_id"])
    for report_id in ("r-1", "r-2"):
        left = ReportReturned(
            report_id=report_id,
            reason="not_here",
            basis="测试",
            number=1,
            due_on=relief.today,
            returned_by="S-1",
            frees=(),
            cause="illness",
        )
        await relief.intake.says(left, f"report:{report_id}", relief.now())
    assert [case["case_id"] for case in await relief.worklist()] == [helped]
    await relief.does(helped, "contacts", {"reached": True})
    assert (await relief.does(helped, "close")).status_code == 201
