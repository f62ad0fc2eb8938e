"""The figures of ledger's own work: statements matched, balances as of any day, reports, the journal rebuilt."""

from collections.abc import Mapping

from bench import bank_statement, books
from bench.contest import Contestant, Figure, Goal
from services.ledger.app import SCHEMA


def ledger_figures(facts: int) -> Mapping[str, Figure]:
    """Every figure by its short name, in a size that follows from ``facts``."""
    return {
        "statement": _statement(facts // 10),
        "balance": _balance(facts * 10),
        "tables": _tables(facts * 10),
        "rebuild": _rebuild(facts),
    }


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


def _balance(entries: int) -> Figure:
    """20 a second is one in 50 ms."""
    rival = "sum over the entries"
    return Figure(
        f"Balance as of any day, of {entries:,} entries, over HTTP",
        "balances",
        [Contestant(rival, books.scan), Contestant("balance", books.balance)],
        [Goal("balance", rival)],
        books.fill,
        entries,
        SCHEMA,
    )


def _tables(entries: int) -> Figure:
    """One in five seconds is asked."""
    return Figure(
        f"A month's report over HTTP, of {entries:,} entries in a year",
        "reports",
        [Contestant("report", books.report)],
        [],
        books.fill,
        entries,
        SCHEMA,
    )


def _rebuild(facts: int) -> Figure:
    rival = "read and decode"
    return Figure(
        f"The journal rebuilt from {facts:,} facts",
        "facts",
        [Contestant(rival, books.decode), Contestant("rebuild", books.rebuild)],
        [Goal("rebuild", rival)],
        books.write,
        facts,
        SCHEMA,
    )
