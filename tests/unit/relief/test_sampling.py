"""A sample is drawn by lot: enough cases, the same again for the same name, and none that was not there."""

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.relief.sampling import drawn

CASES = st.lists(st.text("abc0123456789", min_size=1, max_size=8), max_size=60)


def test_ten_per_cent_of_eleven_are_two() -> None:
    assert len(drawn((f"case-{number}" for number in range(11)), 10, "2026-Q4")) == 2
    assert len(drawn((f"case-{number}" for number in range(10)), 10, "2026-Q4")) == 1
    assert drawn((), 10, "2026-Q4") == ()


def test_another_name_draws_others() -> None:
    cases = [f"case-{number}" for number in range(200)]
    assert set(drawn(cases, 10, "2026-Q4")) != set(drawn(cases, 10, "2026-Q3"))


@for_all(CASES, st.integers(1, 100))
def test_a_sample_is_large_enough_and_the_same_in_whatever_order_the_cases_come(cases: list[str], percent: int) -> None:
    found = drawn(cases, percent, "s")
    assert found == drawn(list(reversed(cases)), percent, "s")
    assert set(found) <= set(cases)
    assert len(found) * 100 >= len(set(cases)) * percent > (len(found) - 1) * 100 or not cases
