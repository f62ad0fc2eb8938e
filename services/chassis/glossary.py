"""What the names of the API mean (名词), told in the document wherever a field or parameter does not say it itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from services.chassis.examples import Json


@dataclass(frozen=True, slots=True)
class Glossary:
    """Meanings by name, and the titles of groups of operations."""

    groups: Mapping[str, str]
    meanings: Mapping[str, str]

    def fill(self, parameters: Iterable[Json], schemas: Iterable[Json]) -> None:
        """Give every parameter and property that has no description the one that its name has."""
        for told in parameters:
            inner = told.get("schema", {}).get("description")
            _describe(told, inner or self.meanings.get(told.get("name", "")))
        for schema in schemas:
            for name, told in schema.get("properties", {}).items():
                _describe(told, self.meanings.get(name))


def _describe(told: Json, meaning: str | None) -> None:
    if meaning is not None and "$ref" not in told:
        told.setdefault("description", meaning)


@cache
def glossary() -> Glossary:
    """What lies in ``glossary.yaml``."""
    return Glossary(**yaml.safe_load(files("services.chassis").joinpath("glossary.yaml").read_text(encoding="utf-8")))
