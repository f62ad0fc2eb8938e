"""Entries balance, or they cannot be made; a transfer cannot become expenditure."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.ledger import Line, Method
from services.ledger import posting
from services.ledger.posting import BANK, CHART, MONEY, PASSED_ON, UNPAPERED, Asset, Entry, Origin, Unbalanced, Use

METHODS: tuple[Method, ...] = ("bank_transfer", "cash")
FEN = st.integers(min_value=1, max_value=10**15)


def entries(amount_fen: int) -> list[Entry]:
    paid = [posting.payment(amount_fen, method) for method in METHODS]
    returned = [posting.payment_returned(amount_fen, method) for method in METHODS]
    return [posting.transfer_in(amount_fen), posting.transfer_out(amount_fen), *paid, *returned]


@given(FEN)
def test_every_entry_balances_and_moves_exactly_the_amount(amount_fen: int) -> None:
    for entry in entries(amount_fen):
        assert sum(line.debit_fen for line in entry.lines) == amount_fen
        assert sum(line.credit_fen for line in entry.lines) == amount_fen


@given(FEN)
def test_a_returned_payment_undoes_its_payment_account_by_account(amount_fen: int) -> None:
    for method in METHODS:
        paid, returned = posting.payment(amount_fen, method), posting.payment_returned(amount_fen, method)
        undone = {(line.account, line.credit_fen, line.debit_fen) for line in returned.lines}
        assert {(line.account, line.debit_fen, line.credit_fen) for line in paid.lines} == undone


def test_an_unbalanced_entry_cannot_be_made() -> None:
    lines = (Line(account="310", debit_fen=100), Line(account="100", credit_fen=99))
    with pytest.raises(Unbalanced, match="debit 100 fen, credit 99 fen"):
        Entry("支付", lines)


@pytest.mark.parametrize("amount", [0, -1, 1.0, True])
def test_an_amount_is_a_positive_whole_number_of_fen(amount: int) -> None:
    with pytest.raises((Unbalanced, ValidationError)):
        posting.transfer_in(amount)


def test_a_transfer_touches_no_expenditure_account() -> None:
    for entry in (posting.transfer_in(1), posting.transfer_out(1)):
        assert not any(line.account.startswith("3") for line in entry.lines)


def test_an_account_says_by_its_number_what_it_is() -> None:
    first_digit = {Asset: "1", Origin: "2", Use: "3"}
    assert all(account.code[0] == first_digit[type(account)] and len(account.code) == 3 for account in CHART)
    assert len({account.code for account in CHART}) == len(CHART)
    assert {"100", "101"} == MONEY


if TYPE_CHECKING:
    # Were an expenditure account to fit into a transfer, the type checker would call these two comments unnecessary.
    posting._transfer("以拨代支", UNPAPERED, BANK, 1)  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    posting._transfer("以拨代支", PASSED_ON, UNPAPERED, 1)  # pyright: ignore[reportPrivateUsage, reportArgumentType]
