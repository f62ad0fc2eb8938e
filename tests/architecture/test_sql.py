"""Every statement in a ``.sql`` file has a name of its own and a caller; no caller asks for one that is not there.

Every migration has a number of its own.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.migrate import migrations
from tests.architecture.sources import PACKAGES, ROOT, Module, modules

MODULES = modules(*PACKAGES)
FILES = {
    file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8")
    for package in PACKAGES
    for file in sorted((ROOT / package).rglob("*.sql"))
    if "migrations" not in file.parts
}
"""The files of named statements. Migrations are numbered, and run whole."""


def names(text: str) -> list[str]:
    return re.findall(r"^-- name: (\w+)$", text, re.MULTILINE)


def constants(module: Module) -> dict[str, str]:
    """The constants in which a module holds the statements of a file, and which file each is."""
    found: dict[str, str] = {}
    for node in module.tree.body:
        match node:
            case ast.Assign(
                [ast.Name(constant)],
                ast.Call(ast.Name("statements"), [ast.Constant(str(package)), ast.Constant(str(file))]),
            ):
                found[constant] = f"{package.replace('.', '/')}/{file}"
            case _:
                pass
    return found


HOLDERS = {f"{module.name}.{constant}": file for module in MODULES for constant, file in constants(module).items()}
"""The file behind each constant that holds statements, by the constant's full name."""


def held_by(module: Module) -> dict[str, str]:
    """The file behind each name of a module that stands for statements, its own or imported."""
    imported = {name: HOLDERS[full] for name, full in module.imports.items() if full in HOLDERS}
    return imported | constants(module)


def asked(module: Module) -> Iterator[tuple[str, str]]:
    """File and name of every statement that a module asks for by a literal subscript."""
    held = held_by(module)
    for node in ast.walk(module.tree):
        match node:
            case ast.Subscript(ast.Name(constant), ast.Constant(str(name))) if constant in held:
                yield held[constant], name
            case _:
                pass


def mentioned(module: Module) -> set[str]:
    """Every literal that may be handed on as a statement's name; a column that is read from a row is none."""
    held = held_by(module)
    columns: set[ast.expr] = set()
    literals: dict[ast.expr, str] = {}
    for node in ast.walk(module.tree):
        match node:
            case ast.Subscript(ast.Name(constant)) if constant in held:
                pass
            case ast.Subscript():
                columns.add(node.slice)
            case ast.Constant(str(text)):
                literals[node] = text
            case _:
                pass
    return {text for node, text in literals.items() if node not in columns}


def callers(file: str) -> list[Module]:
    """The modules that hold a file's statements, and those that import something from such a module."""
    homes = {holder.rpartition(".")[0] for holder, held in HOLDERS.items() if held == file}
    return [
        module
        for module in MODULES
        if module.name in homes or homes & {full.rpartition(".")[0] for full in module.imports.values()}
    ]


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_read_by_one_module_beside_it(file: str) -> None:
    homes = [Path(holder.rpartition(".")[0].replace(".", "/")) for holder, held in HOLDERS.items() if held == file]
    assert [home.parent.as_posix() for home in homes] == [Path(file).parent.as_posix()]


@pytest.mark.parametrize("file", FILES)
def test_each_statement_has_a_name_of_its_own(file: str) -> None:
    assert sorted(names(FILES[file])) == sorted(set(names(FILES[file])))


@pytest.mark.parametrize("file", FILES)
def test_no_line_looks_like_a_name_without_being_one(file: str) -> None:
    looks = [line for line in FILES[file].splitlines() if re.match(r"\s*--\s*name\b", line, re.IGNORECASE)]
    assert looks == [f"-- name: {name}" for name in names(FILES[file])]


@pytest.mark.parametrize("file", FILES)
def test_under_each_name_stands_one_statement_and_none_before_the_first(file: str) -> None:
    commented = re.compile(r"^-- (?!name: ).*$", re.MULTILINE)
    before, *statements = re.split(r"^-- name: .*$", commented.sub("", FILES[file]), flags=re.MULTILINE)
    assert not before.strip()
    assert [text for text in statements if not text.strip() or ";" in text] == []


@pytest.mark.parametrize("file", FILES)
def test_each_statement_has_a_caller(file: str) -> None:
    spoken = {text for module in callers(file) for text in mentioned(module)}
    assert [name for name in names(FILES[file]) if name not in spoken] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.path)
def test_a_module_asks_for_statements_that_are_there(module: Module) -> None:
    assert [(file, name) for file, name in asked(module) if name not in names(FILES[file])] == []


@pytest.mark.parametrize("service", ["intake", "relief", "ledger"])
def test_no_two_migrations_of_a_service_have_one_number(service: str) -> None:
    steps = migrations("services.chassis.migrations.service", f"services.{service}.migrations")
    assert {number for number, times in Counter(step.number for step in steps).items() if times > 1} == set()
