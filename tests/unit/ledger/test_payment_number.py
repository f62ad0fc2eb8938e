"""A payment number is printed by us, mangled by banks and people, and never taken for another one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.ledger.payment_number import batch_number, check_digit, numbers_in, payment_number

places = st.from_regex(r"[0-9]{6}([0-9]{3})?", fullmatch=True)
numbers = st.builds(payment_number, places, st.integers(2000, 2099), st.integers(1, 999_999))


def test_it_names_the_township_the_year_and_the_payment_in_twenty_characters() -> None:
    assert payment_number("341825105", 2026, 17) == "LS" + "341825105" + "26" + "000017" + "7"
    assert len(payment_number("341825", 2026, 999_999)) == 20


def test_the_check_digit_is_that_of_the_published_example() -> None:
    assert check_digit("572") == 4


@given(numbers, st.data())
def test_one_wrong_digit_makes_it_no_number(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(2, 19))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[at]]))
    assert numbers_in(number[:at] + digit + number[at + 1 :]) == ()


@given(numbers, st.integers(2, 18))
def test_two_neighbours_swapped_make_it_no_number(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert numbers_in(swapped) == ((number,) if swapped == number else ())


@given(numbers)
@example(payment_number("990101001", 2026, 1))
def test_it_is_known_again_in_what_a_bank_makes_of_it(number: str) -> None:
    assert numbers_in(f"临时救助 {number.lower()[:9]}\n{number.lower()[9:]}/样甲") == (number,)
    assert numbers_in(f"{number} {number} 20261103") == (number,)


@given(numbers)
def test_a_longer_row_of_digits_is_not_cut_to_fit(number: str) -> None:
    assert numbers_in(f"{number}7") == ()


@given(numbers)
def test_a_batch_bears_the_digits_of_its_first_payment(number: str) -> None:
    assert numbers_in(f"代发 {batch_number(number)}") == (batch_number(number),)
    assert batch_number(number)[2:] == number[2:]


@pytest.mark.parametrize("ordinal", [0, 1_000_000])
def test_there_are_numbers_for_a_million_payments_less_one(ordinal: int) -> None:
    with pytest.raises(ValueError, match="999,999"):
        payment_number("990101001", 2026, ordinal)
