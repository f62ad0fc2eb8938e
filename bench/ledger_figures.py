"""The figures of ledger's own work: a bank's statement matched with the books."""

from collections.abc import Mapping

from bench import bank_statement
from bench.contest import Contestant, Figure
from services.ledger.app import SCHEMA


def ledger_figures(facts: int) -> Mapping[str, Figure]:
    """Every figure by its short name, in a size that follows from ``facts``."""
    return {"statement": _statement(facts // 10)}


def _statement(payments: int) -> Figure:
    """1,000 a second is 10,000 in ten seconds."""
    return Figure(
        f"The statement of {payments:,} payments over HTTP: taken in, matched, the payments confirmed",
        "lines",
        [Contestant("statement", bank_statement.settle)],
        [],
        bank_statement.instruct,
        payments,
        SCHEMA,
    )
