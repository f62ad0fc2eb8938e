"""A running ledger for each test of its edges."""

from collections.abc import AsyncIterator

import pytest

from services.ledger.app import BLUEPRINT
from tests.integration.ledger.given import SCOPES, Ledger
from tests.support.services import RunService


@pytest.fixture
async def ledger(run_service: RunService) -> AsyncIterator[Ledger]:
    async with run_service(BLUEPRINT, scopes=SCOPES) as service:
        yield Ledger(service)
