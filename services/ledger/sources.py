"""Money by its source (资金来源): drawn in the order of a fund's terms, given back last drawn first, never mixed."""

from collections.abc import Iterable, Mapping, Sequence

from events.ledger import Draw, Source

Pots = Mapping[Source, int]
"""Fen by source."""


def total(draws: Iterable[Draw]) -> int:
    """What these draws come to, in fen."""
    return sum(draw.amount_fen for draw in draws)


def put(pots: Pots, draws: Iterable[Draw]) -> Pots:
    """The pots with these draws put in."""
    changed = dict(pots)
    for draw in draws:
        changed[draw.source] = changed.get(draw.source, 0) + draw.amount_fen
    return changed


def take(pots: Pots, draws: Iterable[Draw]) -> Pots:
    """The pots with these draws taken out."""
    changed = dict(pots)
    for draw in draws:
        changed[draw.source] = changed.get(draw.source, 0) - draw.amount_fen
    return changed


def drawn(pots: Pots, order: Sequence[Source], amount_fen: int) -> tuple[Draw, ...]:
    """An amount out of pots in their order; less where they hold less."""
    return _first(((source, pots[source]) for source in order if pots.get(source, 0)), amount_fen)


def first(draws: Iterable[Draw], amount_fen: int) -> tuple[Draw, ...]:
    """The first fen of these draws."""
    return _first(((draw.source, draw.amount_fen) for draw in draws), amount_fen)


def _first(held: Iterable[tuple[Source, int]], amount_fen: int) -> tuple[Draw, ...]:
    found: list[Draw] = []
    for source, fen in held:
        part_fen = min(fen, amount_fen)
        if part_fen:
            found.append(Draw(source=source, amount_fen=part_fen))
        amount_fen -= part_fen
    return tuple(found)


def last(draws: Sequence[Draw], amount_fen: int) -> tuple[Draw, ...]:
    """The last fen of these draws, the last drawn first: as money is given back."""
    return first(reversed(draws), amount_fen)


def all_of(pots: Pots) -> tuple[Draw, ...]:
    """Everything that is in the pots, by source."""
    return tuple(Draw(source=source, amount_fen=fen) for source, fen in sorted(pots.items()) if fen)
