"""The number of a receipt is public for ever: it may tell what the slip is called, and nothing about a person."""

import pytest
from pydantic import ValidationError

from services.ledger.routes.bodies import Appropriation, FundToOpen, PayeeToRegister, Receipt

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


@pytest.mark.parametrize("document", ["\u200b", " \ufeff", "电话 19900002399"])
def test_a_document_can_be_seen_and_names_nobody(document: str) -> None:
    with pytest.raises(ValidationError):
        Appropriation(amount_fen=1, source="county", document=document)


def test_a_payee_has_a_name_that_can_be_seen() -> None:
    with pytest.raises(ValidationError):
        PayeeToRegister(place="990101", case_id="C1", relation="self", name="\u200b\u2060")


def test_no_fund_is_opened_for_a_code_that_is_no_county_s() -> None:
    with pytest.raises(ValidationError):
        FundToOpen(county="000000", year=2026)
