"""The OpenAPI document is kept: whatever is sent, fitting or not, no answer is an error of ours or undocumented."""

from typing import Any

from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import HOTLINE, VILLAGE, signed
from tests.support.playing import Player
from tests.support.services import RunningService, RunService, bearer

COUNTY = "341825"
EXAMPLES = 8


async def test_every_answer_to_whatever_is_sent_is_documented_and_none_is_an_error_of_ours(
    run_service: RunService,
) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY, "")) as intake:
        known = {"report_id": await told_of_a_report(intake)}
        await Player(intake, (COUNTY, COUNTY, ""), known, EXAMPLES, _as_a_hotline).play_all()


def _as_a_hotline(case: Any, number: int, sent: dict[str, Any]) -> None:
    """A hotline signs what it sends."""
    if case.path.startswith("/adapters"):
        sent["headers"] |= signed(HOTLINE)
        if number % 2:
            sent["content"] = HOTLINE
            sent.pop("json", None)


async def test_a_reader_who_waits_for_what_never_comes_is_told_so_as_documented(run_service: RunService) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY,)) as intake:
        report_id = await told_of_a_report(intake)
        answer = await intake.client.get(
            f"/v1/reports/{report_id}?after={COUNTY}:999", headers=bearer("auditor", COUNTY)
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "behind")
        assert answer.headers["retry-after"]
        operations = (await intake.client.get("/openapi.json")).json()["paths"]
        assert "503" in operations["/v1/reports/{report_id}"]["get"]["responses"]


async def told_of_a_report(intake: RunningService) -> str:
    headers = bearer("village_informant", COUNTY, "known")
    told = await intake.client.post("/v1/reports", content=VILLAGE, headers=headers)
    assert told.status_code == 201, told.text
    return told.json()["report_id"]
