"""Matching on seeded months with known truth: which share is matched by itself, and how many wrongly; and how fast.

``python -m bench.matching`` prints it. A quick size of the same is a test (``tests/unit/ledger/test_matching.py``).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from jiujinan.bank_files import csv_statement
from jiujinan.bank_months import BankMonth, bank_month
from services.chassis.pseudonyms import Pseudonyms
from services.ledger.bank_data import BankData, load_bank_data
from services.ledger.files.statement import prove
from services.ledger.files.statement_lines import Telling
from services.ledger.files.statement_table import read_table
from services.ledger.matchable import Leg, Line, MatchRules
from services.ledger.matching import match
from services.ledger.statement import booked_on

SEEDS = 20
SIZES = (30, 200, 1_000)
NUMBERED = (1.0, 0.6, 0.0)
LARGE = 10_000
_PEPPER = bytes(32)
_BANKS = Path(__file__).parents[1] / "policies" / "banks"


def verdict(month: BankMonth, data: BankData) -> tuple[float, int, float]:
    """The share matched by itself, the number of wrong ones, and the seconds from the file's bytes to the matches."""
    telling = Telling(Pseudonyms(_PEPPER).term, data.kinds)
    raw = csv_statement(data.layouts["rural_commercial"], month.rows, month.opening_fen).encode("gb18030")
    legs = list(_legs(month, telling))
    began = perf_counter()
    lines = telling.lines(prove(read_table(raw, data.layouts)).lines)
    told = (
        Line(at.line_id, booked_on(at), at.amount_fen, at.numbers, "", at.name, at.account, at.kind) for at in lines
    )
    found = match(told, legs, MatchRules()).matches
    seconds = perf_counter() - began
    truth = {lines[place].line_id: leg for place, leg in month.truth.items()}
    pairs = [(line.line_id, leg.leg_id) for one in found for line, leg in zip(one.lines, one.legs, strict=True)]
    return len(pairs) / len(truth), sum(truth.get(line) != leg for line, leg in pairs), seconds


def _legs(month: BankMonth, telling: Telling) -> Iterator[Leg]:
    for paid in month.payments:
        leg = Leg(paid.payment_id, "paid", paid.amount_fen, paid.at.date(), paid.number)
        leg = replace(leg, name=telling.name(paid.name), account=telling.account(paid.account))
        yield from (leg, replace(leg, way="returned"))


def main() -> None:
    """Print the table."""
    data, console = load_bank_data(_BANKS), Console()
    table = Table("payments", "with our number", "automatic", "wrong", "slowest", title=f"{SEEDS} seeded months each")
    for size in SIZES:
        for share in NUMBERED:
            verdicts = [verdict(bank_month(seed, size, share), data) for seed in range(SEEDS)]
            automatic = sum(told for told, _, _ in verdicts) / SEEDS
            wrong, slowest = sum(told for _, told, _ in verdicts), max(told for _, _, told in verdicts)
            table.add_row(f"{size:,}", f"{share:.0%}", f"{automatic:.1%}", str(wrong), f"{slowest:.2f} s")
    for share in NUMBERED[:2]:
        automatic, wrong, seconds = verdict(bank_month(0, LARGE, share), data)
        table.add_row(f"{LARGE:,} (one month)", f"{share:.0%}", f"{automatic:.1%}", str(wrong), f"{seconds:.2f} s")
    console.print(table)


if __name__ == "__main__":
    main()
