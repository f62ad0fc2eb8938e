"""The usage table is exact to the last digit, with whole numbers alone."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.usage import Used, hundredths, usage_table

SEVEN_YUAN = 700


def test_example_11_seven_yuan_a_head() -> None:
    places = [
        Used("990101001", 45_678, town_households=150, town_fen=29_850_000),
        Used("990101002", 8_021, town_households=20, town_fen=4_000_000, county_households=9, county_fen=2_123_400),
    ]
    table = usage_table(places, SEVEN_YUAN)
    shown = [(hundredths(row.entitled), hundredths(row.rate), row.rank) for row in table.rows]
    assert shown == [("31.97", "93.36", 2), ("5.61", "109.06", 1)]
    assert (hundredths(table.entitled_by_rows), hundredths(table.entitled_by_sum)) == ("37.58", "37.59")
    assert (table.used_fen, hundredths(table.rate), places[1].households) == (35_973_400, "95.70", 29)


def test_example_11_half_is_rounded_up_and_not_to_even() -> None:
    (row,) = usage_table([Used("990101003", 10_150)], SEVEN_YUAN).rows
    assert hundredths(row.entitled) == "7.11"


def test_a_place_that_has_used_nothing_is_in_the_table_and_one_without_people_has_no_rate() -> None:
    table = usage_table([Used("990101001", 1_000), Used("990101002", 0, town_fen=1)], SEVEN_YUAN)
    assert [(row.rate, row.rank) for row in table.rows] == [(0, 1), (0, 1)]
    assert usage_table([], SEVEN_YUAN).rows == ()


@given(st.integers(1, 10**7), st.integers(0, 10**12), st.integers(1, 10**5))
def test_rounding_is_that_of_exact_fractions(population: int, used_fen: int, per_head_fen: int) -> None:
    table = usage_table([Used("990101001", population, town_fen=used_fen)], per_head_fen)
    entitled = Fraction(population * per_head_fen)
    half = Fraction(1, 2)
    assert table.rows[0].entitled == (entitled / 10_000 + half).__floor__()
    assert table.rows[0].rate == (used_fen / entitled * 10_000 + half).__floor__()
