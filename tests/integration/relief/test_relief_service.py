"""Relief as a running service: what it hears becomes cases, officers act over HTTP, and everything can be read back."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest
import yaml
from click.testing import CliRunner
from fastapi import FastAPI
from fastapi.routing import APIRoute

from events.intake import HelpAskedAgain, HelpNeeded, ReportReturned
from events.ledger import Draw, PaymentReceived, PaymentReturned, RefusedShort, Reserved
from events.policy import PolicyPublished
from events.rules import FundMode, Patience, RepeatRule, SignerChain, TownshipLimit
from events.shanghai import SHANGHAI, day_of
from events.words import Urgency
from jiujinan.cli import main
from services.chassis.keyring import Erasure
from services.chassis.unit import Directed, Unit
from services.relief import clock_http, confirming, http, routes
from services.relief.app import BLUEPRINT
from services.relief.caseload import CASELOAD
from services.relief.household_chain import CHAIN
from services.relief.policy_cache import PolicyCache
from services.relief.policy_set import STREAM, PublishPolicy
from services.relief.publishing import UnusablePolicies, read_files
from services.relief.subscribers import case_id_of
from tests.support.neighbours import Neighbour
from tests.support.services import ROOT, NoonClock, RunningService, RunService, bearer

COUNTY, TOWNSHIP, OTHER_TOWNSHIP = "320115", "320115001", "320115002"
SCOPES = (COUNTY, TOWNSHIP, OTHER_TOWNSHIP, "371681")
PAPERS = ("relief_object", "cause", "amount", "handler_signature")
NAME = "陶样山"
PERSON = "p:" + "0123456789abcdef" * 4
REPORTED = timedelta(hours=2)
"""How long ago the reports of these tests were made."""


@dataclass(slots=True)
class Relief:
    """The service under test, with what the others say to it and officers ask of it."""

    service: RunningService
    intake: Neighbour
    ledger: Neighbour

    def now(self) -> datetime:
        """The service's own time: noon, and what has passed since."""
        return self.service.mounted.clock.now()

    @property
    def today(self) -> date:
        """The service's day."""
        return day_of(self.now())

    @property
    def fund_id(self) -> str:
        """The township's fund of this year."""
        return f"{TOWNSHIP}-{self.today.year}"

    async def opens(
        self,
        report_id: str = "r-1",
        *,
        township: str = TOWNSHIP,
        ago: timedelta = REPORTED,
        urgency: Urgency = "urgent",
        person: str | None = PERSON,
    ) -> str:
        """Intake asks for help: a case is opened."""
        seals = await self.service.mounted.sealer.prepare([report_id])
        at = self.now() - ago
        fact = HelpNeeded(
            report_id=report_id,
            channel="hotline",
            county=COUNTY,
            township=township,
            cause="illness",
            urgency=urgency,
            persons=3,
            identity="known",
            person=person,
            name=seals.seal(report_id, "name", NAME),
            match_keys=(),
            reported_at=at,
        )
        await self.intake.says(fact, f"report:{report_id}", at)
        return case_id_of(report_id)

    async def does(
        self, case_id: str, what: str, body: Any = None, *, key: str = "k-1", role: str = "township_officer"
    ) -> httpx.Response:
        """An officer of the township gives a command."""
        url = f"/v1/cases/{case_id}/{what}"
        return await self.service.client.post(url, json=body, headers=bearer(role, TOWNSHIP, key))

    async def decides(self, case_id: str, amount_fen: int = 200_000, *, key: str = "k-1", **body: Any) -> Any:
        """The township's leader decides an advance; gives the answer."""
        answer = await self.does(
            case_id, "advances", {"amount_fen": amount_fen, **body}, key=key, role="township_leader"
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def reads(self, path: str, role: str = "township_officer", scope: str = TOWNSHIP, **query: Any) -> Any:
        """What an officer reads."""
        answer = await self.service.client.get(path, params=query, headers=bearer(role, scope))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def case(self, case_id: str, **query: Any) -> Any:
        return await self.reads(f"/v1/cases/{case_id}", **query)

    async def worklist(self, scope: str = TOWNSHIP, **query: Any) -> list[Any]:
        """The worker's list, at least as of everything that is in the log by now."""
        return (await self.worklist_page(scope, **query))["cases"]

    async def worklist_page(self, scope: str = TOWNSHIP, **query: Any) -> Any:
        role = "township_officer" if len(scope) == 9 else "county_civil_affairs"
        return await self.reads("/v1/cases", role, scope, after=await self.position(), **query)

    async def position(self) -> str:
        heads = await self.service.mounted.store.heads()
        return next(f"{COUNTY}:{head.position}" for head in heads if head.division == COUNTY)

    async def steps(self, case_id: str) -> list[str]:
        return [case["next_step"] for case in await self.worklist() if case["case_id"] == case_id]

    async def reserves(self, case_id: str, decision_id: str, amount_fen: int = 200_000) -> None:
        fact = Reserved(
            fund_id=self.fund_id,
            hold_id=decision_id,
            case_id=case_id,
            amount_fen=amount_fen,
            decided_by="township_leader",
            draws=(Draw(source="county", amount_fen=amount_fen),),
        )
        await self.ledger.says(fact, "fund:f", self.now())

    async def pays(
        self, case_id: str, decision_id: str, *, payment_id: str = "p-1", ago: timedelta = timedelta(hours=1)
    ) -> None:
        at = self.now() - ago
        fact = PaymentReceived(
            fund_id=self.fund_id,
            hold_id=decision_id,
            case_id=case_id,
            payment_id=payment_id,
            amount_fen=200_000,
            received_at=at,
            evidence="回单0001",
        )
        await self.ledger.says(fact, "fund:f", at)

    async def metrics(self) -> dict[str, float]:
        """Every series with its value, as a scrape shows it after a fresh look at the database."""
        collectors: Any = self.service.mounted.registry
        for collector in collectors._collector_to_names:
            if hasattr(collector, "refresh"):
                await collector.refresh()
        text = (await self.service.client.get("/metrics")).text
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {series: float(value) for series, _, value in lines}

    async def letters(self) -> list[str]:
        rows = await self.service.mounted.pool.fetch("select reason from dead_letters order by recorded_at")
        return [row["reason"] for row in rows]


@pytest.fixture
async def relief(run_service: RunService) -> AsyncIterator[Relief]:
    async with run_service(BLUEPRINT, scopes=SCOPES, clock=NoonClock()) as service:
        follower = service.mounted.follower
        yield Relief(service, Neighbour("intake", COUNTY, follower), Neighbour("ledger", COUNTY, follower))


# --- the walk


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
    assert [await _says(relief, url, body, role) for role in ("township_leader", "county_civil_affairs")] == [409, 201]
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
    await _chain(relief, 2)


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
    counted = (await _of_household(relief, PERSON))["helps"]
    assert [(one["decision_id"], one["amount_fen"]) for one in counted] == [(instead, 50_000)]
    assert await relief.steps(case_id) == ["await_ledger"]


async def test_a_returned_payment_sets_the_clock_running_again(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    await relief.does(case_id, "contacts", {"reached": True})
    decision_id = (await relief.decides(case_id))["decision_id"]
    await relief.reserves(case_id, decision_id)
    await relief.pays(case_id, decision_id)
    await relief.does(case_id, "close")
    returned = PaymentReturned(
        fund_id=relief.fund_id,
        hold_id=decision_id,
        case_id=case_id,
        payment_id="p-1",
        amount_fen=200_000,
        was_received=True,
        reason="account_closed",
    )
    await relief.ledger.says(returned, "fund:f", relief.now())
    assert (await relief.case(case_id))["clocks"][0]["verdict"] == "running"
    assert await relief.steps(case_id) == ["await_payment"]
    await relief.pays(case_id, decision_id, payment_id="p-2")
    assert await relief.steps(case_id) == ["file_papers"]


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


# --- who may, and what is answered

COMMANDS: dict[str, tuple[str, Any, str]] = {
    "relief.accept_case": ("accept", {}, "township_officer"),
    "relief.record_contact": ("contacts", {"reached": True}, "township_officer"),
    "relief.decide_advance": ("advances", {"amount_fen": 100}, "township_leader"),
    "relief.hand_over_goods": ("goods-handovers", {"decision_id": "d-1"}, "township_officer"),
    "relief.file_paper": ("papers", {"debt_id": "d", "paper": "amount", "sha256": "0" * 64}, "township_officer"),
    "relief.close_case": ("close", {}, "township_officer"),
}
"""Each command with its route's end, a body that fits, and a role that may give it."""

ROLES: dict[str, list[str]] = yaml.safe_load((ROOT / "policies" / "roles.yaml").read_text(encoding="utf-8"))


def test_every_command_over_http_stands_in_the_table_of_roles() -> None:
    service = FastAPI()
    service.include_router(BLUEPRINT.router)
    posts = {path for path, methods in service.openapi()["paths"].items() if "post" in methods}
    simple = {route.name: route.path for route in http.router.routes if isinstance(route, APIRoute)}
    parts = (route for part in (*routes.PARTS, clock_http.router, confirming.router) for route in part.routes)
    steps = {
        route.name: route.path for route in parts if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
    assert posts == {*simple.values(), *steps.values()}
    assert {name: path.rpartition("/")[2] for name, path in simple.items()} == {
        name: end for name, (end, _, _) in COMMANDS.items()
    }
    assert {*simple, *steps} <= set(ROLES)


async def test_only_the_right_role_in_its_own_place_gives_a_command(relief: Relief) -> None:
    case_id = await relief.opens()
    before = await relief.position()

    async def code(command: str, headers: dict[str, str], of: str = case_id) -> tuple[int, str]:
        end, body, _ = COMMANDS[command]
        headers = {"idempotency-key": command, **headers}
        answer = await relief.service.client.post(f"/v1/cases/{of}/{end}", json=body, headers=headers)
        return answer.status_code, answer.json().get("code", "")

    for command, (_, _, role) in COMMANDS.items():
        wrong = next(other for other in ("auditor", "village_informant") if other not in ROLES[command])
        assert await code(command, {}) == (401, "unauthenticated"), command
        assert await code(command, {"authorization": "Bearer nobody"}) == (401, "unauthenticated"), command
        assert await code(command, bearer(wrong, COUNTY)) == (403, "denied"), command
        assert await code(command, bearer(wrong, COUNTY), "unknown") == (403, "denied"), command
        assert await code(command, bearer(role, OTHER_TOWNSHIP)) == (403, "denied"), command
    assert await relief.position() == before
    for command, (_, _, role) in COMMANDS.items():
        assert (await code(command, bearer(role, TOWNSHIP)))[0] in (201, 409), command


async def test_reading_needs_a_token_a_role_and_the_place(relief: Relief) -> None:
    case_id = await relief.opens()
    get = relief.service.client.get
    for path in (f"/v1/cases/{case_id}", f"/v1/cases/{case_id}/history", "/v1/cases", "/v1/policies/320115"):
        assert (await get(path)).status_code == 401, path
        assert (await get(path, headers=bearer("village_informant", COUNTY))).status_code == 403, path
        elsewhere = await get(path, headers=bearer("township_officer", OTHER_TOWNSHIP))
        assert elsewhere.status_code == (403 if case_id in path else 200), path
    assert (await get("/v1/cases/unknown", headers=bearer("auditor", COUNTY))).status_code == 404


Send = Callable[[Relief, str], Awaitable[httpx.Response]]

BAD: dict[str, tuple[Send, int, str, str | None]] = {
    "unknown case": (lambda r, c: r.does("no-such-case", "accept"), 404, "no_such_case", None),
    "odd case id": (lambda r, c: r.does("%00", "accept"), 422, "invalid", "/case_id"),
    "no key": (lambda r, c: r.does(c, "accept", key=""), 400, "idempotency_key_missing", None),
    "unknown field": (lambda r, c: r.does(c, "contacts", {"reached": True, "x": 1}), 422, "invalid", "/x"),
    "missing field": (lambda r, c: r.does(c, "contacts", {}), 422, "invalid", "/reached"),
    "money as text": (lambda r, c: _advances(r, c, amount_fen="100"), 422, "invalid", "/amount_fen"),
    "money below zero": (lambda r, c: _advances(r, c, amount_fen=-1), 422, "invalid", "/amount_fen"),
    "goods with a zero byte": (
        lambda r, c: _advances(r, c, goods=[{"item": "a\x00", "quantity": 1, "cost_fen": 1}]),
        *(422, "invalid", "/goods/0/item"),
    ),
    "goods that are no text": (
        lambda r, c: _advances(r, c, goods=[{"item": "\ud800", "quantity": 1, "cost_fen": 1}]),
        *(422, "invalid", "/goods/0/item"),
    ),
    "time without zone": (
        lambda r, c: r.does(c, "accept", {"occurred_at": "2026-11-02T09:00:00"}),
        *(422, "invalid", "/occurred_at"),
    ),
    "time out of bounds": (
        lambda r, c: r.does(c, "accept", {"occurred_at": "0001-01-01T00:00:00+14:00"}),
        *(422, "invalid", "/occurred_at"),
    ),
    "senseless": (lambda r, c: r.does(c, "close"), 409, "not_contacted", None),
    "nothing decided": (lambda r, c: _advances(r, c), 409, "not_accepted", None),
}


async def _advances(relief: Relief, case_id: str, **body: Any) -> httpx.Response:
    said = json.dumps(body).encode()
    headers = bearer("township_leader", TOWNSHIP, "k") | {"content-type": "application/json"}
    return await relief.service.client.post(f"/v1/cases/{case_id}/advances", content=said, headers=headers)


async def test_a_bad_request_is_answered_with_a_problem_and_leaves_no_trace(relief: Relief) -> None:
    case_id = await relief.opens()
    before = await relief.position()
    for kind, (send, status, code, pointer) in BAD.items():
        answer = await send(relief, case_id)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (status, code), kind
        assert answer.headers["content-type"] == "application/problem+json"
        assert pointer is None or [error["pointer"] for error in problem["errors"]] == [pointer], kind
    assert await relief.position() == before


async def test_the_same_key_gives_the_same_answer_byte_for_byte(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    said: dict[str, Any] = {"amount_fen": 200_000}
    first = await relief.does(case_id, "advances", said, role="township_leader")
    again = await relief.does(case_id, "advances", said, role="township_leader")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["log-position"] == first.headers["log-position"] == await relief.position()
    other = await relief.does(case_id, "advances", {"amount_fen": 1}, role="township_leader")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_one_key_of_two_officers_makes_two_decisions(relief: Relief) -> None:
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    first = await relief.decides(case_id, 100)
    url = f"/v1/cases/{case_id}/advances"
    other = await relief.service.client.post(
        url, json={"amount_fen": 100}, headers=bearer("township_leader", COUNTY, "k-1")
    )
    assert other.json()["decision_id"] != first["decision_id"]


# --- what is read


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
    await test_a_returned_payment_sets_the_clock_running_again(relief)
    await _proposes(relief, await relief.opens("r-2", urgency="life_danger", person=None))
    await relief.worklist()
    projector = relief.service.mounted.projectors[CASELOAD.name]
    live = await projector.live_slot()
    before = await _tables(relief, live)
    assert all(before.values())
    await projector.rebuild()
    after = await projector.live_slot()
    assert after != live
    assert await _tables(relief, after) == before


async def _tables(relief: Relief, slot: Literal["a", "b"]) -> dict[str, list[str]]:
    pool, schema = relief.service.mounted.pool, CASELOAD.schema(slot)
    return {
        table: [row[0] for row in await pool.fetch(f"select t::text from {schema}.{table} t order by 1")]
        for table in CASELOAD.tables
    }


# --- figures


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


# --- clocks


async def test_a_clocks_certificate_passes_offline_and_is_a_page_to_be_printed(relief: Relief, tmp_path: Path) -> None:
    case_id = await relief.opens(ago=timedelta(hours=30))
    await relief.does(case_id, "accept")
    path = f"/v1/cases/{case_id}/clocks"
    standing = {clock["name"]: clock for clock in await relief.reads(path)}
    assert standing["advance_from_report"]["verdict"] == "target_missed"
    told = await relief.reads(f"{path}/advance_from_report/certificate")
    assert [fact["name"] for fact in told["facts"]] == ["relief.case_opened"]
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    script = str(ROOT / "deploy" / "check_certificate.py")
    checking = await asyncio.create_subprocess_exec(sys.executable, "-I", script, str(file))
    assert await checking.wait() == 0
    headers = bearer("auditor", TOWNSHIP)
    page = await relief.service.client.get(f"{path}/advance_from_report/certificate.html", headers=headers)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert NAME not in page.text
    missing = await relief.service.client.get(f"{path}/filing/certificate", headers=headers)
    assert missing.json()["code"] == "no_such_clock"


async def test_a_breach_is_put_down_by_the_running_service(relief: Relief) -> None:
    case_id = await relief.opens(ago=timedelta(hours=30))
    async with asyncio.timeout(10):
        while (await relief.reads(f"/v1/cases/{case_id}/clocks"))[0]["recorded"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    clock, *_ = [one for one in await relief.reads(f"/v1/cases/{case_id}/clocks") if one["judged"]]
    assert (clock["recorded"], clock["predicted"]) == ("target_missed", False)


async def test_a_clock_stands_still_only_where_the_policy_lets_it(relief: Relief) -> None:
    case_id = await relief.opens()
    body = {"cause": "applicant_unreachable", "expires_at": "2090-01-01T00:00:00+08:00"}
    asked = await relief.does(case_id, "clocks/advance_from_report/pause", body, role="township_leader")
    assert (asked.status_code, asked.json()["code"]) == (409, "pause_not_allowed")
    denied = await relief.does(case_id, "clocks/advance_from_report/pause", body)
    assert denied.status_code == 403
    resumed = await relief.does(case_id, "clocks/advance_from_report/resume", {}, role="township_leader")
    assert (resumed.status_code, resumed.json()["facts"]) == (201, [])


# --- policy


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
    await _publish(relief, published)


async def _of_household(relief: Relief, person: str) -> Any:
    return await relief.reads(f"/v1/households/{COUNTY}/{person}", "county_civil_affairs", COUNTY)


async def _says(relief: Relief, url: str, body: Any, role: str = "county_civil_affairs") -> int:
    headers = bearer(role, TOWNSHIP if role.startswith("township") else COUNTY, f"k-{role}-{len(str(body))}")
    return (await relief.service.client.post(url, json=body, headers=headers)).status_code


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
    assert [await _says(relief, url, body, role) for role in ("township_leader", "county_civil_affairs")] == [409, 201]
    assert (await relief.decides(second, 100, key="k-2"))["outcome"] == "advance_decided"
    known = await _of_household(relief, PERSON)
    assert [(one["case_id"], one["amount_fen"]) for one in known["helps"]] == [(first, 200_000), (second, 100)]
    assert known["allowed"] == [second]


async def test_a_sample_is_drawn_from_the_cases_that_were_helped(relief: Relief) -> None:
    days = {"sample_id": "2026-Q4", "since": "2020-01-01", "until": "2090-12-31"}
    assert await _says(relief, f"/v1/samples/{COUNTY}", days) == 409
    case_id = await relief.opens()
    await relief.does(case_id, "accept")
    told = await relief.decides(case_id)
    await relief.reserves(case_id, told["decision_id"])
    await relief.pays(case_id, told["decision_id"])
    await relief.worklist()
    seen = await relief.reads(f"/v1/samples/{COUNTY}", "county_civil_affairs", COUNTY, **days)
    assert (seen["cases"], seen["of"], seen["percent"]) == ([case_id], 1, 10)
    assert await _says(relief, f"/v1/samples/{COUNTY}", days | {"sample_id": "2026-Q4b"}) == 201
    story = await relief.reads(f"/v1/cases/{case_id}/history")
    assert [one["name"] for one in story["facts"]].count("relief.sample_drawn") == 1


async def test_a_person_joins_a_household_and_parts_again(relief: Relief) -> None:
    other, house = f"p:{'f' * 32}", f"/v1/households/{COUNTY}/{PERSON}"
    case_id = await relief.opens(person=other)
    await relief.does(case_id, "accept")
    await relief.decides(case_id)
    assert await _says(relief, f"{house}/members", {"member": other, "reason": "hukou_book"}) == 201
    seen = await _of_household(relief, other)
    assert (seen["household"], seen["members"]) == (PERSON, [other])
    assert [one["case_id"] for one in seen["helps"]] == [case_id]
    assert await _says(relief, f"{house}/members/{other}/parting", {"reason": "mistake"}) == 201
    seen = await _of_household(relief, other)
    assert (seen["household"], [one["case_id"] for one in seen["helps"]]) == (other, [case_id])
    assert (await _of_household(relief, PERSON))["helps"] == []


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
    await _publish(relief, published)


async def _publish(relief: Relief, published: PolicyPublished) -> None:
    mounted = relief.service.mounted
    unit = Unit(
        division=COUNTY,
        parts=(Directed(STREAM, PublishPolicy(published)),),
        command_id=UUID(int=1),
        actor=mounted.access.person(bearer("operator", COUNTY)["authorization"]),
        occurred_at=mounted.clock.now(),
    )
    await mounted.writer.submit(unit)
    assert isinstance(mounted.own, PolicyCache)
    await mounted.own.refresh()


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
    await _publish(relief, published)
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


# --- approvals


async def test_an_approval_is_signed_and_paid_in_instalments_and_seen_in_the_list(relief: Relief) -> None:
    case_id = await relief.opens()
    path = f"approvals/{await _proposes(relief, case_id)}"
    assert await relief.steps(case_id) == ["sign"]
    assert (await relief.does(case_id, f"{path}/signatures")).json()["outcome"] == "approval_signed"
    refused = await relief.does(case_id, f"{path}/send-back", {"reason": "x"}, role="township_officer")
    assert refused.status_code == 403
    await relief.does(case_id, f"{path}/signatures", role="township_leader")
    [approval] = (await relief.case(case_id))["approvals"]
    assert (approval["standing"], approval["instalments"][0]["amount_fen"]) == ("approved", 100_000)
    assert await relief.steps(case_id) == ["await_ledger"]


async def test_a_command_that_has_not_seen_the_last_fact_is_turned_back(relief: Relief) -> None:
    case_id = await relief.opens()
    url, headers = f"/v1/cases/{case_id}", bearer("township_officer", TOWNSHIP)
    tag = (await relief.service.client.get(url, headers=headers)).headers["etag"]
    tagged = bearer("township_officer", TOWNSHIP, "k-1") | {"If-Match": tag}
    assert (await relief.service.client.post(f"{url}/accept", headers=tagged)).status_code == 201
    again = bearer("township_officer", TOWNSHIP, "k-2") | {"If-Match": tag}
    answer = await relief.service.client.post(f"{url}/contacts", json={"reached": True}, headers=again)
    assert (answer.status_code, answer.json()["code"]) == (412, "case_changed")
    odd = again | {"If-Match": "7"}
    answer = await relief.service.client.post(f"{url}/contacts", json={"reached": True}, headers=odd)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_if_match")


async def _proposes(relief: Relief, case_id: str) -> str:
    """A county whose policy names two signers, and a proposal of 1,000 yuan for today; gives the approval's id."""
    await _publishes_signers(relief)
    await relief.does(case_id, "accept")
    await relief.does(case_id, "type", {"relief_type": "emergency"})
    body = {"instalments": [{"amount_fen": 100_000, "due_on": relief.today.isoformat()}]}
    proposed = await relief.does(case_id, "approvals", body)
    assert (proposed.status_code, proposed.json()["outcome"]) == (201, "approval_proposed")
    return proposed.json()["approval_id"]


async def _publishes_signers(relief: Relief) -> None:
    signers = SignerChain(township=("township_officer", "township_leader"), clause="示例")
    published = PolicyPublished(
        set_id="signers",
        division=COUNTY,
        title="示例",
        effective_from=date(2026, 1, 1),
        township_limit=TownshipLimit(limit_fen=300_000, inclusive=True, scope="case", clause="示例"),
        signers=signers,
    )
    await _publish(relief, published)


# --- the chain


async def test_worked_example_12_an_identity_found_later_joins_the_chain_and_leaves_it_again(relief: Relief) -> None:
    first, second = await relief.opens("r-1"), await relief.opens("r-2", person=None)
    paid = await _helped(relief, first, 150_000)
    assert paid["outcome"] == "advance_decided"
    await _helped(relief, second, 30_000)
    found = await relief.does(second, "identity", {"person": PERSON}, key="i-1")
    assert found.json()["outcome"] == "identity_established"
    assert await relief.steps(second) == ["review"]
    chain = await _chain(relief, 2)
    assert (chain["total_fen"], [link["repeats"] for link in chain["links"]]) == (180_000, [None, f"case:{first}"])
    gone = {"person": PERSON, "reason": "wrong_person"}
    url = f"/v1/cases/{second}/identity/withdrawal"
    answer = await relief.service.client.post(url, json=gone, headers=bearer("county_civil_affairs", COUNTY, "w-1"))
    assert answer.status_code == 201
    assert (await _chain(relief, 1))["total_fen"] == 150_000
    assert [len((await relief.case(case_id))["decisions"]) for case_id in (first, second)] == [1, 1]


async def _helped(relief: Relief, case_id: str, amount_fen: int) -> Any:
    quilts = {"item": "棉被", "quantity": 1, "cost_fen": amount_fen}
    await relief.does(case_id, "accept")
    told = await relief.decides(case_id, 0, goods=[quilts])
    await relief.does(case_id, "goods-handovers", {"decision_id": told["decision_id"]})
    return told


async def test_help_of_a_person_whom_the_report_named_wrongly_counts_for_whom_it_really_went_to(relief: Relief) -> None:
    case_id, real = await relief.opens(), f"p:{'e' * 32}"
    await _helped(relief, case_id, 150_000)
    url, gone = f"/v1/cases/{case_id}/identity/withdrawal", {"person": PERSON, "reason": "mistaken"}
    answer = await relief.service.client.post(url, json=gone, headers=bearer("county_civil_affairs", COUNTY, "w-1"))
    assert answer.status_code == 201
    assert (await _of_household(relief, PERSON))["helps"] == []
    await _chain(relief, 0)
    found = await relief.does(case_id, "identity", {"person": real}, key="i-1")
    assert found.json()["outcome"] == "identity_established"
    assert [one["amount_fen"] for one in (await _of_household(relief, real))["helps"]] == [150_000]
    assert (await _chain(relief, 1, real))["total_fen"] == 150_000


async def _chain(relief: Relief, links: int, person: str = PERSON) -> Any:
    """The person's chain, once it shows everything that is in the log."""
    head = int((await relief.position()).rpartition(":")[2])
    assert await relief.service.mounted.projectors[CHAIN.name].reached(COUNTY, head, patience=5.0)
    chain = await relief.reads(f"/v1/chains/{person}")
    assert len(chain["links"]) == links
    return chain
