"""What was just written is seen, waited for, or said to be on its way; that it is not there is said of nothing else."""

import json

import asyncpg
import pytest

from services.intake.app import BLUEPRINT
from tests.integration.intake.test_intake_service import INFORMANT, VILLAGE, until
from tests.support.services import RunService, bearer

OWN = bearer(INFORMANT, "341825", "k1")


async def test_a_report_that_cannot_be_seen_yet_is_not_denied_and_what_was_never_sent_is(
    run_service: RunService,
) -> None:
    async with run_service(BLUEPRINT, scopes=("341825",)) as intake:
        owner = await asyncpg.connect(intake.owner_dsn)
        async with owner.transaction():
            await owner.execute("lock table projection_cursors in exclusive mode")
            posted = await intake.client.post("/v1/reports", content=VILLAGE, headers=OWN)
            path = f"/v1/reports/{posted.json()['report_id']}"
            late = await intake.client.get(path, headers=OWN)
            assert (late.status_code, late.json()["code"], late.json()["retryable"]) == (503, "behind", True)
            assert int(late.headers["retry-after"]) > 0
        await owner.close()
        statuses: list[int] = []

        async def is_shown() -> bool:
            statuses.append((await intake.client.get(path, headers=OWN)).status_code)
            return statuses[-1] == 200

        await until(is_shown)
        assert set(statuses[:-1]) <= {503}
        never = await intake.client.get("/v1/reports/never", headers=OWN)
        assert (never.status_code, never.json()["code"]) == (404, "no_such_report")


@pytest.mark.parametrize("asked", ["answer", "report"])
async def test_every_moment_of_a_report_is_told_in_chinas_time(run_service: RunService, asked: str) -> None:
    async with run_service(BLUEPRINT, scopes=("341825",)) as intake:
        posted = await intake.client.post("/v1/reports", content=VILLAGE, headers=OWN)
        told = posted.json()
        if asked == "report":
            called = {"division": "341825", "staff_id": "S-1", "reached": True, "called_at": "2026-11-02T01:00:00Z"}
            path = f"/v1/reports/{told['report_id']}"
            officer = bearer("county_civil_affairs", "341825", "k1")
            put = await intake.client.post(f"{path}/calls", json=called, headers=officer)
            after = {"after": put.headers["log-position"]}
            told = (await intake.client.get(path, params=after, headers=officer)).json()
            assert told["messages"][0]["detail"]["called_at"] == "2026-11-02T09:00:00+08:00"
    moments = [one for one in json.dumps(told).split('"') if one[4:5] == "-" and one[10:11] == "T"]
    assert len(moments) > 1
    assert {one[-6:] for one in moments} == {"+08:00"}
