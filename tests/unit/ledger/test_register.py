"""A register reads like a mapping, and a write leaves the earlier register as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.register import Register


@given(st.lists(st.tuples(st.text(max_size=3), st.integers())))
def test_it_holds_what_was_put_last_under_each_id(writes: list[tuple[str, int]]) -> None:
    register = Register[int]()
    for key, value in writes:
        register = register.put(key, value)
    assert {key: register.get(key) for key, _ in writes} == dict(writes)
    assert register.get("four") is None


def test_the_earlier_register_stays_as_it_was() -> None:
    before = Register[int]().put("D1", 1)
    after = before.put("D1", 2).put("D2", 3)
    assert (before["D1"], before.get("D2")) == (1, None)
    assert (after["D1"], after["D2"]) == (2, 3)


def test_what_was_never_put_is_not_there() -> None:
    with pytest.raises(KeyError):
        Register[int]()["D1"]


def test_the_order_of_writes_does_not_tell() -> None:
    assert Register[int]().put("D1", 1).put("D2", 2) == Register[int]().put("D2", 2).put("D1", 1)
