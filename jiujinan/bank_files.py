"""Synthetic bank statements as files: any layout that we know, written as its bank would write it."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from events.yuan import yuan_of
from services.ledger.files.layout import Column, Layout


@dataclass(frozen=True, slots=True)
class BankRow:
    """A line of a statement before it is written down; ``amount_fen`` is positive for money that comes in."""

    at: datetime
    amount_fen: int
    name: str = ""
    account: str = ""
    text: str = ""
    serial: str = ""


def csv_statement(layout: Layout, rows: Sequence[BankRow], opening_fen: int, *, newest_first: bool = False) -> str:
    """The file of a month in a layout, as text: heading, lines with running balances, a footer."""
    written: list[Mapping[Column, str]] = []
    balance_fen = opening_fen
    for row in rows:
        balance_fen += row.amount_fen
        written.append({**_cells(layout, row), "balance": yuan_of(balance_fen)})
    if newest_first:
        written.reverse()
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([f"期初余额:{yuan_of(opening_fen)}", f"期末余额:{yuan_of(balance_fen)}"])
    writer.writerow([names[0] for names in layout.columns.values()])
    writer.writerows(_in_order(layout, written))
    writer.writerow(["合计", len(rows)])
    return out.getvalue()


def _in_order(layout: Layout, written: Iterable[Mapping[Column, str]]) -> Iterable[list[str]]:
    return ([cells.get(column, "") for column in layout.columns] for cells in written)


def _cells(layout: Layout, row: BankRow) -> dict[Column, str]:
    text: Column = "postscript" if "postscript" in layout.columns else "summary"
    return {
        "day": f"{row.at:%Y-%m-%d}" if "time" in layout.columns else f"{row.at:%Y-%m-%d %H:%M:%S}",
        "time": f"{row.at:%H:%M:%S}",
        "name": row.name,
        "account": row.account,
        "serial": row.serial,
        text: row.text,
        **_amount(layout, row),
    }


def _amount(layout: Layout, row: BankRow) -> Mapping[Column, str]:
    if "flag" in layout.columns:
        flag = (layout.incoming if row.amount_fen > 0 else layout.outgoing)[0]
        return {"amount": yuan_of(abs(row.amount_fen)), "flag": flag}
    if "amount" in layout.columns:
        return {"amount": yuan_of(row.amount_fen)}
    return {"income" if row.amount_fen > 0 else "outgo": yuan_of(abs(row.amount_fen))}
