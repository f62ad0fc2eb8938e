"""The form 银行存款余额调节表: what bank and book say, what one alone knows (未达账项), and no difference."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, get_args

Group = Literal["bank_received", "bank_paid", "book_received", "book_paid"]
"""银行已收单位未记, 银行已付单位未记, 单位已收银行未记, 单位已付银行未记."""
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class Item:
    """Money that one side has on the day and the other has not (未达账项); ``amount_fen`` is above zero."""

    group: Group
    day: date
    """The day on which that side booked it."""
    amount_fen: int
    item_id: str
    """The line of the statement, or the leg of the books."""
    row: int | None
    """The line's row in its file; none where the books have it."""
    voucher: str
    """The voucher's word and number, in the month of ``day``; empty where the bank has it."""
    told: str | None
    """What the voucher says, or what kind of line the bank's text makes it."""
    age_days: int
    explained: bool
    """Whether two persons have said why it is still on its way."""
    clears_by: date | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The form of an account as of the end of a day; amounts in fen."""

    account_id: str
    on: date
    through: date | None
    """The last day of the statements."""
    book_fen: int
    statement_fen: int
    other_fen: int
    """What of the statement's balance is other business on the same account."""
    matched: int
    items: tuple[Item, ...]

    def sum_fen(self, group: Group) -> int:
        """What a group of items amounts to."""
        return sum(item.amount_fen for item in self.items if item.group == group)

    @property
    def adjusted_book_fen(self) -> int:
        """The books with what the bank has beyond them."""
        return self.book_fen + self.sum_fen("bank_received") - self.sum_fen("bank_paid")

    @property
    def adjusted_bank_fen(self) -> int:
        """The fund's share of the bank's balance with what the books have beyond it."""
        own_fen = self.statement_fen - self.other_fen
        return own_fen + self.sum_fen("book_received") - self.sum_fen("book_paid")

    @property
    def difference_fen(self) -> int:
        """What nobody can tell; it must be nothing."""
        return self.adjusted_book_fen - self.adjusted_bank_fen

    @property
    def unexplained(self) -> int:
        """How many items nobody has answered for; a month is closed with none."""
        return sum(not item.explained for item in self.items)

    def document(self) -> dict[str, Any]:
        """The form as it is answered, printed and sealed."""
        own = asdict(self) | {"items": [asdict(item) for item in self.items]}
        own |= {f"{group}_fen": self.sum_fen(group) for group in GROUPS}
        own |= {f"adjusted_{side}_fen": getattr(self, f"adjusted_{side}_fen") for side in ("book", "bank")}
        counted = {"explained": len(self.items) - self.unexplained, "unexplained": self.unexplained}
        return own | {"difference_fen": self.difference_fen} | counted


def reconciliation(
    account_id: str, on: date, stated: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> Reconciliation:
    """The form, of what each side says and the rows that only one of them has."""
    items = tuple(_item(row, on) for row in rows)
    return Reconciliation(
        account_id=account_id,
        on=on,
        through=stated["through"],
        book_fen=stated["book_fen"],
        statement_fen=stated["statement_fen"],
        other_fen=stated["other_fen"],
        matched=stated["lines"] - sum(item.row is not None for item in items),
        items=tuple(sorted(items, key=lambda item: GROUPS.index(item.group))),
    )


def _item(row: Mapping[str, Any], on: date) -> Item:
    groups: Mapping[tuple[str, bool], Group] = {
        ("bank", True): "bank_received",
        ("bank", False): "bank_paid",
        ("book", True): "book_received",
        ("book", False): "book_paid",
    }
    return Item(
        group=groups[row["side"], row["amount_fen"] > 0],
        day=row["day"],
        amount_fen=abs(row["amount_fen"]),
        item_id=row["item_id"],
        row=row["row"],
        voucher=row["voucher"],
        told=row["told"],
        age_days=(on - row["day"]).days,
        explained=row["explained"],
        clears_by=row["clears_by"],
    )
