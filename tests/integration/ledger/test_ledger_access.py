"""Who may do what in ledger, and what a request that cannot be served is told."""

import json
from typing import Any

import pytest
import yaml
from fastapi.routing import APIRoute

from services.ledger.http import router
from tests.integration.ledger.given import COUNTY, COUNTY_FUND, FUND, OTHER_TOWN, RECEIVED, TOWN, Ledger, advance
from tests.support.services import ROLES, ROOT, bearer

# --- who may, and what is refused ---

BODIES: dict[str, Any] = {
    "open_fund": {"county": COUNTY, "township": TOWN, "year": 2023},
    "receive_appropriation": {"amount_fen": 1, "source": "city", "document": "市拨1号"},
    "allocate": {"county": COUNTY, "document": "1号", "allocations": [{"township": TOWN, "amount_fen": 1}]},
    "register_payee": {"place": TOWN, "case_id": "C-D1", "relation": "agent", "name": "样乙"},
    "instruct_payment": {"method": "cash", "payee_ref": "P"},
    "confirm_receipt": RECEIVED,
    "return_payment": {"reason": "account_closed"},
    "void_hold": {"reason": "not_needed"},
}
COMMANDS = {route.name: route for route in router.routes if isinstance(route, APIRoute) and "POST" in route.methods}


def url(name: str, **named: str) -> str:
    """A command's path."""
    return COMMANDS[name].path.format(**({"fund_id": FUND, "hold_id": "D1", "payment_id": "P1"} | named))


def table() -> dict[str, list[str]]:
    return yaml.safe_load(Path(ROOT / "policies" / "roles.yaml").read_text(encoding="utf-8"))


def test_every_command_is_in_the_table_of_roles_and_nothing_else_of_ledger() -> None:
    assert {f"ledger.{name}" for name in COMMANDS} | {"ledger.read"} == {name for name in table() if "ledger." in name}
    assert BODIES.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", BODIES)
async def test_a_role_that_may_not_give_a_command_is_told_so_before_anything_is_looked_up(
    ledger: Ledger, name: str
) -> None:
    client = ledger.service.client
    codes = {
        role: (await client.post(url(name), json=BODIES[name], headers=bearer(role, TOWN, "k"))).json()["code"]
        for role in ROLES
        if role not in table()[f"ledger.{name}"]
    }
    assert set(codes.values()) == {"denied"}
    nobody = await client.post(url(name), json=BODIES[name], headers={"idempotency-key": "k"})
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert await ledger.facts() == []


@pytest.mark.parametrize("name", BODIES)
async def test_a_role_holds_inside_its_scope_only(ledger: Ledger, name: str) -> None:
    await ledger.fed(500_000)
    await ledger.hears(advance("D1", 200_000))
    payment = await ledger.instructed("D1")
    before = await ledger.facts()
    role = table()[f"ledger.{name}"][0]
    path = url(name, payment_id=payment)
    for command in ({}, {"after": ledger.seen}):
        asked = bearer(role, OTHER_TOWN, "k")
        answer = await ledger.service.client.post(path, json=BODIES[name], headers=asked, params=command)
        assert (answer.status_code, answer.json()["code"]) == (403, "denied")
    assert await ledger.facts() == before


