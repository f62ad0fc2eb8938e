"""Every rule of a policy set, and every part of one, is read: a parameter that decides nothing is a promise broken."""

import ast
from inspect import getmembers, isclass

import events.rules
from events.fact import Value
from events.policy import Rules
from tests.architecture.sources import PACKAGES, modules

WHOLE = {name for name, one in getmembers(events.rules, isclass) if issubclass(one, Value) and one is not Value}
"""What a set is made of: its rules and their parts."""


def read() -> set[str]:
    """Every attribute that the services ask for."""
    return {
        node.attr
        for module in modules(*PACKAGES)
        if module.name.startswith("services.")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
    }


def test_every_rule_of_a_policy_set_is_read_by_code() -> None:
    assert sorted(set(Rules.model_fields) - read()) == []


def test_every_part_of_a_rule_is_read_by_code() -> None:
    known = read()
    parts = {f"{name}.{part}" for name in WHOLE for part in getattr(events.rules, name).model_fields}
    assert {one for one in parts if one.partition(".")[2] not in known} == set()
