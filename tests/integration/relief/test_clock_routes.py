"""The clocks of a case over HTTP: certificates, breaches, pauses."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from tests.support.relief_service import (
    NAME,
    TOWNSHIP,
    Relief,
)
from tests.support.services import ROOT, bearer


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
