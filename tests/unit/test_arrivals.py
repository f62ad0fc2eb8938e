"""The synthetic months: the same for the same seed, readable by every channel, and shaped like real ones."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from events.words import Channel
from jiujinan.arrivals import Arrival, arrivals
from jiujinan.invented import divisions
from services.intake.channels import hospital, village
from services.intake.channels.dialect import load_dialects
from services.intake.channels.hotline import reader
from services.intake.channels.told import Told
from services.intake.gazetteer import Gazetteer

COUNTIES = 3
GAZETTEER = Gazetteer(divisions(COUNTIES))
DIALECTS = load_dialects(Path(__file__).parents[2] / "policies" / "intake" / "hotlines")
READERS: Mapping[Channel, Callable[[bytes, Gazetteer, str], Told]] = {
    "hotline": reader(DIALECTS.default),
    "village": village.read,
    "hospital": hospital.read,
}


def read(arrival: Arrival) -> Told:
    return READERS[arrival.channel](json.dumps(arrival.payload).encode(), GAZETTEER, "")


@pytest.fixture(scope="module")
def season() -> list[Arrival]:
    return list(arrivals(seed=2026, months=3, counties=COUNTIES))


@pytest.fixture(scope="module")
def told(season: list[Arrival]) -> list[Told]:
    return [read(arrival) for arrival in season]


def test_the_command_writes_the_same_bytes_for_the_same_seed_in_every_process() -> None:
    lines = [f"{arrival.line()}\n" for arrival in arrivals(seed=7, months=1, counties=2)]
    command = [sys.executable, "-m", "jiujinan.cli", "generate", "--seed", "7", "--months", "1", "--counties", "2"]
    environment = os.environ | {"PYTHONHASHSEED": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert done.stdout.decode() == "".join(lines)


def test_another_seed_gives_other_months() -> None:
    assert list(arrivals(1, 1, 1)) != list(arrivals(2, 1, 1))


def test_every_payload_is_read_and_names_its_township_but_for_a_few_calls(season: list[Arrival]) -> None:
    incomplete = Counter[Channel]()
    for arrival in season:
        reading = read(arrival)
        if reading.missing:
            incomplete[reading.channel] += 1
        else:
            assert (reading.place.county or "") in divisions(COUNTIES)
    assert set(incomplete) == {"hotline"}
    assert incomplete["hotline"] < len(season) * 0.05


def test_reports_arrive_in_order_and_after_they_were_told(season: list[Arrival], told: list[Told]) -> None:
    moments = [arrival.arrives_at for arrival in season]
    assert moments == sorted(moments)
    assert all(reading.reported_at < arrival.arrives_at for arrival, reading in zip(season, told, strict=True))


def test_some_villages_upload_hours_later(season: list[Arrival], told: list[Told]) -> None:
    late = Counter[Channel]()
    for arrival, reading in zip(season, told, strict=True):
        late[arrival.channel] += arrival.arrives_at - reading.reported_at >= timedelta(hours=1)
    assert late["village"] > 0.2 * sum(arrival.channel == "village" for arrival in season)
    assert late["hotline"] == late["hospital"] == 0


def test_channels_send_their_shares(season: list[Arrival]) -> None:
    shares = Counter(arrival.channel for arrival in season)
    assert shares["hotline"] / len(season) == pytest.approx(0.55, abs=0.06)
    assert shares["village"] / len(season) == pytest.approx(0.35, abs=0.06)
    assert shares["hospital"] / len(season) == pytest.approx(0.10, abs=0.04)
    assert {arrival.path for arrival in season if arrival.channel == "hotline"} == {"/adapters/12345/demo"}
    assert {arrival.path for arrival in season if arrival.channel != "hotline"} == {"/v1/reports"}


def test_some_needs_are_told_twice_over_different_channels(told: list[Told]) -> None:
    by_person = defaultdict[str, list[Told]](list)
    for reading in told:
        if reading.id_number is not None:
            by_person[reading.id_number].append(reading)
    twice = [readings for readings in by_person.values() if len(readings) > 1]
    assert len(twice) / len(by_person) == pytest.approx(0.08, abs=0.03)
    for readings in twice:
        assert len({reading.channel for reading in readings}) == len(readings) == 2
        assert len({reading.cause for reading in readings}) == 1


def test_what_looks_like_one_need_is_one(told: list[Told]) -> None:
    people = defaultdict[object, set[str | None]](set)
    for reading in told:
        for match in reading.matches:
            people[reading.place.county, reading.cause, match].add(reading.id_number)
    assert max(len(found) for found in people.values()) == 1


def test_nobody_is_real(told: list[Told]) -> None:
    for reading in told:
        if reading.identity == "unknown":
            assert (reading.name, reading.id_number, reading.phone) == (None, None, None)
        else:
            assert "样" in (reading.name or "")
            assert (reading.id_number or "").startswith("990101")
            assert (reading.phone or "").startswith("1990000")
    assert {reading.channel for reading in told if reading.identity == "unknown"} == {"hospital"}


def test_most_amounts_are_round(season: list[Arrival]) -> None:
    round_ones = sum(arrival.amount_fen % 10_000 == 0 for arrival in season)
    assert 0.8 < round_ones / len(season) < 1


def test_working_days_and_daytime_are_busier(season: list[Arrival], told: list[Told]) -> None:
    days = Counter(reading.reported_at.astimezone(season[0].arrives_at.tzinfo).weekday() for reading in told)
    assert sum(days[day] for day in range(5)) / 5 > 1.1 * (days[5] + days[6]) / 2
    hours = Counter(reading.reported_at.astimezone(season[0].arrives_at.tzinfo).hour for reading in told)
    assert sum(hours[hour] for hour in range(8, 18)) > 2 * sum(hours[hour] for hour in range(6))


def test_there_are_no_more_counties_than_invented() -> None:
    with pytest.raises(ValueError, match="99"):
        next(arrivals(1, 1, 100))
