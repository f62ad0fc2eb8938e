"""What simulated funds come to in ledger's read models: a page at a time as it does one change after the other."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from events.fact import Recorded
from services.chassis.changes import together
from services.chassis.database import Connection
from services.chassis.projection import ReadModel, write
from services.ledger.bank import BANK_MODEL
from services.ledger.journal import JOURNAL
from tests.integration.ledger.given import Ledger
from tests.simulation.fund.world import FundWorld
from tests.simulation.living import Living
from tests.simulation.simulate import lived

SEEDS = range(3)


@pytest.mark.parametrize("model", [JOURNAL, BANK_MODEL], ids=lambda model: model.name)
async def test_a_page_leaves_what_its_changes_leave_one_by_one(ledger: Ledger, model: ReadModel) -> None:
    for seed in SEEDS:
        for facts in await asyncio.to_thread(streams, seed):
            changes = [change for fact in facts for change in model.changes(fact)]
            async with ledger.service.mounted.pool.acquire() as connection:
                one_by_one = await rows(connection, model, ((name, [arguments]) for name, arguments in changes))
                assert await rows(connection, model, together(changes, model.touches)) == one_by_one


def streams(seed: int) -> Sequence[Sequence[Recorded[Any]]]:
    """What a simulated county's funds lived through, each by itself, in the order of its log."""
    worlds: list[FundWorld] = []

    def making(*asked: Any) -> Living:
        worlds.append(FundWorld(*asked))
        return worlds[-1]

    run = lived(making, "pages", seed, None, None)
    assert run.broken is None
    facts = sorted(worlds[0].ledger.auditor.facts, key=lambda fact: fact.position)
    return [[fact for fact in facts if fact.stream == stream] for stream in sorted({fact.stream for fact in facts})]


async def rows(connection: Connection, model: ReadModel, groups: Iterable[tuple[str, list[Any]]]) -> dict[str, Any]:
    """The model's tables after so many changes, in temporary tables with all constraints of the real ones."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        for table in model.tables:
            await connection.execute(f"create temp table {table} (like {model.schema('a')}.{table} including all)")
        await write(connection, model, groups)
        return {table: await connection.fetch(f"select * from {table} t order by t") for table in model.tables}
    finally:
        await transaction.rollback()
