"""The golden JSON Schemas of all facts: ``python -m events.golden --write`` makes them, ``--check`` compares.

They hold shapes only, so that a reworded docstring changes none. What ``released.sha256`` lists (in the format of
``sha256sum``) never changes again: old versions at once, everything else from the release that it is part of.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

import events
from events.cloudevents import dataschema
from events.fact import Fact, fact_types

SCHEMAS = Path(__file__).parent / "schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_RELEASED = "released.sha256"


class _Shape(GenerateJsonSchema):
    """Leaves out titles and descriptions."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        prose = ("title", "description")
        return {key: value for key, value in super().model_schema(schema).items() if key not in prose}


def facts() -> Mapping[str, type[Fact]]:
    """Every fact of this package by its stored name; facts that others register are not among them."""
    for module in iter_modules(events.__path__):
        import_module(f"events.{module.name}")
    return {name: fact for name, fact in fact_types().items() if fact.__module__.startswith("events.")}


def schema(fact: type[Fact]) -> dict[str, Any]:
    """The closed JSON Schema (draft 2020-12) of a fact's stored bytes."""
    shape = fact.model_json_schema(mode="serialization", schema_generator=_Shape)
    return {"$schema": _DIALECT, "$id": dataschema(fact.NAME, fact.VERSION), **shape}


def write(folder: Path = SCHEMAS) -> None:
    """Write today's schema of every fact, but never over a released one."""
    released = _released(folder)
    for name, made in _made().items():
        if name not in released:
            (folder / name).write_bytes(made)


def check(folder: Path = SCHEMAS) -> list[str]:
    """What is wrong with the committed schemas, a sentence each; empty when they fit the code and its past."""
    made, released = _made(), _released(folder)
    committed = {file.name: file.read_bytes() for file in folder.glob("*.json")}
    names = sorted({*made, *released, *committed, *_old()})
    faults = {name: _fault(committed.get(name), made.get(name), released.get(name)) for name in names}
    return [f"{name} {fault}" for name, fault in faults.items() if fault]


def _made() -> dict[str, bytes]:
    """The files that today's code makes."""
    return {
        _file(name, fact.VERSION): f"{json.dumps(schema(fact), ensure_ascii=False, indent=2)}\n".encode()
        for name, fact in facts().items()
    }


def _old() -> list[str]:
    """The files of earlier versions, which logs may hold."""
    return [_file(name, version) for name, fact in facts().items() for version in range(1, fact.VERSION)]


def _file(name: str, version: int) -> str:
    return f"{name}.{version}.json"


def _released(folder: Path) -> dict[str, str]:
    """The digest of each file that never changes again."""
    lines = (folder / _RELEASED).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _fault(committed: bytes | None, made: bytes | None, digest: str | None) -> str | None:
    """What is wrong with one file, given its bytes, the bytes that the code makes, and its digest once released."""
    if digest is not None:
        return _fault_of_released(committed, made, digest)
    if made is None:
        return f"is no fact's of today, and {_RELEASED}, where old versions belong, does not list it"
    if committed is None:
        return "is missing: run python -m events.golden --write"
    return None if committed == made else "differs from the code: run python -m events.golden --write"


def _fault_of_released(committed: bytes | None, made: bytes | None, digest: str) -> str | None:
    if committed is None or sha256(committed).hexdigest() != digest:
        return "is released and must stay as it was"
    return None if made in (None, committed) else "is released: the changed fact needs a new version and an upcast"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Gives 1 when something is wrong with the schemas."""
    parser = argparse.ArgumentParser(prog="python -m events.golden", description="The JSON Schemas of all facts.")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--write", action="store_true", help="write the schemas that are not released yet")
    task.add_argument("--check", action="store_true", help="compare the committed schemas with the code")
    if parser.parse_args(arguments).write:
        write()
    complaints = check()
    sys.stdout.writelines(f"{complaint}\n" for complaint in complaints)
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main())
