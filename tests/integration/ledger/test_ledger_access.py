"""Who may do what in ledger, and what a request that cannot be served is told."""

import json
from typing import Any

import pytest
import yaml
from fastapi.routing import APIRoute

from services.ledger import http
from tests.integration.ledger.given import COUNTY, COUNTY_FUND, FUND, OTHER_TOWN, RECEIVED, TOWN, Ledger, advance
from tests.support.services import ROLES, ROOT, bearer

FED = {"amount_fen": 1, "source": "city", "document": "市拨1号"}
SHARE = {"township": TOWN, "amount_fen": 1}
ALLOCATION = {"county": COUNTY, "document": "县拨1号", "allocations": [SHARE]}
REASON = {"reason": "not_needed"}
BODIES: dict[str, Any] = {
    "open_fund": {"county": COUNTY, "township": TOWN, "year": 2023},
    "receive_appropriation": FED,
    "allocate": ALLOCATION,
    "register_payee": {"place": TOWN, "case_id": "C-D1", "relation": "agent", "name": "样乙"},
    "instruct_payment": {"method": "cash", "payee_ref": "P"},
    "confirm_receipt": RECEIVED,
    "return_payment": REASON,
    "void_hold": REASON,
    "set_terms": {"terms": {"quota_fen": 1}, "document": "县发1号"},
    "set_quota": {"township": TOWN, "quota_fen": 1, "document": "县发1号"},
    "pass_on": {"to_fund_id": COUNTY_FUND, "amount_fen": 1, "source": "city", "document": "调剂1号"},
    "take_in": {},
    "take_back": REASON,
    "propose": {"act": {"kind": "interest_paid", "amount_fen": 1, "source": "city"}, "document": "回单1"},
    "approve": {},
    "decline": REASON,
    "end_year": {},
    "carry_over": {"from_fund_id": "350581001-2022"},
    "take_up_commitments": {},
    "add_own_money": {},
    "try_again": {},
    "receive_recovery": {"amount_fen": 1},
    "draft_replenishment": {"amount_fen": 1},
    "ask_urgently": {},
    "submit_replenishment": {},
    "sign_replenishment": {"opinion": "同意"},
    "decline_replenishment": REASON,
    "mark_papers": {"standing": "filed"},
    "adjust_month": {},
    "check_vouchers": {},
    "close_month": {"open_exceptions": 0, "difference_fen": 0},
    "reopen_month": REASON,
    "issue_goods": {"batch_id": "A1", "case_id": "C-D1", "quantity": 1},
}
ROUTES = [route for part in http.PARTS for route in part.router.routes]
BANK = {
    *("draw_batch", "export_batch", "import_result", "register_account", "save_layout", "import_statement"),
    *("match", "undo_match", "treat_exception", "approve_exception", "enter_opening"),
}
"""The commands of the bank's side and of files, which have tests of their own."""
NAMED = {
    route.name.removeprefix("ledger."): route
    for route in ROUTES
    if isinstance(route, APIRoute) and route.methods != {"GET"}
}
COMMANDS = {name: route for name, route in NAMED.items() if name not in BANK}
NAMES_WHAT_IS_NOT_THERE = {"take_in", "take_back", "receive_recovery", "carry_over", "close_month"}
"""Whose place is that of a thing which must be found first."""
READS = ("/v1/funds", f"/v1/funds/{FUND}", f"/v1/funds/{FUND}/entries", "/v1/holds?case_id=C-D1")

TABLE: dict[str, list[str]] = yaml.safe_load((ROOT / "policies" / "roles.yaml").read_text(encoding="utf-8"))


def url(name: str, payment_id: str = "P1") -> str:
    """A command's path."""
    named = {
        "hold_id": "D1",
        "month": "2023-07",
        "payment_id": payment_id,
        "act_id": "A1",
        "transfer_id": "T1",
        "recovery_id": "R1",
        "request_id": f"{FUND}-R001",
    }
    return COMMANDS[name].path.format(fund_id=FUND, **named)


# --- who may ---


def test_every_command_is_in_the_table_of_roles_and_no_other_of_ledger() -> None:
    listed = {name for name in TABLE if name.startswith("ledger.")} - {"ledger.discover"}
    assert {f"ledger.{name}" for name in NAMED} | {"ledger.read"} == listed
    assert BODIES.keys() == COMMANDS.keys()
    assert {role for name in listed for role in TABLE[name]} <= set(ROLES)


async def test_a_command_needs_a_token_and_a_role_before_anything_is_looked_up(ledger: Ledger) -> None:
    for name, body in BODIES.items():
        nobody = await ledger.service.client.post(url(name), json=body, headers={"idempotency-key": "k"})
        assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer"), name
        for role in set(ROLES) - set(TABLE[f"ledger.{name}"]):
            answer = await ledger.post(url(name), {"senseless": body}, role=role)
            assert (answer.status_code, answer.json()["code"]) == (403, "denied"), (name, role)
    assert await ledger.facts() == []


