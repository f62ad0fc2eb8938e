"""Seeded, realistic months of urgent-need reports for tests and benchmarks: what channels would send, and when."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from types import MappingProxyType
from typing import Literal

from events.shanghai import SHANGHAI
from events.words import Cause, Channel, Urgency
from jiujinan.chance import Chance
from jiujinan.invented import MOST_COUNTIES, InventedCounty
from jiujinan.payloads import STORIES, WRITERS, Json, Need, Telling

_FIRST_DAY = date(2026, 1, 1)

_CHANCES_A_DAY = 12
_LIKELY = (0.30, 0.28, 0.27, 0.26, 0.27, 0.20, 0.17)
"""How likely each chance of a day becomes a need, Monday first: some 90 needs a month in a county."""

_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 11, 12, 11, 9, 6, 7, 10, 10, 9, 8, 7, 6, 5, 5, 4, 3)
_FIRE_HOURS = (6, 6, 5, 5, 4, 3, 3, 3, 3, 3, 3, 4, 4, 3, 3, 3, 3, 4, 5, 6, 7, 7, 7, 7)
"""How needs spread over the hours of a day; fires break out in the evening and at night."""

_CHANNELS: Mapping[Channel, int] = MappingProxyType({"hotline": 55, "village": 35, "hospital": 10})
_TOLD_TWICE = 0.08
_UPLOADED_LATE = 0.30
_UNKNOWN_IN_HOSPITAL = 0.12

_CAUSES: Mapping[Cause, int] = MappingProxyType({"fire": 16, "accident": 22, "illness": 42, "other": 20})
_IN_HOSPITAL: tuple[Cause, ...] = ("accident", "illness")
_URGENCIES: Mapping[Urgency, int] = MappingProxyType({"life_danger": 4, "urgent": 62, "normal": 34})
_YUAN = (500, 800, 1_000, 1_500, 2_000, 3_000, 5_000)
_ROUND = 0.9


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one sender posts, where, and when it reaches us; ``amount_fen`` is what the need would cost, in fen."""

    channel: Channel
    path: Literal["/adapters/12345/demo", "/v1/reports"]
    arrives_at: datetime
    amount_fen: int
    payload: Json

    def line(self) -> str:
        """One line of JSON."""
        row = asdict(self) | {"arrives_at": self.arrives_at.isoformat()}
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def arrivals(seed: int, months: int, counties: int, first_day: date = _FIRST_DAY) -> Iterator[Arrival]:
    """What reaches intake from the first counties over some months of 30 days, in order of arrival.

    The same arguments give the same arrivals, byte for byte. Raises ``ValueError`` for more counties than there are.
    """
    if counties > MOST_COUNTIES:
        raise ValueError(f"there are {MOST_COUNTIES} invented counties at most")
    month = _Months(Chance(seed))
    places = [InventedCounty(number, month.chance) for number in range(counties)]
    for day in (first_day + timedelta(days=n) for n in range(months * 30)):
        yield from month.arrived(before=day)
        for county in places:
            month.pass_day(county, day)
    yield from month.arrived(before=date.max)


class _Months:
    """What was told and is still on its way: a village without signal uploads hours later."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self._numbers = count(1)
        self._on_the_way: list[tuple[datetime, int, Arrival]] = []

    def arrived(self, before: date) -> Iterator[Arrival]:
        """What arrives before this day, in order."""
        while self._on_the_way and self._on_the_way[0][0].date() < before:
            yield heappop(self._on_the_way)[2]

    def pass_day(self, county: InventedCounty, day: date) -> None:
        """Let a day's needs arise in a county, and be told."""
        for _ in range(_CHANCES_A_DAY):
            if self.chance.random() < _LIKELY[day.weekday()]:
                self._strike(county, day)

    def _strike(self, county: InventedCounty, day: date) -> None:
        channel = self.chance.weighted(_CHANNELS)
        cause = self.chance.choice(_IN_HOSPITAL) if channel == "hospital" else self.chance.weighted(_CAUSES)
        need = Need(
            county,
            county.household(),
            cause,
            self.chance.weighted(_URGENCIES),
            self._amount_fen(),
            self.chance.choice(STORIES[cause]),
        )
        at = self._moment(day, cause)
        is_told_twice = self.chance.random() < _TOLD_TWICE
        self._tell(channel, need, at, is_known=is_told_twice or self.chance.random() >= _UNKNOWN_IN_HOSPITAL)
        if is_told_twice:
            later = at + timedelta(minutes=self.chance.randint(10, 480))
            self._tell(self._other_channel(channel, cause), need, later, is_known=True)

    def _tell(self, channel: Channel, need: Need, at: datetime, *, is_known: bool) -> None:
        number = next(self._numbers)
        payload = WRITERS[channel](Telling(need, at, number, is_known), self.chance)
        arrives_at = at + self._delay(channel)
        path = "/adapters/12345/demo" if channel == "hotline" else "/v1/reports"
        heappush(self._on_the_way, (arrives_at, number, Arrival(channel, path, arrives_at, need.amount_fen, payload)))

    def _other_channel(self, channel: Channel, cause: Cause) -> Channel:
        fits: list[Channel] = ["hotline", "village", "hospital"] if cause in _IN_HOSPITAL else ["hotline", "village"]
        return self.chance.choice([other for other in fits if other != channel])

    def _moment(self, day: date, cause: Cause) -> datetime:
        hour = self.chance.choices(range(24), _FIRE_HOURS if cause == "fire" else _HOURS)[0]
        return datetime.combine(day, time(hour, self.chance.randrange(60), self.chance.randrange(60)), SHANGHAI)

    def _delay(self, channel: Channel) -> timedelta:
        if channel == "village" and self.chance.random() < _UPLOADED_LATE:
            return timedelta(minutes=self.chance.randint(60, 1_200))
        return timedelta(seconds=self.chance.randint(20, 1_500))

    def _amount_fen(self) -> int:
        if self.chance.random() < _ROUND:
            return self.chance.choice(_YUAN) * 100
        return self.chance.randint(30_000, 600_000)
