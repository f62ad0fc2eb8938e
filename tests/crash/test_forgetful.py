"""The mutant: the same crashes without ``handled`` and ``followed``. The judge must see what they are there for."""

import signal
from collections.abc import AsyncIterator

import pytest

from tests.support.broker_choice import BrokerKind
from tests.support.oracle import findings, world
from tests.support.people import awaited
from tests.support.system import System, running_system
from tests.support.walks import Walks
from tests.support.wardens import Warden, arm


@pytest.fixture(scope="module")
async def system(postgres: str, broker_kind: BrokerKind) -> AsyncIterator[System]:
    entry = ("-m", "tests.support.failing_service")
    async with running_system(postgres, broker_kind, *entry, environment={"FORGETS": "yes"}) as running:
        yield running


async def test_services_that_forget_what_they_have_done_do_it_twice(system: System, warden: Warden) -> None:
    """A caller who was not answered, and a fact whose offset was not committed, both come again."""
    arm(system.services["relief"], "before_answer contacts 3")
    arm(system.services["ledger"], "after_take_in relief.advance_decided 3")
    walks = Walks(system, ("320115001", "341825100"))
    await walks.to_the_leader_in_step()

    async def doubles() -> set[str]:
        return {finding.split()[1] for finding in findings(await world(system)) if finding.startswith("twice")}

    assert await awaited(doubles, {"contact", "answer"}.issubset)
    assert sorted(warden.deaths) == [("ledger", signal.SIGKILL), ("relief", signal.SIGKILL)]
