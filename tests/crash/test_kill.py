"""kill -9 at named points of the walk: nothing is lost, and nothing happens twice.

Eight households in two counties are helped while processes die; their callers ask again until they are answered. What
this would look like without protection is in ``test_forgetful``.
"""

import asyncio
import signal
from dataclasses import replace

import pytest

from events.relief_clocks import ClockBroken, ClockCorrected
from jiujinan.installation import HOTLINE
from tests.support.apache_kafka import ApacheKafka
from tests.support.oracle import damage, findings, published, settled, world
from tests.support.system import System
from tests.support.walks import Walks
from tests.support.wardens import Warden, arm

POINTS = {
    "before_commit": ("intake.help_needed", "relief.case_opened", "ledger.reserved"),
    "after_commit": ("intake.help_needed", "relief.advance_decided", "ledger.payment_received"),
    "after_publish": ("intake.help_needed", "relief.advance_decided", "ledger.payment_received"),
    "after_take_in": ("relief.case_closed", "intake.help_needed", "relief.advance_decided"),
    "before_answer": (HOTLINE, "contacts", "payments"),
}
"""Where intake, relief and ledger die: with the third such fact, or with the answer to the third such request."""

SERVICES = ("intake", "relief", "ledger")


def townships(number: int) -> tuple[str, str]:
    """One of Jiangning and one of Jingde that no other test of this module uses."""
    return f"320115{number + 1:03}", f"341825{number + 100:03}"


async def all_is_well(system: System) -> None:
    """Everything that was ever told to this system has been followed to its end, once."""
    await settled(system)
    assert findings(await world(system)) == []
    assert await damage(system) == []


@pytest.mark.parametrize(("number", "point"), list(enumerate(POINTS)), ids=POINTS)
async def test_services_that_die_lose_nothing_and_double_nothing(
    system: System, warden: Warden, number: int, point: str
) -> None:
    for service, passing in zip(SERVICES, POINTS[point], strict=True):
        arm(system.services[service], f"{point} {passing} 3")
    walks = Walks(system, townships(number))
    await walks.to_the_leader()
    await walks.to_the_end()
    assert sorted(warden.deaths) == [(service, signal.SIGKILL) for service in sorted(SERVICES)]
    await all_is_well(system)


async def test_a_callback_that_was_not_put_down_is_sent_again_in_the_same_words(system: System, warden: Warden) -> None:
    arm(system.services["intake"], "before_commit intake.reply_delivered 1")
    walks = Walks(system, townships(5), each=1)
    await walks.to_the_leader()
    await walks.to_the_end()
    assert warden.deaths == [("intake", signal.SIGKILL)]
    await all_is_well(system)
    arrived = [reply["id"] for reply in system.mailbox.messages()]
    assert len(arrived) > len(set(arrived))


@pytest.mark.apache_only
async def test_a_broker_that_dies_keeps_what_it_was_given_and_nobody_from_calling(system: System) -> None:
    """It dies with facts in it that nobody has heard, while others go on calling."""
    assert isinstance(system.broker, ApacheKafka)
    unheard, unsaid = Walks(system, townships(6), each=2), Walks(system, townships(7), each=2)
    await system.services["relief"].stop()
    await unheard.call()
    await published(system, "intake")
    await system.broker.kill()
    await unsaid.call()
    await system.broker.start()
    system.services["relief"].start()
    for walks in (unheard, unsaid):
        await walks.to_the_leader()
        await walks.to_the_end()
    await all_is_well(system)


@pytest.mark.apache_only
async def test_a_second_process_that_comes_goes_and_dies_loses_nothing_and_doubles_nothing(system: System) -> None:
    """Each time the partitions change hands while facts are on their way."""
    second, walks, more = system.second_relief, Walks(system, townships(8)), Walks(system, townships(9), each=2)
    second.start()
    await asyncio.gather(second.ready(), walks.to_the_leader())
    arm(second, "after_take_in ledger.reserved 1")
    await walks.to_the_end()
    assert await second.death() == signal.SIGKILL
    await second.stop()
    second.start()
    await second.ready()
    await asyncio.gather(second.stop(), more.to_the_leader())
    await more.to_the_end()
    await all_is_well(system)


async def test_any_fact_of_a_whole_walk_would_be_missed_and_noticed_twice(system: System) -> None:
    """The judge of the tests above is no rubber stamp."""
    walks = Walks(system, ("350581001", "350581002"), each=1)
    await walks.to_the_leader()
    await walks.to_the_end()
    await settled(system)
    seen = await world(system)
    for fact in (one for one in seen.facts if one.meta.correlation in walks.stories()):
        without = [one for one in seen.facts if one is not fact]
        # what a clock came to is judged again by the scheduler, as long as it is not on record
        is_judged_again = isinstance(fact.fact, ClockBroken | ClockCorrected)
        assert is_judged_again or findings(replace(seen, facts=without)) != [], f"{fact.fact.NAME} could be lost"
        assert findings(replace(seen, facts=[*seen.facts, fact])) != [], f"{fact.fact.NAME} could happen twice"
