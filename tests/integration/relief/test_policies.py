"""Policies in a running relief: what binds from when, what is confirmed, tried on the past, refused."""

import asyncio
import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from events.policy import PolicyPublished
from events.rules import FundMode, Patience, RepeatRule, TownshipLimit
from jiujinan.cli import main
from services.relief.app import BLUEPRINT
from services.relief.publishing import UnusablePolicies, read_files
from tests.support.relief_service import (
    COUNTY,
    PERSON,
    SCOPES,
    Relief,
    of_household,
    publish,
    says,
)
from tests.support.services import ROOT, RunService, bearer


async def test_the_policy_in_force_tells_where_each_rule_comes_from(relief: Relief) -> None:
    told = await relief.reads("/v1/policies/320115", on="2026-11-02")
    assert told["rules"]["advance"]["length"] == 24
    assert told["origins"]["advance"]["source"]["set_id"] == "jiangning_default"
    assert [one["division"] for one in told["origins"]["make_up"]["overrides"]] == ["000000"]
    away = await relief.reads("/v1/policies/110101", on="2026-11-02")
    assert (away["rules"]["advance"], away["origins"]["make_up"]["source"]["division"]) == (None, "000000")


async def test_the_files_are_published_once_however_often_relief_starts(run_service: RunService) -> None:
    async with run_service(BLUEPRINT, scopes=SCOPES) as service:
        mounted = service.mounted
        query = "select count(*) from facts where name like 'policy.%'"
        published = await mounted.pool.fetchval(query)
        assert published == len(read_files(ROOT / "policies"))
        assert BLUEPRINT.prepare is not None
        await BLUEPRINT.prepare(mounted)
        assert await mounted.pool.fetchval(query) == published
        actor = await mounted.pool.fetchval("select distinct meta ->> 'actor' from facts_readable")
        assert json.loads(actor)["rule"] == "publishes_policy_files"