async def test_a_role_holds_inside_its_scope_only(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    payment = await ledger.instructed("D1")
    before = await ledger.facts()
    for name in BODIES.keys() - NAMES_WHAT_IS_NOT_THERE:
        body = BODIES[name]
        for role in TABLE[f"ledger.{name}"]:
            answer = await ledger.post(url(name, payment), body, role=role, scope=OTHER_TOWN)
            assert (answer.status_code, answer.json()["code"]) == (403, "denied"), (name, role)
    assert await ledger.facts() == before


async def test_reading_needs_a_token_a_role_and_a_scope(ledger: Ledger) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    inside = await ledger.get("/v1/funds", role="township_officer", scope=TOWN)
    assert [fund["fund_id"] for fund in inside["funds"]] == [FUND]
    client = ledger.service.client
    for path in READS:
        assert (await client.get(path)).status_code == 401, path
        assert (await client.get(path, headers=bearer("village_informant", TOWN))).status_code == 403, path
    outside = [await client.get(path, headers=bearer("auditor", OTHER_TOWN)) for path in READS]
    assert [answer.status_code for answer in outside] == [200, 403, 403, 200]
    assert (outside[0].json(), outside[3].json()) == ({"funds": []}, {"holds": []})


# --- what cannot be served ---


BAD: list[tuple[str, dict[str, Any], list[str]]] = [
    ("/v1/funds", {"county": COUNTY, "year": 1999}, ["/year"]),
    ("/v1/funds", {"county": COUNTY, "township": "320115001", "year": 2023}, ["/township"]),
    ("/v1/funds", {"county": COUNTY, "year": 2023, "colour": "red"}, ["/colour"]),
    ("/v1/funds/350581/appropriations", FED, ["/fund_id"]),
    (f"/v1/funds/{FUND}/appropriations", FED | {"amount_fen": 1.5, "source": "x"}, ["/amount_fen", "/source"]),
    (f"/v1/funds/{FUND}/appropriations", FED | {"document": "a\0"}, ["/document"]),
    (f"/v1/funds/{FUND}/appropriations", FED | {"amount_fen": 0}, ["/amount_fen"]),
    (f"/v1/funds/{FUND}/appropriations", FED | {"amount_fen": 10**16}, ["/amount_fen"]),
    ("/v1/allocations", ALLOCATION | {"county": "320115"}, ["/allocations"]),
    ("/v1/allocations", ALLOCATION | {"allocations": [SHARE, SHARE]}, ["/allocations"]),
    ("/v1/allocations", ALLOCATION | {"allocations": []}, ["/allocations"]),
]


async def test_a_bad_body_is_answered_with_pointers(ledger: Ledger) -> None:
    for path, body, pointers in BAD:
        answer = await ledger.finance(path, body)
        problem = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), (path, body)
        assert (problem["code"], problem["retryable"], problem["instance"]) == ("invalid", False, path)
        assert [error["pointer"] for error in problem["errors"]] == pointers


async def test_a_payee_that_cannot_be_registered_is_not_echoed(ledger: Ledger) -> None:
    asked = bearer("township_finance", TOWN, "k") | {"content-type": "application/json"}
    for personal in ("样\ud800", "样甲" * 31, "样\n甲", "6200 0000 1111"):
        body = {"place": TOWN, "case_id": "C-D1", "relation": "agent", "name": "样", "account": personal}
        for sent in (body, body | {"name": personal}, body | {"case_id": personal}):
            answer = await ledger.service.client.post("/v1/payees", content=json.dumps(sent), headers=asked)
            assert answer.status_code == 422
            told = answer.json() | {"trace_id": ""}  # a random number, which may hold any other
            assert {error["pointer"] for error in told["errors"]} <= {"/name", "/account", "/case_id"}
            assert "样" not in str(told)
            assert "6200" not in str(told)


async def test_a_receipt_needs_a_believable_moment_with_an_offset(ledger: Ledger) -> None:
    for moment in ("2023-07-28T09:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", 1e300, None):
        answer = await ledger.cashier("/v1/payments/P1/receipt", RECEIVED | {"received_at": moment})
        assert answer.status_code == 422, moment
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/received_at"]
    for moment in ("2023-07-28T09:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        asked = bearer("auditor", COUNTY)
        answer = await ledger.service.client.get("/v1/funds", headers=asked, params={"at": moment})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/at")


async def test_what_is_not_there_is_a_404(ledger: Ledger) -> None:
    for path, body in (("/v1/holds/D9/void", REASON), ("/v1/payments/P9/receipt", RECEIVED)):
        answer = await ledger.cashier(path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_hold")
    unknown = await ledger.service.client.get("/v1/funds/350581999-2023", headers=bearer("auditor", COUNTY))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_fund")


async def test_what_was_short_is_no_hold_that_could_be_paid(ledger: Ledger) -> None:
    await ledger.hears(advance("D1", 200_000))
    answer = await ledger.cashier("/v1/holds/D1/void", REASON)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_hold")


async def test_a_fund_that_is_not_open_takes_no_money(ledger: Ledger) -> None:
    answer = await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", FED)
    assert (answer.status_code, answer.json()["code"]) == (409, "fund_not_open")


async def test_a_command_without_a_key_or_too_large_is_refused(ledger: Ledger) -> None:
    body = BODIES["open_fund"]
    answer = await ledger.service.client.post("/v1/funds", json=body, headers=bearer("county_finance", COUNTY))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    large = await ledger.finance("/v1/funds", body | {"note": "x" * 1024 * 1024})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


async def test_a_position_that_does_not_come_is_a_503_and_not_an_old_answer(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.routing._PATIENCE_SECONDS", 0.05)
    ledger.seen = f"{COUNTY}:7"
    asked = bearer("auditor", COUNTY)
    for answer in (
        await ledger.service.client.get("/v1/funds", headers=asked, params={"after": ledger.seen}),
        await ledger.cashier("/v1/holds/D1/void", REASON),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "behind")
        assert answer.headers["retry-after"]
