"""The figures of ledger's own work: statements matched, balances as of any day, reports, the journal rebuilt."""

from collections.abc import Mapping

from bench import bank_statement, books
from bench.contest import Contestant, Figure, Goal, Seed, Work
from services.ledger.app import SCHEMA


def ledger_figures(facts: int) -> Mapping[str, Figure]:
    """Every figure by its short name, in a size that follows from ``facts``."""
    return {
        "statement": _statement(facts // 10),
        "balance": _balance(facts * 10),
        "tables": _tables(facts * 10),
        "rebuild": _rebuild(facts),
    }


def _figure(told: str, unit: str, contestants: Mapping[str, Work], seed: Seed, facts: int) -> Figure:
    """Ours stands last; whoever stands before it is its rival."""
    *rivals, ours = contestants
    goals = [Goal(ours, rival) for rival in rivals]
    return Figure(told, unit, [Contestant(*one) for one in contestants.items()], goals, seed, facts, SCHEMA)


def _statement(payments: int) -> Figure:
    """1,000 a second is 10,000 in ten seconds."""
    told = f"The statement of {payments:,} payments over HTTP: taken in, matched, the payments confirmed"
    return _figure(told, "lines", {"statement": bank_statement.settle}, bank_statement.instruct, payments)


def _balance(entries: int) -> Figure:
    """20 a second is one in 50 ms."""
    contestants = {"sum over the entries": books.scan, "balance": books.balance}
    return _figure(
        f"Balance as of any day, of {entries:,} entries, over HTTP", "balances", contestants, books.fill, entries
    )


def _tables(entries: int) -> Figure:
    """One in five seconds is asked."""
    told = f"A month's report over HTTP, of {entries:,} entries in a year"
    return _figure(told, "reports", {"report": books.report}, books.fill, entries)


def _rebuild(facts: int) -> Figure:
    """80,000 a second are asked."""
    contestants = {"read and decode": books.decode, "rebuild": books.rebuild}
    return _figure(f"The journal rebuilt from {facts:,} facts", "facts", contestants, books.write, facts)