@pytest.mark.parametrize("path", ["/v1/funds", f"/v1/funds/{FUND}", f"/v1/funds/{FUND}/entries", "/v1/holds?case_id=C"])
async def test_reading_needs_a_role_and_a_scope(ledger: Ledger, path: str) -> None:
    await ledger.fed(1_000)
    client = ledger.service.client
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=bearer("village_informant", TOWN))).status_code == 403
    outside = await client.get(path, headers=bearer("auditor", OTHER_TOWN))
    seen = outside.json().get("funds") or outside.json().get("holds") or []
    assert (outside.status_code, seen) == (403 if FUND in path else 200, [])


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("/v1/funds", {"county": COUNTY, "year": 1999}, ["/year"]),
        ("/v1/funds", {"county": COUNTY, "township": "320115001", "year": 2023}, ["/township"]),
        ("/v1/funds", {"county": COUNTY, "year": 2023, "colour": "red"}, ["/colour"]),
        ("/v1/funds/350581/appropriations", BODIES["receive_appropriation"], ["/fund_id"]),
        (f"/v1/funds/{FUND}/appropriations", {"amount_fen": 1.5, "source": "x", "document": "a\0"}, None),
        (f"/v1/funds/{FUND}/appropriations", BODIES["receive_appropriation"] | {"amount_fen": 0}, ["/amount_fen"]),
        (f"/v1/funds/{FUND}/appropriations", BODIES["receive_appropriation"] | {"amount_fen": 10**16}, ["/amount_fen"]),
        ("/v1/allocations", BODIES["allocate"] | {"county": "320115"}, ["/allocations"]),
        (
            "/v1/allocations",
            BODIES["allocate"] | {"allocations": BODIES["allocate"]["allocations"] * 2},
            ["/allocations"],
        ),
        ("/v1/allocations", BODIES["allocate"] | {"allocations": []}, ["/allocations"]),
    ],
)
async def test_a_bad_body_is_answered_with_pointers_and_never_repeated(
    ledger: Ledger, path: str, body: dict[str, Any], pointers: list[str] | None
) -> None:
    answer = await ledger.finance(path, body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert (problem["code"], problem["retryable"]) == ("invalid", False)
    assert [error["pointer"] for error in problem["errors"]] == (pointers or ["/amount_fen", "/source", "/document"])


@pytest.mark.parametrize("personal", ["样\ud800", "样" * 61, " ", "6200 0000"])
async def test_a_payee_that_cannot_be_registered_is_not_echoed(ledger: Ledger, personal: str) -> None:
    body = {"place": TOWN, "case_id": "C-D1", "relation": "agent", "name": personal, "account": personal}
    asked = bearer("township_finance", TOWN, "k") | {"content-type": "application/json"}
    answer = await ledger.service.client.post("/v1/payees", content=json.dumps(body), headers=asked)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} <= {"/name", "/account"}
    assert personal.strip() == "" or personal.encode("utf-8", "replace") not in answer.content


@pytest.mark.parametrize(
    "moment", ["2023-07-28T09:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", 1e300]
)
async def test_a_receipt_needs_a_believable_moment_with_an_offset(ledger: Ledger, moment: Any) -> None:
    answer = await ledger.cashier("/v1/payments/P1/receipt", RECEIVED | {"received_at": moment})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/received_at"]


async def test_what_is_not_there_is_a_404_and_what_is_too_large_a_413(ledger: Ledger) -> None:
    for path, body in (("/v1/holds/D9/void", BODIES["void_hold"]), ("/v1/payments/P9/receipt", RECEIVED)):
        answer = await ledger.cashier(path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_hold")
    unknown = await ledger.service.client.get("/v1/funds/350581999-2023", headers=bearer("auditor", COUNTY))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_fund")
    closed = await ledger.finance(f"/v1/funds/{COUNTY_FUND}/appropriations", BODIES["receive_appropriation"])
    assert (closed.status_code, closed.json()["code"]) == (409, "fund_not_open")
    large = await ledger.finance("/v1/funds", {"county": COUNTY, "year": 2023, "note": "x" * 1024 * 1024})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


async def test_a_position_that_does_not_come_is_a_503_and_not_an_old_answer(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ledger.reading._PATIENCE_SECONDS", 0.05)
    ledger.seen = f"{COUNTY}:7"
    for answer in (
        await ledger.service.client.get("/v1/funds", headers=bearer("auditor", COUNTY), params={"after": ledger.seen}),
        await ledger.cashier("/v1/holds/D1/void", BODIES["void_hold"]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "not_yet_visible")
        assert answer.headers["retry-after"]


