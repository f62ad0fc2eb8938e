"""Whatever is sent to a route, the answer is a problem that can be read aloud, and repeats no number of a person."""

import re
from collections.abc import Iterator, Mapping

import httpx
import pytest

from services.chassis.mount import Blueprint
from services.intake.app import BLUEPRINT as INTAKE
from services.ledger.app import BLUEPRINT as LEDGER
from services.relief.app import BLUEPRINT as RELIEF
from tests.docs.documents import ROOT
from tests.support.services import ROLES, RunService, bearer

_ID_NUMBER, _PHONE = "000000195608240022", "19900002301"
_BODIES: Mapping[str, bytes] = {
    "cut off": b"{",
    "a text": f'"{_ID_NUMBER}"'.encode(),
    "a list": f'["{_ID_NUMBER}"]'.encode(),
    "unknown fields": f'{{"{_ID_NUMBER}": "{_PHONE}"}}'.encode(),
    "no UTF-8": b'{"note": "\xff\xfe"}',
    "half a character": rb'{"note": "\ud800"}',
    "very deep": b"[" * 20_000,
    "a number beyond all": b'{"amount_fen": ' + b"9" * 5_000 + b"}",
    "empty": b"",
}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ROUTE = re.compile(r"^\| `(GET|POST|PUT|DELETE) (/[^`]*)` \|[^|]*\| (.*) \|$", re.MULTILINE)


def _callers() -> Mapping[tuple[str, str], str]:
    """By method and path a role that may call the route, as the documentation has it."""
    found: dict[tuple[str, str], str] = {}
    role = ROLES[0]
    for method, path, roles in _ROUTE.findall((ROOT / "docs" / "api.md").read_text(encoding="utf-8")):
        role = next((name for name in re.findall(r"`(\w+)`", roles) if name in ROLES), role)
        found[method, path] = role
    return found


def _routes(paths: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str, str]]:
    """Method, address and caller of each route; what the address names looks like the number of a person."""
    callers = _callers()
    for path, methods in paths.items():
        for method in (name.upper() for name in methods):
            yield method, re.sub(r"\{[^}]*\}", _ID_NUMBER, path), callers.get((method, path), ROLES[0])


def _wrong(answer: httpx.Response) -> str | None:
    """What is wrong with an answer."""
    if answer.status_code < 400:
        return None
    if _ID_NUMBER in answer.text or _PHONE in answer.text:
        return "repeats a number"
    if answer.status_code == 500 or answer.headers["content-type"] != "application/problem+json":
        return f"is {answer.status_code} {answer.headers['content-type']}"
    told = answer.json()
    is_whole = told["status"] == answer.status_code and re.fullmatch(r"[a-z_]+", told["code"])
    can_be_read = _CHINESE.search(told["detail"]) and all(_CHINESE.search(one["message"]) for one in told["errors"])
    points = all(re.match(r"^(/|$)", one["pointer"]) for one in told["errors"])
    return None if is_whole and can_be_read and points else f"tells {told}"


@pytest.mark.parametrize("blueprint", [INTAKE, RELIEF, LEDGER], ids=lambda blueprint: blueprint.name)
async def test_every_route_answers_every_bad_body_with_a_problem(run_service: RunService, blueprint: Blueprint) -> None:
    wrong: dict[tuple[str, str, str], str] = {}
    async with run_service(blueprint) as service:
        routes = list(_routes((await service.client.get("/openapi.json")).json()["paths"]))
        for method, path, role in routes:
            for name, body in _BODIES.items():
                headers = bearer(role, "320115", "k") | {"content-type": "application/json"}
                url = f"{path}?at={_ID_NUMBER}&after={_PHONE}"
                found = _wrong(await service.client.request(method, url, content=body, headers=headers))
                if found is not None:
                    wrong[method, path, name] = found
    assert wrong == {}
