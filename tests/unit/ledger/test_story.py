"""Ledger's story: whatever it says, the bank's side included, somebody can read it."""

from typing import Any

import pytest

from events.upcasts import decode
from services.ledger.story import sentence
from tests.support.golden import SAMPLES

NAMES = sorted(name for name, _ in SAMPLES if name.startswith("ledger."))


def told(name: str) -> str:
    fact: Any = decode(name, 1, SAMPLES[name, 1])
    return sentence(fact)


@pytest.mark.parametrize("name", NAMES)
def test_every_fact_of_ledger_has_a_sentence(name: str) -> None:
    said = told(name)
    assert said.endswith("。")
    assert said.count("。") == 1
    assert "None" not in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ledger.batch_answered", "银行回盘:成功"),
        ("ledger.exception_opened", "对账差异"),
        ("ledger.line_matched", "勾对 "),
        ("ledger.statement_imported", "导入对账单"),
        ("ledger.treatment_approved", "复核同意差异"),
    ],
)
def test_what_the_bank_says_is_told_in_the_words_of_reconciliation(name: str, said: str) -> None:
    assert said in told(name)
