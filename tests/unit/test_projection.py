"""What a projection writes together: never more out of order than its statements allow."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.changes import Change, together

TOUCHES = {"a": (("row", 0),), "b": (("row", 0), ("other", 1)), "c": (("other", 1),), "free": ()}
CHANGES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "free", "any"]), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    max_size=30,
)


def depend(one: Change, other: Change) -> bool:
    """Whether two changes touch a row in common; a statement of which nothing is said may touch any."""
    rows = [{(kind, told[place]) for kind, place in TOUCHES.get(name, ())} for name, told in (one, other)]
    return not TOUCHES.keys() >= {one[0], other[0]} or bool(rows[0] & rows[1])


@given(CHANGES)
def test_changes_of_a_row_are_made_in_their_order_and_each_once(changes: list[Change]) -> None:
    numbered = [(name, (*told, number)) for number, (name, told) in enumerate(changes)]
    groups = together(numbered, TOUCHES)
    made = [(name, told) for name, group in groups for told in group]
    assert sorted(made, key=lambda change: change[1][2]) == numbered
    place = {change[1][2]: at for at, change in enumerate(made)}
    for first, second in combinations(numbered, 2):
        if first[0] == second[0] or depend(first, second):
            assert place[first[1][2]] < place[second[1][2]]


def test_what_alternates_and_touches_nothing_in_common_goes_together() -> None:
    told: list[Change] = [("a", (n, 0)) if n % 2 else ("c", (0, n)) for n in range(100)]
    assert [(name, len(group)) for name, group in together(told, TOUCHES)] == [("c", 50), ("a", 50)]


def test_nothing_passes_a_statement_of_which_nothing_is_said() -> None:
    told: list[Change] = [("a", (1, 0)), ("any", (0, 0)), ("a", (2, 0)), ("any", (0, 0))]
    assert [name for name, _ in together(told, TOUCHES)] == ["a", "any", "a", "any"]
