"""A difference that nobody settles goes to somebody above, once, whoever looks and however often."""

from datetime import timedelta
from uuid import uuid5

import httpx
import pytest

from events.bank import ExceptionEscalated
from jiujinan.bank_files import BankRow
from services.ledger.app import BLUEPRINT
from services.ledger.escalating import escalation
from services.ledger.routes.bank_reading import caught_up
from tests.integration.ledger.bank_given import PATH, read, registered, send, statement
from tests.integration.ledger.given import COUNTY, Ledger


@pytest.fixture
async def unsettled(ledger: Ledger) -> httpx.Response:
    """Lines that are 90, 89 and 29 days old, and that nothing in the books matches."""
    await registered(ledger)
    now = ledger.service.mounted.clock.now()
    rows = [BankRow(now - timedelta(days), 30, text="结息") for days in (90, 89, 29)]
    imported = await send(ledger, statement(ledger, rows))
    assert imported.status_code == 201, imported.text
    matched = await ledger.cashier(f"{PATH}/matches", {})
    await caught_up(ledger.service.mounted, COUNTY)
    return matched


async def escalated(ledger: Ledger) -> list[tuple[str, int]]:
    return [(fact.level, fact.age_days) for fact in await ledger.facts() if isinstance(fact, ExceptionEscalated)]


async def test_two_that_look_at_once_and_again_escalate_each_difference_once(
    ledger: Ledger, unsettled: httpx.Response
) -> None:
    looking = escalation(ledger.service.mounted)
    seen_by_another = await looking.due(looking.clock.now())
    await looking.look()
    for unit in seen_by_another:
        await looking.writer.submit(unit._replace(command_id=uuid5(unit.command_id, "another")))
    await caught_up(ledger.service.mounted, COUNTY)
    assert await looking.due(looking.clock.now()) == []
    assert sorted(await escalated(ledger)) == [("county", 90), ("warned", 89)]


async def test_how_far_it_went_is_shown_and_counted(ledger: Ledger, unsettled: httpx.Response) -> None:
    await escalation(ledger.service.mounted).look()
    await caught_up(ledger.service.mounted, COUNTY)
    exceptions = (await read(ledger, "exceptions", unsettled))["exceptions"]
    assert [(one["age_days"], one["escalated"]) for one in exceptions] == [(90, "county"), (89, "warned"), (29, None)]
    (account,) = (await ledger.get("/v1/bank-accounts"))["accounts"]
    assert (account["exceptions"], account["at_county"], account["oldest"]) == (3, 1, exceptions[0]["since"])
    metrics = [metric for reading in BLUEPRINT.figures(ledger.service.mounted) for metric in await reading()]
    samples = [sample for metric in metrics for sample in metric.samples]
    counted = {sample.name: sample.value for sample in samples if sample.labels == {"county": COUNTY}}
    assert (counted["jiujinan_exceptions_warned"], counted["jiujinan_exceptions_at_county"]) == (1, 1)
