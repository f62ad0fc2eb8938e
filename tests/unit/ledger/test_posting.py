"""Entries balance source by source, or they cannot be made; a transfer cannot become expenditure."""

from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.ledger import Draw, Line, Method, Source
from services.ledger import posting
from services.ledger.posting import BANK, CHART, MONEY, PASSED_ON, UNPAPERED, Asset, Entry, Origin, Unbalanced, Use
from services.ledger.sources import total

METHODS: tuple[Method, ...] = get_args(Method)
SOURCES: tuple[Source, ...] = get_args(Source)
DRAW = st.builds(Draw, source=st.sampled_from(SOURCES), amount_fen=st.integers(min_value=1, max_value=10**15))
DRAWS = st.lists(DRAW, min_size=1, max_size=4, unique_by=lambda draw: draw.source).map(tuple)

Draws = tuple[Draw, ...]


def transfers(draws: Draws) -> list[Entry]:
    made = (posting.paid_in, posting.sent, posting.arrived, posting.received, posting.interest, posting.carried_in)
    return [*(make(draws) for make in made), posting.carried_out(draws), posting.own_money(draws, repayable=True)]


def spending(draws: Draws) -> list[Entry]:
    made = (posting.recovery_ordered, posting.recovery_received, posting.suspended, posting.goods_bought)
    paid = [posting.payment(draws, method) for method in METHODS]
    return [*(make(draws) for make in made), *paid, posting.goods_issued(draws), posting.handed_back(draws)]


@given(DRAWS)
def test_every_entry_balances_and_moves_exactly_the_amount_of_each_source(draws: Draws) -> None:
    for entry in (*transfers(draws), *spending(draws)):
        for draw in draws:
            lines = [line for line in entry.lines if line.source == draw.source]
            assert sum(line.debit_fen for line in lines) == sum(line.credit_fen for line in lines) == draw.amount_fen
        assert sum(line.debit_fen for line in entry.lines) == total(draws)


@given(DRAWS)
def test_a_reversal_undoes_its_entry_account_by_account(draws: Draws) -> None:
    for entry in spending(draws):
        undone = {(line.account, line.source, line.credit_fen, line.debit_fen) for line in entry.reversed("x").lines}
        assert {(line.account, line.source, line.debit_fen, line.credit_fen) for line in entry.lines} == undone


def test_an_unbalanced_entry_cannot_be_made() -> None:
    lines = (Line(account="310", debit_fen=100), Line(account="100", credit_fen=99))
    with pytest.raises(Unbalanced, match="debit 100 fen, credit 99 fen"):
        Entry("支付", lines)


def test_an_entry_that_pays_one_sources_debit_with_anothers_credit_cannot_be_made() -> None:
    lines = (Line(account="310", debit_fen=1, source="central"), Line(account="100", credit_fen=1, source="donation"))
    with pytest.raises(Unbalanced):
        Entry("支付", lines)


def test_an_entry_moves_something() -> None:
    with pytest.raises(Unbalanced):
        posting.paid_in(())


@given(DRAWS)
def test_a_transfer_touches_no_expenditure_account(draws: Draws) -> None:
    for entry in transfers(draws):
        assert not any(line.account.startswith("3") for line in entry.lines)


def test_budget_codes_mark_expenditure_from_fiscal_sources_and_nothing_else() -> None:
    fiscal = {"central", "province", "city", "county", "local_match", "carried_over"}
    for source in SOURCES:
        spent, paid_from = posting.payment((Draw(source=source, amount_fen=1),), "cash").lines
        coded = ("2082001", "50901") if source in fiscal else (None, None)
        assert (spent.functional, spent.economic) == coded
        assert (paid_from.functional, paid_from.economic) == (None, None)


def test_what_the_township_is_paid_back_for_is_spent_by_the_source_that_pays_it_back() -> None:
    entry = posting.own_money_repaid((Draw(source="county", amount_fen=80_000),))
    moved = [(line.account, line.source, line.debit_fen - line.credit_fen) for line in entry.lines]
    assert moved == [
        ("310", "county", 80_000),
        ("100", "county", -80_000),
        ("130", "township_own", 80_000),
        ("310", "township_own", -80_000),
    ]


def test_an_account_says_by_its_number_what_it_is() -> None:
    first_digit = {Asset: "1", Origin: "2", Use: "3"}
    assert all(account.code[0] == first_digit[type(account)] and len(account.code) == 3 for account in CHART)
    assert len({account.code for account in CHART}) == len(CHART)
    assert {"100", "101"} == MONEY


if TYPE_CHECKING:
    # Were an expenditure account to fit into a transfer, the type checker would call these two comments unnecessary.
    posting._transfer("以拨代支", UNPAPERED, BANK, ())  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    posting._transfer("以拨代支", PASSED_ON, UNPAPERED, ())  # pyright: ignore[reportPrivateUsage, reportArgumentType]
