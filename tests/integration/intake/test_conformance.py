"""The vendors' kit against our own intake: everything comes back as it says, whatever the dialect."""

import base64
from datetime import UTC, datetime

import httpx
import pytest

from jiujinan.conformance import CASES, play
from jiujinan.played_vendor import Vendor
from services.intake.app import BLUEPRINT
from services.intake.channels.dialect import load_dialects
from tests.support.services import ROOT, WEBHOOK_SECRET, RunService

SECOND_SECRET = "whsec_" + base64.b64encode(b"a secret that nobody here knows.").decode()
DIALECTS = load_dialects(ROOT / "policies" / "intake" / "hotlines")


def vendor_of(client: httpx.AsyncClient, name: str, secret: str = WEBHOOK_SECRET) -> Vendor:
    return Vendor(
        client,
        name,
        secret,
        DIALECTS.of(name),
        "320115002",
        "1",
        lambda: datetime.now(UTC),  # noqa: TID251  a signature bears the real time
    )


SHIPPED = ("demo", *sorted(DIALECTS.by_vendor))
"""A vendor of every dialect that is shipped: one of the default's, and those that the files name."""


@pytest.mark.parametrize("name", SHIPPED)
async def test_the_kit_finds_nothing_wrong_with_us(run_service: RunService, name: str) -> None:
    async with run_service(BLUEPRINT, hotlines=(name,)) as intake:
        findings = await play(vendor_of(intake.client, name))
    assert len(findings) == len(CASES)
    assert [finding for finding in findings if not finding.is_met] == []


async def test_the_kit_says_what_came_instead_of_what_should_have_come(run_service: RunService) -> None:
    async with run_service(BLUEPRINT) as intake:
        findings = await play(vendor_of(intake.client, "demo", SECOND_SECRET))
    assert findings[0].got == "401"
    assert not findings[0].is_met
