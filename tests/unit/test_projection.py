"""What a projection writes together: never more out of order than its statements allow."""

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.projection import Change, together

CHANGES = st.lists(st.tuples(st.sampled_from("abcd"), st.tuples(st.integers(0, 99))), max_size=30)


@given(CHANGES)
def test_only_statements_that_commute_change_places_and_never_among_themselves(changes: list[Change]) -> None:
    ordered = list(together(changes, frozenset("ab")))
    for name in "abcd":
        assert [change for change in ordered if change[0] == name] == [c for c in changes if c[0] == name]
    fixed = [("ab" if change[0] in "ab" else change) for change in changes]
    assert [("ab" if change[0] in "ab" else change) for change in ordered] == fixed


def test_what_alternates_and_commutes_stands_side_by_side() -> None:
    told = [("a", (1,)), ("b", (2,)), ("a", (3,)), ("c", (4,)), ("a", (5,))]
    assert [name for name, _ in together(told, frozenset("ab"))] == ["a", "a", "b", "c", "a"]
