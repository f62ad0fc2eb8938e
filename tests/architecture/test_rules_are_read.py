"""Every rule that a policy set may lay down is read somewhere: a parameter that decides nothing is a promise broken."""

import ast

from events.policy import Rules
from tests.architecture.sources import PACKAGES, modules


def test_every_rule_of_a_policy_set_is_read_by_code() -> None:
    read = {
        node.attr
        for module in modules(*PACKAGES)
        if module.name.startswith("services.")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
    }
    assert sorted(set(Rules.model_fields) - read) == []
