"""Which lines of the bank are which payments of the books (对账): rules in order, each explainable, none by chance.

A rule matches only what is unique on both sides. Amount and day alone never match anything: what several payments
could be is suggested to a person, and what contradicts itself is a doubt for one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from events.bank import Doubt
from services.ledger.matchable import Found, Leg, Line, Match, MatchRules, Odd, Way
from services.ledger.payment_number import BATCH

K = TypeVar("K")
V = TypeVar("V")


def match(lines: Iterable[Line], legs: Iterable[Leg], rules: MatchRules) -> Found:
    """Apply the rules T1 to T5 in their order. The same lines and legs, in any order, give the same matches."""
    desk = _Desk(
        {line.line_id: line for line in sorted(lines, key=lambda line: line.line_id)},
        {leg.leg_id: leg for leg in sorted(legs, key=lambda leg: leg.leg_id)},
        rules,
    )
    for rule in (_by_number, _by_serial, _by_batch, _by_party, _returned, _reversed):
        desk.take(rule(desk))
    kinds = _doubts(desk)
    return Found(
        matches=tuple(desk.matches),
        odd=tuple(Odd(line, kinds[line.line_id]) for line in desk.lines.values() if line.line_id in kinds),
        left=tuple(line for line in desk.lines.values() if line.line_id not in kinds),
        open_legs=tuple(leg for leg in desk.legs.values() if leg.matched_on is None),
    )


@dataclass(slots=True)
class _Desk:
    """What still lies open; a match takes its lines and legs away."""

    lines: dict[str, Line]
    legs: dict[str, Leg]
    rules: MatchRules
    matches: list[Match] = field(default_factory=list[Match])

    def take(self, found: Iterable[Match]) -> None:
        """Take these matches, each made of what was open when its rule looked."""
        for one in list(found):
            day = max(line.day for line in one.lines)
            for line in one.lines:
                del self.lines[line.line_id]
            for leg in one.legs:
                self.legs[leg.leg_id] = replace(leg, matched_on=day)
            self.matches.append(one)

    def open_legs(self) -> Iterator[Leg]:
        """The legs that no line is matched with."""
        return (leg for leg in self.legs.values() if leg.matched_on is None)


# --- T1: our number


def _by_number(desk: _Desk) -> Iterator[Match]:
    """T1: the line bears the number of one payment, in its amount and direction, and no other line bears it."""
    legs = {(leg.number, leg.way): leg for leg in desk.open_legs() if leg.number is not None}
    for (number, way), lines in _numbered(desk.lines.values()).items():
        leg = legs.get((number, way))
        if leg is not None and len(lines) == 1 and _number_doubt(desk, lines[0], leg) is None:
            yield Match("number", (lines[0],), (leg,), ("number", "amount", "direction"))


def _numbered(lines: Iterable[Line]) -> Mapping[tuple[str, Way], list[Line]]:
    by_number: defaultdict[tuple[str, Way], list[Line]] = defaultdict(list)
    for line in lines:
        if len(line.numbers) == 1:
            by_number[line.numbers[0], _way(line)].append(line)
    return by_number


def _number_doubt(desk: _Desk, line: Line, leg: Leg) -> Doubt | None:
    """Why a number alone does not do: it disagrees with the amount, the payee or the days."""
    if line.amount_fen != leg.signed_fen:
        return "amount_diff"
    if leg.way == "paid" and _contradicts(line, leg):
        return "wrong_payee"
    if not _within(leg.day, line.day, desk.rules.numbered_days):
        return "late_payment"
    return None


def _way(line: Line) -> Way:
    return "paid" if line.amount_fen < 0 else "returned"


def _contradicts(line: Line, leg: Leg) -> bool:
    """Whether a name or an account that both sides state is another one."""
    stated = ((line.name, leg.name), (line.account, leg.account))
    return any(one is not None and other is not None and one != other for one, other in stated)


# --- T2: the bank's serial


def _by_serial(desk: _Desk) -> Iterator[Match]:
    """T2: the bank's own serial, told in the result of the payment, stands in one line and one payment."""
    legs = _only((leg.serial, leg) for leg in desk.open_legs() if leg.serial and leg.way == "paid")
    lines = _only((line.serial, line) for line in desk.lines.values() if line.serial and not line.numbers)
    for serial, leg in legs.items():
        line = lines.get(serial)
        if line is not None and line.amount_fen == leg.signed_fen and not _contradicts(line, leg):
            yield Match("serial", (line,), (leg,), ("serial", "amount", "direction"))


# --- T3: batches


def _by_batch(desk: _Desk) -> Iterator[Match]:
    """T3: one debit is a batch's total (of all, or of those that succeeded), one credit the total of its failures."""
    batches: defaultdict[tuple[str | None, Way], list[Leg]] = defaultdict(list)
    for leg in desk.open_legs():
        batches[leg.batch, leg.way].append(leg)
    for (number, way), lines in _numbered(desk.lines.values()).items():
        legs = batches.get((number, way))
        if legs and len(lines) == 1 and number.startswith(BATCH):
            yield from _parts(lines[0], legs, way)


def _parts(line: Line, legs: Sequence[Leg], way: Way) -> Iterator[Match]:
    failed = [leg for leg in legs if leg.failed]
    choices = [failed] if way == "returned" else [legs, [leg for leg in legs if not leg.failed]]
    for chosen in choices:
        if chosen and sum(leg.signed_fen for leg in chosen) == line.amount_fen:
            yield Match("batch", (line,), tuple(chosen), ("batch", "total", "direction"))
            return


