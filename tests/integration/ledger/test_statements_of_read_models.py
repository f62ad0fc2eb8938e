"""The database understands every statement of ledger's read models, also those that no test happens to run."""

from collections.abc import Mapping

import pytest

from services.ledger import bank, fund_tables, journal
from tests.integration.ledger.given import Ledger


@pytest.mark.parametrize(
    ("schema", "statements"), [("bank_a", bank.SQL), ("journal_a", journal.SQL), ("journal_a", fund_tables.SQL)]
)
async def test_every_statement_fits_its_tables(ledger: Ledger, schema: str, statements: Mapping[str, str]) -> None:
    async with ledger.service.mounted.pool.acquire() as connection:
        await connection.execute(f"set search_path = {schema}, public")
        for statement in statements.values():
            await connection.prepare(statement)
