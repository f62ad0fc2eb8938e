"""The number of a receipt is public for ever: it may tell what the slip is called, and nothing about a person."""

import pytest
from pydantic import ValidationError

from services.ledger.bodies import Receipt

AT = "2026-11-02T11:20:00+08:00"


NUMBERS = (
    "回单 88",
    "R-88",
    "农商行电子回单号 20261102000123456789",
    "现金签收单第12号",
    "〔2026〕支票 3/7",
    "样例回单-1a2b",
)
WORDS = ("样甲签收单", "回单 19900002399", "签收单 000000199001010018", "回单 00000019900101001X", "", "回单\n88")


@pytest.mark.parametrize("number", NUMBERS)
def test_the_number_of_a_slip_is_taken(number: str) -> None:
    assert Receipt.model_validate({"received_at": AT, "evidence": f" {number} "}).evidence == number


@pytest.mark.parametrize("words", WORDS)
def test_words_about_a_person_are_not(words: str) -> None:
    with pytest.raises(ValidationError):
        Receipt.model_validate({"received_at": AT, "evidence": words})