async def test_a_policy_that_is_published_while_relief_runs_binds_from_its_day_on(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    await _publishes(relief, "lower", "2026-01-01", limit_fen=100)
    assert (await relief.decides(case_id, 101))["outcome"] == "over_limit"
    [row] = await relief.worklist()
    assert row["due_at"] is None
    clocks = (await relief.case(case_id))["clocks"]
    assert [one["name"] for one in clocks if one["name"].startswith("advance")] == []


async def test_an_older_set_is_unconfirmed_until_the_county_says_that_it_stands(relief: Relief) -> None:
    assert (await relief.reads("/v1/policies/371681"))["unconfirmed"] is True
    names = ["national_2026_small_fast", "shandong_2019"]
    for newer in names:
        body = {"set_id": "zouping_2018", "newer_set_id": newer, "reason": "沿用本县额度"}
        headers = bearer("county_civil_affairs", "371681", newer)
        answer = await relief.service.client.post("/v1/policies/371681/confirmations", json=body, headers=headers)
        assert answer.status_code == 201
        elsewhere = await relief.service.client.post("/v1/policies/320115/confirmations", json=body, headers=headers)
        assert elsewhere.status_code == 403
    assert (await relief.reads("/v1/policies/371681"))["unconfirmed"] is False


async def test_a_decision_that_is_dated_ahead_is_bound_by_the_policy_of_today(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    await _publishes(relief, "higher", "2090-01-01", limit_fen=90_000_000)
    told = await relief.decides(case_id, 300_001, occurred_at="2090-02-01T08:00:00+08:00")
    assert told["outcome"] == "over_limit"


async def _one_a_year(relief: Relief) -> None:
    published = PolicyPublished(
        set_id="repeat",
        division=COUNTY,
        title="测试",
        effective_from=date(2026, 1, 1),
        township_limit=TownshipLimit(limit_fen=300_000, inclusive=True, scope="case", clause="测试"),
        same_cause=RepeatRule(
            times=1, window="rolling_year", override_roles=("county_civil_affairs",), clause="同一事由一年一次"
        ),
    )
    await publish(relief, published)


async def test_a_second_help_for_the_same_cause_waits_for_whom_the_policy_names(relief: Relief) -> None:
    await _one_a_year(relief)
    first = await relief.opens()
    await relief.does(first, "accept")
    await relief.does(first, "contacts", {"reached": True})
    assert (await relief.decides(first, 300_001, key="k-0"))["outcome"] == "over_limit"
    told = await relief.decides(first)
    await relief.reserves(first, told["decision_id"])
    await relief.pays(first, told["decision_id"])
    assert (await relief.does(first, "close")).status_code == 201
    second = await relief.opens("r-2")
    await relief.does(second, "accept")
    refused = await relief.does(second, "advances", {"amount_fen": 100}, role="township_leader")
    assert (refused.status_code, refused.json()["code"]) == (409, "repeat_in_window")
    url, body = f"/v1/cases/{second}/repeat-allowances", {"reason": "second_operation"}
    assert [await says(relief, url, body, role) for role in ("township_leader", "county_civil_affairs")] == [409, 201]
    assert (await relief.decides(second, 100, key="k-2"))["outcome"] == "advance_decided"
    known = await of_household(relief, PERSON)
    assert [(one["case_id"], one["amount_fen"]) for one in known["helps"]] == [(first, 200_000), (second, 100)]
    assert known["allowed"] == [second]


async def test_a_sample_is_drawn_from_the_cases_that_were_helped(relief: Relief) -> None:
    days = {"sample_id": "2026-Q4", "since": "2020-01-01", "until": "2090-12-31"}
    assert await says(relief, f"/v1/samples/{COUNTY}", days) == 409
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    told = await relief.decides(case_id)
    await relief.reserves(case_id, told["decision_id"])
    await relief.pays(case_id, told["decision_id"])
    await relief.worklist()
    seen = await relief.reads(f"/v1/samples/{COUNTY}", "county_civil_affairs", COUNTY, **days)
    assert (seen["cases"], seen["of"], seen["percent"]) == ([case_id], 1, 10)
    assert await says(relief, f"/v1/samples/{COUNTY}", days | {"sample_id": "2026-Q4b"}) == 201
    story = await relief.reads(f"/v1/cases/{case_id}/history")
    assert [one["name"] for one in story["facts"]].count("relief.sample_drawn") == 1


async def test_a_person_joins_a_household_and_parts_again(relief: Relief) -> None:
    other, house = f"p:{'f' * 32}", f"/v1/households/{COUNTY}/{PERSON}"
    case_id = await relief.opens(person=other)
    await relief.does(case_id, "accept")
    await relief.decides(case_id)
    assert await says(relief, f"{house}/members", {"member": other, "reason": "hukou_book"}) == 201
    seen = await of_household(relief, other)
    assert (seen["household"], seen["members"]) == (PERSON, [other])
    assert [one["case_id"] for one in seen["helps"]] == [case_id]
    assert await says(relief, f"{house}/members/{other}/parting", {"reason": "mistake"}) == 201
    seen = await of_household(relief, other)
    assert (seen["household"], [one["case_id"] for one in seen["helps"]]) == (other, [case_id])
    assert (await of_household(relief, PERSON))["helps"] == []


async def _publishes(relief: Relief, set_id: str, effective_from: str, *, limit_fen: int) -> None:
    """The county puts a set into force that has a township limit and nothing else."""
    limit = TownshipLimit(limit_fen=limit_fen, inclusive=True, scope="case", clause="测试")
    published = PolicyPublished(
        set_id=set_id,
        division=COUNTY,
        title="测试",
        effective_from=date.fromisoformat(effective_from),
        township_limit=limit,
    )
    await publish(relief, published)


async def test_what_is_put_down_later_than_the_policys_hours_needs_proof_and_is_looked_at(relief: Relief) -> None:
    hours = Patience(hours=72, clause="补记")
    quota = FundMode(mode="quota", clause="额度制")
    published = PolicyPublished(
        set_id="late",
        division=COUNTY,
        title="测试",
        effective_from=date(2020, 1, 1),
        backdating=hours,
        fund_mode=quota,
    )
    await publish(relief, published)
    case_id = await relief.opens(ago=timedelta(days=5))
    at = relief.now() - timedelta(days=4)
    said = {"occurred_at": at.isoformat()}
    answer = await relief.does(case_id, "accept", said)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "evidence_needed")
    answer = await relief.does(case_id, "accept", {**said, "evidence_sha256": "0" * 64})
    assert answer.status_code == 201
    shown = await relief.case(case_id)
    assert (datetime.fromisoformat(shown["accepted_at"]), shown["reviews"]) == (at, ["recorded_late"])
    await relief.decides(case_id, 100, ahead_of_expense=False)
    decided = "select data ->> 'fund_id' from facts_readable where name = 'relief.advance_decided'"
    assert (await relief.service.mounted.pool.fetchval(decided)).startswith(f"{COUNTY}-")


async def test_another_policy_is_tried_on_the_past(relief: Relief, tmp_path: Path) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    await relief.decides(case_id, 200_000)
    url = relief.service.mounted.settings.database_url
    text = (ROOT / "policies" / "320115-jiangning.yaml").read_text(encoding="utf-8")

    async def supposed(limit_fen: int) -> Any:
        file = tmp_path / "supposed.yaml"
        file.write_text(text.replace("limit_fen: 300000", f"limit_fen: {limit_fen}"), encoding="utf-8")
        arguments = ["whatif", "--policy", str(file), "--from", "2020-01-01", "--to", "2099-12-31", "--json"]
        told = await asyncio.to_thread(CliRunner().invoke, main, arguments, env={"RELIEF_URL": url})
        assert told.exit_code == 0, told.output
        (county,) = json.loads(told.stdout)
        return county["summary"]

    unchanged = await supposed(300_000)
    assert (unchanged["looked_at"], unchanged["decisions"]) == (1, 0)
    lower = await supposed(100_000)
    assert (lower["decisions"], lower["households"], lower["less_fen"]) == (1, 1, 200_000)


async def test_a_broken_policy_file_refuses_the_start(run_service: RunService, tmp_path: Path) -> None:
    refusal = await _refused(run_service, tmp_path, "320115-jiangning.yaml", ("length: 24", "length: 一天"))
    assert refusal == "320115-jiangning.yaml:第8行:policy.advance.length 值不合要求。"


async def test_a_published_set_that_says_something_else_refuses_the_start(
    run_service: RunService, tmp_path: Path
) -> None:
    refusal = await _refused(run_service, tmp_path, "990000-changed.yaml", ("limit_fen: 300000", "limit_fen: 300001"))
    assert refusal.startswith("990000-changed.yaml:jiangning_default:同一编号的政策已经发布过不同的内容")


async def _refused(run_service: RunService, tmp_path: Path, name: str, change: tuple[str, str]) -> str:
    """Why relief does not start with a changed copy of a policy file under a name."""
    folder = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", folder)
    text = (folder / "320115-jiangning.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (folder / name).write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(UnusablePolicies) as refusal:
        async with run_service(BLUEPRINT, scopes=SCOPES, policies_dir=folder):
            pass
    return str(refusal.value)
