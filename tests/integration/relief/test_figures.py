"""What relief's metrics show of its cases."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from events.policy import PolicyPublished
from events.rules import AdvanceRule, TownshipLimit
from services.relief.clock_rules import CLOCKS
from tests.support.relief_service import COUNTY, Relief, publish


async def test_the_figures_begin_at_zero_so_that_the_first_case_is_seen(relief: Relief) -> None:
    empty = await relief.metrics()
    for sla in ("advance_from_report", "advance_from_acceptance"):
        assert empty[f'jiujinan_sla_open_cases{{sla="{sla}"}}'] == 0
        assert empty[f'jiujinan_sla_outcomes_total{{outcome="met",sla="{sla}"}}'] == 0
        assert empty[f'jiujinan_sla_elapsed_ratio_bucket{{le="1.0",sla="{sla}"}}'] == 0
        assert f'jiujinan_sla_earliest_deadline_timestamp_seconds{{sla="{sla}"}}' not in empty


async def test_the_figures_show_open_overdue_met_and_missed(relief: Relief) -> None:
    await relief.opens("late", ago=timedelta(hours=30), person=None)
    await relief.opens("open", ago=timedelta(hours=6), person=None)
    met = await relief.opens("met", ago=timedelta(hours=11))
    await relief.does(met, "accept")
    await relief.pays(met, (await relief.decides(met))["decision_id"])
    await relief.worklist()
    shown = await relief.metrics()

    def of(name: str, **labels: str) -> float:
        inside = ",".join(f'{key}="{value}"' for key, value in sorted({"sla": "advance_from_report", **labels}.items()))
        return shown[f"jiujinan_sla_{name}{{{inside}}}"]

    assert (of("open_cases"), of("overdue_cases")) == (2, 1)
    assert (of("outcomes_total", outcome="met"), of("outcomes_total", outcome="missed")) == (1, 1)
    assert of("outcomes_total", outcome="learned_late") == 0
    now = relief.service.mounted.clock.now().timestamp()
    assert of("earliest_deadline_timestamp_seconds") == pytest.approx(now + 18 * 3600, abs=60)
    assert (of("elapsed_ratio_bucket", le="0.25"), of("elapsed_ratio_bucket", le="0.5")) == (0, 1)
    assert (of("elapsed_ratio_bucket", le="+Inf"), of("elapsed_ratio_count")) == (1, 1)
    assert of("elapsed_ratio_sum") == pytest.approx(11 / 24, abs=0.01)
    assert of("open_cases", sla="advance_from_acceptance") == 0
    seen = await relief.service.mounted.pool.fetchval(
        "select extract(epoch from now())"
    )  # the database has a clock of its own
    assert shown['jiujinan_view_updated_timestamp_seconds{view="caseload"}'] == pytest.approx(float(seen), abs=60)


async def test_every_kind_of_deadline_is_counted(relief: Relief) -> None:
    """Not the advance alone: the papers that are owed after it are open, and have a day."""
    paid = await relief.opens()
    await relief.does(paid, "accept")
    await relief.pays(paid, (await relief.decides(paid))["decision_id"])
    shown = await relief.metrics()
    assert {series for series in shown if series.startswith("jiujinan_sla_open_cases")} == {
        f'jiujinan_sla_open_cases{{sla="{name}"}}' for name in CLOCKS
    }
    assert shown['jiujinan_sla_open_cases{sla="make_up"}'] == 1
    clocks = {one["name"]: one for one in await relief.reads(f"/v1/cases/{paid}/clocks")}
    due = datetime.fromisoformat(clocks["make_up"]["due_at"]).timestamp()
    assert shown['jiujinan_sla_earliest_deadline_timestamp_seconds{sla="make_up"}'] == due
    assert shown["jiujinan_clocks_judged_timestamp_seconds"] == pytest.approx(relief.now().timestamp(), abs=30)


async def test_help_in_time_that_is_learned_of_late_counts_as_met_beside_the_breach(relief: Relief) -> None:
    case_id = await relief.opens(ago=timedelta(hours=30))
    then = (relief.now() - timedelta(hours=12)).isoformat()
    await relief.does(case_id, "accept", {"occurred_at": then})
    told = await relief.decides(case_id, occurred_at=then)
    await relief.pays(case_id, told["decision_id"], ago=timedelta(hours=10))
    assert (await relief.case(case_id))["clocks"][0]["verdict"] == "met"
    await relief.worklist()
    shown = await relief.metrics()
    series = 'jiujinan_sla_outcomes_total{outcome="%s",sla="advance_from_report"}'
    assert [shown[series % outcome] for outcome in ("met", "missed", "learned_late")] == [1, 1, 1]


async def test_terms_in_days_are_counted_as_the_clocks_judge_them(relief: Relief) -> None:
    """Two working days: a case of thirty days ago is late, one of six hours ago is not, and neither is in hours."""
    await publish(relief, _set(hours=24, since=date(2026, 1, 1), unit="working_day", length=2))
    late = await relief.opens("late", ago=timedelta(days=30), person=None)
    waits = await relief.opens("waits", ago=timedelta(hours=6), person=None)
    met = await relief.opens("met", ago=timedelta(hours=11))
    await relief.does(met, "accept")
    await relief.pays(met, (await relief.decides(met))["decision_id"])
    await relief.worklist()
    shown = await relief.metrics()
    assert [shown[_series(name)] for name in ("open_cases", "overdue_cases")] == [2, 1]
    assert [shown[_outcome(name)] for name in ("met", "missed", "learned_late")] == [1, 1, 0]
    clocks = {case_id: (await relief.reads(f"/v1/cases/{case_id}/clocks"))[0] for case_id in (late, waits, met)}
    assert [clocks[case_id]["verdict"] for case_id in (late, waits, met)] == ["breached", "running", "met"]
    due = datetime.fromisoformat(clocks[waits]["due_at"])
    assert shown[_series("earliest_deadline_timestamp_seconds")] == due.timestamp()
    assert (shown[_series("elapsed_ratio_count")], shown[_outcome("met", "advance_from_acceptance")]) == (1, 1)


async def test_where_a_decision_stops_the_clock_the_figures_count_the_decision(relief: Relief) -> None:
    await publish(relief, _set(hours=24, since=date(2026, 1, 1), stop="decided"))
    decided = await relief.opens("decided", ago=timedelta(hours=11))
    await relief.does(decided, "accept")
    assert (await relief.decides(decided))["outcome"] == "advance_decided"
    await relief.opens("waits", ago=timedelta(hours=6), person=None)
    await relief.worklist()
    shown = await relief.metrics()
    assert [shown[_series(name)] for name in ("open_cases", "overdue_cases", "elapsed_ratio_count")] == [1, 0, 1]
    assert [shown[_outcome(name)] for name in ("met", "missed", "learned_late")] == [1, 0, 0]
    await relief.does(await relief.opens("later", ago=timedelta(hours=2)), "accept")
    await relief.worklist()
    assert (await relief.metrics())[_series("open_cases")] == 2


def _series(name: str) -> str:
    return f'jiujinan_sla_{name}{{sla="advance_from_report"}}'


def _outcome(outcome: str, sla: str = "advance_from_report") -> str:
    return f'jiujinan_sla_outcomes_total{{outcome="{outcome}",sla="{sla}"}}'


async def test_a_set_that_is_published_later_changes_no_figure_of_what_was_judged(relief: Relief) -> None:
    met = await relief.opens("met", ago=timedelta(hours=11))
    await relief.does(met, "accept")
    await relief.pays(met, (await relief.decides(met))["decision_id"], ago=timedelta(hours=2))
    given_up = await relief.opens("given-up", ago=timedelta(hours=8), person=None)
    for what, body in (("accept", {}), ("contacts", {"reached": True}), ("close", {"outcome": "not_relieved"})):
        assert (await relief.does(given_up, what, body, key=what)).status_code == 201
    judged = await relief.opens("judged", ago=timedelta(hours=30), person=None)
    await _is_broken(relief, judged)
    before, shown_before = await _said(relief)
    await publish(relief, _set(hours=1, since=relief.today - timedelta(days=9)))
    assert await _said(relief) == (before, shown_before)
    assert before['jiujinan_sla_outcomes_total{outcome="missed",sla="advance_from_report"}'] == 1
    await relief.opens("late", ago=timedelta(hours=8), person=None)
    runs = await relief.opens("runs", ago=timedelta(minutes=30), person=None)
    assert (await _said(relief))[0]['jiujinan_sla_overdue_cases{sla="advance_from_report"}'] == 2
    await publish(relief, _set(hours=99, since=relief.today - timedelta(days=8)))
    assert (await _due(relief))[judged] == shown_before[judged]
    assert (await _due(relief))[runs] > shown_before[met]


async def _is_broken(relief: Relief, case_id: str) -> None:
    """The service has put down that the advance is late."""
    async with asyncio.timeout(10):
        while (await relief.reads(f"/v1/cases/{case_id}/clocks"))[0]["recorded"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _said(relief: Relief) -> tuple[dict[str, float], dict[str, str]]:
    """The figures of the advance, and the deadlines on the list of all cases."""
    due = await _due(relief)
    figures = {series: value for series, value in (await relief.metrics()).items() if 'sla="advance' in series}
    return {series: value for series, value in figures.items() if "_created" not in series}, due


async def _due(relief: Relief) -> dict[str, str]:
    return {case["case_id"]: case["due_from_report"] for case in await relief.worklist(waiting=False)}


def _set(hours: int, since: date, **otherwise: Any) -> PolicyPublished:
    plain = {"length": hours, "unit": "hour", "modal": "must", "start": "reported", "clause": "示例"}
    rule = AdvanceRule.model_validate(plain | otherwise)
    limit = TownshipLimit(limit_fen=300_000, inclusive=True, clause="示例")
    return PolicyPublished(
        set_id=f"h{hours}", division=COUNTY, title="示例", effective_from=since, advance=rule, township_limit=limit
    )
