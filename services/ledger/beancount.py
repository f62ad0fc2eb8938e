"""The journal for another program's second opinion: plain text that ``bean-check`` accepts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from events.ledger import EntryPosted, Line

_KINDS = {"1": "Assets", "2": "Income", "3": "Expenses"}
_BEFORE_ALL = date(2000, 1, 1)


def journal(entries: Sequence[EntryPosted], until: date) -> str:
    """Entries dated up to a day, with a balance assertion for every account on the day after it."""
    kept = [entry for entry in entries if entry.dated <= until]
    balances: defaultdict[str, int] = defaultdict(int)
    for line in (line for entry in kept for line in entry.lines):
        balances[_account(line)] += line.debit_fen - line.credit_fen
    opened = (f"{_BEFORE_ALL} open {name} CNY" for name in sorted(balances))
    told = (_transaction(entry) for entry in sorted(kept, key=lambda entry: entry.dated))
    after = until + timedelta(days=1)
    closed = (f"{after} balance {name} {_yuan(fen)} ~ 0.00 CNY" for name, fen in sorted(balances.items()))
    return "\n\n".join(['option "operating_currency" "CNY"', *_blocks(opened), *told, *_blocks(closed)]) + "\n"


def _blocks(lines: Iterable[str]) -> list[str]:
    block = "\n".join(lines)
    return [block] if block else []


def _transaction(entry: EntryPosted) -> str:
    about = "" if entry.about is None else f'\n  about: "{entry.about}"'
    head = f'{entry.dated} * "{entry.word}字第{entry.number}号" "{_quoted(entry.summary)}"{about}'
    lines = (f"  {_account(line)} {_yuan(line.debit_fen - line.credit_fen)} CNY" for line in entry.lines)
    return "\n".join([head, *lines])


def _account(line: Line) -> str:
    source = "Unsplit" if line.source is None else line.source.replace("_", "-").capitalize()
    return f"{_KINDS[line.account[0]]}:A{line.account}:{source}"


def _quoted(text: str) -> str:
    return text.replace("\\", "").replace('"', "")


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02}"
