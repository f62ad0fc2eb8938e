"""The system that the story is told on, and its people."""

from collections.abc import AsyncIterator

import pytest

from tests.support.broker_choice import BrokerKind
from tests.support.people import Cashier, County, Hotline, Informant, Leader, Officer, Somebody
from tests.support.system import System, running_system


@pytest.fixture(scope="module")
async def system(postgres: str, broker_kind: BrokerKind) -> AsyncIterator[System]:
    async with running_system(postgres, broker_kind, "-m", "jiujinan.cli", "serve") as running:
        yield running


@pytest.fixture(scope="module")
def hotline(system: System) -> Hotline:
    return Hotline(system.api, system.mailbox.messages)


@pytest.fixture(scope="module")
def informant(system: System) -> Informant:
    return Informant(system.api, "informant")


@pytest.fixture(scope="module")
def officer(system: System) -> Officer:
    return Officer(system.api, "officer")


@pytest.fixture(scope="module")
def leader(system: System) -> Leader:
    return Leader(system.api, "leader")


@pytest.fixture(scope="module")
def cashier(system: System) -> Cashier:
    return Cashier(system.api, "cashier")


@pytest.fixture(scope="module")
def leader_at_the_till(system: System) -> Cashier:
    return Cashier(system.api, "leader at the till")


@pytest.fixture(scope="module")
def county(system: System) -> County:
    return County(system.api, "county")


@pytest.fixture(scope="module")
def auditor(system: System) -> Somebody:
    return Somebody(system.api, "auditor")
