"""Relief, running for one test."""

from collections.abc import AsyncIterator

import pytest

from services.relief.app import BLUEPRINT
from tests.support.neighbours import Neighbour
from tests.support.relief_service import COUNTY, SCOPES, Relief
from tests.support.services import NoonClock, RunService


@pytest.fixture
async def relief(run_service: RunService) -> AsyncIterator[Relief]:
    async with run_service(BLUEPRINT, scopes=SCOPES, clock=NoonClock()) as service:
        follower = service.mounted.follower
        yield Relief(service, Neighbour("intake", COUNTY, follower), Neighbour("ledger", COUNTY, follower))
