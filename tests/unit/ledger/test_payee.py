"""A payee is registered once, sealed, and known by reference."""

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from events.fact import Sealed
from events.ledger import PayeeRegistered
from services.ledger.payee import DECIDER, RegisterPayee
from services.ledger.routes.bodies import PayeeToRegister
from tests.support.given import CLERK, given

NAME = Sealed(suite="test", key_id="k1", subject="s1", field="name", box="AAAA")
ACCOUNT = NAME.model_copy(update={"field": "account"})
REGISTER = RegisterPayee("Y1", "C1", "household_member", NAME, ACCOUNT)
REGISTERED = PayeeRegistered(
    payee_ref="Y1",
    case_id="C1",
    relation="household_member",
    name=NAME,
    account=ACCOUNT,
    registered_by=CLERK.id,
)


def test_a_payee_is_registered_by_whoever_acts() -> None:
    assert given(DECIDER).when(REGISTER) == [REGISTERED]


def test_the_same_payee_sealed_anew_gives_nothing() -> None:
    resealed = replace(REGISTER, name=NAME.model_copy(update={"box": "BBBB"}))
    assert given(DECIDER, REGISTERED).when(resealed) == []


def test_a_reference_never_names_somebody_else() -> None:
    registered = given(DECIDER, REGISTERED)
    for other in (
        replace(REGISTER, case_id="C2"),
        replace(REGISTER, relation="agent"),
        replace(REGISTER, account=None),
    ):
        assert registered.refused(other).code == "payee_differs"


def test_callers_are_told_the_reference_only() -> None:
    assert DECIDER.answer([REGISTERED]) == {"payee_ref": "Y1"}
    assert DECIDER.answer([]) == {}


@pytest.mark.parametrize("name", ["=样甲", "-样甲", "+样甲", " @样甲"])
def test_a_name_that_no_banks_file_takes_is_refused_at_the_door(name: str) -> None:
    asked = {"place": "990101001", "case_id": "C1", "relation": "self", "account": "6200000000000000"}
    with pytest.raises(ValidationError, match="name_unwritable"):
        PayeeToRegister.model_validate_json(json.dumps(asked | {"name": name}))
    assert PayeeToRegister.model_validate_json(json.dumps(asked | {"name": "样·甲-乙"}))
