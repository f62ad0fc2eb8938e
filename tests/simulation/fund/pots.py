"""Fen by source, counted apart from the product's own sums."""

from collections import Counter
from collections.abc import Iterable

from events.ledger import Draw

Pots = Counter[str]


def pots(draws: Iterable[Draw]) -> Pots:
    """What these draws come to, by source."""
    counted: Pots = Counter()
    for draw in draws:
        counted[draw.source] += draw.amount_fen
    return counted


def add(to: Pots, more: Pots, sign: int = 1) -> None:
    """Put pots into others, or take them out."""
    for source, fen in more.items():
        to[source] += sign * fen


def without_zeros(counted: Pots) -> dict[str, int]:
    """What is not nothing."""
    return {source: fen for source, fen in counted.items() if fen}
