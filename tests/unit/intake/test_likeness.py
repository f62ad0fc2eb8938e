"""Reports that may be of one household are ranked by what they share; a name's sound is a hint, no more."""

from datetime import UTC, datetime, timedelta

from services.intake.likeness import ENOUGH, FEATURES, Feature, Other, features, ranked, sound_of
from tests.unit.intake.test_channels import read

NOW = datetime(2026, 11, 2, tzinfo=UTC)
VILLAGE = read("village")


def other(*shared: Feature, cause: str = "fire", days: int = 3, number: str = "R0") -> Other:
    return Other(number, tuple(feature in shared for feature in FEATURES), cause, NOW - timedelta(days=days))


def weight(*shared: Feature, cause: str = "fire", days: int = 3) -> int:
    found = ranked([other(*shared, cause=cause, days=days)], "fire", NOW)
    return found[0].weight if found else 0


def test_a_report_is_known_by_its_household_and_never_by_who_told_of_it() -> None:
    told = dict(features(VILLAGE.name, VILLAGE.phone, VILLAGE.address))
    assert told["name"] == "汪样根"
    assert told["sound"] == "wang yang gen"
    assert told["phone"] == "19900002301"
    assert told["phone_tail"] == "002301"
    assert told["village"].endswith("村")
    assert features(None, None, None) == []


def test_names_that_are_said_alike_are_alike() -> None:
    assert sound_of("陈样") == sound_of("谌样") == "chen yang"


def test_a_sound_alone_asks_nobody_and_with_a_home_it_does() -> None:
    assert weight("sound") == 0
    assert weight("sound", "home") >= ENOUGH


def test_what_is_implied_by_something_stronger_is_not_counted_again() -> None:
    assert weight("name", "sound", "home", "village") == weight("name", "home")
    assert weight("phone", "phone_tail") == weight("phone")


def test_the_same_cause_and_day_weigh_more_and_are_told_as_reasons() -> None:
    assert weight("phone") > weight("phone", cause="illness")
    (suspect,) = ranked([other("phone", days=0)], "fire", NOW)
    assert suspect.reasons == ("same_phone", "same_cause", "same_day")


def test_the_heaviest_comes_first_and_the_light_not_at_all() -> None:
    found = ranked(
        [other("village", number="R1"), other("phone", number="R2"), other("name", "home", number="R3")], "fire", NOW
    )
    assert [suspect.report_id for suspect in found] == ["R3", "R2"]
