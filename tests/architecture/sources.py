"""The project's own Python files, as the architecture tests read them."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from pathlib import Path
from tokenize import COMMENT, DEDENT, ENDMARKER, INDENT, NEWLINE, NL, generate_tokens

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "services", "jiujinan")
_LAYOUT = {COMMENT, DEDENT, ENDMARKER, INDENT, NEWLINE, NL}

Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A Python file: its path below the project's root, and its text."""

    path: str
    text: str = field(repr=False)

    @property
    def name(self) -> str:
        """Its dotted name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.text)

    @cached_property
    def lines_of_code(self) -> int:
        """How many lines hold code. Blank lines, comments, docstrings and strings that stand alone are none."""
        prose = {line for node in ast.walk(self.tree) if _is_prose(node) for line in _lines(node)}
        tokens = [token for token in generate_tokens(StringIO(self.text).readline) if token.type not in _LAYOUT]
        return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - prose)

    @cached_property
    def imports(self) -> dict[str, str]:
        """What each imported name stands for, in full."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Import(names):
                    found |= {alias.asname or alias.name: alias.name for alias in names}
                case ast.ImportFrom(module, names):
                    found |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
                case _:
                    pass
        return found

    @cached_property
    def uses(self) -> set[str]:
        """Everything imported that the code mentions, in full: ``datetime.datetime.now`` for ``datetime.now``."""
        mentioned = {_dotted(node) for node in ast.walk(self.tree) if isinstance(node, ast.Attribute | ast.Name)}
        return {full for dotted in mentioned for full in self._in_full(dotted)} | set(self.imports.values())

    def _in_full(self, dotted: str) -> Iterator[str]:
        for name, full in self.imports.items():
            if dotted == name or dotted.startswith(f"{name}."):
                yield full + dotted.removeprefix(name)

    def public(self) -> Iterator[tuple[str, Documented]]:
        """Its public classes and functions and their public methods, by dotted name within the module."""
        yield from _public(self.tree.body, "")


def modules(*packages: str) -> list[Module]:
    """Every module of these top-level packages."""
    files = sorted(file for package in packages for file in (ROOT / package).rglob("*.py"))
    return [Module(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files]


def _public(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, Documented]]:
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{prefix}{node.name}.")


def _is_prose(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _lines(node: ast.AST) -> range:
    assert isinstance(node, ast.Expr)
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _dotted(node: ast.AST) -> str:
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value, attribute):
            return f"{_dotted(value)}.{attribute}"
        case _:
            return "?"
