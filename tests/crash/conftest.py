"""The system that is crashed: its services are wrapped, so that they can be killed at named points."""

from collections.abc import AsyncIterator

import pytest

from tests.support.broker_choice import BrokerKind
from tests.support.system import System, running_system
from tests.support.wardens import Warden, warden_of

FAILING = ("-m", "tests.support.failing_service")


@pytest.fixture(scope="module")
async def system(postgres: str, broker_kind: BrokerKind) -> AsyncIterator[System]:
    async with running_system(postgres, broker_kind, *FAILING) as running:
        yield running


@pytest.fixture
async def warden(system: System) -> AsyncIterator[Warden]:
    async with warden_of(system) as watching:
        yield watching
