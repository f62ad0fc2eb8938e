"""What a person may make of lines that no rule matches (对账建议): sums of a day or a batch (T6), and what recurs (T7).

Nothing of this happens by itself: a maker proposes it, and a checker agrees. It is told only where nothing else is as
likely, and a line or a payment stands in one suggestion at most.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from events.ledger import Source
from services.ledger.matchable import Leg, Line, MatchRules

Draws = Literal["sum", "booked"]
"""Why: the parts come to the whole (合计), or it is in the books and not yet known as a payment's (已入账)."""


@dataclass(frozen=True, slots=True)
class Booked:
    """Money in the books on the bank that is no payment's and has no line; ``amount_fen`` as the line would show it."""

    leg_id: str
    amount_fen: int
    day: date


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Lines and legs (by id) that may be the same money, and what agrees."""

    rule: Draws
    lines: tuple[str, ...]
    legs: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What to enter for a line that recurs: an act or an appropriation with its source, or other business (fee)."""

    line_id: str
    enters: Literal["interest_paid", "appropriation", "other_business"]
    amount_fen: int
    source: Source | None


@dataclass(frozen=True, slots=True)
class Open:
    """What the rules have left: lines, legs, and what else is booked. ``payers`` are pseudonyms of accounts."""

    lines: Sequence[Line]
    legs: Sequence[Leg]
    booked: Sequence[Booked]
    payers: Mapping[str, Source]


def suggest(left: Open, rules: MatchRules) -> Sequence[Suggestion]:
    """T6, and T7 where it is booked already; in the order of their lines, whatever the order of what is left."""
    lines = sorted((line for line in left.lines if _recurs(line, left.payers) is None), key=lambda line: line.line_id)
    legs = sorted((leg for leg in left.legs if leg.way == "paid"), key=lambda leg: leg.leg_id)
    told = [*_many_payments(lines, legs, rules), *_many_lines(lines, legs, rules), *_booked(left, rules)]
    times = Counter(part for one in told for part in (*one.lines, *one.legs))
    alone = [one for one in told if all(times[part] == 1 for part in (*one.lines, *one.legs))]
    return sorted(alone, key=lambda one: one.lines)


def drafts(left: Open, rules: MatchRules) -> Sequence[Draft]:
    """T7: the voucher, or the treatment, of lines that recur and are not in the books."""
    booked = {line_id for one in _booked(left, rules) for line_id in one.lines}
    told = (_draft(line, left.payers, rules) for line in left.lines if line.line_id not in booked)
    return sorted((draft for draft in told if draft is not None), key=lambda draft: draft.line_id)


# --- T6: sums


def _many_payments(lines: Sequence[Line], legs: Sequence[Leg], rules: MatchRules) -> Iterator[Suggestion]:
    """One line is several payments of its day, or several of the batch whose number it bears."""
    parts_of: defaultdict[object, list[tuple[str, int]]] = defaultdict(list)
    for leg in legs:
        parts_of[leg.batch or leg.day].append((leg.leg_id, leg.signed_fen))
    sums = {key: _sums(parts, rules.subset_items) for key, parts in parts_of.items()}
    for line in lines:
        key = line.numbers[0] if len(line.numbers) == 1 else line.day
        parts = sums.get(key, {}).get(line.amount_fen)
        if parts and len(line.numbers) < 2:
            evidence = ("total", "batch" if line.numbers else "day", "direction")
            yield Suggestion("sum", (line.line_id,), parts, evidence)


def _many_lines(lines: Sequence[Line], legs: Sequence[Leg], rules: MatchRules) -> Iterator[Suggestion]:
    """One payment was made in several lines of its day."""
    parts_of: defaultdict[date, list[tuple[str, int]]] = defaultdict(list)
    for line in lines:
        if line.amount_fen < 0 and not line.numbers:
            parts_of[line.day].append((line.line_id, line.amount_fen))
    sums = {day: _sums(parts, rules.subset_items) for day, parts in parts_of.items()}
    for leg in legs:
        parts = sums.get(leg.day, {}).get(leg.signed_fen)
        if parts and leg.batch is None:
            yield Suggestion("sum", parts, (leg.leg_id,), ("total", "day", "direction"))


def _sums(parts: Sequence[tuple[str, int]], at_most: int) -> Mapping[int, tuple[str, ...]]:
    """What several parts come to, by their sum in fen; nothing where there are two ways, or too many parts to try.

    With ``at_most`` twelve parts there are 4,096 sums, made once for a day, however many lines ask for them.
    """
    ways: dict[int, list[tuple[str, ...]]] = {0: [()]}
    for part_id, fen in parts if len(parts) <= at_most else ():
        for so_far, chosen in [(total, way) for total, told in ways.items() for way in told]:
            same = ways.setdefault(so_far + fen, [])
            if len(same) < 2:
                same.append((*chosen, part_id))
    return {total: told[0] for total, told in ways.items() if len(told) == 1 and len(told[0]) > 1}


# --- T7: what recurs


def _recurs(line: Line, payers: Mapping[str, Source]) -> str | None:
    """Which recurring kind a line is of: by the payer's account, or by the words of its texts."""
    if line.amount_fen > 0 and line.account in payers:
        return "fiscal"
    ways = {"interest": line.amount_fen > 0, "fiscal": line.amount_fen > 0, "fee": line.amount_fen < 0}
    return line.kind if line.kind is not None and ways.get(line.kind, False) else None


def _draft(line: Line, payers: Mapping[str, Source], rules: MatchRules) -> Draft | None:
    amount_fen = abs(line.amount_fen)
    match _recurs(line, payers):
        case "interest":
            return Draft(line.line_id, "interest_paid", amount_fen, rules.interest_source)
        case "fiscal":
            return Draft(line.line_id, "appropriation", amount_fen, payers.get(line.account or ""))
        case "fee":
            return Draft(line.line_id, "other_business", amount_fen, None)
        case _:
            return None


def _booked(left: Open, rules: MatchRules) -> Iterator[Suggestion]:
    """A recurring line, and the one entry of its amount and direction within days of it."""
    lines = [line for line in left.lines if _recurs(line, left.payers) is not None]
    pairs = [(line, entry) for line in lines for entry in left.booked if _same(line, entry, rules)]
    times = Counter(part for line, entry in pairs for part in (line.line_id, entry.leg_id))
    for line, entry in pairs:
        if times[line.line_id] == times[entry.leg_id] == 1:
            yield Suggestion("booked", (line.line_id,), (entry.leg_id,), ("kind", "amount", "direction", "days"))


def _same(line: Line, entry: Booked, rules: MatchRules) -> bool:
    return line.amount_fen == entry.amount_fen and abs((line.day - entry.day).days) <= rules.party_days
