"""The table of rules is whole and true: each row once, with parameters, modules and tests that exist."""

import ast
from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from events.policy import Rules
from tests.docs.documents import ROOT, read, spans_in
from tests.unit.relief.test_shipped_policies import sets

RULES = read("docs/rules.md")
CATALOGUE = {
    "Entry, discovery, jurisdiction": [f"E{number}" for number in range(1, 13)],
    "Types and the fast track": [f"T{number}" for number in range(1, 13)],
    "Verification, publicity, privacy": [f"V{number}" for number in range(1, 14)],
    "Authority": ["1.4", *(f"A{number}" for number in range(1, 7))],
    "Amounts": ["M1", "M2", "M3", "M4", "M6", "M7"],
    "Repetition": ["1.6a", "1.6b", "1.6c", "1.6d"],
    "Staging and follow-up": [f"G{number}" for number in range(1, 5)],
    "Payment": [f"P{number}" for number in range(1, 7)],
    "Recovery and liability": [f"R{number}" for number in range(1, 7)],
    "Clocks": [f"C{number}" for number in range(1, 11)],
    "The fast track's decision table": [f"D{number}" for number in range(1, 9)],
    "The twenty exceptional paths": [f"X{number}" for number in range(1, 21)],
    "Laws": [f"L{number}" for number in range(1, 10)],
    "Worked examples": [f"W{number}" for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, 12)],
    "Of the source texts": [f"S{number}" for number in range(1, 4)],
}
ROWS = [(section, row) for section in CATALOGUE for row in RULES.rows(section)]
EXHAUSTIVE = {"L9": "every day of three years is looked at"}
"""Laws whose test invents nothing, because it leaves nothing out."""


@pytest.mark.parametrize("section", CATALOGUE)
def test_a_section_has_each_of_its_rules_once_and_in_order(section: str) -> None:
    assert [row[0] for row in RULES.rows(section)] == CATALOGUE[section]


@pytest.mark.parametrize(("section", "row"), ROWS, ids=[row[0] for _, row in ROWS])
def test_a_rule_is_carried_by_what_exists_and_proven_by_tests_that_exist(section: str, row: list[str]) -> None:
    *_, carried, proven = row
    tests = spans_in(proven)
    assert tests or proven.startswith("Outside: ")
    assert [one for one in tests if not _is_test(one)] == []
    if section not in ("Laws", "Worked examples"):
        assert spans_in(carried) or proven.startswith("Outside: ")
        assert [one for one in spans_in(carried) if not _carries(one)] == []


@pytest.mark.parametrize("row", [row for section, row in ROWS if section == "Laws"], ids=lambda row: row[0])
def test_a_law_is_tried_on_invented_histories(row: list[str]) -> None:
    decorated = {name for test in spans_in(row[-1]) for name in _decorators(test)}
    assert "for_all" in decorated or row[0] in EXHAUSTIVE


def test_what_no_shipped_set_lays_down_is_said() -> None:
    named = {one for _, row in ROWS for one in spans_in(row[-2]) if "/" not in one}
    assert set(spans_in(RULES.section("What no shipped set lays down"))) == {
        one for one in named if not _is_shipped(one)
    }


def _is_test(named: str) -> bool:
    path, _, name = named.partition("::")
    return name in _tests(_file(path))


def _decorators(named: str) -> Iterator[str]:
    path, _, name = named.partition("::")
    for one in _tests(_file(path))[name].decorator_list:
        called = one.func if isinstance(one, ast.Call) else one
        yield ast.unparse(called)


def _file(path: str) -> str:
    """Tests without a folder are relief's own."""
    return f"tests/{path}" if "/" in path else f"tests/unit/relief/{path}"


@cache
def _tests(path: str) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _carries(named: str) -> bool:
    """A module or file of the tree, or a parameter of a policy set."""
    if "/" in named:
        return (ROOT / named).exists()
    return _part(Rules, named.split(".")) is not None


def _part(model: type[BaseModel], path: list[str]) -> Any:
    """What a path through the rules of a set leads to, or ``None``."""
    field = model.model_fields.get(path[0])
    if field is None or len(path) == 1:
        return field
    inside = [one for one in get_args(field.annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
    assert isinstance(field.annotation, UnionType)
    return _part(inside[0], path[1:])


def _is_shipped(path: str) -> bool:
    """Whether any set of ``policies/`` says something of it, instead of leaving it at its default."""
    return any(_is_said(one, path.split(".")) for one in sets().values())


def _is_said(value: object, path: list[str]) -> bool:
    if not path:
        return value is not None
    return (
        isinstance(value, BaseModel)
        and path[0] in value.model_fields_set
        and _is_said(getattr(value, path[0]), path[1:])
    )