# --- T4: name or account


def _by_party(desk: _Desk) -> Iterator[Match]:
    """T4: amount, days, and the payee's full name or account; unique both ways, again and again until nothing is."""
    if not desk.rules.party_matches:
        return
    legs = (leg for leg in desk.open_legs() if leg.way == "paid" and leg.batch is None)
    pairs = party_pairs(desk.lines.values(), legs, desk.rules.party_days)
    while True:
        sure = _mutual(pairs)
        yield from (Match("party", (line,), (leg,), _evidence(line, leg)) for line, leg in sure)
        gone = {line.line_id for line, _ in sure} | {leg.leg_id for _, leg in sure}
        pairs = [(line, leg) for line, leg in pairs if line.line_id not in gone and leg.leg_id not in gone]
        if not sure:
            return


def party_pairs(lines: Iterable[Line], legs: Iterable[Leg], days: int) -> list[tuple[Line, Leg]]:
    """Lines and legs that could be the same by amount, days and payee. A line with a number is not guessed."""
    legs_of: defaultdict[tuple[int, str, str | None], list[Leg]] = defaultdict(list)
    for leg in legs:
        legs_of[leg.signed_fen, "name", leg.name].append(leg)
        legs_of[leg.signed_fen, "account", leg.account].append(leg)
    pairs: list[tuple[Line, Leg]] = []
    for line in lines:
        named = legs_of.get((line.amount_fen, "name", line.name), ()) if line.name else ()
        banked = legs_of.get((line.amount_fen, "account", line.account), ()) if line.account else ()
        could_be = {leg.leg_id: leg for leg in (*named, *banked)} if not line.numbers else {}
        pairs += [(line, leg) for leg in could_be.values() if _fits(line, leg, days)]
    return pairs


def _fits(line: Line, leg: Leg, days: int) -> bool:
    return _within(leg.matched_on or leg.day, line.day, days) and not _contradicts(line, leg)


def _mutual(pairs: Sequence[tuple[Line, Leg]]) -> list[tuple[Line, Leg]]:
    of_line = _only((line.line_id, leg) for line, leg in pairs)
    of_leg = _only((leg.leg_id, line) for line, leg in pairs)
    return [(line, leg) for line, leg in pairs if line.line_id in of_line and leg.leg_id in of_leg]


def _evidence(line: Line, leg: Leg) -> tuple[str, ...]:
    named = {"name": (line.name, leg.name), "account": (line.account, leg.account)}
    return ("amount", "days", *(word for word, (one, other) in named.items() if one is not None and one == other))


# --- T5: money that came back


def _returned(desk: _Desk) -> Iterator[Match]:
    """T5: a credit from the payee of exactly one payment that the bank had made, in its amount, within days of it."""
    gone = {leg.payment_id: leg.matched_on for leg in desk.legs.values() if leg.way == "paid"}
    legs = (replace(leg, matched_on=gone.get(leg.payment_id)) for leg in desk.open_legs() if leg.way == "returned")
    # a payment whose own line is not known yet may be the one that came back: it makes the others doubtful
    for line, leg in _mutual(party_pairs(desk.lines.values(), legs, desk.rules.return_days)):
        if leg.matched_on is not None:
            yield Match("returned", (line,), (replace(leg, matched_on=None),), _evidence(line, leg))


def _within(since: date, day: date, days: int) -> bool:
    return 0 <= (day - since).days <= days


def _reversed(desk: _Desk) -> Iterator[Match]:
    """T5: the bank takes back a line of its own (冲正) on the same day: two lines, and nothing in the books."""
    by_amount: defaultdict[tuple[date, int], list[Line]] = defaultdict(list)
    for line in desk.lines.values():
        by_amount[line.day, line.amount_fen].append(line)
    for line in desk.lines.values():
        if line.kind == "reversal":
            others = by_amount[line.day, -line.amount_fen]
            if len(others) == len(by_amount[line.day, line.amount_fen]) == 1 and others[0].name == line.name:
                yield Match("reversal", (others[0], line), (), ("amount", "day", "name"))


# --- what is odd


def _doubts(desk: _Desk) -> dict[str, Doubt]:
    """Why lines that bear a number of ours are not matched, by line."""
    legs = {(leg.number, leg.way): leg for leg in desk.legs.values() if leg.number is not None}
    batches = {(leg.batch, leg.way) for leg in desk.legs.values()}
    kinds: dict[str, Doubt] = {}
    for (number, way), lines in _numbered(desk.lines.values()).items():
        leg = legs.get((number, way))
        for line in lines:
            if (number, way) in batches:
                kinds[line.line_id] = "batch_short"
            elif leg is not None:
                taken = len(lines) > 1 or leg.matched_on is not None
                kinds[line.line_id] = "duplicate_suspect" if taken else _number_doubt(desk, line, leg) or "bank_only"
    return kinds


def _only(pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    """The values of those keys that come once."""
    found: dict[K, V] = {}
    twice: set[K] = set()
    for key, value in pairs:
        if key in found:
            twice.add(key)
        found[key] = value
    return {key: value for key, value in found.items() if key not in twice}
