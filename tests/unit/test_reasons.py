"""Reasons are told in words: all that our own code gives have some."""

import ast
from collections.abc import Iterator
from pathlib import Path

from events.reasons import REASONS, because

SERVICES = Path(__file__).parents[2] / "services"


def given() -> Iterator[str]:
    """Every reason that is written out where a fact or a command is made."""
    for file in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.keyword(arg="reason", value=ast.Constant(value=str(code))):
                    yield code
                case _:
                    pass


def test_what_our_own_code_gives_as_a_reason_has_words() -> None:
    own = {code for code in given() if code}
    assert len(own) > 5
    assert own <= REASONS.keys()


def test_a_reason_of_somebodys_own_is_told_as_it_came() -> None:
    assert (because("account_closed"), because("second_fire")) == ("收款账户已销户", "second_fire")


def test_the_reasons_are_listed_in_order() -> None:
    assert list(REASONS) == sorted(REASONS)
