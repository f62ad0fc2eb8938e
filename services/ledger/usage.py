"""The usage table (资金使用情况表): what each township was entitled to and has used, by exact whole-number rounding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_FEN_IN_HUNDREDTHS = 10_000
"""A hundredth of ten thousand yuan (0.01 万元) in fen."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a place has used: households and fen, approved by the township and by the county (乡镇审批, 区审批)."""

    place: str
    population: int
    town_households: int = 0
    town_fen: int = 0
    county_households: int = 0
    county_fen: int = 0

    @property
    def households(self) -> int:
        """Both together (合计户数)."""
        return self.town_households + self.county_households

    @property
    def used_fen(self) -> int:
        """Both together (合计金额)."""
        return self.town_fen + self.county_fen


@dataclass(frozen=True, slots=True)
class Row:
    """A row: entitled in hundredths of ten thousand yuan, rate in hundredths of a per cent; over 100 % is legal."""

    used: Used
    entitled: int
    rate: int
    rank: int


@dataclass(frozen=True, slots=True)
class UsageTable:
    """The rows in the order given, and the totals by both methods: of the rounded rows, and the sum rounded."""

    rows: tuple[Row, ...]
    entitled_by_rows: int
    entitled_by_sum: int
    used_fen: int
    rate: int


def together(place: str, parts: Iterable[Used]) -> Used:
    """What several places have used, under the name of the one that they are part of (汇总)."""
    sums = Used(place, 0)
    for part in parts:
        sums = Used(
            place,
            sums.population + part.population,
            sums.town_households + part.town_households,
            sums.town_fen + part.town_fen,
            sums.county_households + part.county_households,
            sums.county_fen + part.county_fen,
        )
    return sums


def usage_table(places: Sequence[Used], per_head_fen: int) -> UsageTable:
    """Entitled = population x per head, half-up; rate = used over the *unrounded* entitlement, half-up; rank by rate.

    Places without population have no entitlement, and a rate of 0.
    """
    rates = [_rate(place.used_fen, place.population * per_head_fen) for place in places]
    rows = tuple(
        Row(place, _entitled(place.population * per_head_fen), rate, 1 + sum(other > rate for other in rates))
        for place, rate in zip(places, rates, strict=True)
    )
    whole_fen = sum(place.population for place in places) * per_head_fen
    used_fen = sum(place.used_fen for place in places)
    return UsageTable(
        rows=rows,
        entitled_by_rows=sum(row.entitled for row in rows),
        entitled_by_sum=_entitled(whole_fen),
        used_fen=used_fen,
        rate=_rate(used_fen, whole_fen),
    )


def _entitled(fen: int) -> int:
    return (2 * fen + _FEN_IN_HUNDREDTHS) // (2 * _FEN_IN_HUNDREDTHS)


def _rate(used_fen: int, entitled_fen: int) -> int:
    return (2 * used_fen * 10_000 + entitled_fen) // (2 * entitled_fen) if entitled_fen else 0


def hundredths(value: int) -> str:
    """Hundredths as they are printed: 3197 is 31.97."""
    return f"{value // 100}.{value % 100:02}"
